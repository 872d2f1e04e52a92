"""The two processes, `assess` and `propose`: what each takes and makes, described by its models."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from api.errors import NoSuchProcessError
from api.ogc.pages import JSON, Page, link
from api.ogc.schemas30 import opened
from api.schemas import AssessmentOut, AssessmentRequest, Id, PlanOut, ProposalRequest
from api.store import JobKind
from sbd.errors import InputError

_EXECUTE = "http://www.opengis.net/def/rel/ogc/1.0/execute"


class AssessInputs(AssessmentRequest):
    """What is asked of an assessment, and of which site."""

    site_id: Id


class ProposeInputs(ProposalRequest):
    """What is asked of a proposal, and for which site."""

    site_id: Id


@dataclass(frozen=True, slots=True)
class Process:
    """A process.

    Parameters
    ----------
    kind : JobKind
        Of the jobs that do it, wherever they were asked for.
    inputs, made : model
        What goes in, and what its one output is.
    """

    process_id: str
    title: str
    about: str
    kind: JobKind
    inputs: type[AssessInputs | ProposeInputs]
    output: str
    made: type[BaseModel]


PROCESSES = (
    Process(
        "assess",
        "Assess the approaches of a site",
        "Which vehicle can arrive how fast, for every metre of the outline of a site's zone.",
        JobKind.ASSESSMENT,
        AssessInputs,
        "assessment",
        AssessmentOut,
    ),
    Process(
        "propose",
        "Plan the protection of a site",
        "Assess, place barriers and judge them: a new proposal with its first plan.",
        JobKind.PLAN,
        ProposeInputs,
        "plan",
        PlanOut,
    ),
)

_BY_ID = {process.process_id: process for process in PROCESSES}
OF_KIND = {process.kind: process for process in PROCESSES}


def process_named(process_id: str) -> Process:
    """Return a process; raises NoSuchProcessError where there is none."""
    if process_id not in _BY_ID:
        known = ", ".join(_BY_ID)
        raise NoSuchProcessError(f"process {process_id[:40]!r}: there are {known}")
    return _BY_ID[process_id]


def read_inputs(process: Process, given: dict[str, Any]) -> AssessInputs | ProposeInputs:
    """Return the inputs of an execution, checked as the same fields are elsewhere.

    Raises RequestValidationError for inputs that can't be meant, InputError for a link: nothing
    is fetched from an address that somebody sends.
    """
    values = {name: _value(name, said) for name, said in given.items()}
    try:
        return process.inputs.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        placed = [{**fault, "loc": ("body", "inputs", *fault["loc"])} for fault in faults]
        raise RequestValidationError(placed) from error


def _value(name: str, said: Any) -> Any:
    """Return the value of an input: objects come in a wrapper, so that none is taken for a link."""
    if isinstance(said, dict) and "href" in said:
        raise InputError(f"inputs.{name[:40]}: a link; no address is fetched here, give the value")
    if isinstance(said, dict) and "value" in said:
        return said["value"]
    return said


def summary(root: str, process: Process) -> Page:
    """Return what the list of processes says of one."""
    href = f"{root}/processes/{process.process_id}"
    return {
        "id": process.process_id,
        "version": version("sbd"),
        "title": process.title,
        "description": process.about,
        "jobControlOptions": ["async-execute", "dismiss"],
        "outputTransmission": ["value", "reference"],
        "links": [
            link(href, "self", JSON, process.title),
            link(f"{href}/execution", _EXECUTE, JSON, "Where it is asked for"),
        ],
    }


def process_page(root: str, process: Process) -> Page:
    """Return the description of a process, with the schemas of its inputs and of its output."""
    asked = process.inputs.model_json_schema()
    made = process.made.model_json_schema(mode="serialization")
    return {
        **summary(root, process),
        "inputs": {
            name: _described(name, schema, asked, is_needed=name in asked["required"])
            for name, schema in asked["properties"].items()
        },
        "outputs": {
            process.output: {
                "title": process.output,
                "description": (process.made.__doc__ or "").partition("\n")[0],
                "schema": opened(made, made.get("$defs", {})),
            }
        },
    }


def _described(name: str, schema: Page, whole: Page, *, is_needed: bool) -> Page:
    written = opened(schema, whole.get("$defs", {}))
    return {
        "title": name,
        "description": written.get("description", written.get("title", name)),
        "minOccurs": int(is_needed),
        "maxOccurs": 1,
        "schema": written,
    }

"""What an execution is asked with, and what its job says: the shapes of OGC API - Processes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.ogc.processes import Process
from api.schemas import Id, Model
from sbd.errors import InputError

Transmission = Literal["value", "reference"]
Form = Literal["raw", "document"]
Status = Literal["accepted", "running", "successful", "failed", "dismissed"]


def _is_none(value: object) -> bool:
    return value is None


class Format(Model):
    """The form of an output; there is one."""

    media_type: Annotated[Literal["application/json"], Field(alias="mediaType")] = (
        "application/json"
    )


class OutputAsked(Model):
    """How an output is to come."""

    transmission: Annotated[
        Transmission,
        Field(alias="transmissionMode", description="Itself, or where it is."),
    ] = "value"
    form: Annotated[Format, Field(alias="format")] = Format()


class Execution(Model):
    """What a process is to do, and how its result is to come."""

    inputs: Annotated[
        dict[str, JsonValue],
        Field(
            default_factory=dict,
            max_length=100,
            description="By name; an object comes as {'value': object}.",
        ),
    ]
    outputs: Annotated[
        dict[str, OutputAsked],
        Field(default_factory=dict, max_length=10, description="By name; none: all there are."),
    ]
    response: Annotated[
        Form, Field(description="The output alone, or a document of outputs by name.")
    ] = "raw"

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "inputs": {"site_id": "site-3f9a0c51d2e4", "vehicles": ["N1", "N2A"]},
                    "response": "document",
                }
            ]
        }
    )


class Link(BaseModel):
    """Where more is."""

    href: str
    rel: str
    type: str
    title: Annotated[str | None, Field(exclude_if=_is_none)] = None


class StatusInfo(BaseModel):
    """Where a job is; what is not known is left out."""

    job_id: Annotated[Id, Field(serialization_alias="jobID")]
    process_id: Annotated[str, Field(serialization_alias="processID", examples=["propose"])]
    type: Literal["process"] = "process"
    status: Status
    message: Annotated[str | None, Field(exclude_if=_is_none)] = None
    progress: Annotated[int, Field(ge=0, le=100)]
    created: datetime
    started: Annotated[datetime | None, Field(exclude_if=_is_none)] = None
    finished: Annotated[datetime | None, Field(exclude_if=_is_none)] = None
    links: list[Link]

    # The copy that an idempotency key keeps is the same as the answer.
    model_config = ConfigDict(serialize_by_alias=True)


class StatusList(BaseModel):
    """A page of jobs, oldest first."""

    jobs: list[StatusInfo]
    links: list[Link]


def answer_asked(process: Process, asked: Execution) -> dict[str, Any]:
    """Return how the result is to come, as the job keeps it.

    Raises InputError for an output that the process does not have.
    """
    for name in asked.outputs:
        if name != process.output:
            raise InputError(f"outputs.{name[:40]}: there is only {process.output}")
    wanted = asked.outputs.get(process.output, OutputAsked())
    return {"response": asked.response, "transmission": wanted.transmission}

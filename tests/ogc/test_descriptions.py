"""What is told of the processes: that they are there, what they take, and in which words."""

import pytest

from api.ogc.schemas30 import opened
from api.schemas import AssessmentRequest, PlanOut, ProposalRequest

REL = "http://www.opengis.net/def/rel/ogc/1.0/"

# Of JSON Schema, what OpenAPI 3.0 has no word for.
LATER = {"$ref", "$defs", "const", "prefixItems", "propertyNames", "examples", "discriminator"}


def links(page):
    return {link["rel"]: link["href"] for link in page["links"]}


def faults(schema, place=""):
    """Return what in a schema, or in one of its parts, OpenAPI 3.0 could not say."""
    found = [f"{place}/{word}" for word in LATER & schema.keys()]
    found += [f"{place}: type" for _ in "x" if schema.get("type") in ("null", ["null"])]
    for word in ("exclusiveMinimum", "exclusiveMaximum"):
        found += [f"{place}/{word}" for _ in "x" if schema.get(word, True) is not True]
    parts = list(schema.get("properties", {}).items())
    parts += [(word, schema[word]) for word in ("items", "additionalProperties") if word in schema]
    for word in ("anyOf", "oneOf", "allOf"):
        parts += [(word, part) for part in schema.get(word, ())]
    for name, part in parts:
        found += faults(part, f"{place}/{name}") if isinstance(part, dict) else []
    return found


def test_the_landing_page_leads_to_processes_and_to_their_jobs(get, served):
    found = links(get("").json())
    assert found[f"{REL}processes"] == f"{served.root}/processes"
    assert found[f"{REL}job-list"] == f"{served.root}/jobs"


def test_the_list_of_processes_leads_to_the_description_of_each(get):
    page = get("/processes").json()
    assert [one["id"] for one in page["processes"]] == ["assess", "propose"]
    for one in page["processes"]:
        assert one["jobControlOptions"] == ["async-execute", "dismiss"]
        told = get(links(one)["self"]).json()
        assert {name: told[name] for name in one} == one
        assert links(one)[f"{REL}execute"] == f"{links(one)['self']}/execution"


def test_the_list_of_processes_comes_in_parts_too(get):
    first = get("/processes", params={"limit": 1}).json()
    second = get(links(first)["next"]).json()
    assert [part["processes"][0]["id"] for part in (first, second)] == ["assess", "propose"]
    assert "next" not in links(second)


@pytest.mark.parametrize(
    ("name", "asked"), [("assess", AssessmentRequest), ("propose", ProposalRequest)]
)
def test_the_inputs_are_the_fields_of_the_request_and_the_site(get, name, asked):
    told = get(f"/processes/{name}").json()
    assert told["inputs"].keys() == {"site_id", *asked.model_fields}
    assert [key for key, said in told["inputs"].items() if said["minOccurs"]] == ["site_id"]
    assert told["inputs"]["vehicles"]["schema"]["default"] == ["N2A"]


@pytest.mark.parametrize("name", ["assess", "propose"])
def test_every_schema_of_a_process_is_one_of_openapi_3_0(get, name):
    told = get(f"/processes/{name}").json()
    for said in (*told["inputs"].values(), *told["outputs"].values()):
        assert faults(said["schema"]) == []


def test_a_field_that_is_called_like_a_word_of_schemas_stays():
    schema = {"properties": {"const": {"const": 1}, "examples": {"type": "string"}}}
    assert opened(schema, {})["properties"] == {
        "const": {"enum": [1]},
        "examples": {"type": "string"},
    }


def test_the_output_of_a_plan_is_what_the_service_says_of_one(get):
    (output,) = get("/processes/propose").json()["outputs"].values()
    assert output["schema"]["properties"].keys() == PlanOut.model_fields.keys()


def test_no_class_of_processes_is_claimed_because_inputs_come_by_value_only(get):
    # /req/core/process-execute-inputs asks to fetch inputs from addresses; none is fetched here
    named = get("/conformance").json()["conformsTo"]
    assert not any("ogcapi-processes" in one for one in named)


def test_nobody_sees_processes_or_jobs_without_signing_in(get):
    for path in ("/processes", "/processes/assess", "/jobs", "/jobs/job-000000000000"):
        assert get(path, who=None).status_code == 401

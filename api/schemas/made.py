"""What was made: uploads, sites, assessments, proposals with their plans, comparisons."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.asked import AssessmentRequest, PlanRequest, SiteRequest
from api.schemas.projects import Name
from api.schemas.shapes import Id, Model
from api.store import PlanState, Standing, UploadKind

LayerLinks = Annotated[dict[str, str], Field(description="Layer name to its GeoJSON.")]


class FileOut(BaseModel):
    """A file to take home."""

    name: Annotated[str, Field(examples=["placement.geojson"])]
    bytes: int
    media_type: str
    href: str


class UploadOut(BaseModel):
    """A file that was sent in, and what reading it found."""

    upload_id: Id
    project_id: Id
    kind: UploadKind
    file_name: str
    bytes: int
    created: datetime
    created_by: str | None
    record: Annotated[
        dict[str, Any],
        Field(description="Of an extract: date, covered (GeoJSON), repairs, attribution."),
    ]


class SiteOut(BaseModel):
    """A site that is ready for a plan."""

    site_id: Id
    project_id: Id
    name: str
    created: datetime
    created_by: str | None
    request: SiteRequest
    crs: Annotated[str, Field(examples=["EPSG:32635"])]
    zone_area_m2: float
    report: Annotated[list[dict[str, Any]], Field(description="Rows of the data report.")]
    layers: LayerLinks
    attribution: str


class AssessmentOut(BaseModel):
    """The speeds of a site."""

    assessment_id: Id
    project_id: Id
    site_id: Id
    created: datetime
    created_by: str | None
    request: AssessmentRequest
    summary: Annotated[dict[str, Any], Field(description="Per vehicle: highest speed and energy.")]
    layers: LayerLinks
    files: list[FileOut]
    attribution: str


class ProposalPatch(Model):
    """What of a proposal is to change."""

    name: Name

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "With planters in the north"}]}
    )


class CostRange(BaseModel):
    """What all barriers of a plan cost together, at least and at most."""

    low: Annotated[float, Field(examples=[212000.0])]
    high: Annotated[float, Field(examples=[398000.0])]
    currency: Annotated[
        str | None, Field(description="null: nothing is to be built.", examples=["EUR"])
    ]


class ProposalOut(BaseModel):
    """What is proposed for a site; its newest plan counts, and all of it is null without one."""

    proposal_id: Id
    project_id: Id
    site_id: Id
    name: str
    created: datetime
    created_by: str | None
    revision: int
    plans: Annotated[str, Field(description="Where its plans are, one a version.")]
    newest: Annotated[Id | None, Field(description="Plan of the newest version.")]
    number: Annotated[int | None, Field(description="Of the newest version, from 1.")]
    state: PlanState | None
    standing: Annotated[Standing | None, Field(description="What the judge says of that plan.")]
    cost: Annotated[
        CostRange | None, Field(description="Of that plan; null also where nobody counted it.")
    ]


class PlanOut(BaseModel):
    """A plan with its verdict: one version of a proposal."""

    plan_id: Id
    project_id: Id
    proposal_id: Id
    site_id: Id
    number: Annotated[int, Field(description="Of the version, from 1.")]
    state: PlanState
    content_hash: Annotated[str, Field(description="SHA-256 over the canonical form.")]
    created: datetime
    created_by: str | None
    request: PlanRequest
    verdict: Annotated[dict[str, Any], Field(description="Standing, checks and open conditions.")]
    summary: dict[str, Any]
    text: Annotated[str, Field(description="The summary in words.")]
    layers: LayerLinks
    files: list[FileOut]
    archive: Annotated[str, Field(description="All files in one zip.")]
    map: Annotated[str, Field(description="The interactive map as one page.")]
    attribution: str


class ComparisonIn(Model):
    """Which plans of the project."""

    plan_a: Id
    plan_b: Id

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"plan_a": "plan-3f9a0c51d2e4", "plan_b": "plan-51d2e43f9a0c"}]
        }
    )


class ComparisonOut(BaseModel):
    """What differs from one plan to another."""

    comparison_id: Id
    project_id: Id
    plan_a: Id
    plan_b: Id
    created: datetime
    created_by: str | None
    units: Annotated[
        dict[str, int], Field(description="How many are the same, moved, other, added, removed.")
    ]
    measures: Annotated[list[dict[str, Any]], Field(description="Every measure side by side.")]
    changes: Annotated[list[dict[str, Any]], Field(description="Each unit that is not the same.")]


class EditAnswer(BaseModel):
    """Highest speeds along the zone's outline after an edit."""

    stage: Literal["bound", "preview", "final"]
    exact: Annotated[
        bool, Field(description="False: the speeds from before, nowhere below the answer.")
    ]
    resolution_m: float
    perimeter: Annotated[
        dict[str, Any], Field(description="GeoJSON points: distance_m, speed_kmh, energy_kj.")
    ]


class EditSessionOut(BaseModel):
    """A session and the answer before any edit."""

    session_id: Id
    edits: Annotated[str, Field(description="Where edits go.")]
    answer: EditAnswer

"""Comments, reviews and exports."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shapes import (
    AS_WRITTEN,
    ONE_LINE,
    READABLE,
    WRITTEN,
    Id,
    Latitude,
    Longitude,
    Model,
)
from api.store import Audience, Decision, Discipline, PlanState
from api.store.base import ID_PATTERN

Text = Annotated[
    str, Field(max_length=20_000, pattern=READABLE, examples=["The kerb is too high."])
]
LineId = Annotated[str, Field(max_length=40, pattern=ONE_LINE, examples=["L3"])]


class Point(Model):
    """A GeoJSON point."""

    type: Literal["Point"]
    coordinates: Annotated[
        tuple[Longitude, Latitude], AS_WRITTEN, Field(examples=[[24.9437, 60.1711]])
    ]


class CommentIn(Model):
    """A remark, pinned to a place or to a line of the plan's barriers where it is about one."""

    text: Text
    place: Point | None = None
    line_id: LineId | None = None
    answers: Annotated[
        str | None, Field(pattern=ID_PATTERN, description="The comment that this one answers.")
    ] = None
    audience: Annotated[
        Audience,
        AS_WRITTEN,
        Field(description="Public comments go into the public copy, word by word."),
    ] = Audience.RESTRICTED

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "text": "The market needs this side open until 8.",
                    "place": {"type": "Point", "coordinates": [24.9437, 60.1711]},
                }
            ]
        },
    )


class CommentPatch(Model):
    """What of a comment is to change."""

    text: Text | None = None
    is_resolved: bool | None = None

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_resolved": True}]})


class CommentOut(BaseModel):
    """A remark."""

    comment_id: Id
    project_id: Id
    plan_id: Id | None
    answers: Id | None
    text: str
    place: Point | None
    line_id: str | None
    audience: Audience
    is_resolved: bool
    created: datetime
    created_by: str | None
    revision: int


class ReviewIn(Model):
    """What a discipline says of a plan."""

    discipline: Annotated[Discipline, AS_WRITTEN]
    decision: Annotated[Decision, AS_WRITTEN]
    text: Annotated[str, Field(max_length=20_000, pattern=WRITTEN)] = ""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"discipline": "fire", "decision": "signed"},
                {"discipline": "fire", "decision": "changes_asked", "text": "Lane below 3.5 m."},
            ]
        },
    )


class ReviewOut(BaseModel):
    """What a discipline said of a plan."""

    review_id: Id
    plan_id: Id
    discipline: Discipline
    decision: Decision
    text: str
    content_hash: Annotated[str, Field(description="Of the plan that was looked at.")]
    created: datetime
    created_by: str | None


class ReviewState(BaseModel):
    """Where a plan is on its way, and what it still needs."""

    plan_id: Id
    state: PlanState
    content_hash: str
    submitted: datetime | None
    submitted_by: str | None
    decided: datetime | None
    decided_by: str | None
    missing: Annotated[list[Discipline], Field(description="Sign-offs that an approval waits for.")]
    reviews: list[ReviewOut]


class DecisionIn(Model):
    """What an approver says."""

    decision: Literal["approved", "changes_asked"]
    text: Annotated[
        str,
        Field(
            max_length=20_000,
            pattern=WRITTEN,
            description="Kept as a comment on the plan, for the project alone.",
        ),
    ] = ""
    content_hash: Annotated[
        str, Field(pattern="^[0-9a-f]{64}$", description="Of the plan that was looked at.")
    ]

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decision": "approved", "content_hash": "3f9a0c51" * 8}]}
    )


class ExportIn(Model):
    """For whom a copy is."""

    audience: Annotated[Audience, AS_WRITTEN]
    title: Annotated[
        str | None,
        Field(
            max_length=200,
            pattern=ONE_LINE,
            description="Of the public page, shown to everybody; names of sites never are.",
            examples=["Plans for the market square"],
        ),
    ] = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"audience": "public", "title": "Plans for the market square"}]
        }
    )


class ExportOut(BaseModel):
    """A copy of a plan."""

    export_id: Id
    plan_id: Id
    audience: Audience
    label: Annotated[str, Field(description="The sensitivity, as it stands on the copy.")]
    bytes: int
    file: Annotated[str, Field(description="Where the zip is.")]
    public: Annotated[
        str | None, Field(description="Where anybody may read it, once it is released.")
    ]
    created: datetime
    created_by: str | None


class FrontageOut(BaseModel):
    """What is planned in front of a door."""

    plan_id: Annotated[Id | None, Field(description="The newest that is in review or approved.")]
    state: PlanState | None
    furniture: Annotated[
        dict[str, Any], Field(description="GeoJSON footprints: kind, width_m, depth_m.")
    ]
    comments: list[CommentOut]

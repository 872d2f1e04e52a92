"""Edits of a draft: lines moved, added, taken away or pinned, and what comes back at once."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.asked import EditSessionRequest, PinnedUnit, PlanRequest
from api.schemas.made import EditSessionOut
from api.schemas.shapes import ONE_LINE, SQUARE, WRITTEN, Model, Zone

LineId = Annotated[str, Field(max_length=40, pattern=ONE_LINE, examples=["L3"])]
Metres = Annotated[float, Field(ge=-500, le=500)]


class DraftSessionRequest(EditSessionRequest):
    """Which field is to be edited and, with a plan asked for, which draft."""

    plan: Annotated[
        PlanRequest | None,
        Field(
            description="With it the cheapest plan for these wishes is drawn, and lines can be "
            "changed. Cells of 1 m and 32 headings open it in a third of the time."
        ),
    ] = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"vehicle": "N2A"},
                {
                    "resolution_m": 1.0,
                    "headings": 32,
                    "plan": {"vehicles": ["M1"], "resolution_m": 1.0, "headings": 32},
                },
            ]
        }
    )


class MoveLine(Model):
    """Put the units of a line elsewhere; they stay there."""

    do: Literal["move"]
    line_id: LineId
    east_m: Metres = 0.0
    north_m: Metres = 0.0


class AddLine(Model):
    """Draw a line of units; they stay there."""

    do: Literal["add"]
    line_id: Annotated[
        str, Field(max_length=40, pattern=WRITTEN, description="Empty: one is made.")
    ] = ""
    units: Annotated[list[PinnedUnit], Field(min_length=1, max_length=500)]


class RemoveLine(Model):
    """Take a line away; no other is looked for right there."""

    do: Literal["remove"]
    line_id: LineId


class PinLine(Model):
    """Keep a line whatever else is planned."""

    do: Literal["pin"]
    line_id: LineId


class ReleaseLine(Model):
    """Let go of a line."""

    do: Literal["release"]
    line_id: LineId


class ForbidGround(Model):
    """Keep every unit off some ground."""

    do: Literal["forbid"]
    ground: Zone


LineChange = Annotated[
    MoveLine | AddLine | RemoveLine | PinLine | ReleaseLine | ForbidGround,
    Field(discriminator="do"),
]


class DraftEdits(Model):
    """Obstacles to put up and to take away, and changes of the draft, in their order."""

    add: Annotated[list[Zone], Field(max_length=500)] = []
    remove: Annotated[list[Zone], Field(max_length=500)] = []
    changes: Annotated[list[LineChange], Field(max_length=100)] = []

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"add": [{"type": "Polygon", "coordinates": [SQUARE]}]},
                {"changes": [{"do": "move", "line_id": "L3", "east_m": 1.0, "north_m": -0.5}]},
            ]
        },
    )

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if not (self.add or self.remove or self.changes):
            raise ValueError("give something to add, to remove or to change")
        return self


class CutOut(BaseModel):
    """What the cheapest plan costs beside all that the planner's hand holds."""

    exact: Annotated[
        bool, Field(description="False: on the ground as it was meshed before; a preview.")
    ]
    closes: Annotated[bool, Field(description="False: nothing closes the place; see reason.")]
    cost_of_rest: Annotated[float | None, Field(description="Chord cost of what is to be built.")]
    cost_of_free_plan: Annotated[float, Field(description="Of the cheapest plan with free hand.")]
    reason: str
    lines: Annotated[dict[str, Any], Field(description="GeoJSON lines of what is to be built.")]


class DraftVerdict(BaseModel):
    """What the judge says of a draft; a preview names what it leaves open."""

    stage: Literal["preview", "final"]
    standing: Annotated[
        Literal["fails", "not decided", "holds", "holds on condition"],
        Field(description="A preview says `fails` or `not decided`, never that a plan holds."),
    ]
    checks: list[dict[str, Any]]
    undecided: Annotated[list[str], Field(description="Checks that only the final one answers.")]
    conditions: list[str]


class LoadOut(BaseModel):
    """What strikes a line that was moved or drawn, from any side, by the speeds of the session."""

    line_id: str
    vehicle: str
    speed_kmh: float
    energy_kj: float
    strength: Annotated[str, Field(description="tested, by_energy or short")]


class DraftAnswer(BaseModel):
    """The answer to changes of a draft: `draft` at once, then `verdict` and `cut` in full.

    Each part that a stage does not answer is null.
    """

    stage: Literal["draft", "verdict", "cut"]
    seconds: float
    units: Annotated[dict[str, Any] | None, Field(description="GeoJSON of the draft's units.")]
    cut: CutOut | None
    verdict: DraftVerdict | None
    access: Annotated[
        list[dict[str, Any]] | None, Field(description="Who gets through, and who not.")
    ]
    loads: list[LoadOut] | None


class DraftSessionOut(EditSessionOut):
    """A session with its draft, where a plan was asked for."""

    draft: DraftAnswer | None = None

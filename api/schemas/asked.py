"""What is asked for: names carry their unit, a misspelt field is an error."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, model_validator

from api.schemas.shapes import (
    AS_WRITTEN,
    ONE_LINE,
    RESOLUTIONS_M,
    SQUARE,
    Centre,
    Day,
    Model,
    Polygon,
    Zone,
    each_once,
    one_of,
)
from api.store.base import ID_PATTERN
from sbd.catalogue.access_rules import load_access_rules
from sbd.catalogue.vehicles import load_vehicles
from sbd.model.event_days import event_faults, year_faults
from sbd.model.words import DEFAULT_YEARS, Drive, Grip

Street = Annotated[str, Field(max_length=200, pattern=ONE_LINE)]


def _name_vehicles(schema: dict[str, JsonValue]) -> None:
    schema["enum"] = [*load_vehicles()]


def _name_countries(schema: dict[str, JsonValue]) -> None:
    schema["enum"] = [*load_access_rules()]


VehicleClass = Annotated[
    str, Field(max_length=40, pattern=ONE_LINE, json_schema_extra=_name_vehicles)
]
Country = Annotated[
    str,
    Field(pattern="^[A-Z]{2}$", examples=["FR"], json_schema_extra=_name_countries),
]
# HH:MM; the day ends at 24:00.
Clock = Annotated[
    str, Field(pattern=r"^(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["10:00"])
]


def _given(name: str) -> dict[str, JsonValue]:
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def _left_out(name: str) -> dict[str, JsonValue]:
    return {"properties": {name: {"type": "null"}}}


# What `SiteRequest` refuses of fields that are good by themselves, for readers of the document.
_SOURCE_AND_ZONE: dict[str, JsonValue] = {
    "oneOf": [
        {"allOf": [_given("place"), _left_out("extract_id")]},
        {
            "allOf": [_given("extract_id"), _left_out("place")],
            "anyOf": [_given("zone"), _given("centre")],
        },
    ],
    "allOf": [
        {"anyOf": [_left_out("zone"), _left_out("centre")]},
        {"anyOf": [_left_out("radius_m"), _given("centre")]},
    ],
}


class SiteRequest(Model):
    """What to protect: the data it comes from, and a zone or a centre.

    A centre with a radius is a disc; alone it means the square, park or pedestrian area that is
    mapped there. A shipped place knows its own centre.
    """

    place: Annotated[
        str | None,
        Field(max_length=80, pattern=ONE_LINE, description="Id of a shipped place."),
    ] = None
    extract_id: Annotated[
        str | None, Field(pattern=ID_PATTERN, description="Id of an extract that was sent in.")
    ] = None
    layers_id: Annotated[
        str | None,
        Field(
            pattern=ID_PATTERN,
            description="Id of own layers that were sent in: ground rules, desire lines, "
            "deliveries, crowds or doors.",
        ),
    ] = None
    centre: Centre | None = None
    radius_m: Annotated[float | None, Field(gt=0, le=500)] = None
    zone: Zone | None = None
    margin_m: Annotated[
        float, Field(ge=20, le=600, description="How far around the zone is looked at.")
    ] = 250.0
    close: Annotated[
        list[Street], Field(max_length=100, description="Streets to close, by name or id.")
    ] = []
    keep_open: Annotated[
        list[Street], Field(max_length=100, description="Streets to keep open, by name or id.")
    ] = []

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            **_SOURCE_AND_ZONE,
            "examples": [
                {"place": "rautatientori"},
                {
                    "place": "rautatientori",
                    "zone": {"type": "Polygon", "coordinates": [SQUARE]},
                    "margin_m": 200,
                },
                {
                    "extract_id": "extract-3f9a0c51d2e4",
                    "centre": {"longitude_deg": 6.151, "latitude_deg": 46.2042},
                    "radius_m": 80,
                },
            ],
        },
    )

    @model_validator(mode="after")
    def _one_source_one_zone(self) -> Self:
        if (self.place is None) == (self.extract_id is None):
            raise ValueError("give either place or extract_id")
        if self.radius_m is not None and self.centre is None:
            raise ValueError("radius_m needs a centre")
        if self.zone is not None and self.centre is not None:
            raise ValueError("give either zone or centre")
        if self.extract_id is not None and self.zone is None and self.centre is None:
            raise ValueError("an extract needs a zone or a centre")
        return self


class PinnedUnit(Model):
    """A unit that stays where it is drawn."""

    product_id: Annotated[
        str, Field(max_length=80, pattern=ONE_LINE, examples=["bollard-shallow-n2-64"])
    ]
    openable: bool = False
    footprint: Polygon


class EventIn(Model):
    """Days on which more people than usual stand on the place.

    `closes` before `opens` goes past midnight, the same time twice is the whole day.
    """

    name: Annotated[str, Field(max_length=200, pattern=ONE_LINE, examples=["Christmas market"])]
    date_from: Annotated[Day, Field(description="The first day.")]
    date_to: Annotated[Day, Field(description="The last day, within a year of the first.")]
    opens: Clock
    closes: Clock
    people: Annotated[int, Field(ge=0, le=2_000_000, description="Most at one time.")] = 0

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Christmas market",
                    "date_from": "2027-11-22",
                    "date_to": "2027-12-23",
                    "opens": "10:00",
                    "closes": "20:00",
                    "people": 3_000,
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _days_in_their_order(self) -> Self:
        _refuse(event_faults(**self.model_dump(exclude={"name"})))
        return self


class AssessmentRequest(Model):
    """Whose speeds are asked for, and how they are computed."""

    vehicles: Annotated[
        list[VehicleClass],
        AfterValidator(each_once),
        Field(
            min_length=1,
            max_length=20,
            description="Vehicle classes of the catalogue.",
            json_schema_extra={"uniqueItems": True},
        ),
    ] = ["N2A"]
    resolution_m: Annotated[
        float,
        AfterValidator(lambda cell_m: one_of(cell_m, RESOLUTIONS_M)),
        Field(
            description="Cell of the speed field; 1 is for a quick look.",
            json_schema_extra={"enum": [*RESOLUTIONS_M]},
        ),
    ] = 0.5
    headings: Literal[32, 64] = 64
    entry_speed_kmh: Annotated[
        float | None,
        Field(ge=0, le=200, description="Speed over the rim of the data; null: as reasoned."),
    ] = None
    drive: Annotated[
        Drive,
        AS_WRITTEN,
        Field(description="Law of acceleration; screening is constant acceleration."),
    ] = Drive.DETAILED
    grip: Annotated[
        Grip, AS_WRITTEN, Field(description="All but design are scenarios, and less safe.")
    ] = Grip.DESIGN
    max_approach_m: Annotated[
        float | None,
        Field(gt=0, le=5000, description="Scenario, less safe: only so much run-up counts."),
    ] = None
    speed_limit_kmh: Annotated[
        float | None,
        Field(gt=0, le=300, description="Scenario, less safe: nobody drives faster."),
    ] = None
    heights_id: Annotated[
        str | None,
        Field(pattern=ID_PATTERN, description="Id of a raster of heights; null: flat ground."),
    ] = None

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"vehicles": ["N1", "N2A"]}]}
    )


class PlanRequest(AssessmentRequest):
    """Against what, with what, and what must still be possible."""

    layout: Literal["permanent", "temporary", "mixed"] = "permanent"
    openable: Annotated[
        int, Field(ge=0, le=12, description="Crossings that a fire engine can open, at least.")
    ] = 1
    country: Annotated[
        Country | None,
        Field(description="Whose rules of access hold; null: no more than the least gap."),
    ] = None
    engine_distance_m: Annotated[
        float | None, Field(gt=0, le=2000, description="From a crossing to every door, at most.")
    ] = None
    people: Annotated[
        int, Field(ge=0, le=2_000_000, description="Must be able to leave in time; 0: not asked.")
    ] = 0
    exit_minutes: Annotated[float, Field(gt=0, le=120)] = 8.0
    enclosed_max_m2: Annotated[
        float | None, Field(gt=0, description="Ground within the lines, at most.")
    ] = None
    desire_widths_m: Annotated[
        dict[
            Annotated[str, Field(max_length=40, pattern=ONE_LINE)],
            Annotated[float, Field(ge=0, le=20)],
        ],
        Field(
            max_length=500,
            description="Clear width accepted on single desire lines; 0 gives one up.",
            examples=[{"D7": 1.2}],
        ),
    ] = {}
    budget: Annotated[float | None, Field(gt=0, description="In the catalogue's currency.")] = None
    second_line: Annotated[
        bool, Field(description="Stay closed while any one crossing stands open.")
    ] = False
    chicanes: Annotated[int, Field(ge=0, le=12, description="To slow vehicles, at most.")] = 0
    events: Annotated[
        list[EventIn],
        Field(
            max_length=400, description="Of one year; with them the cheapest plan over the years."
        ),
    ] = []
    years: Annotated[int, Field(ge=1, le=100)] = DEFAULT_YEARS
    pinned: Annotated[list[PinnedUnit], Field(max_length=2000)] = []
    forbidden: Annotated[
        list[Zone], Field(max_length=200, description="Ground on which nothing may stand.")
    ] = []
    catalogue_id: Annotated[
        str | None,
        Field(pattern=ID_PATTERN, description="Id of a city's own products; null: the shipped."),
    ] = None

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"vehicles": ["N1", "N2A"], "layout": "permanent", "openable": 1}]
        },
    )

    @model_validator(mode="after")
    def _events_of_one_year(self) -> Self:
        _refuse(year_faults((event.date_from, event.date_to) for event in self.events))
        return self


class ProposalRequest(PlanRequest):
    """The first plan of a proposal, and what that is to be called."""

    name: Annotated[
        str | None,
        Field(max_length=200, pattern=ONE_LINE, description="Null: as its site is called."),
    ] = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Bollards", "vehicles": ["N1", "N2A"], "layout": "permanent"},
            ]
        }
    )


class EditSessionRequest(Model):
    """Which field is to be edited."""

    vehicle: Annotated[
        VehicleClass, Field(description="Vehicle class of the catalogue.", examples=["N2A"])
    ] = "N2A"
    resolution_m: Annotated[
        float,
        AfterValidator(lambda cell_m: one_of(cell_m, RESOLUTIONS_M)),
        Field(description="Cell of the final answers.", json_schema_extra={"enum": [0.5, 1.0]}),
    ] = 0.5
    headings: Literal[32, 64] = 64
    entry_speed_kmh: Annotated[float | None, Field(ge=0, le=200)] = None
    heights_id: Annotated[
        str | None,
        Field(pattern=ID_PATTERN, description="Id of a raster of heights; null: flat ground."),
    ] = None


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ValueError("; ".join(faults))

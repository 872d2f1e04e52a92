"""What goes in and out: names carry their unit, positions are longitude and latitude (RFC 7946)."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from api.store import ID_PATTERN
from sbd.model.assessment import Drive, Grip
from sbd.proposal.money import DEFAULT_YEARS

Id = Annotated[str, Field(pattern=ID_PATTERN, examples=["plan-3f9a0c51d2e4"])]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Position = Annotated[list[float], Field(min_length=2, max_length=3)]
Ring = Annotated[list[Position], Field(min_length=4, max_length=10_000)]
Rings = Annotated[list[Ring], Field(min_length=1, max_length=1_000)]

RESOLUTIONS_M = (0.5, 1.0)

_SQUARE: list[JsonValue] = [
    [24.9425, 60.1709],
    [24.9447, 60.1709],
    [24.9447, 60.1717],
    [24.9425, 60.1717],
    [24.9425, 60.1709],
]


def _one_of(value: float, allowed: Sequence[float]) -> float:
    if value not in allowed:
        raise ValueError(f"take one of {', '.join(map(str, allowed))}")
    return value


class Model(BaseModel):
    """A body; a misspelt field is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class Polygon(Model):
    """A GeoJSON polygon."""

    type: Literal["Polygon"]
    coordinates: Rings

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"type": "Polygon", "coordinates": [_SQUARE]}]}
    )


class MultiPolygon(Model):
    """A GeoJSON polygon in several parts."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1, max_length=1_000)]


Zone = Annotated[Polygon | MultiPolygon, Field(discriminator="type")]


class Centre(Model):
    """A point on the ground."""

    longitude_deg: Longitude
    latitude_deg: Latitude


class SiteRequest(Model):
    """What to protect: the data it comes from, and a zone or a centre.

    A centre with a radius is a disc; alone it means the square, park or pedestrian area that is
    mapped there. A shipped place knows its own centre.
    """

    place: Annotated[str | None, Field(description="Id of a shipped place.")] = None
    extract_id: Annotated[
        str | None, Field(pattern=ID_PATTERN, description="Id of an extract that was sent in.")
    ] = None
    centre: Centre | None = None
    radius_m: Annotated[float | None, Field(gt=0, le=500)] = None
    zone: Zone | None = None
    margin_m: Annotated[
        float, Field(ge=20, le=600, description="How far around the zone is looked at.")
    ] = 250.0
    close: Annotated[
        list[str], Field(max_length=100, description="Streets to close, by name or id.")
    ] = []
    keep_open: Annotated[
        list[str], Field(max_length=100, description="Streets to keep open, by name or id.")
    ] = []

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"place": "rautatientori"},
                {
                    "place": "rautatientori",
                    "zone": {"type": "Polygon", "coordinates": [_SQUARE]},
                    "margin_m": 200,
                },
                {
                    "extract_id": "extract-3f9a0c51d2e4",
                    "centre": {"longitude_deg": 6.151, "latitude_deg": 46.2042},
                    "radius_m": 80,
                },
            ]
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

    product_id: Annotated[str, Field(max_length=80, examples=["bollard-shallow-n2-64"])]
    openable: bool = False
    footprint: Polygon


class EventIn(Model):
    """Days on which more people than usual stand on the place."""

    name: Annotated[str, Field(max_length=200, examples=["Christmas market"])]
    date_from: date
    date_to: date
    opens: Annotated[str, Field(pattern=r"^([01]?\d|2[0-4]):[0-5]\d$", examples=["10:00"])]
    closes: Annotated[str, Field(pattern=r"^([01]?\d|2[0-4]):[0-5]\d$", examples=["20:00"])]
    people: Annotated[int, Field(ge=0, le=2_000_000)] = 0


class PlanRequest(Model):
    """Against what, with what, and what must still be possible."""

    vehicles: Annotated[
        list[Annotated[str, Field(max_length=40)]],
        Field(min_length=1, max_length=20, description="Vehicle classes of the catalogue."),
    ] = ["N2A"]
    layout: Literal["permanent", "temporary", "mixed"] = "permanent"
    openable: Annotated[
        int, Field(ge=0, le=12, description="Crossings that a fire engine can open, at least.")
    ] = 1
    country: Annotated[
        str | None,
        Field(
            pattern="^[A-Z]{2}$",
            description="Whose rules of access hold; null: no more than the least gap.",
            examples=["FR"],
        ),
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
    budget: Annotated[float | None, Field(gt=0, description="In the catalogue's currency.")] = None
    second_line: Annotated[
        bool, Field(description="Stay closed while any one crossing stands open.")
    ] = False
    chicanes: Annotated[int, Field(ge=0, le=12, description="To slow vehicles, at most.")] = 0
    events: Annotated[
        list[EventIn],
        Field(max_length=400, description="Of a year; with them the cheapest plan over the years."),
    ] = []
    years: Annotated[int, Field(ge=1, le=100)] = DEFAULT_YEARS
    pinned: Annotated[list[PinnedUnit], Field(max_length=2000)] = []
    forbidden: Annotated[
        list[Zone], Field(max_length=200, description="Ground on which nothing may stand.")
    ] = []
    resolution_m: Annotated[
        float,
        AfterValidator(lambda cell_m: _one_of(cell_m, RESOLUTIONS_M)),
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
        Drive, Field(description="Law of acceleration; screening is constant acceleration.")
    ] = Drive.DETAILED
    grip: Annotated[Grip, Field(description="All but design are scenarios, and less safe.")] = (
        Grip.DESIGN
    )
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
        extra="forbid",
        json_schema_extra={
            "examples": [{"vehicles": ["N1", "N2A"], "layout": "permanent", "openable": 1}]
        },
    )


class EditSessionRequest(Model):
    """Which field is to be edited."""

    vehicle: Annotated[
        str, Field(max_length=40, description="Vehicle class of the catalogue.", examples=["N2A"])
    ] = "N2A"
    resolution_m: Annotated[
        float,
        AfterValidator(lambda cell_m: _one_of(cell_m, RESOLUTIONS_M)),
        Field(description="Cell of the final answers.", json_schema_extra={"enum": [0.5, 1.0]}),
    ] = 0.5
    headings: Literal[32, 64] = 64
    entry_speed_kmh: Annotated[float | None, Field(ge=0, le=200)] = None
    heights_id: Annotated[
        str | None,
        Field(pattern=ID_PATTERN, description="Id of a raster of heights; null: flat ground."),
    ] = None


class EditRequest(Model):
    """Obstacles to put up and to take away, in longitude and latitude."""

    add: Annotated[list[Zone], Field(max_length=500)] = []
    remove: Annotated[list[Zone], Field(max_length=500)] = []

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"add": [{"type": "Polygon", "coordinates": [_SQUARE]}]}]},
    )

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if not (self.add or self.remove):
            raise ValueError("give something to add or to remove")
        return self


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


class Place(BaseModel):
    """A shipped place."""

    place: Annotated[str, Field(examples=["rautatientori"])]
    name: Annotated[str, Field(examples=["Rautatientori, Helsinki"])]


class VehicleOut(BaseModel):
    """A design vehicle of the catalogue."""

    name: Annotated[str, Field(examples=["N2A"])]
    description: str
    mass_kg: float
    width_m: float
    length_m: float
    top_speed_kmh: float
    standing: Annotated[str, Field(description="The least sure of the figures behind it.")]
    is_default: bool


class LayoutOut(BaseModel):
    """A way to build."""

    layout: Annotated[str, Field(examples=["permanent"])]
    description: str


class RuleOut(BaseModel):
    """A figure that a country asks for."""

    figure: Annotated[str, Field(examples=["lane_width_m"])]
    value: float
    source: str
    standing: Annotated[str, Field(description="How sure it is.", examples=["published"])]


class CountryOut(BaseModel):
    """A country whose rules of access are known."""

    country: Annotated[str, Field(examples=["FR"])]
    name: Annotated[str, Field(examples=["France"])]
    rules: list[RuleOut]


class ExtractOut(BaseModel):
    """An extract that was sent in, as far as it was read."""

    extract_id: Id
    file_name: str
    bytes: int
    created: str
    date: Annotated[str, Field(description="Of the map data; unknown where it does not say.")]
    covered: Annotated[dict[str, Any], Field(description="GeoJSON polygon where the data speaks.")]
    repairs: Annotated[list[dict[str, Any]], Field(description="What was repaired or left out.")]
    attribution: str


class HeightsOut(BaseModel):
    """A raster of heights that was sent in."""

    heights_id: Id
    file_name: str
    bytes: int
    created: str


class SiteOut(BaseModel):
    """A site that is ready for a plan."""

    site_id: Id
    name: str
    created: str
    request: SiteRequest
    crs: Annotated[str, Field(examples=["EPSG:32635"])]
    zone_area_m2: float
    report: Annotated[list[dict[str, Any]], Field(description="Rows of the data report.")]
    layers: Annotated[dict[str, str], Field(description="Layer name to its GeoJSON.")]
    attribution: str


class FileOut(BaseModel):
    """A file to take home."""

    name: Annotated[str, Field(examples=["placement.geojson"])]
    bytes: int
    media_type: str
    href: str


class PlanOut(BaseModel):
    """A plan with its verdict."""

    plan_id: Id
    site_id: Id
    created: str
    request: PlanRequest
    verdict: Annotated[dict[str, Any], Field(description="Standing, checks and open conditions.")]
    summary: dict[str, Any]
    text: Annotated[str, Field(description="The summary in words.")]
    layers: Annotated[dict[str, str], Field(description="Layer name to its GeoJSON.")]
    files: list[FileOut]
    archive: Annotated[str, Field(description="All files in one zip.")]
    map: Annotated[str, Field(description="The interactive map as one page.")]
    attribution: str


class Problem(BaseModel):
    """RFC 9457: what went wrong, with the library's own words in `detail`."""

    type: str
    title: str
    status: int
    detail: Annotated[
        str,
        Field(examples=["zone: 0 m2; the polygon is empty; draw one with at least three corners"]),
    ]
    instance: str | None = None
    faults: list[str] | None = None


JobState = Literal["queued", "running", "done", "failed", "cancelled"]


class JobOut(BaseModel):
    """Work outside the request; `result` is where its product is once it is done."""

    job_id: Id
    kind: Literal["extract", "site", "plan"]
    state: JobState
    created: str
    started: str | None = None
    finished: str | None = None
    result_id: Id
    result: Annotated[str, Field(examples=["/api/v1/plans/plan-3f9a0c51d2e4"])]
    events: Annotated[str, Field(examples=["/api/v1/jobs/job-3f9a0c51d2e4/events"])]
    error: Problem | None = None


class Health(BaseModel):
    """Whether the service is up."""

    status: Literal["ok"]
    version: str
    workers: Annotated[int, Field(description="Processes that compute.")]
    queued: Annotated[int, Field(description="Jobs that wait for a free process.")]

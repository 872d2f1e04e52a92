"""The contract of every table that travels: column names, units, geometry kinds.

One schema a table, checked where a stage begins through `check_table`. Rows are joined by their
stable id, never by position. Columns beyond the contract are kept.
"""

from collections.abc import Iterable
from typing import Any, TypeVar, cast

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa

from sbd.errors import LayerError
from sbd.model.words import FOUNDATIONS, LAYOUTS, STANDINGS, STRENGTHS

TableT = TypeVar("TableT", bound=pd.DataFrame)

POLYGONS = ("Polygon", "MultiPolygon")
LINES = ("LineString", "MultiLineString")
POINTS = ("Point",)
ANY_SHAPE = POINTS + LINES + POLYGONS

# What stops every vehicle. Everything else is furniture, and a vehicle drives through it.
SOLID_KINDS = ("building", "wall", "retaining_wall", "water", "drop", "other")

# What lies in the ground or stands on it, and says what may be built there.
PLACE_KINDS = (
    "utility",
    "cellar",
    "tram_rail",
    "tree_root",
    "heritage_facade",
    "door",
    "hydrant",
    "tactile_paving",
    "other",
)


def _text(*, unique: bool = False, nullable: bool = False, isin: Iterable[str] = ()) -> pa.Column:
    checks = [pa.Check.isin(list(isin))] if isin else []
    return pa.Column(str, checks, unique=unique, nullable=nullable, coerce=True)


def _number(*, at_least: float | None = None, nullable: bool = False) -> pa.Column:
    checks = [] if at_least is None else [pa.Check.ge(at_least)]
    return pa.Column(float, checks, nullable=nullable, coerce=True)


def _clock() -> pa.Column:
    is_time = pa.Check(
        lambda times: times.str.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]"),
        error="not a time of day as HH:MM",
    )
    return pa.Column(str, is_time, coerce=True)


def shape_checks(kinds: Iterable[str]) -> list[pa.Check]:
    """Return the checks of a column of shapes: of the given kinds, not empty, valid."""
    allowed = tuple(kinds)
    return [
        pa.Check(
            lambda shapes: shapes.geom_type.isin(allowed) & ~shapes.is_empty,
            error=f"a geometry that is not {' or '.join(allowed)}, or is empty",
        ),
        pa.Check(lambda shapes: shapes.is_valid, error="a geometry that crosses itself"),
    ]


def _geometry(kinds: Iterable[str]) -> pa.Column:
    return pa.Column("geometry", shape_checks(kinds))


ZONE = pa.DataFrameSchema(
    {"zone_id": _text(unique=True), "name": _text(), "geometry": _geometry(POLYGONS)}
)
SOLIDS = pa.DataFrameSchema(
    {
        "solid_id": _text(unique=True),
        "kind": _text(isin=SOLID_KINDS),
        "geometry": _geometry(POLYGONS),
    }
)
FURNITURE = pa.DataFrameSchema(
    {
        "furniture_id": _text(unique=True),
        "kind": _text(),
        "standing": _text(),  # "unknown rating" for a bollard that nobody tested
        "geometry": _geometry(ANY_SHAPE),
    }
)
GROUND = pa.DataFrameSchema(
    {
        "ground_id": _text(unique=True),
        "surface": _text(),  # OSM key `surface`
        "geometry": _geometry(POLYGONS),
    }
)
# Where the ground changes its height at once. Lower ones than a vehicle minds are passed unseen.
STEPS = pa.DataFrameSchema(
    {
        "step_id": _text(unique=True),
        "kind": _text(),  # kerb, steps, ...
        "height_m": _number(at_least=0.0),  # a step of unknown height is not in the table
        "geometry": _geometry(LINES),
    }
)
STREETS = pa.DataFrameSchema(
    {
        "street_id": _text(unique=True),
        "name": _text(),  # empty where the street has none
        "highway": _text(),  # OSM key `highway`
        "width_m": _number(at_least=0.0),  # of the carriageway
        "stays_open": pa.Column(bool, coerce=True),
        "reason": _text(),  # why it stays open, or may be closed
        "geometry": _geometry(LINES),
    }
)
ENTRIES = pa.DataFrameSchema(
    {
        "entry_id": _text(unique=True),
        "street": _text(),  # name of the street that comes in here, or "open ground"
        "width_m": _number(at_least=0.0),
        "geometry": _geometry(LINES),  # a piece of the rim of the study area
    }
)
DEMANDS = pa.DataFrameSchema(
    {
        "demand_id": _text(unique=True),
        "name": _text(),
        "geometry": _geometry(POINTS),  # a door that needs a fire engine
    }
)
# Where units may not stand, cost more, or need a shallower foundation.
PLACE_RULES = pa.DataFrameSchema(
    {
        "place_rule_id": _text(unique=True),
        "kind": _text(isin=PLACE_KINDS),
        "effect": _text(isin=("forbid", "price")),
        "price": _number(at_least=0.0),  # a unit that stands here costs so much more
        "deepest_foundation": _text(isin=("", *FOUNDATIONS)),  # empty: any
        "standing": _text(isin=STANDINGS),
        "geometry": _geometry(POLYGONS),  # with what must be kept off around it
    }
)
# Where people walk or cycle in and out: a gap of the country's width on each.
DESIRE_LINES = pa.DataFrameSchema(
    {
        "desire_id": _text(unique=True),
        "kind": _text(isin=("foot", "cycle")),
        "name": _text(),
        "geometry": _geometry(LINES),
    }
)
DELIVERIES = pa.DataFrameSchema(
    {
        "delivery_id": _text(unique=True),
        "name": _text(),
        "who": _text(isin=("deliveries", "residents", "waste", "other")),
        "opens": _clock(),  # HH:MM, local time
        "closes": _clock(),  # HH:MM; before `opens` where it goes past midnight
        "width_m": _number(at_least=1.5),  # of the vehicle with its mirrors
        "geometry": _geometry(POINTS),
    }
)
CROWDS = pa.DataFrameSchema(
    {
        "crowd_id": _text(unique=True),
        "name": _text(),
        "people": _number(at_least=0.0),
        "geometry": _geometry(POLYGONS),  # where no vehicle, debris or barrier may come to rest
    }
)
STUDY_AREA = pa.DataFrameSchema({"name": _text(), "geometry": _geometry(POLYGONS)})
REPORT = pa.DataFrameSchema(
    {
        # source | repaired | left_out | unknown | visit
        "topic": _text(isin=("source", "repaired", "left_out", "unknown", "visit")),
        "item": _text(),
        "count": _number(nullable=True),
        "note": _text(),
    }
)
# What holds the speed of an approach.
LIMITS = (
    "top speed",  # of the vehicle
    "acceleration",  # from rest, or from a slow entry
    "entry speed",  # most of it was brought along over the rim
    "bend",
    "gap",  # a bend that a gap little wider than the vehicle makes
    "approach limit",  # the longest approach that the settings allow
    "speed limit",  # that nobody is taken to exceed
    "no way",  # it does not get there
)
PERIMETER = pa.DataFrameSchema(
    {
        "perimeter_id": _text(),  # one point, one row a vehicle
        "vehicle": _text(),
        "distance_m": _number(at_least=0.0),  # along the outline of the zone
        "speed_lower_kmh": _number(at_least=0.0),  # attained by a path that was checked
        "speed_kmh": _number(at_least=0.0),  # nominal
        "speed_upper_kmh": _number(at_least=0.0),  # no path that was checked is faster
        "normal_speed_kmh": _number(at_least=0.0),  # across the outline; nominal
        "angle_deg": _number(),  # between the path and the outline; 90 is head-on
        "energy_kj": _number(at_least=0.0),  # of speed_kmh
        "energy_upper_kj": _number(at_least=0.0),
        "approach_length_m": _number(at_least=0.0),
        "corridor_id": _text(),  # empty where no vehicle arrives
        "limited_by": _text(isin=LIMITS),  # what holds the speed at the end of its way
        "inputs": _text(),  # what moves this row most, each with its standing
        "geometry": _geometry(POINTS),
    }
)
CORRIDORS = pa.DataFrameSchema(
    {
        "corridor_id": _text(unique=True),
        "rank": pa.Column(int, pa.Check.ge(1), coerce=True),
        "vehicle": _text(),
        "entry_id": _text(),  # empty where the run-up starts inside the study area
        "street": _text(),
        "speed_lower_kmh": _number(at_least=0.0),
        "speed_kmh": _number(at_least=0.0),
        "speed_upper_kmh": _number(at_least=0.0),
        "energy_kj": _number(at_least=0.0),
        "length_m": _number(at_least=0.0),
        "limited_by": _text(isin=LIMITS),
        "surface": _text(),  # along the way, by length: "sett 60 %, unknown 40 %"
        # JSON rows: distance_m, speed_kmh, what limits it, radius_m and clear_width_m or null
        "profile": _text(),
        "geometry": _geometry(LINES),
    }
)
# How far the speeds along the outline of a zone move when an input is off.
VARIATIONS = pa.DataFrameSchema(
    {
        "what": _text(isin=("obstacles", "friction", "acceleration")),
        "change": _text(),  # 0.5 m nearer, -0.1, +20 %, ...
        "largest_kmh": _number(),  # of all changes of a metre; below 0 where it gets slower
        "median_kmh": _number(),
        "p90_kmh": _number(),  # nine in ten metres change no more than this
        "moved_m": _number(at_least=0.0),  # of outline that change by more than 2 km/h
        "energy_kj": _number(),  # change of the highest energy anywhere
        "reachable_m": _number(at_least=0.0),  # of outline that is hit only with the change
        "unreachable_m": _number(at_least=0.0),  # of outline that is hit only without it
    }
)
# Where a measurement on site would change what is required most.
MEASURE_FIRST = pa.DataFrameSchema(
    {
        "rank": pa.Column(int, pa.Check.ge(1), unique=True, coerce=True),
        "vehicle": _text(),
        "what": _text(),  # clear width between two walls, position of the corner, ...
        "clear_width_m": _number(at_least=0.0, nullable=True),  # as it is in the data
        "change_kmh": _number(at_least=0.0),  # the largest at one metre, up or down
        "change_kj": _number(at_least=0.0),
        "metres": _number(at_least=0.0),  # of outline that move by more than 2 km/h
        "geometry": _geometry(POINTS),
    }
)
_RATING_COLUMNS = {
    "layout": _text(isin=LAYOUTS),
    "kind": _text(),  # fixed_bollard, planter, retractable_bollard, ...
    "product_id": _text(),
    "vehicle": _text(),  # class of the vehicle that asks most here
    "mass_kg": _number(at_least=0.0),
    "speed_kmh": _number(at_least=0.0),
    "energy_kj": _number(at_least=0.0),
    "angle_deg": _number(),
    # Of a unit: whether it opens. Of a line: whether it holds a crossing; the rest of it stays.
    "openable": pa.Column(bool, coerce=True),
    "cost_low": _number(at_least=0.0),
    "cost_high": _number(at_least=0.0),
    "currency": _text(),
    "cost_year": pa.Column(int, coerce=True),
    "source": _text(),  # of the cost and the performance
    "standing": _text(isin=STANDINGS),
}
BARRIERS = pa.DataFrameSchema(
    {
        "line_id": _text(unique=True),
        **_RATING_COLUMNS,
        "length_m": _number(at_least=0.0),
        "units": pa.Column(int, coerce=True),
        "rated_vehicle": _text(),  # what the product was tested with
        "rated_mass_kg": _number(at_least=0.0),
        "rated_speed_kmh": _number(at_least=0.0),
        "strength": _text(isin=STRENGTHS),
        "penetration_m": _number(nullable=True),
        "geometry": _geometry(LINES),
    }
)
_UNIT_COLUMNS = {
    "unit_id": _text(unique=True),
    "line_id": _text(),
    **_RATING_COLUMNS,
    "width_m": _number(at_least=0.0),  # along the line
    "depth_m": _number(at_least=0.0),  # across the line
    "bearing_deg": _number(),  # of the line at the unit, clockwise from grid north
    "gap_before_mm": _number(at_least=0.0),  # clear width to the neighbour, along the line
    "gap_after_mm": _number(at_least=0.0),
}
UNITS = pa.DataFrameSchema({**_UNIT_COLUMNS, "geometry": _geometry(POINTS)})
FOOTPRINTS = pa.DataFrameSchema({**_UNIT_COLUMNS, "geometry": _geometry(POLYGONS)})
GAPS = pa.DataFrameSchema(
    {
        "gap_id": _text(unique=True),
        "width_mm": _number(at_least=0.0),
        "between": _text(),  # the two neighbours: unit ids, or "solid"
        "geometry": _geometry(LINES),
    }
)
CLOSURES = pa.DataFrameSchema(
    {
        "street_id": _text(unique=True),
        "name": _text(),
        "highway": _text(),
        "length_m": _number(at_least=0.0),  # of the part that vehicles no longer reach
        "treatment": _text(isin=("closed", "openable lane")),
        "geometry": _geometry(LINES),
    }
)

# The ground behind each line that is lost: a vehicle may come to rest there.
RUN_OUT = pa.DataFrameSchema(
    {
        "line_id": _text(unique=True),
        "product_id": _text(),
        "run_out_m": _number(at_least=0.0),  # highest penetration, and debris where published
        "strip_lost_m2": _number(at_least=0.0),
        "evidence": _text(),  # the tests that say so, or that there are none
        "geometry": _geometry(POLYGONS),
    }
)
# What one barrier that fails, or one gate that stands open, lets in.
FAILURES = pa.DataFrameSchema(
    {
        "failure_id": _text(unique=True),
        "what": _text(),  # "line L3 fails", "gate of L1 stands open"
        "line_id": _text(),
        "vehicle": _text(),
        "zone_reached_m2": _number(at_least=0.0),
        "speed_kmh": _number(at_least=0.0),  # highest anywhere in the zone
        "energy_kj": _number(at_least=0.0),
        "geometry": _geometry(POLYGONS),  # the part of the zone that is reached
    }
)
# Why each line stands where it does.
WHY = pa.DataFrameSchema(
    {
        "line_id": _text(unique=True),
        "demand": _text(),  # what it answers, in words
        "next_best_cost_more": _number(nullable=True),  # none where there is no other plan
        "held_by": _text(),  # the constraint that holds it there
        "without_it": _text(),  # what happens then
    }
)


def check_table(table: TableT, schema: pa.DataFrameSchema, name: str) -> TableT:
    """Return `table` with its columns in the contract's types.

    Raises LayerError that lists every fault of the table at once, by row and column.
    """
    try:
        return cast(TableT, schema.validate(table, lazy=True))
    except pa.errors.SchemaErrors as error:
        raise LayerError(name, _faults_in_words(error.failure_cases)) from error


def empty_layer(schema: pa.DataFrameSchema, crs: object) -> gpd.GeoDataFrame:
    """Return a layer with the contract's columns and no row."""
    columns = {name: pd.Series([], dtype=object) for name in schema.columns if name != "geometry"}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def _faults_in_words(cases: pd.DataFrame) -> list[str]:
    return sorted(
        {
            f"column {case.failure_case} is missing"
            if case.check == "column_in_dataframe"
            else f"{case.column}: {_in_words(str(case.check))}"
            + _place(case.index, case.failure_case)
            for case in cases.itertuples()
        }
    )


def _place(row: Any, value: Any) -> str:
    if pd.isna(row):
        return ""
    return f" (row {row})" if pd.isna(value) else f" (row {row}: {str(value)[:60]})"


def _in_words(check: str) -> str:
    """Return what a check of pandera found, for somebody who knows the table and not the library.

    >>> _in_words("greater_than_or_equal_to(0.0)"), _in_words("isin(['wall', 'water'])")
    ('below 0.0', 'not one of wall, water')
    """
    name, _, rest = check.partition("(")
    inside = rest.removesuffix(")").translate(str.maketrans("", "", "[]'"))
    words = {
        "not_nullable": "no value",
        "field_uniqueness": "the same value twice",
        "greater_than_or_equal_to": f"below {inside}",
        "isin": f"not one of {inside}",
        "coerce_dtype": f"not of the type {inside}",
    }
    return words.get(name, check)

"""The drawn town with a row of posts across its street, judged and assembled.

The street has three ways: Main Street outside and inside the row, and Yard Lane that leaves the
square; a footway runs beside it.
"""

import geopandas as gpd
from shapely import LineString, Point

from sbd.model import tables
from sbd.model.assessment import Assessment, FieldSettings
from sbd.model.proposal import Layout
from sbd.model.vehicle import Vehicle
from sbd.proposal import assemble
from sbd.verify import judge_layout
from tests.judged import CRS

TRUCK = Vehicle(
    name="N2A",
    description="Two-axle truck",
    mass_kg=7200.0,
    width_m=2.1,
    length_m=6.5,
    wheelbase_m=3.3,
    min_turning_radius_m=4.5,
    top_speed_mps=36.0,
    acceleration_mps2=2.0,
    friction=1.0,
)


def street(street_id, line, *, name="Main Street", highway="residential", stays_open=False):
    return {
        "street_id": street_id,
        "name": name,
        "highway": highway,
        "width_m": 6.0,
        "stays_open": stays_open,
        "reason": "drawn",
        "geometry": line,
    }


STREETS = [
    street("way/1", LineString([(0, 30), (80, 30)])),
    street("way/2", LineString([(80, 30), (80, 50)]), name="Yard Lane", highway="service"),
    street("way/3", LineString([(80, 30), (90, 30)]), name="", highway="service"),
    street("way/4", LineString([(0, 28), (80, 28)]), name="Main Path", highway="footway"),
]


def with_streets(site, rows):
    layers = {**site.layers, "streets": gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)}
    return type(site)(name="Main Square", **layers, report=site.report, attribution="© drawn")


def rating(**changes):
    return {
        "layout": "permanent",
        "kind": "fixed_bollard",
        "product_id": "bollard-deep",
        "vehicle": "N2A",
        "mass_kg": 7200.0,
        "speed_kmh": 48.0,
        "energy_kj": 640.0,
        "angle_deg": 90.0,
        "openable": False,
        "cost_low": 1000.0,
        "cost_high": 2000.0,
        "currency": "EUR",
        "cost_year": 2025,
        "source": "drawn",
        "standing": "published",
        **changes,
    }


ROW = LineString([(50.1, 26), (50.1, 34)])


def layout_of(shapes, *, line=ROW, gap_mm=971.4, **changes):
    """Return a layout of one line; `openable` may be a list, one a unit."""
    opens = changes.pop("openable", [False] * len(shapes))
    rows = [
        {
            "unit_id": f"L1-{k:02d}",
            "line_id": "L1",
            **rating(**changes, openable=bool(open_)),
            "energy_kj": 600.0 + k,
            "width_m": 0.2,
            "depth_m": 0.2,
            "bearing_deg": 0.0,
            "gap_before_mm": gap_mm,
            "gap_after_mm": gap_mm,
        }
        for k, open_ in enumerate(opens, start=1)
    ]
    barrier = {
        "line_id": "L1",
        **rating(**changes, openable=any(opens)),
        "cost_low": 12_345.0,
        "cost_high": 23_456.0,
        "length_m": line.length,
        "units": len(rows),
        "rated_vehicle": "N2A",
        "rated_mass_kg": 7200.0,
        "rated_speed_kmh": 48.0,
        "strength": "tested",
        "penetration_m": 1.0,
        "geometry": line,
    }
    points = [Point(shape.centroid) for shape in shapes]
    return Layout(
        barriers=gpd.GeoDataFrame([barrier], geometry="geometry", crs=CRS),
        units=gpd.GeoDataFrame(rows, geometry=points, crs=CRS),
        footprints=gpd.GeoDataFrame(rows, geometry=list(shapes), crs=CRS),
        cost_bound=17_000.0,
        cost_found=17_500.0,
    )


def empty_layout():
    names = (tables.BARRIERS, tables.UNITS, tables.FOOTPRINTS)
    return Layout(*(tables.empty_layer(schema, CRS) for schema in names), 0.0, 0.0)


def proposal_of(site, placed, *, openable=0):
    verdict = judge_layout(
        site, placed.footprints, openable_wanted=openable, barriers=placed.barriers
    )
    assessment = Assessment(
        perimeter=tables.empty_layer(tables.PERIMETER, CRS),
        corridors=tables.empty_layer(tables.CORRIDORS, CRS),
        vehicles=(TRUCK,),
        settings=FieldSettings(),
        site_hash="",
        attribution=site.attribution,
    )
    return assemble(
        site,
        assessment,
        placed,
        verdict,
        layout="permanent",
        openable_wanted=openable,
        seconds={"placement": 1.5},
    )

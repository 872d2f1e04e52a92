"""A drawn town with a finished proposal, in metres from its south-west corner.

200 +-----------------------+---------------+
    |      north-west       |     north     |
122 |                       +-----------+   |
106 +--------------------+              |   |
    =  West Street   L1 ||  the square  | east
 94 +--------------------+              |   |
 78 |     south-west       +--==L2==-----+---|
    |                      |        |        |
  0 +----------------------+ South  +--------+
    0                    119 Street 131     240
"""

import dataclasses
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sbd.model import tables
from sbd.model.assessment import Assessment, FieldSettings
from sbd.model.proposal import Proposal
from sbd.model.site import Site
from sbd.model.site_hash import site_hash
from sbd.model.speed_field import Bound, SpeedField
from sbd.model.vehicle import Figure, Vehicle
from sbd.model.verdict import Check, Verdict
from sbd.model.words import ODBL_ATTRIBUTION

CRS = 32635
ORIGIN = (385_900.0, 6_671_700.0)
UNIT_M = 0.6
GAP_M = 1.2  # (12 m - 6 units of 0.6 m) / 7 gaps


def placed(shapes):
    return [
        shapely.transform(shape, lambda xy: xy + np.asarray(ORIGIN))
        for shape in np.atleast_1d(np.asarray(shapes, dtype=object))
    ]


def layer(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=placed(shapes), crs=CRS)


def line(*corners):
    return shapely.LineString(corners)


def build_site(west_street="West Street", name="Drawn Square"):
    south_west = shapely.union(shapely.box(0, 0, 119, 78), shapely.box(0, 78, 98, 94))
    return Site(
        name=name,
        zone=layer(shapely.box(100, 80, 150, 120), zone_id=["z1"], name=["The square"]),
        solids=layer(
            [
                shapely.box(0, 106, 100, 200),
                shapely.box(100, 122, 240, 200),
                shapely.box(152, 78, 240, 122),
                shapely.box(131, 0, 240, 78),
                south_west,
                shapely.MultiPolygon(
                    [shapely.box(140, 110, 146, 116), shapely.box(140, 100, 146, 104)]
                ),
                shapely.box(98, 78, 118, 78.4),
            ],
            solid_id=["s1", "s2", "s3", "s4", "s5", "s6", "s7"],
            kind=["building"] * 5 + ["water", "wall"],
        ),
        furniture=layer(
            [shapely.Point(110, 115), shapely.Point(120, 115), line((104, 84), (112, 84))],
            furniture_id=["f1", "f2", "f3"],
            kind=["tree", "bollard", "hedge"],
            standing=["", "unknown rating", ""],
        ),
        ground=layer(shapely.box(98, 78, 152, 122), ground_id=["g1"], surface=["sett"]),
        streets=layer(
            [line((0, 100), (100, 100)), line((125, 0), (125, 80)), line((100, 100), (150, 100))],
            street_id=["w1", "w2", "w3"],
            name=[west_street, "South Street", ""],
            highway=["residential", "tertiary", "pedestrian"],
            width_m=[8.0, 7.0, 4.0],
            stays_open=[False, False, False],
            reason=["may be closed", "closed by the planner", "pedestrian area"],
        ),
        entries=layer(
            [line((0, 96), (0, 104)), line((121.5, 0), (128.5, 0))],
            entry_id=["e1", "e2"],
            street=[west_street, "South Street"],
            width_m=[8.0, 7.0],
        ),
        demands=tables.empty_layer(tables.DEMANDS, CRS),
        study_area=layer(shapely.box(0, 0, 240, 200), name=["study area"]),
        report=pd.DataFrame(
            {
                "topic": ["source", "unknown"],
                "item": ["drawn by hand", "run-up beyond the edge"],
                "count": [1.0, np.nan],
                "note": ["", "vehicles come in at speed"],
            }
        ),
        attribution=ODBL_ATTRIBUTION,
    )


def build_vehicles():
    source = Figure(source="drawn for a test", standing="assumed")
    van = Vehicle(
        "N1", "van", 3500, 2.0, 5.9, 3.6, 6.0, 44.0, 2.4, 0.8, figures={"mass_kg": source}
    )
    truck = Vehicle(
        "N2A", "truck", 7200, 2.3, 7.5, 4.2, 7.5, 33.0, 1.5, 0.7, 150_000.0, {"mass_kg": source}
    )
    return van, truck


def speed_at(points):
    """Return the speed of the van: 60 km/h at the west mouth, 35 at the south, little elsewhere."""
    west = 60 * np.exp(-np.hypot(points[:, 0] - 100, points[:, 1] - 100) / 30)
    south = 35 * np.exp(-np.hypot(points[:, 0] - 125, points[:, 1] - 80) / 30)
    return np.maximum(west, south)


def build_perimeter(vehicles):
    outline = shapely.box(100, 80, 150, 120).exterior
    distance = np.arange(0.0, 180.0, 1.0)
    points = shapely.line_interpolate_point(outline, distance)
    speed = speed_at(shapely.get_coordinates(points))
    parts = []
    for vehicle, share in zip(vehicles, (1.0, 0.8), strict=True):
        v = speed * share
        parts.append(
            layer(
                points,
                perimeter_id=[f"p{i}" for i in range(180)],
                vehicle=vehicle.name,
                distance_m=distance,
                speed_lower_kmh=v * 0.95,
                speed_kmh=v,
                speed_upper_kmh=v * 1.05,
                normal_speed_kmh=v * 0.9,
                angle_deg=np.full(180, 90.0),
                energy_kj=0.5 * vehicle.mass_kg * (v / 3.6) ** 2 / 1000,
                energy_upper_kj=0.5 * vehicle.mass_kg * (1.05 * v / 3.6) ** 2 / 1000,
                approach_length_m=np.full(180, 100.0),
                corridor_id=np.where(v > 20, f"{vehicle.name}-c1", ""),
                limited_by="acceleration",
                inputs="acceleration_mps2: assumed; obstacle positions: OpenStreetMap, 0.5 to 1 m",
            )
        )
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=CRS)


def build_corridors(vehicles, west_street):
    profile = json.dumps(
        [
            [0.0, 30.0, "entry", None, None],
            [60.0, 36.0, "bend radius", 12.5, 4.2],
            [100.0, 60.0, "engine", None, None],
        ]
    )
    van, truck = (vehicle.name for vehicle in vehicles)
    bend = line((125, 0), (125, 60), (127, 72), (125, 80))
    return layer(
        [line((0, 100), (100, 100)), bend, line((0, 99), (100, 99)), bend],
        corridor_id=[f"{van}-c1", f"{van}-c2", f"{truck}-c1", f"{truck}-c2"],
        rank=[1, 2, 1, 2],
        vehicle=[van, van, truck, truck],
        entry_id=["e1", "e2", "e1", "e2"],
        street=[west_street, "South Street"] * 2,
        speed_lower_kmh=[57.0, 33.0, 46.0, 26.0],
        speed_kmh=[60.0, 35.0, 48.0, 28.0],
        speed_upper_kmh=[63.0, 37.0, 50.0, 30.0],
        energy_kj=[486.1, 165.4, 640.0, 217.8],
        length_m=[100.0, 80.7, 100.0, 80.7],
        limited_by=["bend", "acceleration"] * 2,
        surface=["sett 60 %, unknown 40 %", "unknown 100 %"] * 2,
        profile=[profile] * 4,
    )


def build_field(vehicle):
    """Return 100 x 120 cells of 2 m; only the square and the two streets are free."""
    x = 1.0 + 2.0 * np.arange(120)
    y = 1.0 + 2.0 * np.arange(100)
    east, north = np.meshgrid(x, y)
    free = (
        ((east > 98) & (east < 152) & (north > 78) & (north < 122))
        | ((east < 100) & (north > 94) & (north < 106))
        | ((north < 80) & (east > 119) & (east < 131))
    )
    speed = np.round(speed_at(np.column_stack([east.ravel(), north.ravel()]))).reshape(free.shape)
    label = np.zeros((100, 8, 120), dtype=np.uint16)
    label[:, 0, :] = np.where(free, speed, 0)
    label[:, 3, :] = label[:, 0, :] // 2
    return SpeedField(
        vehicle=vehicle,
        bound=Bound.NOMINAL,
        label=label,
        free=free,
        speed_of_label_mps=np.arange(65536) / 3.6,  # a label is a speed in km/h here
        heading_rad=np.arange(8) * np.pi / 4,
        origin_m=(ORIGIN[0] + 1.0, ORIGIN[1] + 1.0),
        cell_m=2.0,
        step_m=0.5,
    )


def build_assessment(site, *, with_fields=True):
    vehicles = build_vehicles()
    return Assessment(
        perimeter=build_perimeter(vehicles),
        corridors=build_corridors(vehicles, site.streets["name"].iloc[0]),
        vehicles=vehicles,
        settings=FieldSettings(),
        site_hash=site_hash(site),
        attribution=site.attribution,
        seconds={"approach": 1.25},
        fields=tuple(build_field(vehicle) for vehicle in vehicles) if with_fields else (),
    )


def rating(openable):
    return {
        "layout": "permanent",
        "kind": "retractable_bollard" if openable else "fixed_bollard",
        "product_id": "retractable-80" if openable else "fixed-80",
        "vehicle": "N2A",
        "mass_kg": 7200.0,
        "speed_kmh": 48.0,
        "energy_kj": 640.0,
        "angle_deg": 90.0,
        "openable": openable,
        "currency": "EUR",
        "cost_year": 2024,
        "source": "drawn for a test",
        "standing": "assumed",
    }


def build_units():
    rows, centres, squares = [], [], []
    for line_id, openable in (("L1", False), ("L2", True)):
        for number in range(6):
            along = GAP_M + UNIT_M / 2 + number * (GAP_M + UNIT_M)
            x, y = (97.0, 94 + along) if line_id == "L1" else (119 + along, 77.0)
            half = UNIT_M / 2
            centres.append(shapely.Point(x, y))
            squares.append(shapely.box(x - half, y - half, x + half, y + half))
            rows.append(
                {
                    "unit_id": f"{line_id}-u{number + 1}",
                    "line_id": line_id,
                    **rating(openable),
                    "cost_low": 2000.0,
                    "cost_high": 5000.0,
                    "width_m": UNIT_M,
                    "depth_m": UNIT_M,
                    "bearing_deg": 0.0 if line_id == "L1" else 90.0,
                    "gap_before_mm": GAP_M * 1000,
                    "gap_after_mm": GAP_M * 1000,
                }
            )
    table = pd.DataFrame(rows).to_dict("list")
    return layer(centres, **table), layer(squares, **table)


def build_barriers():
    rows = [
        {
            "line_id": line_id,
            **rating(openable),
            "cost_low": 12_000.0,
            "cost_high": 30_000.0,
            "length_m": 12.0,
            "units": 6,
            "rated_vehicle": "N2A",
            "rated_mass_kg": 7200.0,
            "rated_speed_kmh": 48.0,
            "strength": "tested",
            "penetration_m": penetration,
        }
        for line_id, openable, penetration in (("L1", False, 0.8), ("L2", True, np.nan))
    ]
    return layer(
        [line((97, 94), (97, 106)), line((119, 77), (131, 77))],
        **pd.DataFrame(rows).to_dict("list"),
    )


def build_verdict(breached=False, conditions=("Prove the run-out behind L2 on site.",)):
    gaps = [line((97, 94 + k * 1.8), (97, 94 + k * 1.8 + GAP_M)) for k in range(7)]
    gaps += [line((119 + k * 1.8, 77), (119 + k * 1.8 + GAP_M, 77)) for k in range(7)]
    open_without = None if breached else True  # None: the two methods disagree
    return Verdict(
        checks=(
            Check("threat", "Does a 1.20 m wide vehicle get in?", 1.2, breached, False, ""),
            Check("wheelchair", "Does a 0.90 m wheelchair get in?", 0.9, True, True, "every door"),
            Check("control", "Is it open without any unit?", 1.2, open_without, True, ""),
        ),
        gaps=layer(
            gaps,
            gap_id=[f"g{i}" for i in range(14)],
            width_mm=[GAP_M * 1000] * 14,
            between=["solid, L1-u1"] * 14,
        ),
        conditions=conditions,
    )


def build_proposal(site=None, verdict=None, **options):
    site = site or build_site()
    units, footprints = build_units()
    return Proposal(
        site=site,
        assessment=build_assessment(site, **options),
        layout="permanent",
        barriers=build_barriers(),
        units=units,
        footprints=footprints,
        closures=layer(
            [line((0, 100), (100, 100)), line((125, 0), (125, 80))],
            street_id=["w1", "w2"],
            name=[site.streets["name"].iloc[0], "South Street"],
            highway=["residential", "tertiary"],
            length_m=[100.0, 80.0],
            treatment=["closed", "openable lane"],
        ),
        verdict=verdict or build_verdict(),
        cost_bound=23_500.0,
        cost_found=24_000.0,
        meta={"seconds": {"total": 2.5}, "bound": float("inf"), "openable": 1},
    )


@pytest.fixture(scope="session")
def site():
    return build_site()


@pytest.fixture(scope="session")
def proposal(site):
    return build_proposal(site)


@pytest.fixture(name="build_proposal", scope="session")
def _build_proposal():
    """Give tests the builder itself, for proposals that differ."""
    return build_proposal


@pytest.fixture(name="build_verdict", scope="session")
def _build_verdict():
    return build_verdict


def build_told():
    """Return what a proposal may tell beyond its layers: strips lost, failures, reasons."""
    run_out = layer(
        [shapely.box(97, 94, 104.7, 106), shapely.box(119, 77, 131, 80)],
        line_id=["L1", "L2"],
        product_id=["fixed-80", "retractable-80"],
        run_out_m=[7.7, 3.0],
        strip_lost_m2=[92.4, 36.0],
        evidence=["7 tests: highest penetration 7.7 m", "4 tests: highest penetration 3.0 m"],
    )
    failures = layer(
        [shapely.box(100, 80, 150, 120)],
        failure_id=["F1"],
        what=["gate of L2 stands open"],
        line_id=["L2"],
        vehicle=["N2A"],
        zone_reached_m2=[2000.0],
        speed_kmh=[31.0],
        energy_kj=[267.0],
    )
    why = pd.DataFrame(
        {
            "line_id": ["L1", "L2"],
            "demand": ["keeps West Street out", "keeps South Street out"],
            "next_best_cost_more": [4200.0, np.nan],
            "held_by": ["the two walls beside it", "an openable crossing is asked for"],
            "without_it": ["900 m2 of the zone are reached", "the whole zone is reached"],
        }
    )
    return {"run_out": run_out, "failures": failures, "why": why}


@pytest.fixture(scope="session")
def told(proposal):
    """A proposal that tells all that one may."""
    return dataclasses.replace(proposal, **build_told())


def build_place():
    """Return the layers of a site on which a plan has to keep an eye."""
    return {
        "crowds": layer(
            shapely.box(125, 85, 148, 105), crowd_id=["c1"], name=["Stage"], people=[4000.0]
        ),
        "place_rules": layer(
            [shapely.box(96, 100, 99, 103), shapely.box(119, 76, 123, 79)],
            place_rule_id=["r1", "r2"],
            kind=["utility", "tree_root"],
            effect=["forbid", "price"],
            price=[0.0, 1500.0],
            deepest_foundation=["", "Ap"],
            standing=["measured", "assumed"],
        ),
        "desire_lines": layer(
            [line((60, 98), (125, 98)), line((127, 40), (127, 90))],
            desire_id=["d1", "d2"],
            kind=["foot", "cycle"],
            name=["to the station", ""],
        ),
        "deliveries": layer(
            shapely.Point(110, 110),
            delivery_id=["v1"],
            name=["Bakery"],
            who=["deliveries"],
            opens=["06:00"],
            closes=["09:00"],
            width_m=[2.55],
        ),
    }


@pytest.fixture(scope="session")
def richer(told):
    """A proposal that tells all, on a site that has every layer."""
    return dataclasses.replace(told, site=dataclasses.replace(told.site, **build_place()))

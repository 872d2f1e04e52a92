"""A city's own layers: the same site, with less to work out."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box
from shapely.affinity import translate

from sbd.errors import CrsError, InputError, LayerError, ZoneError
from sbd.model import tables
from sbd.model.raw import CityLayers
from sbd.site import site_from_layers
from sbd.surface import build_surface
from tests.drawn_town import BLOCKS, CRS, ORIGIN, SQUARE, report_of


def layer(shapes, **columns):
    moved = [translate(shape, *ORIGIN) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=CRS)


MAIN = LineString([(-150, 0), (150, 0)])
CROSS = LineString([(0, -150), (0, 150)])


def layers(**changes):
    """Return the default town as a city would hand it over."""
    given = CityLayers(
        zone=layer([SQUARE], zone_id=["z"], name=["Market"]),
        solids=layer(BLOCKS.values(), solid_id=list(BLOCKS), kind=["building"] * 4),
        streets=layer(
            [MAIN, CROSS],
            street_id=["main", "cross"],
            name=["Main Street", "Cross Lane"],
            highway=["", "residential"],
            width_m=[float("nan"), 4.0],
            stays_open=[None, None],
            reason=["", ""],
        ),
        furniture=tables.empty_layer(tables.FURNITURE, CRS),
        ground=tables.empty_layer(tables.GROUND, CRS),
        steps=tables.empty_layer(tables.STEPS, CRS),
        entries=tables.empty_layer(tables.ENTRIES, CRS),
        demands=tables.empty_layer(tables.DEMANDS, CRS),
        source="city.gpkg",
        repairs=pd.DataFrame(columns=["topic", "item", "count", "note"]),
    )
    return replace(given, **changes)


def site(given=None, **options):
    return site_from_layers(given or layers(), margin_m=80.0, **options)


def streets(found):
    return found.streets.set_index("street_id")


def test_a_city_site_keeps_its_system_and_finds_its_entries():
    found = site()
    assert found.crs.to_epsg() == CRS
    assert found.name == "Market"
    assert sorted(set(found.entries["street"])) == ["Cross Lane", "Main Street"]
    assert build_surface(found).zone.area == pytest.approx(1600, abs=1)


def test_layers_in_degrees_come_to_metres():
    given = layers()
    degrees = {
        name: getattr(given, name).to_crs(4326)
        for name in ("zone", "solids", "streets", "furniture", "ground", "entries", "demands")
    }
    found = site(replace(given, **degrees))
    assert found.crs.to_epsg() == 32635
    assert found.zone.area.sum() == pytest.approx(1600, abs=1)


def test_what_the_city_leaves_open_is_settled_by_the_class():
    found = streets(site())
    assert found.loc["main", ["highway", "width_m"]].tolist() == ["unclassified", 6.0]
    assert found.loc["cross", "width_m"] == 4.0


@pytest.mark.parametrize("said", [True, False])
def test_a_row_says_whether_its_street_stays_open(said):
    given = layers()
    rows = given.streets.assign(highway=["primary", "residential"], stays_open=[said, None])
    found = streets(site(replace(given, streets=rows)))
    assert found["stays_open"].to_dict() == {"main": said, "cross": False}
    assert "its layer says" in found.loc["main", "reason"]


def test_a_main_road_stays_open_unless_its_row_says_otherwise():
    given = layers()
    rows = given.streets.assign(highway=["primary", "residential"])
    assert streets(site(replace(given, streets=rows))).loc["main", "stays_open"]


def test_the_planner_goes_before_the_row():
    given = layers()
    rows = given.streets.assign(stays_open=[True, False])
    found = streets(site(replace(given, streets=rows), close=["main"], keep_open=["Cross Lane"]))
    assert found["stays_open"].to_dict() == {"main": False, "cross": True}


def test_entries_that_are_given_are_kept():
    given = layers(
        entries=layer(
            [LineString([(100, -5), (100, 5)])],
            entry_id=["e"],
            street=["Main Street"],
            width_m=[10.0],
        )
    )
    assert site(given).entries["entry_id"].tolist() == ["e"]


def test_doors_in_the_study_area_are_kept():
    given = layers(demands=layer([Point(20, 10)], demand_id=["a"], name=["A"]))
    assert site(given).demands["demand_id"].tolist() == ["a"]


def test_doors_deliveries_and_crowds_outside_the_study_area_are_named_all_at_once():
    # The study area reaches to x = 100, the zone grown by 80 m.
    given = layers(
        demands=layer([Point(900, 0)], demand_id=["b"], name=["Gate"]),
        deliveries=layer(
            [Point(20, 10), Point(0, -400)],
            delivery_id=["here", "far"],
            name=["", ""],
            who=["waste", "waste"],
            opens=["06:00", "06:00"],
            closes=["10:00", "10:00"],
            width_m=[2.5, 2.5],
        ),
        crowds=layer([box(200, 0, 210, 10)], crowd_id=["c"], name=["stage"], people=[50.0]),
    )
    with pytest.raises(LayerError) as caught:
        site(given)
    assert caught.value.faults == (
        "demands: 'b' (Gate) lies 800 m outside the study area; widen the margin, move it, or "
        "take it out",
        "deliveries: 'far' lies 300 m outside the study area; widen the margin, move it, or "
        "take it out",
        "crowds: 'c' (stage) lies 100 m outside the study area; widen the margin, move it, or "
        "take it out",
    )


def test_rules_lines_deliveries_and_crowds_of_a_city_come_to_its_site():
    given = layers(
        place_rules=layer(
            [Point(10, 10)],
            place_rule_id=["h"],
            kind=["hydrant"],
            effect=[""],
            price=[float("nan")],
            deepest_foundation=[""],
            clearance_m=[float("nan")],
            standing=["measured"],
        ),
        desire_lines=layer(
            [LineString([(-400, 0), (0, 0)])], desire_id=["d"], kind=["foot"], name=[""]
        ),
        crowds=layer([box(-5, -5, 5, 5)], crowd_id=["c"], name=["stage"], people=[50.0]),
    )
    found = site(given)
    # A disc of 0.914 m, drawn with 24 corners, is 1 % smaller than a circle.
    assert found.place_rules.area.iloc[0] == pytest.approx(3.1416 * 0.914**2, rel=0.015)
    assert found.desire_lines.length.iloc[0] == pytest.approx(100.0)
    assert found.crowds["people"].tolist() == [50.0]
    assert "plans of utilities" in report_of(found, "visit")
    assert "1 hydrant, from city.gpkg" in report_of(found, "source")["own place rules"]


@pytest.mark.parametrize(("kind", "asked"), [("utility", False), ("cellar", True)])
def test_plans_of_utilities_are_asked_for_unless_the_city_gave_them(kind, asked):
    pipes = layer(
        [LineString([(-10, 0), (10, 0)])],
        place_rule_id=["p"],
        kind=[kind],
        effect=[""],
        price=[float("nan")],
        deepest_foundation=[""],
        clearance_m=[float("nan")],
        standing=["measured"],
    )
    found = report_of(site(layers(place_rules=pipes)), "visit")
    assert ("plans of utilities" in found) is asked


def test_the_report_says_where_the_layers_end():
    short = [shape.intersection(box(-150, -150, 60, 150)) for shape in BLOCKS.values()]
    given = layers()
    rows = given.streets.set_geometry(layer([LineString([(-150, 0), (60, 0)]), CROSS]).geometry)
    found = site(
        replace(
            given,
            solids=layer(short, solid_id=list(BLOCKS), kind=["building"] * 4),
            streets=rows,
        )
    )
    assert "40 m from the zone" in report_of(found, "unknown")["run-up from the east"]


def test_a_zone_outside_the_other_layers_is_refused():
    with pytest.raises(ZoneError, match="outside the data"):
        site(layers(zone=layer([translate(SQUARE, 5_000, 0)], zone_id=["z"], name=["x"])))


def test_layers_without_streets_or_solids_are_refused():
    empty = tables.empty_layer(tables.STREETS, CRS)
    with pytest.raises(ZoneError, match="no street"):
        site(layers(streets=empty))
    with pytest.raises(ZoneError, match="no building, wall or water"):
        site(layers(solids=tables.empty_layer(tables.SOLIDS, CRS)))


def test_an_empty_zone_layer_is_refused():
    with pytest.raises(ZoneError, match="empty"):
        site(layers(zone=tables.empty_layer(tables.ZONE, CRS)))


def test_a_system_that_does_not_fit_the_place_is_refused():
    with pytest.raises(CrsError):
        site(crs=3857)


def test_an_unknown_street_is_refused():
    with pytest.raises(InputError, match="Main Street"):
        site(close=["Main Stret"])


def test_steps_of_known_height_come_to_the_site_and_the_others_are_passed():
    kerbs = layer(
        [LineString([(-15, 8), (15, 8)]), LineString([(-15, 12), (15, 12)])],
        step_id=["a", "b"],
        kind=["kerb", "kerb"],
        height_m=[0.3, float("nan")],
    )
    found = site(layers(steps=kerbs))
    assert dict(zip(found.steps["step_id"], found.steps["height_m"], strict=True)) == {"a": 0.3}
    assert build_surface(found).steps["step_id"].tolist() == ["a"]


def test_the_surface_of_a_street_comes_to_the_paving():
    given = layers()
    paved = replace(given, streets=given.streets.assign(surface=["sett", ""]))
    paving = build_surface(site(paved)).paving.set_index("ground_id")
    assert paving.loc["main", "surface"] == "sett"

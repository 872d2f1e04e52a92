"""Somebody's own layers on a site from OpenStreetMap."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box
from shapely.affinity import translate

from sbd.errors import InputError, LayerError
from sbd.export.geopackage import write_site
from sbd.model.raw import ExtraLayers
from sbd.model.site_hash import site_hash
from sbd.site import with_layers
from sbd.sources.store import read_site
from sbd.surface import build_surface
from tests.drawn_town import CRS, ORIGIN, here, report_of, town

NAN = float("nan")


def layer(shapes, **columns):
    moved = [translate(shape, *ORIGIN) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=CRS)


def rules(shapes, **columns):
    """Return place rules that leave open what is not said."""
    count = len(shapes)
    open_ = {
        "place_rule_id": [f"r{row}" for row in range(count)],
        "kind": ["other"] * count,
        "effect": [""] * count,
        "price": [NAN] * count,
        "deepest_foundation": [""] * count,
        "clearance_m": [NAN] * count,
        "standing": ["measured"] * count,
    }
    return layer(shapes, **{**open_, **columns})


def deliveries(*places, ids=("a",)):
    return layer(
        [Point(place) for place in places],
        delivery_id=list(ids),
        name=["Bakery"] * len(places),
        who=["deliveries"] * len(places),
        opens=["22:00"] * len(places),
        closes=["06:00"] * len(places),
        width_m=[2.5] * len(places),
    )


def crowd(shape, people=100.0):
    return layer([shape], crowd_id=["c"], name=["stage"], people=[people])


def extra(**layers):
    nothing = pd.DataFrame(columns=["topic", "item", "count", "note"])
    return ExtraLayers(layers=layers, source="own.gpkg", repairs=nothing)


@pytest.fixture(scope="module")
def site():
    return (
        town()
        .node("node/1", (0, 10), emergency="fire_hydrant")
        .node("node/2", (20, 10), entrance="main", name="Town Hall")
        .line("way/9", [(-12, -60), (-12, 60)], highway="footway", name="Arcade")
        .site()
    )


def test_a_site_from_the_map_has_its_rules_and_lines(site):
    assert sorted(site.place_rules["kind"]) == ["door", "hydrant"]
    assert site.desire_lines["name"].unique().tolist() == ["Arcade"]
    assert site.deliveries.empty
    assert site.crowds.empty


def test_layers_that_are_added_come_beside_those_of_the_site(site):
    found = with_layers(
        site,
        extra(
            demands=layer([Point(-20, 5)], demand_id=["own"], name=["Bank"]),
            deliveries=deliveries((5, 5)),
            crowds=crowd(box(-5, -5, 5, 5)),
            desire_lines=layer(
                [LineString([(0, 0), (90, 0)])], desire_id=["d"], kind=["cycle"], name=[""]
            ),
        ),
    )
    assert sorted(found.demands["name"]) == ["Bank", "Town Hall"]
    assert found.deliveries["opens"].tolist() == ["22:00"]
    assert found.crowds["people"].tolist() == [100.0]
    assert "d" in set(found.desire_lines["desire_id"])
    assert len(found.desire_lines) == len(site.desire_lines) + 1


def test_the_same_id_wins_over_the_map(site):
    own = rules(
        [Point(0, 10)],
        place_rule_id=["node/1:hydrant"],
        kind=["hydrant"],
        clearance_m=[2.0],
    )
    found = with_layers(site, extra(place_rules=own)).place_rules
    assert len(found) == 2
    row = found.set_index("place_rule_id").loc["node/1:hydrant"]
    assert row["standing"] == "measured"
    assert row.geometry.area == pytest.approx(np.pi * 4, rel=0.02)


def test_adding_twice_is_adding_once(site):
    own = extra(deliveries=deliveries((5, 5)), place_rules=rules([box(0, 0, 2, 2)]))
    once = with_layers(site, own)
    twice = with_layers(once, own)
    assert site_hash(twice) == site_hash(once)
    assert twice.report.equals(once.report)


def test_layers_in_degrees_come_to_the_system_of_the_site(site):
    own = extra(crowds=crowd(box(-5, -5, 5, 5)).to_crs(4326))
    found = with_layers(site, own).crowds
    assert here(found).iloc[0].equals_exact(box(-5, -5, 5, 5), 0.01) or here(found).iloc[
        0
    ].symmetric_difference(box(-5, -5, 5, 5)).area == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(
    ("columns", "effect", "price", "deepest"),
    [
        ({"kind": ["hydrant"]}, "forbid", 0.0, ""),
        ({"kind": ["utility"]}, "price", 0.0, "A"),
        ({"kind": ["other"]}, "forbid", 0.0, ""),
        ({"kind": ["hydrant"], "price": [400.0]}, "price", 400.0, ""),
        ({"kind": ["utility"], "deepest_foundation": ["B"]}, "price", 0.0, "B"),
        ({"kind": ["utility"], "effect": ["forbid"]}, "forbid", 0.0, ""),
    ],
)
def test_what_a_rule_leaves_open_is_settled_by_its_kind(site, columns, effect, price, deepest):
    found = with_layers(site, extra(place_rules=rules([box(0, 0, 2, 2)], **columns)))
    row = found.place_rules.set_index("place_rule_id").loc["r0"]
    assert (row["effect"], row["price"], row["deepest_foundation"]) == (effect, price, deepest)


@pytest.mark.parametrize(
    ("shape", "clearance_m", "area_m2"),
    [
        (box(0, 0, 2, 2), NAN, 4.0),
        (box(0, 0, 2, 2), 0.0, 4.0),
        # 4 + perimeter times 1 + a disc
        (box(0, 0, 2, 2), 1.0, 4.0 + 8.0 + np.pi),
        (LineString([(0, 0), (10, 0)]), NAN, 10.0 + np.pi / 4),  # a pipe: 0.5 m
        (LineString([(0, 0), (10, 0)]), 2.0, 40.0 + 4 * np.pi),
        (Point(0, 0), NAN, np.pi / 4),
    ],
)
def test_shapes_grow_by_their_clearance_or_by_what_is_usual(site, shape, clearance_m, area_m2):
    own = rules([shape], kind=["utility"], clearance_m=[clearance_m])
    found = with_layers(site, extra(place_rules=own)).place_rules.set_index("place_rule_id")
    assert found.geometry.loc["r0"].area == pytest.approx(area_m2, rel=0.02)


def test_what_lies_outside_is_named_all_at_once(site):
    # The study area reaches 80 m around the zone: to x = 100.
    own = extra(
        demands=layer([Point(110, 0)], demand_id=["d"], name=[""]),
        deliveries=deliveries((5, 5), (300, 0), ids=("in", "out")),
        crowds=crowd(box(105, 0, 120, 5)),
    )
    with pytest.raises(LayerError) as caught:
        with_layers(site, own)
    assert caught.value.subject == "own.gpkg"
    assert [fault.split(";")[0] for fault in caught.value.faults] == [
        "demands: 'd' lies 10 m outside the study area",
        "deliveries: 'out' (Bakery) lies 200 m outside the study area",
        "crowds: 'c' (stage) lies 5 m outside the study area",
    ]


def test_rules_and_lines_are_cut_to_the_study_area_and_those_beyond_left_out(site):
    found = with_layers(
        site,
        extra(
            place_rules=rules([box(90, 0, 120, 2), box(500, 0, 510, 2)]),
            desire_lines=layer(
                [LineString([(0, 3), (500, 3)]), LineString([(500, 0), (600, 0)])],
                desire_id=["in", "out"],
                kind=["foot", "foot"],
                name=["", ""],
            ),
        ),
    )
    own = found.place_rules[found.place_rules["place_rule_id"].str.startswith("r")]
    assert own.area.tolist() == pytest.approx([20.0])
    assert here(found.desire_lines[found.desire_lines["desire_id"] == "in"]).length.iloc[
        0
    ] == pytest.approx(100.0)
    notes = report_of(found, "left_out")
    assert notes["own place rules"] == "of own.gpkg, nowhere in the study area"
    assert notes["own desire lines"] == "of own.gpkg, nowhere in the study area"


def test_a_crowd_that_reaches_out_of_the_zone_is_told(site):
    found = with_layers(site, extra(crowds=crowd(box(10, 0, 30, 4))))
    # 10 m of its 20 m by 4 m lie beyond x = 20
    assert report_of(found, "unknown")["crowd stage beside the zone"].startswith("40 m2 of it")


def test_plans_of_utilities_are_asked_for_until_a_layer_is_given(site):
    pipe = rules([LineString([(0, 0), (10, 0)])], kind=["utility"])
    assert "ask the operators" in report_of(site, "visit")["plans of utilities"]
    other = with_layers(site, extra(place_rules=rules([box(0, 0, 2, 2)])))
    assert "plans of utilities" in report_of(other, "visit")
    given = with_layers(site, extra(place_rules=pipe))
    assert "plans of utilities" not in report_of(given, "visit")
    assert report_of(given, "source")["own place rules"] == (
        "1 pipe, cable or manhole, from own.gpkg"
    )


def test_layers_of_another_name_are_refused(site):
    with pytest.raises(InputError, match=r"own.gpkg: layers solids can't be added"):
        with_layers(site, extra(solids=site.solids))


def test_no_layer_changes_nothing(site):
    assert site_hash(with_layers(site, extra())) == site_hash(site)
    empty = extra(deliveries=deliveries((5, 5)).iloc[:0])
    assert site_hash(with_layers(site, empty)) == site_hash(site)


def test_an_added_layer_changes_the_fingerprint(site):
    other = with_layers(site, extra(deliveries=deliveries((5, 5))))
    assert site_hash(other) != site_hash(site)


def test_every_layer_comes_back_from_a_file_and_on_to_the_surface(site, tmp_path):
    full = with_layers(
        site,
        extra(
            place_rules=rules([box(0, 0, 2, 2)], price=[400.0]),
            deliveries=deliveries((5, 5)),
            crowds=crowd(box(-5, -5, 5, 5)),
        ),
    )
    again = read_site(write_site(full, tmp_path / "SITE.gpkg"))
    assert site_hash(again) == site_hash(full)
    assert again.place_rules["source"].tolist() == full.place_rules["source"].tolist()
    surface = build_surface(again)
    for name in ("place_rules", "desire_lines", "deliveries", "crowds", "demands"):
        assert len(getattr(surface, name)) == len(getattr(full, name)) > 0


def test_a_site_that_was_read_from_a_file_takes_layers_too(site, tmp_path):
    own = extra(deliveries=deliveries((5, 5)), place_rules=rules([box(0, 0, 2, 2)]))
    again = with_layers(read_site(write_site(site, tmp_path / "SITE.gpkg")), own)
    direct = with_layers(site, own)
    assert site_hash(again) == site_hash(direct)
    assert report_of(again, "source") == report_of(direct, "source")

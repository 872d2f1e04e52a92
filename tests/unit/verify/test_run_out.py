"""Run-out, place rules, the planner's hand and foreign ratings before the judge."""

import geopandas as gpd
import pytest
from shapely import affinity, box

from sbd.catalogue.products import load_products
from sbd.model.request import Hand, PlanRequest
from sbd.model.verdict import Standing
from sbd.verify import judge_layout, prepare_footprints
from tests.judged import check, layer, one_gap, town, with_layers

DEEP = next(p for p in load_products() if p.product_id == "bollard-deep-n2-64")
ROW = one_gap(1.1).assign(product_id=DEEP.product_id)  # at x = 50 to 51


def crowd(x):
    return layer([box(x, 20, x + 10, 40)], people=[100.0], name=["the stage"])


@pytest.mark.parametrize(("off_m", "clear"), [(5.01, True), (5.0, False)])
def test_no_crowd_stands_within_the_run_out_of_a_unit(off_m, clear):
    site = with_layers(town(), crowds=crowd(51 + off_m))
    verdict = judge_layout(site, ROW.assign(penetration_m=5.0))
    found = check(verdict, "run_out")
    assert found.passes is clear
    if clear:
        assert found.note == "1 crowds; 0.01 m to spare behind L1, the nearest"
    else:
        assert "the stage is 5.00 m from L1 at x 56.0" in found.note


def test_run_out_is_that_of_the_product_where_the_unit_says_none():
    reach_m = DEEP.run_out_m
    for off_m, clear in ((reach_m + 0.01, True), (reach_m - 0.01, False)):
        site = with_layers(town(), crowds=crowd(51 + off_m))
        verdict = judge_layout(site, ROW, products=load_products())
        assert check(verdict, "run_out").passes is clear


def test_a_run_out_that_nobody_states_is_a_condition():
    site = with_layers(town(), crowds=crowd(70))
    verdict = judge_layout(site, ROW)
    assert any(
        text.startswith("run-out: how far a vehicle comes past L1 is not")
        for text in verdict.conditions
    )


def test_without_crowds_the_ground_to_keep_clear_is_measured():
    # The zone begins at x = 65. A run-out of 16 m from x = 51 takes 2 m of the 8 m in front of
    # the row and two circle sectors beside them.
    verdict = judge_layout(town(), ROW.assign(penetration_m=16.0))
    text = next(text for text in verdict.conditions if text.startswith("run-out:"))
    # x from 65 to 67 for y from 26 to 34: 16 m2. Beside: the part of a disc of 16 m beyond
    # 14 m, half of it on each side: (16² acos(14/16) - 14 sqrt(16² - 14²)) = 20.9 m2.
    area_m2 = int(text.split()[1])
    assert area_m2 == pytest.approx(16 + 20.9, abs=1.0)
    assert "keep crowds out of it" in text
    assert verdict.standing is Standing.CONDITIONAL
    near = judge_layout(town(), ROW.assign(penetration_m=13.0))
    assert not any(text.startswith("run-out:") for text in near.conditions)


def rules(shape, **columns):
    filled = {"effect": "forbid", "price": 0.0, "deepest_foundation": "", **columns}
    return layer(
        [shape],
        place_rule_id=["r1"],
        kind=["tree_root"],
        standing=["measured"],
        **{name: [value] for name, value in filled.items()},
    )


@pytest.mark.parametrize(("into_m", "fine"), [(0.01, True), (0.03, False)])
def test_no_unit_stands_on_ground_that_is_forbidden(into_m, fine):
    # Overlaps below 2 cm come from drawing.
    root = box(51 - into_m, 27, 55, 28)
    found = check(judge_layout(with_layers(town(), place_rules=rules(root)), ROW), "place")
    assert found.passes is fine
    if not fine:
        assert "L1-01 (at x 50.5, y 27.7) stands on tree root r1" in found.note


@pytest.mark.parametrize(("allowed", "fine"), [("C", True), ("B", False), ("A", False)])
def test_no_foundation_is_deeper_than_the_ground_allows(allowed, fine):
    assert DEEP.foundation == "C"
    ground = rules(box(45, 26, 55, 30), effect="price", deepest_foundation=allowed)
    site = with_layers(town(), place_rules=ground)
    verdict = judge_layout(site, ROW, products=load_products())
    found = check(verdict, "place")
    assert found.passes is fine
    if not fine:
        assert (
            f"L1-01 (at x 50.5, y 27.7) has foundation C on tree root r1, which allows {allowed}"
            in (found.note)
        )


def test_a_foundation_that_nobody_knows_is_a_condition():
    ground = rules(box(45, 26, 55, 30), effect="price", deepest_foundation="B")
    verdict = judge_layout(with_layers(town(), place_rules=ground), ROW)
    assert check(verdict, "place").passes is True
    assert any(text.startswith("place: the foundation of L1-01") for text in verdict.conditions)


def test_pinned_units_stand_as_drawn():
    hand = Hand(pinned=ROW.iloc[:1])
    verdict = judge_layout(town(), ROW, request=PlanRequest(hand=hand))
    assert check(verdict, "hand").passes is True
    moved = ROW.set_geometry([affinity.translate(shape, 0.02, 0.0) for shape in ROW.geometry])
    found = check(judge_layout(town(), moved, request=PlanRequest(hand=hand)), "hand")
    assert found.passes is False
    assert found.note == "no unit stands where one was pinned at x 50.5, y 27.7"


def test_no_unit_stands_where_the_planner_forbade_it():
    request = PlanRequest(hand=Hand(forbidden=box(40, 30, 60, 34)))
    found = check(judge_layout(town(), ROW, request=request), "hand")
    assert found.passes is False
    assert found.note == "L1-02 (at x 50.5, y 32.3) stands on ground that the planner forbade"


STRUCK = {"vehicle": "N2A", "mass_kg": 7200.0, "speed_kmh": 48.0, "energy_kj": 640.0}


def told(**columns):
    return prepare_footprints(
        layer(one_gap(1.1).geometry, **{n: [v, v] for n, v in columns.items()}), town().crs
    )


def test_a_foreign_layout_that_says_all_is_judged_by_what_it_says():
    rated = {"rated_vehicle": "N2A", "rated_mass_kg": 7200.0, "kind": "fixed_bollard"}
    good = judge_layout(town(), told(**STRUCK, **rated, rated_speed_kmh=48.0))
    assert check(good, "strength").holds
    weak = judge_layout(town(), told(**STRUCK, **rated, rated_speed_kmh=32.0))
    assert "the unit was tested to 284 kJ" in check(weak, "strength").note


def test_a_foreign_layout_may_name_its_product():
    table = told(**STRUCK, product_id=DEEP.product_id)
    verdict = judge_layout(town(), table, products=load_products())
    assert check(verdict, "strength").holds


def test_what_a_foreign_layout_does_not_say_is_a_condition():
    def conditions(**columns):
        verdict = judge_layout(town(), told(**columns), products=load_products())
        return [text for text in verdict.conditions if text.startswith(("strength", "run-out"))]

    nothing = conditions()
    assert nothing[0].startswith("run-out: how far a vehicle comes past line-1 is not stated")
    assert nothing[1] == "strength: no ratings were given, only the gaps were judged"
    assert conditions(product_id=DEEP.product_id)[1:] == [
        "strength: 2 of 2 units do not say what strikes them "
        "(vehicle, mass_kg, speed_kmh, energy_kj)"
    ]
    assert conditions(**STRUCK, penetration_m=1.0)[0].startswith(
        "strength: 2 of 2 units do not say what they were tested with"
    )


def test_a_foreign_file_in_degrees_keeps_what_it_says(tmp_path):
    file = tmp_path / "theirs.geojson"
    ROW.assign(penetration_m=13.99).to_crs(4326).to_file(
        file, driver="GeoJSON", layer_options={"COORDINATE_PRECISION": 9}
    )
    table = prepare_footprints(gpd.read_file(file), town().crs)
    verdict = judge_layout(town(), table, products=load_products())
    assert check(verdict, "threat").passes is False
    assert not any(text.startswith("run-out") for text in verdict.conditions)

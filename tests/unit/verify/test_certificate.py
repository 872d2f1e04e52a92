"""A certificate proves what it says to a checker that knows nothing of us, and only that."""

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, affinity, box
from shapely.geometry import mapping, shape

from sbd.errors import InputError
from sbd.verify import certify, judge_layout
from sbd.verify import check_certificate as checker
from tests.judged import BLOCKS, STUDY, WALLS, check, layer, one_gap, row, town, units

POSTS = row(6)[0]
HONEST = certify(town(), POSTS)


def resealed(certificate):
    """Return a forgery: changed, and sealed as if it had been made so."""
    return {**certificate, "sha256": checker.seal(certificate)}


def forged(change):
    certificate = copy.deepcopy(HONEST)
    change(certificate)
    return resealed(certificate)


def obstacle(certificate, kind, name):
    return next(row for row in certificate["obstacles"] if (row["kind"], row["id"]) == (kind, name))


def moved(row, east_m, north_m):
    row["geometry"] = json.loads(
        json.dumps(mapping(affinity.translate(shape(row["geometry"]), east_m, north_m)))
    )


@pytest.mark.parametrize(
    ("site", "footprints"),
    [
        (town(), POSTS),
        (town(), one_gap(1.2)),
        (town(), units(*(box(50, y, 51, y + 1) for y in range(26, 34)))),
        (town(), units(box(50, 25, 50.2, 35))),
        (town((*BLOCKS, *WALLS, box(20, 26, 21, 29.5), box(20, 30.5, 21, 34))), units()),
        (
            town(zone=box(64, 5, 95, 55), streets=[(LineString([(62, 5), (62, 55)]), 4.0)]),
            units(*(box(63.95, 6.0 + 1.3 * k, 64.15, 6.2 + 1.3 * k) for k in range(38))),
        ),
        (
            town((), zone=box(45, 25, 55, 35), entries=(LineString(STUDY.exterior.coords),)),
            units(box(40, 20, 60, 40).difference(box(41, 21, 59, 39))),
        ),
        (town(zone=box(94.45, 10, 95, 50)), one_gap(1.1)),
    ],
    ids=["row", "limit", "butted", "wall", "nature", "kerb", "ring", "strip"],
)
def test_an_honest_certificate_is_a_proof(site, footprints):
    certificate = json.loads(json.dumps(certify(site, footprints)))
    assert checker.faults_of(certificate) == []


def test_a_layout_that_leaks_gets_none():
    with pytest.raises(InputError, match=r"1\.500 m, between L1-01 and L1-02"):
        certify(town(), one_gap(1.5))


def test_the_checker_finds_the_gaps_of_the_verdict_in_the_certificate():
    listed = {round(gap["width_m"] * 1000, 1) for gap in HONEST["gaps"]}
    assert set(judge_layout(town(), POSTS).gaps["width_mm"]) <= listed


def test_any_change_breaks_the_seal():
    certificate = {**HONEST, "site": "another town"}
    assert checker.faults_of(certificate) == ["changed after sealing"]


def widen_a_gap(certificate):
    gap = certificate["gaps"][0]
    (x, y), end = gap["geometry"]["coordinates"]
    gap["geometry"]["coordinates"] = [[x + 2.0, y], end]
    gap["width_m"] = shape(gap["geometry"]).length


def understate_a_gap(certificate):
    certificate["gaps"][0]["width_m"] -= 0.01


def rename_an_owner(certificate):
    certificate["gaps"][0]["between"][0]["id"] = "nobody"


def remove_a_unit(certificate):
    certificate["obstacles"].remove(obstacle(certificate, "unit", "L1-03"))


def remove_a_unit_and_its_gaps(certificate):
    remove_a_unit(certificate)
    certificate["gaps"] = [
        gap for gap in certificate["gaps"] if {"kind": "unit", "id": "L1-03"} not in gap["between"]
    ]


def move_a_unit(certificate):
    moved(obstacle(certificate, "unit", "L1-03"), 0.0, 0.3)


def move_a_building(certificate):
    moved(obstacle(certificate, "solid", "s1"), 0.0, -0.3)


def remove_a_building(certificate):
    certificate["obstacles"].remove(obstacle(certificate, "solid", "s2"))


def cut_the_curve(certificate):
    # The gaps between two posts, all of them: the way is free, every gap left is in order.
    pair = certificate["gaps"][0]["between"]
    ends = [{"kind": "unit", "id": "L1-03"}, {"kind": "unit", "id": "L1-04"}]
    assert pair != ends
    certificate["gaps"] = [
        gap for gap in certificate["gaps"] if not all(end in gap["between"] for end in ends)
    ]


def move_the_zone_into_the_street(certificate):
    certificate["zone"] = [json.loads(json.dumps(mapping(box(30, 28, 40, 32))))]


def move_a_source_into_the_zone(certificate):
    certificate["sources"][0] = json.loads(json.dumps(mapping(box(70, 28, 80, 32))))


def narrow_the_width(certificate):
    certificate["width_m"] = 0.9


def move_the_zone_where_nothing_leads(certificate):
    certificate["zone"] = [json.loads(json.dumps(mapping(box(10, 5, 20, 15))))]


def no_zone(certificate):
    certificate["zone"] = []


def units_as_solids(certificate):
    certificate["obstacles"].append(copy.deepcopy(certificate["obstacles"][0]))


def another_version(certificate):
    certificate["version"] = 2


def no_gaps_key(certificate):
    del certificate["gaps"]


def a_gap_of_no_number(certificate):
    certificate["gaps"][0]["width_m"] = float("nan")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (widen_a_gap, "wider than 1.2 m"),
        (understate_a_gap, "are stated"),
        (rename_an_owner, "does not reach"),
        (remove_a_unit, "does not reach unit L1-03"),
        (remove_a_unit_and_its_gaps, "a way from source"),
        (move_a_unit, "does not reach unit L1-03"),
        (move_a_building, "does not reach solid s1"),
        (remove_a_building, "a way from source"),
        (cut_the_curve, "a way from source"),
        (move_the_zone_into_the_street, "a way from source"),
        (move_a_source_into_the_zone, "a way from source"),
        (narrow_the_width, "wider than 0.9 m"),
        (move_the_zone_where_nothing_leads, "nothing to prove"),
        (no_zone, "nothing to prove"),
        (units_as_solids, "listed twice"),
        (another_version, "version 1"),
        (no_gaps_key, "can't be read: KeyError 'gaps'"),
        (a_gap_of_no_number, "nan m are stated"),
    ],
)
def test_a_forgery_is_found_though_it_is_sealed(change, words):
    assert words in "; ".join(checker.faults_of(forged(change)))


offsets = st.floats(-0.6, 0.6, allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(POSTS) - 1), offsets, offsets)
def test_a_moved_unit_is_found_or_moves_nothing_that_matters(number, east_m, north_m):
    def move(certificate):
        moved(obstacle(certificate, "unit", POSTS["unit_id"][number]), east_m, north_m)

    if checker.faults_of(forged(move)):
        return
    shapes = list(POSTS.geometry)
    shapes[number] = affinity.translate(shapes[number], east_m, north_m)
    assert check(judge_layout(town(), units(*shapes)), "threat").passes is False


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_no_part_of_the_row_can_be_left_out(data):
    # One row: without any one of its gaps there is a way.
    number = data.draw(st.integers(0, len(POSTS)))
    ends = [*POSTS.sort_values("unit_id").geometry]
    low = 26.0 if number == 0 else ends[number - 1].bounds[3]

    def cut(certificate):
        certificate["gaps"] = [
            gap for gap in certificate["gaps"] if abs(shape(gap["geometry"]).bounds[1] - low) > 1e-6
        ]

    assert "a way from source" in "; ".join(checker.faults_of(forged(cut)))


@settings(max_examples=20, deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), st.lists, max_leaves=4))
def test_rubbish_in_any_place_is_an_answer_and_no_crash(rubbish):
    for key in HONEST:
        faults = checker.faults_of(resealed({**HONEST, key: rubbish}))
        # Names prove nothing; anything but "closed by nature" asks for more.
        harmless = key in {"site", "attribution", "crs", "sha256", "closed_by_nature"}
        assert harmless or faults or rubbish == HONEST[key]


FLOW = {
    "currency": "EUR",
    "source": 0,
    "sink": 3,
    "arcs": [[0, 1, 500, 300], [0, 2, 200, 200], [1, 3, 300, 300], [2, 3, 900, 200]],
    "value": 500,
    "cost": 500,
}


def test_a_flow_as_large_as_the_cost_shows_that_nothing_is_cheaper():
    assert checker.faults_of(certify(town(), POSTS, bound=FLOW)) == []


def test_an_arc_may_tell_where_its_chord_is():
    arcs = [[*arc, 50.0, 26.0, 50.0, 34.0] for arc in FLOW["arcs"]]
    assert checker.faults_of(certify(town(), POSTS, bound={**FLOW, "arcs": arcs})) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"arcs": [[0, 3, 100, 500]]}, "a flow of 500 where 100 is the cost"),
        ({"arcs": [[0, 1, 500, 500], [1, 3, 500, 400]]}, "lost or made"),
        ({"value": 499}, "499 is stated"),
        ({"cost": 400}, "the cost 400"),
        # A bound that is made up: more flow than comes in, a dearer arc, an arc left out.
        ({"value": 600, "cost": 600}, "600 is stated"),
        ({"arcs": [*FLOW["arcs"][:3], [2, 3, 900, 300]]}, "lost or made"),
        ({"arcs": FLOW["arcs"][1:]}, "lost or made"),
        ({"arcs": [[0, 3, 500, -500]], "value": -500}, "a flow of -500"),
    ],
)
def test_a_flow_that_is_none_is_found(change, words):
    assert words in "; ".join(checker.faults_of(certify(town(), POSTS, bound={**FLOW, **change})))


def test_the_script_runs_alone_and_says_what_is_wrong(tmp_path):
    script = tmp_path / "check.py"
    script.write_text(Path(checker.__file__).read_text(encoding="utf-8"), encoding="utf-8")

    def run(certificate):
        file = tmp_path / "certificate.json"
        file.write_text(json.dumps(certificate), encoding="utf-8")
        return subprocess.run(
            [sys.executable, script, file], capture_output=True, text=True, check=False
        )

    honest, forgery = run(HONEST), run(forged(cut_the_curve))
    assert (honest.returncode, honest.stdout.split()[0]) == (0, "PROVEN")
    assert forgery.returncode == 1
    assert "NOT PROVEN  a way from source" in forgery.stdout
    assert run([]).returncode == 1


def test_the_script_imports_shapely_and_the_standard_library_only():
    tree = ast.parse(Path(checker.__file__).read_text(encoding="utf-8"))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert names - set(sys.stdlib_module_names) == {"shapely"}


def test_ids_of_units_and_solids_may_be_the_same():
    table = layer(POSTS.geometry, unit_id=["s1", "s2", "s3", "rim", "5", "6"], line_id=["L1"] * 6)
    assert checker.faults_of(certify(town(), table)) == []

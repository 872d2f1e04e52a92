"""Drawn layouts with known answers before the judge."""

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from sbd.errors import CrsError, InputError, ZoneError
from sbd.model.verdict import Standing
from sbd.verify import judge_layout
from tests.judged import BLOCKS, ENTRY, STUDY, WALLS, check, layer, moved, one_gap, row, town, units


def threat(site, footprints, **options):
    return check(judge_layout(site, footprints, **options), "threat")


@pytest.mark.parametrize(("gap_m", "gets_in"), [(1.15, False), (1.2, False), (1.2005, True)])
def test_a_gap_of_exactly_the_width_is_shut_and_half_a_millimetre_more_is_open(gap_m, gets_in):
    assert threat(town(), one_gap(gap_m)).passes is gets_in


def test_a_gap_too_close_to_the_limit_to_call_fails():
    # Within 0.1 mm of what counts as open, method B can't decide; no answer is no pass.
    found = threat(town(), one_gap(1.20025))
    assert found.passes is None
    assert not found.holds
    assert "L1-01 and L1-02" in found.note


@pytest.mark.parametrize(("gap_m", "gets_in"), [(1.15, False), (1.25, True)])
def test_a_natural_gap_closes_a_street_only_below_the_width(gap_m, gets_in):
    narrow = (box(20, 26, 21, 30 - gap_m / 2), box(20, 30 + gap_m / 2, 21, 34))
    verdict = judge_layout(town((*BLOCKS, *WALLS, *narrow)), units())
    assert check(verdict, "threat").passes is gets_in
    assert check(verdict, "control").passes is gets_in


def test_a_place_that_nature_closes_needs_no_unit_and_says_so():
    narrow = (box(20, 26, 21, 29.5), box(20, 30.5, 21, 34))  # one metre left
    verdict = judge_layout(town((*BLOCKS, *WALLS, *narrow)), units())
    assert verdict.holds
    assert "closed by nature" in check(verdict, "control").note
    assert "1.000 m, between solid" in check(verdict, "control").note
    assert verdict.gaps[["between", "width_mm"]].to_numpy().tolist() == [["solid | solid", 1000.0]]


def test_no_unit_at_all_lets_the_threat_in_and_the_verdict_fails():
    verdict = judge_layout(town(), units())
    assert check(verdict, "control").passes is True
    assert check(verdict, "threat").passes is True
    assert verdict.standing is Standing.FAILS


def test_a_site_without_sources_makes_the_verdict_void():
    verdict = judge_layout(town(entries=()), one_gap(1.0))
    assert not check(verdict, "control").holds
    assert "void" in check(verdict, "control").note
    assert verdict.standing is Standing.FAILS


def test_an_entry_counts_though_it_is_a_line_without_area():
    far_off_rim = LineString([(10, 26), (10, 34)])  # inside the study area
    for entry in (ENTRY, far_off_rim, LineString([(-0.3, 26), (-0.3, 34)])):
        assert threat(town(entries=(entry,)), units()).passes is True
        assert threat(town(entries=(entry,)), one_gap(1.0)).passes is False


def test_a_street_that_stays_open_counts_though_it_has_no_width():
    along = LineString([(5, 30), (40, 30)])
    assert threat(town(entries=(), streets=[(along, 0.0)]), units()).passes is True


def test_the_rim_between_the_entries_is_shut():
    # The east wall is gone: ground runs free to the rim, but no vehicle comes in there.
    open_east = town((*BLOCKS, *WALLS[:2]), study=box(0, 0, 95, 60))
    assert threat(open_east, one_gap(1.0)).passes is False


def test_a_row_that_ends_at_the_rim_is_driven_around():
    rim = LineString([(0, 0), (0, 60)])
    site = town(WALLS, entries=(rim,), study=box(0, 5, 100, 55))
    # From the south rim to the north rim, 2 m into the map; all of the west rim is an entry.
    assert threat(site, units(box(2, 5, 2.5, 55))).passes is False
    # The north rim west of the row is one as well, and so is the north rim behind it.
    north = LineString([(0, 55), (60, 55)])
    site = town(WALLS, entries=(rim, north), study=box(0, 5, 100, 55))
    assert threat(site, units(box(2, 5, 2.5, 55))).passes is True


def test_a_bend_without_a_post_is_open_and_with_a_post_shut():
    # Two rows meet at a corner; each ends 1.15 m short of it, so the ends are
    # 1.15 * sqrt(2) = 1.63 m apart.
    square = town(WALLS, entries=(LineString([(0, 0), (0, 60)]),), zone=box(65, 30, 90, 50))
    west = [box(50, y, 50.2, y + 0.2) for y in np.arange(21.15, 60, 1.3)]
    south = [box(x, 20, x + 0.2, 20.2) for x in np.arange(51.35, 95, 1.3)]
    assert threat(square, units(*west, *south)).passes is True
    assert threat(square, units(*west, *south, box(50, 20, 50.2, 20.2))).passes is False


def test_a_courtyard_is_reached_through_its_archway_only():
    walls = box(62, 7, 93, 53).difference(box(64, 9, 91, 51))
    archway = box(61, 28, 65, 32)
    shut = town((*BLOCKS, *WALLS, walls))
    assert "closed by nature; shut; no way" in check(judge_layout(shut, units()), "control").note
    arched = town((*BLOCKS, *WALLS, walls.difference(archway)))
    assert threat(arched, units()).passes is True
    posts = [box(62.5, y, 62.7, y + 0.2) for y in (29.0, 30.3)]  # gaps 1.0, 1.1, 1.5 m
    assert threat(arched, units(*posts)).passes is True
    posts = [box(62.5, y, 62.7, y + 0.2) for y in (29.0, 30.8)]  # gaps 1.0, 1.6, 1.0 m
    assert threat(arched, units(*posts, box(62.5, 29.9, 62.7, 30.1))).passes is False


@pytest.mark.parametrize("slit_m", [0.0, 1e-16, 1e-9, 1e-5])
def test_butted_units_and_touching_buildings_leave_no_slit(slit_m):
    butted = [box(50, y, 51, y + 1 - slit_m) for y in range(26, 34)]
    verdict = judge_layout(town(), units(*butted))
    assert check(verdict, "threat").passes is False
    assert verdict.gaps.empty
    # A house across the street, drawn as two that touch.
    houses = (box(20, 26, 30, 30 - slit_m), box(20, 30, 30, 34))
    assert threat(town((*BLOCKS, *WALLS, *houses)), units()).passes is False


def test_a_row_on_a_slant_whose_feet_miss_the_wall_by_rounding_is_shut():
    # Coordinates far from the origin have no digits left below a nanometre.
    far = np.array([6_671_700.1 / 7, 385_900.3 / 3])
    angle = np.deg2rad(33.3)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    site, shapes = moved(town(), one_gap(1.2), lambda xy: xy @ turn + far)
    assert threat(site, shapes).passes is False
    site, shapes = moved(town(), one_gap(1.2005), lambda xy: xy @ turn + far)
    assert threat(site, shapes).passes is True


@pytest.mark.parametrize(("count", "gets_in"), [(90, True), (91, False)])
def test_posts_on_a_circle_stop_what_is_wider_than_their_chord(count, gets_in):
    # R = 20 m, r = 0.1 m: the gap is 2 R sin(pi / n) - 2 r: 1.196 m for 90 posts, 1.181 m for 91.
    centre, angle = np.array([50.0, 30.0]), 2 * np.pi * np.arange(count) / count
    spots = centre + 20 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    posts = [Point(spot).buffer(0.1, quad_segs=8) for spot in spots]
    rim = LineString(STUDY.exterior.coords)
    field = town((), zone=Point(centre).buffer(15), entries=(rim,))
    assert threat(field, units(*posts), threat_width_m=1.19).passes is gets_in


def test_a_zone_beside_a_street_that_stays_open_is_closed_along_the_kerb():
    kerb = LineString([(62, 5), (62, 55)])  # 4 m wide: from x = 60 to x = 64
    site = town(zone=box(64, 5, 95, 55), streets=[(kerb, 4.0)])
    assert threat(site, units()).passes is True
    posts = [box(63.95, y, 64.15, y + 0.2) for y in np.arange(6.0, 54.9, 1.3)]  # gaps 1.1 m
    verdict = judge_layout(site, units(*posts))
    assert check(verdict, "threat").passes is False
    assert check(verdict, "standing").holds
    assert threat(site, units(*posts[:20], *posts[21:])).passes is True


def test_a_carriageway_behind_a_wall_is_no_source():
    # 8 m of carriageway are drawn over a thin wall; behind it lies a closed yard, the zone.
    wall = box(62, 5, 62.3, 55)
    along = LineString([(60.5, 6), (60.5, 54)])
    site = town((*BLOCKS, *WALLS, wall), zone=box(66, 10, 90, 50), streets=[(along, 8.0)])
    assert threat(site, units()).passes is False


def test_a_zone_of_islands_between_streets_is_left_out_beside_a_square():
    # A strip of 1 m between two carriageways is a traffic island, not the place to protect.
    streets = [(LineString([(x, 5), (x, 55)]), 3.0) for x in (62.0, 66.0)]
    site = town(zone=box(60, 10, 90, 50), streets=streets)
    posts = [box(67.5, y, 67.7, y + 0.2) for y in np.arange(6.0, 54.9, 1.3)]
    assert threat(site, units(*posts)).passes is False


def test_a_zone_too_narrow_for_the_middle_of_a_vehicle_is_still_protected():
    strip = box(94.45, 10, 95, 50)  # 0.55 m along the east wall
    assert threat(town(zone=strip), units()).passes is True
    assert threat(town(zone=strip), one_gap(1.1)).passes is False


def test_a_zone_inside_a_building_can_not_be_judged():
    with pytest.raises(ZoneError, match="no part of it is free ground"):
        judge_layout(town(zone=box(5, 5, 20, 20)), units())


def test_a_note_names_the_opening_by_its_neighbours_and_its_width():
    found = threat(town(), one_gap(1.5))
    assert "1.500 m, between L1-01 and L1-02 at x 51" in found.note
    found = threat(town(), one_gap(1.1))
    assert found.note.startswith("shut; the widest way in is 1.100 m, between L1-01 and L1-02")


def test_gaps_are_listed_once_with_the_names_of_both_neighbours():
    posts, gap = row(6)  # (8 - 6 * 0.2) / 7 = 0.971 m
    gaps = judge_layout(town(), posts).gaps
    assert gaps["between"].tolist() == [
        "L1-01 | L1-02",
        "L1-01 | solid",
        "L1-02 | L1-03",
        "L1-03 | L1-04",
        "L1-04 | L1-05",
        "L1-05 | L1-06",
        "L1-06 | solid",
    ]
    assert gaps["width_mm"].tolist() == pytest.approx([gap * 1000] * 7, abs=0.06)
    assert shapely.length(gaps.geometry.to_numpy()) == pytest.approx([gap] * 7, abs=1e-6)


def test_one_unit_between_two_walls_has_a_gap_on_either_side():
    lane = (box(20, 26, 21, 29), box(20, 31, 21, 34))  # two metres left
    gaps = judge_layout(town((*BLOCKS, *WALLS, *lane)), units(box(20.4, 29.8, 20.6, 30.2))).gaps
    assert gaps["between"].tolist() == ["L1-01 | solid", "L1-01 | solid"]
    assert gaps["width_mm"].tolist() == [800.0, 800.0]


def test_a_wheelchair_passes_nine_tenths_of_a_metre_and_no_less():
    posts, _ = row(6)  # 0.971 m
    assert check(judge_layout(town(), posts), "wheelchair").holds
    verdict = judge_layout(town(), one_gap(0.9))
    assert check(verdict, "wheelchair").passes is True
    verdict = judge_layout(town(), one_gap(0.89))
    assert check(verdict, "wheelchair").passes is False
    assert verdict.standing is Standing.FAILS


def test_a_part_of_the_zone_that_wheels_can_no_longer_reach_fails_with_its_area():
    # The zone has two parts; the way into the northern one is sealed.
    two = shapely.union(box(65, 10, 90, 25), box(65, 36, 90, 50))
    sealed = units(*one_gap(1.0).geometry, box(60, 34, 95, 35))
    found = check(judge_layout(town(zone=two), sealed), "wheelchair")
    assert found.passes is False
    assert "m² of the zone are cut off" in found.note


def lane(clear_m):
    """Two posts 0.2 m wide at the edges of a lane, and retractable ones in it."""
    half = clear_m / 2
    inside = [box(50, y, 50.2, y + 0.2) for y in np.linspace(30 - half, 30 + half, 5)[1:-1] - 0.1]
    beside = [
        box(50, 26, 51, 27.0),
        box(50, 33, 51, 34.0),
        box(50, 30 - half - 0.2, 50.2, 30 - half),
        box(50, 30 + half, 50.2, 30 + half + 0.2),
    ]
    return units(*beside, *inside, openable=(4, 5, 6))


@pytest.mark.parametrize(("clear_m", "gets_in"), [(3.5, True), (3.49, False)])
def test_an_engine_needs_its_width_between_the_edges_of_the_lane(clear_m, gets_in):
    verdict = judge_layout(town(), lane(clear_m), openable_wanted=1)
    assert check(verdict, "threat").passes is False
    assert check(verdict, "engine").passes is gets_in
    assert check(verdict, "engine:L1").passes is gets_in
    assert check(verdict, "openable").passes is gets_in
    assert verdict.holds is gets_in


def test_each_openable_line_is_asked_for_alone():
    # Two lines in a row: with both open an engine gets in, with one of them it does not.
    first = lane(3.5)
    second = lane(3.5).assign(
        line_id="L2",
        unit_id=[f"L2-{k}" for k in range(7)],
        geometry=lambda table: shapely.transform(
            table.geometry.to_numpy(), lambda xy: xy - [20, 0]
        ),
    )
    both = layer(
        [*first.geometry, *second.geometry],
        unit_id=[*first["unit_id"], *second["unit_id"]],
        line_id=[*first["line_id"], *second["line_id"]],
        openable=[*first["openable"], *second["openable"]],
    )
    verdict = judge_layout(town(), both, openable_wanted=1)
    assert check(verdict, "engine").holds
    assert check(verdict, "engine:L1").passes is False
    assert check(verdict, "engine:L2").passes is False
    assert check(verdict, "openable").note == "0 of 2 openable lanes"
    assert not verdict.holds


def test_two_lanes_of_one_line_count_as_two():
    # A square in the open: one ring of blocks with a lane of 4 m in its west and its east side.
    ring = box(40, 20, 60, 40).difference(box(41, 21, 59, 39))
    west, east = box(39, 28, 42, 32), box(58, 28, 61, 32)
    lanes = [box(x, y, x + 0.2, y + 0.2) for x in (40.4, 59.4) for y in (28.9, 29.9, 30.9)]
    table = units(ring.difference(west.union(east)), *lanes, openable=(1, 2, 3, 4, 5, 6))
    site = town((), zone=box(45, 25, 55, 35), entries=(LineString(STUDY.exterior.coords),))
    verdict = judge_layout(site, table, openable_wanted=2)
    assert check(verdict, "engine:L1/1").passes is True
    assert check(verdict, "engine:L1/2").passes is True
    assert verdict.holds


def test_too_few_openable_lines_fail():
    verdict = judge_layout(town(), lane(3.5), openable_wanted=2)
    assert check(verdict, "engine").holds
    assert not check(verdict, "openable").holds


def test_a_spare_gate_too_narrow_for_an_engine_is_a_condition_not_a_fault():
    # The east wall has a wicket for bicycles, shut by one retractable.
    wicket = box(95, 29, 100, 31)
    site = town(
        (*BLOCKS, *WALLS[:2], WALLS[2].difference(wicket)),
        entries=(ENTRY, LineString([(100, 29), (100, 31)])),
    )
    table = lane(3.5)
    gate = layer(
        [*table.geometry, box(97, 29.9, 97.2, 30.1)],
        unit_id=[*table["unit_id"], "L2-01"],
        line_id=[*table["line_id"], "L2"],
        openable=[*table["openable"], True],
    )
    verdict = judge_layout(site, gate, openable_wanted=1)
    assert verdict.standing is Standing.CONDITIONAL
    assert "engine:L2: opens, but not for 3.5 m" in verdict.conditions


def test_without_openable_crossings_the_fire_service_is_a_condition():
    verdict = judge_layout(town(), one_gap(1.0))
    assert verdict.standing is Standing.CONDITIONAL
    assert any("agree with the fire service" in text for text in verdict.conditions)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (box(50, 25, 51, 27), "X stands in solid s1"),
        (box(10, 29, 11, 30), "X stands on Main Street, which stays open"),
        (box(50.5, 28, 51.5, 28.2), "L1-01 and X stand in each other"),
    ],
)
def test_units_that_can_not_stand_are_named(shape, words):
    table = one_gap(1.0)
    table = layer(
        [*table.geometry, shape], unit_id=[*table["unit_id"], "X"], line_id=["L1", "L1", "L2"]
    )
    site = town(streets=[(LineString([(0, 30), (20, 30)]), 6.0)])
    found = check(judge_layout(site, table), "standing")
    assert found.passes is False
    assert words in found.note


def test_a_chicane_stands_on_its_street_and_is_to_be_agreed():
    table = one_gap(1.0)
    table = layer(
        [*table.geometry, box(10, 29, 11, 30)],
        unit_id=[*table["unit_id"], "C1.1-01"],
        line_id=["L1", "L1", "C1.1"],
        chicane=[None, None, True],
    )
    site = town(streets=[(LineString([(0, 30), (20, 30)]), 6.0)])
    verdict = judge_layout(site, table)
    assert check(verdict, "standing").passes is True
    assert any("chicanes C1.1 stand on streets" in text for text in verdict.conditions)


def test_units_outside_the_study_area_are_named_and_narrow_nothing():
    # A wall right outside the entry: beyond the rim nothing is known, so it closes nothing.
    verdict = judge_layout(town(), units(box(-2, -5, -0.001, 65)))
    assert check(verdict, "threat").passes is True
    assert "outside the study area" in check(verdict, "standing").note


def test_footprints_in_another_system_are_refused():
    with pytest.raises(CrsError, match="EPSG:32636; the site is in EPSG:32635"):
        judge_layout(town(), one_gap(1.0).set_crs(32636, allow_override=True))


@pytest.mark.parametrize("width_m", [0.0, -1.0, float("nan"), 50.0])
def test_a_width_that_is_none_is_refused(width_m):
    with pytest.raises(InputError, match="threat width"):
        judge_layout(town(), one_gap(1.0), threat_width_m=width_m)


def test_progress_is_told_and_can_stop_the_work():
    shares = []
    judge_layout(town(), one_gap(1.0), progress=lambda stage, share, note: shares.append(share))
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


def test_a_unit_may_have_a_hole_and_many_corners():
    ring = Polygon(box(50, 26, 52, 34).exterior, [box(50.5, 27, 51.5, 33).exterior])
    assert threat(town(), units(ring)).passes is False


def test_a_unit_drawn_as_a_needle_has_gaps_at_its_tip():
    # A triangle whose tip turns by almost half a circle; 1.1 m of the street are left beside it.
    needle = Polygon([(50, 26), (50.001, 26), (50.0005, 32.9)])
    verdict = judge_layout(town(), units(needle))
    assert check(verdict, "threat").passes is False
    assert verdict.gaps["width_mm"].tolist() == pytest.approx([1100.0], abs=0.3)
    shorter = Polygon([(50, 26), (50.001, 26), (50.0005, 32.7)])
    assert threat(town(), units(shorter)).passes is True

"""Drawn places with known answers, from the ground to units in place."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from sbd.barriers import propose_layout
from sbd.catalogue.products import load_products
from sbd.errors import CancelledError, InfeasiblePlanError, InputError
from sbd.model import tables
from sbd.model.request import PlanRequest
from sbd.progress import ignore
from tests.placed import Everywhere, lets_in, place, street_of

TOWN = box(0, 0, 100, 100)
BLOCKS = [box(0, 0, 40, 40), box(60, 0, 100, 40), box(0, 60, 40, 100), box(60, 60, 100, 100)]


def planned(surface, demand=None, *, products=None, progress=ignore, **wishes):
    request = PlanRequest(**wishes)
    return propose_layout(
        surface, demand or Everywhere(), request, products=products, progress=progress
    )


BOLLARDS = [p for p in load_products() if p.kind in ("fixed_bollard", "retractable_bollard")]


def gaps_mm(layout):
    units = layout.units
    return np.concatenate([units["gap_before_mm"], units["gap_after_mm"]])


def test_a_straight_street_is_shut_by_one_row_of_the_fewest_units():
    layout = planned(street_of(12.0), Everywhere(45.0), products=BOLLARDS)
    assert len(layout.barriers) == 1
    row = layout.barriers.iloc[0]
    assert row["length_m"] == pytest.approx(12.0, abs=0.01)
    # Bollards of 0.27 m with gaps to 1.18 m: ceil((12 - 1.18) / 1.45) = 8.
    assert row["units"] == 8
    assert (row["product_id"], row["strength"]) == ("bollard-shallow-n2a-48", "tested")
    # Even gaps: (12 - 8 * 0.27) / 9 = 1.093 m.
    assert gaps_mm(layout) == pytest.approx(np.full(16, 1093.0), abs=10.0)


@pytest.mark.parametrize("layout", ["permanent", "temporary"])
@pytest.mark.parametrize("openable", [0, 1])
def test_a_plan_is_shut_and_any_unit_taken_out_of_it_opens_it(layout, openable):
    surface = street_of(12.0)
    found = planned(surface, layout=layout, openable=openable).footprints
    assert lets_in(surface, [])
    assert not lets_in(surface, found.geometry)
    for number in range(len(found)):
        assert lets_in(surface, found.geometry.drop(number)), found["unit_id"][number]


def test_an_hourglass_is_shut_at_its_waist():
    waist = Polygon([(0, 5), (50, 5), (60, 18), (70, 5), (100, 5), (100, 0), (0, 0)])
    top = Polygon([(0, 35), (50, 35), (60, 22), (70, 35), (100, 35), (100, 40), (0, 40)])
    study = box(0, 0, 100, 40)
    wall = box(98, 5, 100, 35)
    layout = planned(place(study, [waist, top, wall], box(75, 5, 98, 35)))
    assert layout.barriers["length_m"].to_list() == pytest.approx([4.0], abs=0.01)


def test_pillars_on_a_circle_make_a_ring_of_short_lines():
    angles = 2 * np.pi * np.arange(12) / 12
    pillars = [Point(50 + 20 * np.cos(a), 50 + 20 * np.sin(a)).buffer(1.5) for a in angles]
    # A ring of its own around the zone would be 2 pi * 16 m = 100 m and more.
    surface = place(TOWN, pillars, Point(50, 50).buffer(16))
    layout = planned(surface)
    assert len(layout.barriers) == 12
    # Neighbours are 2 * 20 * sin(15 deg) = 10.35 m apart, less two radii of 1.5 m.
    assert layout.barriers["length_m"].max() == pytest.approx(7.35, abs=0.2)
    assert not lets_in(surface, layout.footprints.geometry)


@pytest.mark.parametrize(("between_m", "lines"), [(4.0, 1), (30.0, 2)])
def test_two_zones_get_one_ring_or_two_whichever_is_cheaper(between_m, lines):
    zone = MultiPolygon([box(20, 40, 35, 55), box(35 + between_m, 40, 50 + between_m, 55)])
    surface = place(TOWN, [], zone)
    layout = planned(surface)
    assert len(layout.barriers) == lines
    assert not lets_in(surface, layout.footprints.geometry)


def test_a_zone_at_the_edge_of_the_data_is_refused_by_the_name_of_the_entry():
    with pytest.raises(InfeasiblePlanError, match="edge of the data") as caught:
        planned(place(TOWN, BLOCKS, box(40, 40, 100, 60)))
    assert "Street" in str(caught.value)


def test_a_zone_beside_an_open_street_is_shut_along_the_kerb():
    avenue = box(0, 45, 100, 55)
    surface = place(TOWN, [], box(30, 55, 70, 80), streets=[avenue])
    layout = planned(surface)
    units = layout.footprints.geometry
    assert not lets_in(surface, units)
    # An edge of a carriageway is no better known than 0.15 m.
    assert units.intersection(avenue.buffer(-0.15)).area.max() == 0.0
    assert layout.barriers.intersection(avenue.buffer(-0.15)).length.max() == 0.0


def test_a_zone_cut_by_an_open_street_is_shut_on_both_sides_of_it():
    avenue = box(0, 45, 100, 55)
    surface = place(TOWN, [], box(30, 30, 70, 70), streets=[avenue])
    layout = planned(surface)
    assert len(layout.barriers) == 2
    assert not lets_in(surface, layout.footprints.geometry)


def test_a_zone_wholly_on_open_streets_is_refused():
    surface = place(TOWN, [], box(30, 46, 70, 54), streets=[box(0, 45, 100, 55)])
    with pytest.raises(InfeasiblePlanError, match="streets that stay open"):
        planned(surface)


@pytest.mark.parametrize(("gap_m", "lines"), [(1.15, 1), (1.2, 1), (1.2005, 2), (1.25, 2)])
def test_a_natural_gap_is_closed_as_it_is_up_to_the_widest_gap(gap_m, lines):
    # The street mouth is 12 m wide; a block leaves a slit beside the northern wall.
    block = box(20, 0, 40, 6 - gap_m)
    street = street_of(12.0)
    surface = place(street.study_area, [*street.solids.geometry, block], street.zone)
    layout = planned(surface)
    at_the_slit = layout.barriers.intersects(box(15, 6 - gap_m - 0.01, 45, 6.01))
    assert len(layout.barriers) == lines or not at_the_slit.any()
    assert not lets_in(surface, layout.footprints.geometry)


def test_a_slit_half_a_millimetre_too_wide_costs_a_unit():
    street = street_of(6.0)

    def cost(gap_m):
        block = box(0.5, -3, 59, 3 - gap_m)  # so long that no line can pass it by
        surface = place(street.study_area, [*street.solids.geometry, block], street.zone)
        return len(planned(surface).units)

    assert (cost(1.2), cost(1.2005)) == (0, 1)


def test_the_class_follows_the_side_that_is_attacked():
    # Fast from the west, slow from the east; the zone lies between two mouths.
    def speed(_, normals):
        return np.where(normals[:, 0] > 0, 75.0, 30.0)

    walls = [box(0, 0, 100, 40), box(0, 50, 100, 100)]
    surface = place(TOWN, walls, box(48, 40, 52, 50))
    lines = planned(surface, Everywhere(speed), products=BOLLARDS).barriers
    west, east = (lines[lines.centroid.x < 50].iloc[0], lines[lines.centroid.x > 50].iloc[0])
    assert (west["speed_kmh"], east["speed_kmh"]) == (75.0, 30.0)
    assert (west["rated_speed_kmh"], east["rated_speed_kmh"]) == (80.0, 48.0)


def test_the_line_goes_where_vehicles_are_slower():
    # Equal widths all along the street; a weaker class does for x in 10..20.
    def speed(points, _):
        return np.where((points[:, 0] > 10) & (points[:, 0] < 20), 45.0, 78.0)

    layout = planned(street_of(12.0), Everywhere(speed))
    assert 10 < layout.barriers.geometry.centroid.x[0] < 20
    assert layout.barriers["strength"].to_list() == ["tested"]


def test_a_gate_has_units_that_open_at_both_edges_and_a_clear_lane_between_the_fixed_ones():
    products = [p for p in load_products() if p.shape == "round"]
    surface = street_of(14.0)
    layout = planned(surface, openable=1, products=products)
    units = layout.units
    opens = units["openable"].to_numpy()
    first, last = np.flatnonzero(opens)[[0, -1]]
    assert opens[first : last + 1].all()  # nothing fixed stands in the lane
    assert set(units["kind"][opens]) == {"retractable_bollard"}
    fixed = layout.footprints.geometry[~opens]
    lane = shapely.distance(fixed[first - 1], fixed[last + 1])
    assert lane >= 4.0
    assert gaps_mm(layout).max() <= 1200.0
    assert not lets_in(surface, layout.footprints.geometry)
    assert lets_in(surface, fixed, width_m=3.5)


def test_a_gate_is_not_put_on_a_pocket():
    # The square opens to a yard by 8 m, and the yard to the street by 2 m only: an engine can't
    # come that way. The mouth in the east is 20 m wide and dear, and there the gate has to be.
    walls = [
        box(0, 0, 60, 40),
        box(0, 60, 60, 100),
        box(60, 0, 100, 30),
        box(60, 70, 100, 100),
        box(85, 30, 100, 40),
        box(85, 60, 100, 70),
        box(0, 40, 10, 49),  # the yard's way out is 2 m, from y = 49 to 51
        box(0, 51, 10, 60),
        box(45, 40, 48, 46),  # the yard's mouth to the square is 8 m
        box(45, 54, 48, 60),
    ]
    surface = place(TOWN, walls, box(62, 32, 80, 68))
    gate = planned(surface, openable=1)
    assert gate.units["openable"].sum() >= 1
    assert (gate.units.geometry.x[gate.units["openable"]] > 60).all()


def test_more_gates_than_there_is_room_for_are_refused_with_how_many_fit():
    with pytest.raises(InfeasiblePlanError, match="2 asked for, 1 possible"):
        planned(street_of(12.0), openable=2)
    with pytest.raises(InfeasiblePlanError, match="1 asked for, 0 possible"):
        planned(street_of(3.0), openable=1)


def test_lines_never_lean_on_the_rim():
    # The blocks north of the zone end at the rim; a line to the rim's corner would be shortest.
    surface = place(TOWN, [box(0, 0, 100, 40)], box(40, 41, 60, 60))
    layout = planned(surface)
    assert layout.barriers.distance(TOWN.boundary).min() > 1.0
    assert not lets_in(surface, layout.footprints.geometry)


def test_every_free_bend_has_a_unit_of_its_own():
    zone = Polygon([(30, 30), (70, 30), (50, 64.6)])
    surface = place(TOWN, [], zone)
    layout = planned(surface)
    corners = shapely.points(shapely.get_coordinates(zone)[:3])
    # The line keeps 0.5 to 1.1 m off the zone; mitred corners of 60 degrees stand off twice that.
    assert (layout.footprints.geometry.distance(corner).min() < 2.5 for corner in corners)
    assert gaps_mm(layout).max() <= 1200.0
    assert not lets_in(surface, layout.footprints.geometry)


def test_a_courtyard_that_nothing_reaches_needs_nothing():
    ring = box(20, 20, 80, 80).difference(box(40, 40, 60, 60))
    layout = planned(place(TOWN, [ring], box(42, 42, 58, 58)))
    assert (len(layout.barriers), len(layout.units), layout.cost_found) == (0, 0, 0.0)


def test_an_archway_is_shut_in_the_arch():
    ring = box(20, 20, 80, 80).difference(box(40, 40, 60, 60)).difference(box(48, 20, 52, 41))
    layout = planned(place(TOWN, [ring], box(42, 42, 58, 58)))
    assert layout.barriers["length_m"].to_list() == pytest.approx([4.0], abs=0.01)


def test_units_keep_off_trees():
    trees = [Point(30.0, y) for y in (-4.0, -1.0, 2.0, 5.0)]
    street = street_of(12.0, length_m=30.0)
    surface = place(street.study_area, list(street.solids.geometry), street.zone, trees=trees)
    layout = planned(surface)
    for tree in trees:
        assert layout.footprints.distance(tree).min() >= 0.44
    assert not lets_in(surface, layout.footprints.geometry)


def test_in_the_open_a_line_goes_around_a_fountain():
    fountain = box(48, 57, 52, 63)  # on the northern edge of the zone
    surface = place(TOWN, [], box(40, 40, 60, 60), trees=[fountain])
    layout = planned(surface)
    assert layout.footprints.intersection(fountain).area.max() < 1e-3
    assert layout.barriers.geometry[0].distance(fountain) > 0.2
    assert not lets_in(surface, layout.footprints.geometry)


def test_where_units_do_not_fit_the_line_moves():
    # A fountain 3 m wide stands in the narrow mouth; the wider street behind it is free.
    street = street_of(12.0)
    neck = [box(50, 4, 60, 6), box(50, -6, 60, -4)]
    fountain = Polygon([(50, -1.5), (60, -1.5), (60, 1.5), (50, 1.5)])
    surface = place(
        street.study_area, [*street.solids.geometry, *neck], street.zone, trees=[fountain]
    )
    layout = planned(surface)
    assert (layout.barriers.geometry.centroid.x < 50).all()
    assert not lets_in(surface, layout.footprints.geometry)


@pytest.mark.parametrize("slant_deg", [10, 25, 45, 70])
def test_acute_ends_at_slanting_walls_are_shut(slant_deg):
    # The street's north wall leans over the mouth.
    lean = 14.0 / np.tan(np.radians(slant_deg))
    wall = Polygon([(60, 6), (60 - lean, 20), (60, 20)])
    street = street_of(12.0)
    solids = [box(0, -20, 60, -6), wall, *list(street.solids.geometry)[2:]]
    surface = place(street.study_area, solids, street.zone)
    layout = planned(surface, layout="temporary")
    assert not lets_in(surface, layout.footprints.geometry)
    overlap = layout.footprints.intersection(shapely.union_all(solids)).area
    assert overlap.max() < 1e-3


def test_where_nothing_is_strong_enough_the_plan_says_so_and_what_is_missing():
    layout = planned(street_of(12.0), Everywhere(95.0), layout="temporary")
    row = layout.barriers.iloc[0]
    # 7200 kg at 95 km/h are 2 507 kJ; the strongest temporary product stops 1 852 kJ.
    assert row["strength"] == "short"
    assert row["energy_kj"] == pytest.approx(2507.0, abs=1.0)
    assert "N2A 7200 kg at 95 km/h" in row["proof_needed"]
    assert layout.cost_found < 1e6  # the price of last resort is no cost


def test_a_short_line_is_the_last_resort():
    # Vehicles are too fast for everything but at the western end, which is 12 m wide, not 6 m.
    def speed(points, _):
        return np.where(points[:, 0] < 20, 75.0, 95.0)

    street = street_of(12.0)
    neck = [box(20, 3, 60, 6), box(20, -6, 60, -3)]
    surface = place(street.study_area, [*street.solids.geometry, *neck], street.zone)
    layout = planned(surface, Everywhere(speed), layout="temporary")
    assert layout.barriers["strength"].to_list() == ["tested"]
    assert layout.barriers["length_m"].min() > 9.0


def test_what_was_tested_is_taken_before_what_needs_a_proof():
    products = [p for p in load_products() if p.product_id.startswith("bollard")]
    # 1500 kg at 78 km/h have 352 kJ: N2A 48 (640 kJ) is cheaper, N2A 80 is tested that fast.
    layout = planned(
        street_of(12.0), Everywhere(78.0, mass_kg=1500.0, name="M1"), products=products
    )
    cheapest = layout.barriers.iloc[0]
    # 4 800 * 1.25 = 6 000 EUR with a proof, 7 500 EUR tested: the proof is worth it here.
    assert (cheapest["product_id"], cheapest["strength"]) == ("bollard-shallow-n2a-48", "by_energy")
    assert cheapest["proof_needed"].startswith(
        "bollard-shallow-n2a-48: no published test with M1 1500 kg at 78 km/h, "
        "the length of the tested line is unknown"
    )


def test_the_same_place_gives_the_same_plan():
    surface = place(TOWN, BLOCKS, box(42, 42, 58, 58))
    one, other = planned(surface, openable=1), planned(surface, openable=1)
    assert one.units.equals(other.units)
    assert one.barriers.equals(other.barriers)


def test_tables_keep_their_contract_and_ids_belong_together():
    layout = planned(place(TOWN, BLOCKS, box(35, 35, 65, 65)), openable=1)
    tables.check_table(layout.barriers, tables.BARRIERS, "barriers")
    tables.check_table(layout.units, tables.UNITS, "units")
    tables.check_table(layout.footprints, tables.FOOTPRINTS, "footprints")
    assert layout.units["unit_id"].to_list() == layout.footprints["unit_id"].to_list()
    assert set(layout.units["line_id"]) == set(layout.barriers["line_id"])
    assert layout.footprints.contains(layout.units.geometry).all()
    counted = layout.units.groupby("line_id").size()
    assert (counted[layout.barriers["line_id"]].to_numpy() == layout.barriers["units"]).all()


def test_lines_are_numbered_clockwise_from_north():
    # Mouths in the north, east, south and west of a square that is shut at each of them.
    surface = place(TOWN, BLOCKS, box(30, 30, 70, 70))
    layout = planned(surface)
    middle = layout.barriers.geometry.interpolate(0.5, normalized=True)
    bearing = np.degrees(np.arctan2(middle.x - 50, middle.y - 50)) % 360
    assert (np.diff(bearing) > 0).all()
    assert layout.barriers["line_id"].to_list() == ["L1", "L2", "L3", "L4"]


def test_cost_ranges_add_up():
    layout = planned(street_of(12.0), Everywhere(45.0), products=BOLLARDS)
    row = layout.barriers.iloc[0]
    # 8 bollards at 3 600 to 6 000 EUR and 2 500 EUR once.
    assert (row["cost_low"], row["cost_high"]) == (8 * 3600 + 2500, 8 * 6000 + 2500)
    assert layout.cost_found == layout.cost_bound == 8 * 4800 + 2500


def test_unknown_layouts_and_negative_wishes_are_refused():
    with pytest.raises(InputError, match="summer"):
        planned(street_of(12.0), layout="summer")
    with pytest.raises(InputError, match="-1"):
        planned(street_of(12.0), openable=-1)


def test_progress_reaches_the_end_and_can_stop_the_work():
    shares = []
    planned(street_of(12.0), progress=lambda stage, share, note: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def stop(stage, share, note):
        raise CancelledError("stop")

    with pytest.raises(CancelledError):
        planned(street_of(12.0), progress=stop)


def test_a_line_shape_runs_through_its_units():
    layout = planned(place(TOWN, BLOCKS, box(42, 42, 58, 58)))
    ring: LineString = layout.barriers.geometry[0]
    assert layout.footprints.distance(ring).max() < 0.01

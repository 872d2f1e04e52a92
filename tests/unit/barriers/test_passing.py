"""Gaps on desire lines: as wide as the country asks, where people walk, or said to be missing."""

from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from sbd.barriers import propose_layout
from sbd.barriers.cost import offer_for
from sbd.barriers.fitting import FittedLine, fit_line
from sbd.barriers.lines import Line
from sbd.barriers.passing import clear_width_m
from sbd.barriers.runs import terrain
from sbd.catalogue.access_rules import access_rules
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError, InputError
from sbd.model.request import PlanRequest
from tests.placed import CRS, Everywhere, lets_in, place, street_of

STREET = street_of(12.0)  # along x from 0 to a zone at 60, between facades at y = -6 and 6
REACH_M = 1.0


def walked(*lines, surface=STREET):
    rows = [
        {"desire_id": f"D{n}", "kind": kind, "name": "", "geometry": line}
        for n, (kind, line) in enumerate(lines)
    ]
    return replace(surface, desire_lines=gpd.GeoDataFrame(rows, crs=CRS))


def planned(surface, *, country="FR", **wishes):
    request = PlanRequest(access=access_rules(country), **wishes)
    return propose_layout(surface, Everywhere(), request)


def along(y):
    return LineString([(-1, y), (61, y)])


def gaps_near(layout, y):
    """Clear widths of the gaps within reach of a height, unit to unit."""
    shapes = sorted(layout.footprints.geometry, key=lambda s: s.centroid.y)
    return [
        a.distance(b)
        for a, b in pairwise(shapes)
        if a.bounds[3] - REACH_M <= y <= b.bounds[1] + REACH_M
    ]


@pytest.mark.parametrize("y", [0.0, 0.43, 1.9, -3.3])
@pytest.mark.parametrize("openable", [0, 1])
def test_a_gap_of_exactly_the_limit_lies_on_the_desire_line(y, openable):
    surface = walked(("foot", along(y)))
    found = planned(surface, openable=openable)
    assert found.access_shortfalls == ()
    # France asks 1.20 m, and 1.20 m is what keeps a car out.
    assert max(gaps_near(found, y)) == pytest.approx(1.2, abs=1e-4)
    assert not lets_in(surface, found.footprints.geometry)


def test_each_of_two_lines_gets_the_width_of_its_kind():
    surface = walked(("foot", along(-2.0)), ("cycle", along(2.5)))
    found = planned(surface)
    assert found.access_shortfalls == ()
    assert max(gaps_near(found, -2.0)) >= 1.2 - 1e-4
    assert max(gaps_near(found, 2.5)) >= 1.1 - 1e-4
    assert not lets_in(surface, found.footprints.geometry)


def test_without_a_country_nothing_is_asked():
    request = PlanRequest()
    plain = propose_layout(STREET, Everywhere(), request)
    walked_on = propose_layout(walked(("foot", along(0.43))), Everywhere(), request)
    assert walked_on.footprints.geometry.equals(plain.footprints.geometry)


@pytest.mark.parametrize(("country", "kept"), [("IT", True), ("FR", False)])
def test_on_a_slanted_way_the_width_counts_across_it(country, kept):
    # 80 degrees off straight through the line, 20 after a turn: round posts of 0.27 m need
    # (0.9 + 0.27) / cos 20 - 0.27 = 0.98 m in Italy and 1.29 m in France, above the limit.
    surface = walked(("foot", LineString([(49.0, -5.67), (51.0, 5.67)])))
    request = PlanRequest(access=access_rules(country))
    bollards = [p for p in load_products() if p.kind == "fixed_bollard"]
    line = Line(
        vertices=np.array([(50.0, -6.0), (50.0, 6.0)]),
        members=(np.array([0]),),
        openable=np.array([False]),
        street_m=np.array([np.inf]),
        closed=False,
    )
    found = fit_line(
        line, Everywhere(), offer_for(bollards, request), terrain(surface, request.access)
    )
    assert isinstance(found, FittedLine)
    assert (found.narrow == ()) == kept
    if not kept:
        ((crossing, width_m),) = found.narrow
        assert crossing.desire.width_m == 1.2
        # The widest there is: (1.2 + 0.27) * cos 20 - 0.27 = 1.11 m.
        assert 0.7 < width_m < 1.12


def test_a_line_that_can_not_let_people_through_is_refused_with_place_and_widths():
    # 1.30 m can't be had where 1.20 m keeps a car out.
    asked = replace(access_rules("FR"), desire_width_m=1.3)
    surface, request = walked(("foot", along(0.0))), PlanRequest(access=asked)
    with pytest.raises(InfeasiblePlanError, match=r"D0: 1.30 m asked, and no .* 1.20 m") as no:
        propose_layout(surface, Everywhere(), request)
    (relaxed,) = no.value.relaxations
    assert (relaxed.asked, relaxed.possible) == (1.3, 1.2)
    accepted = replace(request, desire_widths_m={"D0": 1.2})
    found = propose_layout(surface, Everywhere(), accepted)
    assert max(gaps_near(found, 0.0)) == pytest.approx(1.2, abs=1e-4)


# A street of 12 m with a neck of 6 m in its middle, 1 m deep; people go across the neck so aslant
# that no gap of 1.20 m in it is wide enough: 75 degrees, 15 of them after a turn of 60.
NECK = [(-1.0, -2.6), (29.3, -2.6), (30.7, 2.6), (61.0, 2.6)]


def necked():
    neck = [box(29.5, 3, 30.5, 6), box(29.5, -6, 30.5, -3)]
    walls = [*STREET.solids.geometry, *neck]
    return place(STREET.study_area, walls, STREET.zone)


def test_where_a_gap_would_be_too_slanted_another_line_is_taken():
    plain, slanted = necked(), walked(("foot", LineString(NECK)), surface=necked())
    free = planned(plain)
    assert free.barriers.geometry.iloc[0].centroid.x == pytest.approx(30.0, abs=1.0)
    kept = planned(slanted)
    assert kept.proven
    assert kept.cost_found > free.cost_found
    x = np.array([shape.centroid.x for shape in kept.footprints.geometry])
    assert ((x < 29.0) | (x > 31.0)).all()
    assert not lets_in(slanted, kept.footprints.geometry)
    # Italy asks 0.90 m, which a slanted gap of 1.20 m has.
    assert planned(slanted, country="IT").cost_found == free.cost_found


def test_a_width_accepted_on_one_line_is_that_line_s_alone():
    surface = walked(("foot", LineString(NECK)), surface=necked())
    narrow = planned(surface, desire_widths_m={"D0": 0.9})
    assert narrow.cost_found == planned(necked()).cost_found
    assert planned(surface, desire_widths_m={"D0": 0.0}).cost_found == narrow.cost_found
    with pytest.raises(InputError, match="no desire line D7 here; there are D0"):
        planned(surface, desire_widths_m={"D7": 0.9})


def test_of_two_lines_only_the_one_in_the_way_is_named():
    surface = walked(("foot", along(0.0)), ("cycle", along(3.0)))
    asked = replace(access_rules("FR"), cycle_width_m=1.35)
    with pytest.raises(InfeasiblePlanError, match=r"desire line D1: 1.35 m asked") as no:
        propose_layout(surface, Everywhere(), PlanRequest(access=asked))
    assert [r.possible for r in no.value.relaxations] == [1.2]


def test_every_gap_keeps_the_clear_width_of_the_country():
    found = planned(STREET, country="UK")
    units = found.units
    inner = np.concatenate([units["gap_before_mm"].iloc[1:], units["gap_after_mm"].iloc[:-1]])
    assert inner.min() >= 1000.0


@pytest.mark.parametrize("seed", range(5))
def test_the_clear_width_is_never_above_the_distance_and_is_it_straight_through(seed):
    rng = np.random.default_rng(seed)
    one = Point(0, 0).buffer(rng.uniform(0.1, 1.0))
    other = box(0, 0, *rng.uniform(0.3, 2.0, 2)).centroid.buffer(0.2).envelope
    other = type(other)(np.array(other.exterior.coords) + rng.uniform(2.0, 4.0, 2))
    apart = one.distance(other)
    for degrees in range(0, 180, 10):
        way = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        assert clear_width_m(one, other, way) <= apart + 1e-9
    nearest = np.array(other.centroid.coords[0]) / np.hypot(*other.centroid.coords[0])
    straight = np.array([-nearest[1], nearest[0]])
    assert clear_width_m(one, other, straight) == pytest.approx(apart, abs=1e-6)

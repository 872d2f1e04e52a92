"""A path that was checked beats the upper field nowhere, and the three figures stay in order."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.affinity import rotate

from sbd import pipeline
from sbd.approach.bounds import solve_bounds
from sbd.approach.clearance import make_terrain
from sbd.approach.perimeter import assess_perimeter, outline_points
from sbd.approach.refine import make_refiner, refine_route
from sbd.approach.routes import route_to
from sbd.model.assessment import FieldSettings
from tests import judged
from tests.drawn_ground import surface, vehicle

SETTINGS = FieldSettings(1.0, 32, 10.0)
blocks = st.lists(
    st.tuples(
        st.integers(4, 40),
        st.integers(2, 34),
        st.integers(1, 12),
        st.integers(1, 12),
        st.integers(0, 89),
    ).map(lambda b: rotate(box(b[0], b[1], b[0] + b[2], b[1] + b[3]), b[4])),
    max_size=6,
)


def yard(things):
    ground = box(0, 0, 60, 40).difference(shapely.union_all(things))
    return surface(
        ground,
        study=box(0, -4, 64, 44),
        zone=box(44, 12, 56, 28).intersection(ground),
        entries=[LineString([(0, 4), (0, 36)])],
    )


@settings(max_examples=10, deadline=None)
@given(blocks)
def test_lower_refined_and_upper_are_in_order_at_every_point(things):
    site, driver = yard(things), vehicle(min_turning_radius_m=4.0)
    terrain = make_terrain(site, SETTINGS, widest_m=driver.width_m)
    points = outline_points(site.zone, terrain)
    if not len(points.place_m):
        return
    one = solve_bounds(terrain, driver, points.place_m, points.inwards)
    refiner = make_refiner(one.terrain, driver)
    for n in np.flatnonzero(one.nominal.target >= 0)[::9]:
        route = route_to(one.nominal.forest, int(one.nominal.target[n]))
        place, ahead = points.place_m[n], points.inwards[n]
        path = refine_route(
            refiner, route, goal_m=(place[0], place[1]), inwards=(ahead[0], ahead[1]), rounds=3000
        )
        speeds = [at.impacts.speed_mps[n] for at in (one.lower, one.nominal, one.upper)]
        assert speeds == sorted(speeds)
        if path is not None:
            assert path.speed_mps <= speeds[-1]


@settings(max_examples=5, deadline=None)
@given(blocks)
def test_an_assessment_never_contradicts_itself(things):
    result = assess_perimeter(
        yard(things), [vehicle()], SETTINGS, site_hash="", attribution="drawn"
    ).perimeter
    ordered = result[["speed_lower_kmh", "speed_kmh", "speed_upper_kmh"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= -1e-9).all()
    assert ((result["speed_kmh"] > 0) == (result["limited_by"] != "no way")).all()


@pytest.mark.parametrize("west_m", [62, 65, 67, 76])
def test_no_path_past_a_street_corner_beats_a_coarse_upper_field(west_m):
    site = judged.town(zone=box(west_m, 10, 90, 50))
    found = pipeline.assess(site, vehicles=["M1"], resolution_m=1.0, headings=32).perimeter
    # In the corner's shadow only a heading between those of the lattice is that fast.
    shadow = found.geometry.centroid.y.between(34.0, 38.0) & (found["speed_kmh"] > 0)
    assert shadow.any()
    assert (found["speed_lower_kmh"] <= found["speed_upper_kmh"])[shadow].all()

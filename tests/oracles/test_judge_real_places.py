"""Plans for real places before the judge: they hold, and every missing unit is noticed.

The plans are made for a truck that comes at 43 km/h from everywhere: only where units stand
matters.
"""

import numpy as np
import pytest
import shapely

from sbd.barriers import propose_layout
from sbd.barriers.demand import Strikes
from sbd.model.request import PlanRequest
from sbd.site import ZoneRequest, build_site, study_polygon_wgs84
from sbd.sources.extract import read_extract
from sbd.surface import build_surface
from sbd.verify import certify, judge_layout, sabotage
from sbd.verify.arena import build_arena
from sbd.verify.breach import find_breach
from sbd.verify.check_certificate import faults_of, seal
from tests.judged import check
from tests.places import PLACES

WIDTH_M = 1.2
# Up to this much more the judge may call a gap shut.
SLACK_M = 4e-4


class Everywhere:
    """A truck that strikes head-on, wherever a line is drawn."""

    names = ("N2A",)
    masses_kg = np.array([7200.0])

    def __call__(self, points_m, normals):
        count = len(points_m)
        return Strikes(np.full((count, 1), 12.0), np.full((count, 1), 90.0))


@pytest.fixture(scope="module", params=["london", "munich"])
def planned(request):
    place = PLACES[request.param]
    file = place.require()
    zone = ZoneRequest.at(place.center)
    site = build_site(read_extract(file, study_polygon_wgs84(zone)), zone)
    return site, propose_layout(build_surface(site), Everywhere(), PlanRequest())


@pytest.mark.slow
def test_a_plan_for_a_real_place_holds(planned):
    site, placed = planned
    verdict = judge_layout(site, placed.footprints, barriers=placed.barriers)
    assert verdict.holds, [found for found in verdict.checks if not found.holds]
    assert check(verdict, "control").passes is True
    # Every unit is in the list of gaps, and no gap is wider than the threat.
    names = set(" | ".join(verdict.gaps["between"]).split(" | "))
    assert set(placed.footprints["unit_id"]) <= names
    assert verdict.gaps["width_mm"].max() <= 1200.0


@pytest.mark.slow
def test_a_missing_unit_is_noticed_exactly_where_the_merged_gap_is_too_wide(planned):
    site, placed = planned
    found = sabotage(site, placed.footprints)
    known = found[found["merged_gap_m"].notna()]
    assert len(known) >= 0.9 * len(found)
    opened = known["merged_gap_m"] > WIDTH_M + SLACK_M
    assert (known["found"] == opened).all()
    assert opened.any()


@pytest.mark.slow
def test_the_certificate_of_a_real_place_is_a_proof_that_needs_every_unit(planned):
    site, placed = planned
    certificate = certify(site, placed.footprints)
    assert faults_of(certificate) == []
    rng = np.random.default_rng(1)
    for name in rng.choice(placed.footprints["unit_id"].to_numpy(dtype=str), 5, replace=False):
        end = {"kind": "unit", "id": str(name)}
        forgery = {
            **certificate,
            "obstacles": [row for row in certificate["obstacles"] if row["id"] != name],
            "gaps": [row for row in certificate["gaps"] if end not in row["between"]],
        }
        assert "a way from source" in "; ".join(faults_of({**forgery, "sha256": seal(forgery)}))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PLACES))
def test_judge_and_planner_mean_the_same_zone_in_real_places(name):
    place = PLACES[name]
    file = place.require()
    zone = ZoneRequest.at(place.center)
    if place.radius_m is not None:
        zone = ZoneRequest.around(place.center, place.radius_m)
    site = build_site(read_extract(file, study_polygon_wgs84(zone)), zone)
    planner = build_surface(site).zone
    ground = build_arena(site, widest_m=3.5)
    judged = shapely.union_all(ground.zone)
    # The judge shrinks by 0.15 m and keeps closed courtyards, into which nothing gets anyway.
    assert planner.buffer(-0.25).difference(judged).area < 0.5
    extra = shapely.get_parts(judged.difference(planner.buffer(0.05)))
    reached = find_breach(ground, np.array([], dtype=object), WIDTH_M)
    open_zone = shapely.union_all(reached.zone[reached.by_rooms])
    assert shapely.union_all(extra).intersection(open_zone).area < 0.5

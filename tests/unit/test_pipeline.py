"""The flow's own promises: what was assumed travels along, what a file lacks is asked for."""

import json
from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from sbd import pipeline
from sbd.errors import InfeasiblePlanError, InputError
from sbd.export.geopackage import write_assessment
from sbd.model.request import Hand
from sbd.proposal.calendar import Calendar, Event
from sbd.sources.store import read_assessment
from sbd.verify import check_certificate
from tests.drawn_town import CRS, ORIGIN, town

QUICK = {"vehicles": ["N2A"], "resolution_m": 1.0, "headings": 32}


@pytest.fixture(scope="module")
def site():
    return town().site()


@pytest.fixture(scope="module")
def free(site):
    return pipeline.assess(site, **QUICK)


@pytest.fixture
def hill(tmp_path):
    """A slope of 8 % that falls to the east, over the whole town."""
    path = tmp_path / "hill.tif"
    east_m = np.arange(-400.0, 400.0, 10.0) + 5.0
    height = np.tile(100.0 - 0.08 * east_m, (80, 1)).astype("float32")
    corner = from_origin(ORIGIN[0] - 400.0, ORIGIN[1] + 400.0, 10.0, 10.0)
    with rasterio.open(
        path, "w", "GTiff", 80, 80, 1, crs=CRS, transform=corner, dtype="float32"
    ) as file:
        file.write(height, 1)
    return path


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ({"max_approach_m": 40.0}, "no approach longer than 40 m"),
        ({"speed_limit_kmh": 30.0}, "nobody drives faster than 30 km/h"),
        ({"grip": "wet"}, "grip of a wet road"),
    ],
)
def test_a_scenario_never_raises_a_speed_and_is_a_condition_of_its_plan(
    site, free, scenario, words
):
    assessment = pipeline.assess(site, **QUICK, **scenario)
    for column in ("speed_lower_kmh", "speed_kmh", "speed_upper_kmh"):
        assert (assessment.perimeter[column] <= free.perimeter[column] + 1e-9).all()
    proposal = pipeline.propose(site, assessment)
    assert [text for text in proposal.verdict.conditions if words in text]
    assert pipeline.summary(proposal)["assumed"] == [words]


def test_a_short_approach_and_a_limit_bite(site, free):
    fastest = free.perimeter["speed_upper_kmh"].max()
    short = pipeline.assess(site, **QUICK, max_approach_m=40.0).perimeter
    limited = pipeline.assess(site, **QUICK, speed_limit_kmh=30.0).perimeter
    # From rest 40 m at 2 m/s2, less what the lattice rounds: sqrt(2 * 2 * 40) = 12.6 m/s.
    assert short["speed_kmh"].max() == pytest.approx(12.65 * 3.6, rel=0.05)
    assert short["speed_kmh"].max() < fastest
    assert limited["speed_upper_kmh"].max() <= 30.0 + 1e-6


def test_without_a_scenario_nothing_is_assumed(site, free):
    proposal = pipeline.propose(site, free)
    assert pipeline.summary(proposal)["assumed"] == []
    assert not [text for text in proposal.verdict.conditions if text.startswith("assumed")]


def test_downhill_is_faster_and_uphill_slower(site, free, hill):
    sloped = pipeline.assess(site, **QUICK, heights=hill).perimeter
    west = (free.perimeter.geometry.x < ORIGIN[0] - 19.0).to_numpy()
    east = (free.perimeter.geometry.x > ORIGIN[0] + 19.0).to_numpy()
    change = sloped["speed_kmh"].to_numpy() - free.perimeter["speed_kmh"].to_numpy()
    # Main Street falls to the east: whoever comes from the west comes down.
    assert change[west].max() > 3.0
    assert change[east].min() < -3.0


def test_a_stored_assessment_asks_for_its_heights_again(site, hill, tmp_path):
    assessment = pipeline.assess(site, **QUICK, heights=hill)
    write_assessment(assessment, tmp_path / "a.gpkg")
    stored = read_assessment(tmp_path / "a.gpkg")
    with pytest.raises(InputError, match=r"made with the heights of .*hill\.tif.*give them again"):
        pipeline.propose(site, stored)
    assert pipeline.propose(site, stored, heights=hill).assessment.heights == assessment.heights


def test_a_file_holds_no_fields_to_make_rasters_of(free, tmp_path):
    write_assessment(free, tmp_path / "a.gpkg")
    with pytest.raises(InputError, match="holds no fields"):
        pipeline.write_rasters(read_assessment(tmp_path / "a.gpkg"), tmp_path)


@pytest.mark.parametrize(
    "wishes",
    [
        {"openable": 0, "chicanes": 2},
        {"openable": 1, "second_line": True},
        {"country": "FR", "people": 2000, "exit_minutes": 5.0, "engine_distance_m": 80.0},
    ],
)
def test_what_is_wished_is_judged_and_holds(site, free, wishes):
    proposal = pipeline.propose(site, free, pipeline.plan_request(**wishes))
    assert proposal.verdict.holds, [c.note for c in proposal.verdict.checks if not c.holds]


def test_leave_to_build_chicanes_never_makes_a_plan_dearer(site, free):
    plain = pipeline.propose(site, free, pipeline.plan_request(openable=0))
    slowed = pipeline.propose(site, free, pipeline.plan_request(openable=0, chicanes=2))
    assert slowed.cost_found <= plain.cost_found
    assert slowed.verdict.holds


def test_a_mixed_plan_needs_the_events_of_a_year(site, free):
    with pytest.raises(InputError, match="calendar"):
        pipeline.propose(site, free, pipeline.plan_request(layout="mixed"))


def test_a_plan_that_can_not_meet_its_wishes_says_how_far_each_must_give_way(site, free):
    request = pipeline.plan_request(people=2_000_000, exit_minutes=1.0)
    with pytest.raises(InfeasiblePlanError, match="minutes") as refused:
        pipeline.propose(site, free, request)
    (first, *_) = refused.value.relaxations
    assert first.possible != first.asked


def test_every_point_of_a_front_opens_as_a_plan_of_its_cost(site, free):
    points = pipeline.front(site, free, pipeline.plan_request(openable=0))
    assert points
    for point in points:
        opened = pipeline.propose(site, free, point.request, vehicles=point.vehicles)
        assert opened.cost_found == pytest.approx(point.cost, rel=0.05)
        assert opened.verdict.holds


def test_no_crossing_opens_on_ground_that_is_kept_from_it(site, free):
    first = pipeline.propose(site, free)
    lane = first.footprints[first.footprints["openable"]].geometry.union_all()
    hand = Hand(no_crossing=lane.buffer(3.0))
    other = pipeline.propose(site, free, pipeline.plan_request(hand=hand))
    moved = other.footprints[other.footprints["openable"]].geometry.union_all()
    assert other.verdict.holds
    assert moved.distance(lane) > 1.0
    assert other.cost_found >= first.cost_found


@pytest.mark.parametrize("openable", [0, 1])
def test_an_exported_certificate_bounds_the_cost_and_passes_its_checker(
    site, free, openable, tmp_path
):
    proposal = pipeline.propose(site, free, pipeline.plan_request(openable=openable))
    pipeline.export(proposal, tmp_path, formats=["certificate"])
    path = tmp_path / "certificate.json"
    assert check_certificate.main([str(path)]) == 0
    proof = json.loads(path.read_text())
    bound = proof["bound"]
    # Without crossings the flow is the cost, but for what marks equal prices; with one, less.
    unit = 1e-5
    assert bound["value"] * unit <= proposal.cost_found + 1.0
    if not openable:
        assert bound["value"] * unit == pytest.approx(proposal.cost_found, abs=1.0)
    # What can be closed is drawn; ways that nothing closes have no chord.
    assert 8 in {len(arc) for arc in bound["arcs"]} <= {4, 8}


def test_a_delivery_during_an_event_is_refused_with_the_hours_that_must_go(site, free):
    middle = site.zone_shape.representative_point()
    served = replace(
        site,
        deliveries=gpd.GeoDataFrame(
            {
                "delivery_id": ["D1"],
                "name": ["Bakery"],
                "who": ["deliveries"],
                "opens": ["09:00"],
                "closes": ["11:00"],
                "width_m": [2.5],
            },
            geometry=[middle],
            crs=site.crs,
        ),
    )
    again = pipeline.assess(served, **QUICK)
    day = date(2026, 6, 1)
    early, late = (
        Calendar((Event("E1", "Fair", day, day, opens, "20:00", 900),))
        for opens in ("10:00", "12:00")
    )
    with pytest.raises(InfeasiblePlanError, match=r"D1, from 09:00.* 0 h instead of 1 h"):
        pipeline.propose(served, again, calendar=early)
    proposal = pipeline.propose(served, again, calendar=late)
    assert not any("Bakery" in text for text in proposal.verdict.conditions)
    assert proposal.meta["life_cycle"]["high"] > 0

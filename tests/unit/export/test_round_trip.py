import dataclasses
import math

import pytest
from pandas.testing import assert_frame_equal

from sbd.export.geopackage import write_assessment, write_proposal, write_site
from sbd.model.site import SCHEMAS
from sbd.model.site_hash import site_hash
from sbd.sources.store import read_assessment, read_proposal, read_site


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("round_trip")


@pytest.fixture(scope="module")
def found(proposal, folder):
    return read_proposal(write_proposal(proposal, folder / "proposal.gpkg"))


def test_a_site_comes_back_as_it_was(site, folder):
    again = read_site(write_site(site, folder / "site.gpkg"))
    assert (again.name, again.attribution) == (site.name, site.attribution)
    assert site_hash(again) == site_hash(site)
    assert_frame_equal(again.report, site.report)
    for name in SCHEMAS:
        assert_frame_equal(getattr(again, name), getattr(site, name))


def test_an_assessment_comes_back_with_its_vehicles(proposal, folder):
    given = proposal.assessment
    again = read_assessment(write_assessment(given, folder / "assessment.gpkg"))
    assert again.vehicles == given.vehicles  # one of them with infinite power
    assert math.isinf(again.vehicles[0].power_w)
    for name in ("settings", "site_hash", "attribution", "seconds"):
        assert getattr(again, name) == getattr(given, name)
    assert_frame_equal(again.perimeter, given.perimeter)
    assert_frame_equal(again.corridors, given.corridors)


@pytest.mark.parametrize("name", ["barriers", "units", "footprints", "closures"])
def test_a_plan_comes_back_as_it_was(proposal, found, name):
    assert_frame_equal(getattr(found, name), getattr(proposal, name))


def test_a_verdict_comes_back_with_every_answer(build_proposal, build_verdict, folder):
    given = build_proposal(verdict=build_verdict(breached=True))  # one answer is None
    again = read_proposal(write_proposal(given, folder / "failed.gpkg")).verdict
    assert again.checks == given.verdict.checks
    assert again.conditions == given.verdict.conditions
    assert again.standing is given.verdict.standing
    assert_frame_equal(again.gaps, given.verdict.gaps)


def test_a_file_that_is_read_and_written_again_is_the_same_file(found, folder):
    again = write_proposal(found, folder / "again" / "proposal.gpkg")
    assert again.read_bytes() == (folder / "proposal.gpkg").read_bytes()


def test_lists_and_dicts_in_further_columns_come_back(site, folder):
    tags = [{"lit": "yes"}, {}, {"lanes": [1, 2]}]
    richer = dataclasses.replace(site, streets=site.streets.assign(tags=tags))
    again = read_site(write_site(richer, folder / "richer.gpkg"))
    assert again.streets["tags"].tolist() == tags


@pytest.mark.parametrize("name", ["run_out", "failures", "why"])
def test_what_a_plan_tells_comes_back_as_it_was(told, folder, name):
    again = read_proposal(write_proposal(told, folder / "told.gpkg"))
    assert_frame_equal(getattr(again, name), getattr(told, name))


def test_what_nobody_asked_for_is_not_there_again(found):
    assert (found.run_out, found.failures, found.why) == (None, None, None)


def test_failures_that_were_looked_for_and_let_nothing_in_stay_told(told, folder):
    given = dataclasses.replace(told, failures=told.failures.iloc[:0])
    again = read_proposal(write_proposal(given, folder / "none_fails.gpkg"))
    assert again.failures is not None
    assert again.failures.empty

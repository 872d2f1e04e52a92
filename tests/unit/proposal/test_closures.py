"""Which streets a layout takes from drivers."""

import numpy as np
import pytest
from shapely import LineString, box

from sbd.proposal.closures import closed_streets
from tests.judged import BLOCKS, ENTRY, WALLS, layer, town


def names_of(table):
    return dict(zip(table["street_id"], table["treatment"], strict=True))


def test_what_lies_behind_the_line_is_closed_with_its_length(proposal):
    found = proposal.closures.set_index("street_id")
    # The row stands at x = 50.1: 29.9 m of way/1 are behind it, less half the cut of 0.1 m.
    assert found.loc["way/1", "length_m"] == pytest.approx(29.9, abs=0.06)
    assert found.loc["way/2", "length_m"] == 20.0
    assert set(found.index) == {"way/1", "way/2", "way/3"}  # no footway
    assert set(found["treatment"]) == {"closed"}


def test_a_street_that_stays_open_keeps_what_it_leads_to_open(site, posts):
    kept = site.streets.assign(stays_open=site.streets["street_id"] == "way/2")
    layers = {**site.layers, "streets": kept}
    open_yard = type(site)(name="", **layers, report=site.report, attribution="")
    barriers = layer([LineString([(50.1, 26), (50.1, 34)])])
    footprints = layer(posts, openable=[False] * len(posts), line_id=["L1"] * len(posts))
    assert closed_streets(open_yard, barriers, footprints).empty


def test_a_street_across_which_a_lane_stands_opens_and_the_one_behind_does_not(site, posts):
    barriers = layer([LineString([(50.1, 26), (50.1, 34)])])
    opens = np.isin(np.arange(len(posts)), [2, 3])  # beside the middle of the street
    footprints = layer(posts, openable=opens, line_id=["L1"] * len(posts))
    treatment = names_of(closed_streets(site, barriers, footprints))
    assert treatment == {"way/1": "openable lane", "way/2": "closed", "way/3": "closed"}


def test_what_walls_close_already_is_not_closed_by_the_plan(site):
    wall = box(20, 26, 21, 34)
    walled = town((*BLOCKS, *WALLS, wall), entries=(ENTRY,))
    layers = {**walled.layers, "streets": site.streets}
    walled = type(site)(name="", **layers, report=site.report, attribution="")
    barriers = layer([LineString([(10, 26), (10, 34)])])
    none = layer([], openable=[], line_id=[])
    found = closed_streets(walled, barriers, none).set_index("street_id")
    assert found["length_m"].to_dict() == {"way/1": pytest.approx(9.95, abs=0.06)}


def test_no_line_closes_nothing(site):
    none = layer([], openable=[], line_id=[])
    assert closed_streets(site, layer([]), none).empty

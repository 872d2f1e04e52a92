"""Approaches as objects with a profile and a picture."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest
import shapely

from sbd.export.corridor import PROFILE, corridors_of, profile_of


@pytest.fixture(scope="module")
def corridors(proposal):
    return corridors_of(proposal.assessment)


@pytest.fixture
def ax():
    yield plt.subplots()[1]
    plt.close("all")


def test_they_come_by_rank(corridors, proposal):
    assert [corridor.rank for corridor in corridors] == [1, 1, 2, 2]
    assert {c.corridor_id for c in corridors} == set(proposal.assessment.corridors["corridor_id"])


def test_a_profile_says_where_a_bend_of_which_radius_and_room_limits(corridors):
    profile = corridors[0].profile
    assert tuple(profile.columns) == PROFILE
    bend = profile[profile["limited_by"] == "bend radius"].iloc[0]
    assert (bend["distance_m"], bend["radius_m"], bend["clear_width_m"]) == (60.0, 12.5, 4.2)
    assert np.isnan(profile["radius_m"].iloc[0])


def test_its_places_lie_on_the_way(corridors):
    corridor = corridors[0]
    places = corridor.places(32635)
    assert len(places) == len(corridor.profile)
    assert shapely.distance(places.geometry.to_numpy(), corridor.line).max() < 1e-6
    assert corridor.line.project(places.geometry.iloc[1]) == pytest.approx(60.0)


def test_a_picture_shows_the_speed_by_what_limits_it(corridors, ax):
    drawn = corridors[0].plot(ax=ax)
    assert drawn is ax
    words = {text.get_text() for text in ax.get_legend().get_texts()}
    assert words == {"engine", "bend radius"}
    title, words = ax.get_title(loc="left").split("\n")
    assert title == "Approach 1: N1 over West Street"
    assert words == "60 km/h (57 to 63), held by: bend"
    # the way on its plan
    assert len(ax.child_axes) == 1
    assert ax.get_ylim()[1] > 63


def test_a_picture_of_its_own_is_made_where_none_is_given(corridors):
    assert corridors[1].plot().get_xlabel() == "way driven [m]"
    plt.close("all")


def test_a_row_without_a_profile_still_gives_a_corridor(proposal, ax):
    bare = dataclasses.replace(
        proposal.assessment, corridors=proposal.assessment.corridors.assign(profile="")
    )
    corridor = corridors_of(bare)[0]
    assert corridor.profile.empty
    assert profile_of("").empty

import dataclasses

import matplotlib.pyplot as plt
import pytest

from sbd.export.plot import plot_assessment, plot_proposal, plot_site


@pytest.fixture(autouse=True)
def off_screen():
    plt.switch_backend("agg")
    yield
    plt.close("all")


def words_of(ax):
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    return [*legend, ax.get_title(loc="left"), ax.get_xlabel()]


def test_a_picture_of_a_plan_says_what_was_decided_and_for_whom(proposal):
    words = words_of(plot_proposal(proposal))
    assert "Drawn Square: ▲ HOLDS ON CONDITION\npermanent layout" in words
    assert {"barrier line", "openable crossing", "32 to 48 km/h"} <= set(words)
    assert {"street closed", "street with an openable lane"} <= set(words)
    assert "RESTRICTED · © OpenStreetMap contributors, ODbL 1.0" in words


def test_the_legend_names_only_what_is_there(proposal):
    fixed = proposal.barriers[~proposal.barriers["openable"]]
    other = dataclasses.replace(proposal, barriers=fixed, closures=proposal.closures.iloc[:1])
    words = words_of(plot_proposal(other))
    assert "openable crossing" not in words
    assert "street with an openable lane" not in words


def test_the_picture_shows_the_zone_to_scale_with_a_round_bar(proposal):
    ax = plot_site(proposal.site)
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    # The zone is 50 m by 40 m and 70 m of its surroundings are shown on each side.
    assert (east - west, north - south) == pytest.approx((190.0, 180.0))
    assert ax.get_aspect() == 1.0
    assert "20 m" in [text.get_text() for text in ax.texts]  # the longest below a quarter of 190 m


def test_an_assessment_is_drawn_for_the_vehicle_that_hits_hardest(proposal):
    # At the west mouth 0.5 7200 (48 / 3.6)^2 = 640 kJ against 0.5 3500 (60 / 3.6)^2 = 486 kJ
    ax = plot_assessment(proposal.assessment, site=proposal.site)
    assert ax.get_title(loc="left") == "Drawn Square: how fast N2A arrives"


def test_an_assessment_needs_no_site_to_be_drawn(proposal):
    ax = plot_assessment(proposal.assessment)
    assert ax.get_title(loc="left") == "How fast N2A arrives"
    assert ax.get_xlabel().endswith(proposal.assessment.attribution)


def test_given_axes_are_drawn_on(proposal):
    _, (left, right) = plt.subplots(1, 2)
    assert plot_site(proposal.site, left) is left
    assert plot_proposal(proposal, ax=right) is right
    assert len(plt.get_fignums()) == 1


def test_an_assessment_that_reaches_nothing_has_a_picture_too(proposal):
    assessment = dataclasses.replace(
        proposal.assessment,
        perimeter=proposal.assessment.perimeter.iloc[:0],
        corridors=proposal.assessment.corridors.iloc[:0],
    )
    ax = plot_assessment(assessment, site=proposal.site)
    ax.figure.canvas.draw()
    assert "zone to protect" in words_of(ax)

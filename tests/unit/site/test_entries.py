"""Where vehicles can come in over the rim of the study area."""

import pytest
from shapely import box

from tests.drawn_town import MARGIN_M, SQUARE, blocks, here, town


def entries(drawing, **options):
    return drawing.site(**options).entries


def test_each_street_of_the_town_is_one_entry_as_wide_as_the_street():
    found = entries(town())
    assert sorted(found["street"]) == ["Cross Lane", "Cross Lane", "Main Street", "Main Street"]
    # 10 m between facades; the rim crosses it as an arc.
    assert found["width_m"].to_numpy() == pytest.approx(10.0, abs=0.2)


def test_entries_lie_on_the_rim():
    site = town().site()
    assert site.entries.distance(site.study_shape.boundary).max() < 1e-3
    assert here(site.entries).distance(SQUARE).to_numpy() == pytest.approx(MARGIN_M, abs=0.5)


def test_a_gap_narrower_than_a_vehicle_is_no_entry():
    # Two walls leave 1.1 m of Main Street in the east: no vehicle of 1.2 m comes in.
    drawing = (
        town()
        .area("way/8", box(90, 0.55, 110, 5), building="yes")
        .area("way/9", box(90, -5, 110, -0.55), building="yes")
    )
    east = here(entries(drawing)).bounds["minx"] > 90
    assert not east.any()


def test_a_wide_gap_is_cut_into_streets_and_open_ground():
    # Nothing built east of x = 30, and one street there.
    drawing = (
        blocks()
        .area("way/9", box(-150, -150, 150, 150), landuse="grass")
        .line("way/1", [(-300, 0), (300, 0)], highway="residential", name="Main Street", width="6")
    )
    drawing.rows = [row for row in drawing.rows if row[0] not in ("way/101", "way/104")]
    found = entries(drawing)
    east = found[here(found).bounds["maxx"].to_numpy() > 95]
    main = east[east["street"] == "Main Street"]
    # 6 m of carriageway and 6 m on either side.
    assert main["width_m"].tolist() == pytest.approx([18.0], abs=0.1)
    assert "open ground" in set(east["street"])


def test_a_rim_behind_walls_that_leads_nowhere_is_no_entry():
    # A courtyard across the rim in the east, closed on all sides by the block around it.
    yard = box(90, 30, 140, 60)
    drawing = town()
    drawing.rows = [row for row in drawing.rows if row[0] != "way/101"]
    block = box(5, 5, 150, 150).difference(SQUARE).difference(yard)
    drawing.area("way/101", block, building="yes")
    assert len(entries(drawing)) == 4


def test_the_edge_of_the_data_is_an_entry_with_unknown_run_up():
    # The data ends 60 m east of the square, 20 m short of the margin.
    found = entries(town(), covered=box(-300, -300, 80, 300))
    east = found[found["unknown_run_up_m"] > 0]
    assert east["street"].tolist() == ["Main Street"]
    assert east["distance_m"].tolist() == pytest.approx([60.0], abs=0.1)
    assert east["unknown_run_up_m"].tolist() == pytest.approx([20.0], abs=0.1)


def test_a_street_cut_short_of_the_edge_of_the_data_names_its_entry():
    drawing = blocks().line("way/2", [(0, -300), (0, 300)], highway="service", name="Cross Lane")
    drawing.line("way/1", [(-300, 0), (70, 0)], highway="residential", name="Main Street")
    found = entries(drawing, covered=box(-300, -300, 80, 300))
    east = found[here(found).bounds["minx"].to_numpy() > 70]
    assert east["street"].tolist() == ["Main Street"]


def test_a_nameless_road_names_its_kind_and_a_footpath_is_open_ground():
    drawing = (
        blocks()
        .line("way/1", [(-300, 0), (300, 0)], highway="service")
        .line("way/2", [(0, -300), (0, 300)], highway="footway")
    )
    assert sorted(set(entries(drawing)["street"])) == ["open ground", "unnamed service road"]

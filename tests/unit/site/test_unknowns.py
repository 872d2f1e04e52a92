"""What the data does not say."""

import pytest
from shapely import MultiPolygon, box

from sbd.site.unknowns import empty_ground, missing_run_up
from tests.drawn_town import Town

ZONE = box(-20, -20, 20, 20)


def test_a_full_margin_misses_nothing():
    assert missing_run_up(ZONE.buffer(100), ZONE, margin_m=100.0).empty


def test_the_side_on_which_the_data_ends_is_named_with_the_distance():
    study = ZONE.buffer(100).intersection(box(-500, -500, 500, 25))  # 5 m north of the zone
    found = missing_run_up(study, ZONE, margin_m=100.0)
    assert found["side"].iloc[0] == "north"
    assert found["distance_m"].iloc[0] == pytest.approx(5.0)


GROUND = MultiPolygon([box(0, 0, 400, 400)])


def bare(drawing):
    return empty_ground(GROUND, drawing.features(), box(0, 180, 20, 220))


def benches(*, west=0, east=400):
    """Return a town with a bench each 20 m in x and y, between two bounds in x."""
    drawing = Town()
    for x in range(west, east + 1, 20):
        for y in range(0, 401, 20):
            drawing.node(f"node/{x * 1000 + y}", (x, y), amenity="bench")
    return drawing


def test_ground_full_of_small_things_is_known():
    assert bare(benches()).empty


def test_a_large_stretch_without_anything_is_unknown():
    # Benches up to x = 200; beyond 230 m nothing stands within 30 m: 170 x 400 m.
    found = bare(benches(east=200))
    assert found["side"].tolist() == ["east"]
    assert found["area_m2"].iloc[0] == pytest.approx(170 * 400, rel=0.05)
    assert found["distance_m"].iloc[0] == pytest.approx(230 - 20, abs=11)


def test_land_use_and_names_do_not_say_what_is_there():
    drawing = benches(east=200).area("way/1", box(200, 0, 400, 400), landuse="residential")
    assert len(bare(drawing)) == 1


def test_a_park_says_what_is_there():
    drawing = benches(east=200).area("way/1", box(200, 0, 400, 400), leisure="park")
    assert bare(drawing).empty

"""Kerbs, flights of steps and low retaining walls: what has a height, and where it is open."""

import pytest
import shapely
from shapely import LineString, box

from sbd.model import tables
from sbd.site.steps import find_steps, step_rows
from sbd.site.streets import way_lines
from tests.drawn_town import Town, here, report_of, town

STUDY = box(-100, -100, 100, 100)


def steps_of(drawing):
    features = drawing.features()
    return find_steps(features, way_lines(features), STUDY)


def kerb(**tags):
    return Town().line("way/1", [(-20, 0), (20, 0)], barrier="kerb", **tags)


def heights(found):
    return dict(zip(found.table["step_id"], found.table["height_m"], strict=True))


@pytest.mark.parametrize(
    ("tags", "height_m"),
    [
        ({"height": "0.12"}, 0.12),
        ({"height": "0.12 m"}, 0.12),
        ({"kerb:height": "0.15", "height": "0.3"}, 0.15),
        ({"kerb": "raised", "kerb:height": "0.2"}, 0.2),
    ],
)
def test_a_kerb_of_known_height_is_a_step(tags, height_m):
    assert heights(steps_of(kerb(**tags))) == {"way/1": height_m}


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"kerb": "raised"},
        {"height": "high"},
        {"height": "12"},  # centimetres without saying so
        {"height": "-0.1"},
        {"height": "0.1", "layer": "-1"},
    ],
)
def test_a_kerb_of_unknown_height_stops_nothing(tags):
    found = steps_of(kerb(**tags))
    assert found.table.empty
    assert found.table.columns.tolist() == list(tables.STEPS.columns)


@pytest.mark.parametrize("kind", ["flush", "lowered"])
def test_a_flat_kerb_is_no_step_and_not_unknown(kind):
    found = steps_of(kerb(kerb=kind, height="0.03"))
    assert found.table.empty
    assert step_rows(found) == []


def test_kerbs_and_flights_without_a_height_are_counted():
    drawing = kerb(height="0.1").line("way/2", [(-20, 9), (20, 9)], barrier="kerb")
    drawing.line("way/3", [(0, 20), (0, 30)], highway="steps", step_count="20")
    kerbs, flights = step_rows(steps_of(drawing))
    assert (kerbs.topic, kerbs.count) == ("unknown", 1.0)
    assert "1 of 2 kerbs" in kerbs.note
    assert "0 of 1 flights" in flights.note


def test_a_kerb_is_open_where_a_way_crosses_it():
    drawing = kerb(height="0.12").line("way/2", [(5, -9), (5, 9)], highway="footway")
    (shape,) = steps_of(drawing).table.geometry
    # 4 m to either side of x = 5
    gap = LineString([(1.01, 0), (8.99, 0)])
    assert not shape.intersects(gap)
    assert shape.length == pytest.approx(40 - 8, abs=0.1)


def test_a_way_along_the_kerb_does_not_open_it():
    drawing = kerb(height="0.12").line("way/2", [(-20, 0), (20, 0)], highway="footway")
    (shape,) = steps_of(drawing).table.geometry
    assert shape.length == pytest.approx(40)


@pytest.mark.parametrize(("y", "length_m"), [(0.0, 32.0), (0.5, 32.0), (2.0, 40.0)])
def test_a_dropped_kerb_on_the_line_opens_it(y, length_m):
    drawing = kerb(height="0.12").node("node/1", (0, y), barrier="kerb", kerb="lowered")
    (shape,) = steps_of(drawing).table.geometry
    assert shape.length == pytest.approx(length_m, abs=0.2)


def test_a_closed_kerb_is_its_outline():
    island = Town().area("way/1", box(0, 0, 10, 4), barrier="kerb", height="0.12")
    (shape,) = steps_of(island).table.geometry
    assert shape.length == pytest.approx(28)


def test_a_kerb_ends_with_the_site():
    long = Town().line("way/1", [(0, 0), (500, 0)], barrier="kerb", height="0.12")
    (shape,) = steps_of(long).table.geometry
    assert shape.length == pytest.approx(100)


@pytest.mark.parametrize(
    ("tags", "riser_m"),
    [({"step:height": "0.17"}, 0.17), ({"height": "3", "step_count": "20"}, 0.15)],
)
def test_a_flight_is_one_riser_across_its_middle(tags, riser_m):
    flight = Town().line("way/1", [(0, 0), (0, 10)], highway="steps", width="4", **tags)
    found = steps_of(flight)
    assert heights(found) == {"way/1": pytest.approx(riser_m)}
    (shape,) = found.table.geometry
    assert shapely.equals_exact(
        shapely.normalize(shapely.line_merge(shape)),
        shapely.normalize(LineString([(-2, 5), (2, 5)])),
        tolerance=1e-6,
    )


@pytest.mark.parametrize(
    "tags",
    [
        {"step:height": "0.17"},  # how wide?
        {"height": "3", "width": "4"},  # how many?
        {"height": "3", "step_count": "0", "width": "4"},
        {"step_count": "20", "width": "4"},
        {"step:height": "17", "width": "4"},
    ],
)
def test_a_flight_that_leaves_a_figure_open_stops_nothing(tags):
    flight = Town().line("way/1", [(0, 0), (0, 10)], highway="steps", **tags)
    assert steps_of(flight).table.empty


@pytest.mark.parametrize(("height", "known"), [("0.4", True), ("0.5", False), ("", False)])
def test_a_low_retaining_wall_is_a_step_and_a_high_one_solid(height, known):
    wall = Town().line("way/1", [(-20, 0), (20, 0)], barrier="retaining_wall", height=height)
    assert heights(steps_of(wall)) == ({"way/1": 0.4} if known else {})


def test_the_steps_of_a_town_are_on_its_site_and_in_its_report():
    drawing = town().line("way/8", [(-15, 8), (15, 8)], barrier="kerb", height="0.14")
    drawing.line("way/9", [(-15, 12), (15, 12)], barrier="kerb")
    site = drawing.site()
    assert site.steps["height_m"].tolist() == [0.14]
    # Cross Lane runs along x = 0: the kerb is open there.
    assert here(site.steps).iloc[0].length == pytest.approx(30 - 8, abs=0.1)
    assert "1 of 2 kerbs" in report_of(site, "unknown")["heights of kerbs"]

"""Obstacles put up and taken away on a drawn yard; the answer is that of the edited surface."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from sbd.approach.edits import EditableField, Editor, Stage
from sbd.approach.field import solve_field
from sbd.errors import CancelledError, InputError
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.surface import Elevation
from sbd.model.words import Grip
from tests.drawn_ground import CRS, surface, vehicle

SETTINGS = FieldSettings(1.0, 32, 9.0)
BLOCK = box(20, 10, 26, 20)
ZONE = box(40, 5, 58, 25)
WALL = box(34, -1, 35, 24)


def yard():
    """A yard of 60 x 30 m with a block, entered from the west; the zone is its eastern end."""
    ground = box(0, 0, 60, 30).difference(BLOCK)
    entry = LineString([(0, 4), (0, 26)])
    return surface(ground, study=box(0, -4, 64, 34), entries=[entry], zone=ZONE)


@pytest.fixture(scope="module")
def start():
    return EditableField.start(yard(), vehicle(), SETTINGS, bound=Bound.UPPER)


def cold(state):
    settings = state.terrain.settings
    return solve_field(state.surface, vehicle(), settings, bound=state.field.bound)


def same(one, other):
    return np.array_equal(one.label, other.label) and np.array_equal(one.free, other.free)


def test_an_added_wall_shows_an_upper_bound_at_once_and_then_the_answer(start):
    shown = start.added([WALL])
    assert not shown.exact
    settled = shown.settled()
    assert settled.exact
    assert same(settled.field, cold(settled))
    assert np.all(shown.field.label >= settled.field.label)
    # the wall leaves a way round of 6 m in the north
    assert settled.field.label.sum() < shown.field.label.sum()


def test_a_removed_block_frees_its_ground_exactly(start):
    after = start.removed([BLOCK])
    assert after.exact
    assert after.surface.ground.area == pytest.approx(60 * 30)
    assert same(after.field, cold(after))
    assert np.all(after.field.label >= start.field.label)


def test_what_was_put_up_and_taken_away_again_leaves_no_trace(start):
    # the wall stands across the block, so taking it away must not take the block with it
    across = box(15, 14, 30, 16)
    back = start.added([across, WALL]).settled().removed([WALL]).removed([across])
    assert shapely.equals_exact(back.surface.ground, start.surface.ground)
    assert same(back.field, start.field)


def test_a_hole_can_be_cut_into_an_added_wall(start):
    walled = start.added([WALL])
    cut = walled.removed([box(33, 10, 36, 14)])
    assert shapely.contains_xy(cut.surface.ground, 34.5, 12.0)
    assert not shapely.contains_xy(cut.surface.ground, 34.5, 8.0)
    assert same(cut.field, cold(cut))


def test_impacts_fall_behind_a_wall_and_rise_again(start):
    row = box(36, 0, 37, 30)  # closes the yard from side to side
    closed = start.added([row]).settled()
    strongest = [
        state.impacts()[1].speed_mps.max() for state in (start, closed, closed.removed([row]))
    ]
    assert strongest[1] < strongest[0]
    assert strongest[2] == strongest[0]


def test_a_wall_over_the_only_entry_shortens_the_longest_approach():
    # With a longest approach the top label counts from the entry speed, where one can be driven.
    settings = FieldSettings(1.0, 32, 9.0, max_approach_m=30.0)
    open_yard = EditableField.start(yard(), vehicle(), settings, bound=Bound.NOMINAL)
    shut = open_yard.added([box(-1, 0, 3, 30)]).settled()
    assert same(shut.field, cold(shut))
    again = shut.removed([box(-1, 0, 3, 30)])
    assert same(again.field, open_yard.field)


def test_edits_on_sloping_ground_of_several_surfaces_are_exact_too():
    # 5 m of fall to the east; grass in the south
    x = np.arange(0.0, 70.0, 5.0)
    heights = Elevation(np.tile(5.0 - x / 14, (10, 1)), (0.0, -5.0), 5.0, "drawn")
    grass = gpd.GeoDataFrame(
        {"ground_id": ["g1"], "surface": ["grass"]}, geometry=[box(0, 0, 60, 12)], crs=CRS
    )
    hillside = replace(yard(), paving=grass, elevation=heights)
    settings = FieldSettings(1.0, 32, 9.0, grip=Grip.SURFACE)
    flat = EditableField.start(yard(), vehicle(), SETTINGS, bound=Bound.NOMINAL)
    start = EditableField.start(hillside, vehicle(), settings, bound=Bound.NOMINAL)
    assert not np.array_equal(start.field.label, flat.field.label)
    shown = start.added([WALL])
    assert np.all(shown.field.label >= shown.settled().field.label)
    assert same(shown.settled().field, cold(shown))
    freed = shown.settled().removed([BLOCK])
    assert same(freed.field, cold(freed))


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Polygon(), "0.0000 m2"),
        (LineString([(5, 5), (9, 5)]), "a LineString; give its outline as a polygon"),
        (Point(5, 5), "a Point"),
        ("wall", "a str"),
        (Polygon([(5, 5), (9, 9), (9, 5), (5, 9)]), "not a simple outline"),
        (Polygon([(5, 5), (9, float("inf")), (9, 5)]), "not a number"),
        (box(100, 100, 110, 110), "outside the study area"),
        (MultiPolygon([box(24.9, 60.1, 25.9, 61.1)]), "outside the study area"),
        (box(5, 5, 5, 9), "not a simple outline"),
    ],
)
@pytest.mark.parametrize("verb", ["added", "removed"])
def test_a_shape_that_cant_be_an_obstacle_is_refused_in_one_line(start, shape, words, verb):
    with pytest.raises(InputError, match="obstacle 2: ") as caught:
        getattr(start, verb)([BLOCK, shape])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert same(start.field, cold(start))


@pytest.mark.parametrize(
    ("verb", "shape", "words"),
    [
        ("added", ZONE.buffer(1.0), "cover the whole zone"),
        ("added", box(-1, -1, 61, 31).difference(box(50, 15, 50.1, 15.1)), "no drivable ground"),
        ("removed", box(5, 5, 9, 9), "nothing stands there"),
        ("removed", [], "none given"),
        ("added", [], "none given"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(start, verb, shape, words):
    with pytest.raises(InputError, match=words):
        getattr(start, verb)(shape if isinstance(shape, list) else [shape])


def test_a_stopped_edit_leaves_the_field_as_it_was(start):
    def stop(stage, share, note):
        raise CancelledError("stopped")

    shown = start.added([WALL])
    with pytest.raises(CancelledError):
        shown.settled(progress=stop)
    assert not shown.exact
    assert same(shown.settled().field, cold(shown))


def test_the_editor_answers_coarsely_first_and_ends_at_the_settings():
    fine = FieldSettings(0.5, 64, 9.0)
    editor = Editor.start(yard(), vehicle(), fine, bound=Bound.NOMINAL)
    answers = list(editor.edited(add=[WALL]))
    assert [answer.stage for answer in answers] == [Stage.BOUND, Stage.PREVIEW, Stage.FINAL]
    bound, preview, final = (answer.shown.field for answer in answers)
    assert preview.label.shape == (38, 32, 64)
    assert final.label.shape == (76, 64, 128)
    assert np.all(bound.label >= final.label)
    assert same(final, cold(answers[-1].shown))
    assert same(preview, cold(answers[1].shown))
    # the next edit may come before the last answer
    quick = list(answers[0].editor.edited(remove=[WALL]))
    assert [answer.stage for answer in quick] == [Stage.PREVIEW, Stage.FINAL]
    assert same(quick[-1].shown.field, editor.final.field)
    both = list(answers[-1].editor.edited(remove=[WALL, BLOCK], add=[box(30, 4, 31, 20)]))
    assert same(both[-1].shown.field, cold(both[-1].shown))
    assert same(both[0].shown.field, cold(both[0].shown))


def test_the_editor_refuses_before_it_solves():
    editor = Editor.start(yard(), vehicle(), SETTINGS, bound=Bound.NOMINAL)
    with pytest.raises(InputError, match="outside the study area"):
        editor.edited(add=[box(200, 200, 210, 210)])

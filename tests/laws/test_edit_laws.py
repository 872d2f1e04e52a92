"""Whatever is put up and taken away, in any order: the field is that of the edited surface."""

import math
from contextlib import suppress

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.affinity import rotate

from sbd.approach.edits import EditableField
from sbd.approach.field import solve_field
from sbd.errors import InputError
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from tests.drawn_ground import surface, vehicle

SETTINGS = FieldSettings(1.0, 32, 9.0)
WIDE, HIGH = 44, 30
DRIVER = vehicle(acceleration_mps2=2.5, top_speed_mps=16.0)


def site(blocks):
    """A yard with blocks in it, entered from the west; the zone is a corner of it."""
    ground = box(0, 0, WIDE, HIGH).difference(shapely.union_all(blocks))
    entry = LineString([(0, 3), (0, 20)])
    study = box(0, -4, WIDE + 4, HIGH + 4)
    return surface(ground, study=study, entries=[entry], zone=box(34, 20, WIDE, HIGH))


@st.composite
def shapes(draw):
    """A post, a wall or a block somewhere in the yard, turned."""
    x, y = draw(st.floats(2, 40)), draw(st.floats(0, 28))
    long, thick = draw(st.sampled_from([(0.3, 0.3), (9.0, 0.4), (5.0, 3.0), (14.0, 1.0)]))
    return rotate(box(x, y, x + long, y + thick), draw(st.integers(0, 179)))


EDITS = st.lists(st.tuples(st.sampled_from(["add", "remove", "undo"]), shapes()), max_size=4)


@pytest.mark.parametrize("bound", list(Bound))
@settings(max_examples=15, deadline=None)
@given(blocks=st.lists(shapes(), max_size=3), edits=EDITS, settle=st.booleans())
def test_edits_in_any_order_give_the_field_of_the_edited_surface(bound, blocks, edits, settle):
    state = EditableField.start(site(blocks), DRIVER, SETTINGS, bound=bound)
    for verb, shape in edits:
        if verb == "add":
            shown = state.added([shape])
            state = shown.settled() if settle else shown
            assert np.all(shown.field.label >= shown.settled().field.label)
        elif verb == "undo" and state.edits.placed:
            state = state.removed([state.edits.placed[-1]])
        else:
            with suppress(InputError):  # where nothing stands there
                state = state.removed([shape])
    found = state.settled().field
    cold = solve_field(state.surface, DRIVER, SETTINGS, bound=bound)
    assert np.array_equal(found.free, cold.free)
    assert np.array_equal(found.label, cold.label)
    assert math.isclose(found.step_m, cold.step_m)

"""Chosen chords become lines with the vehicles on their left."""

import numpy as np
import pytest
import shapely
from shapely import LinearRing, LineString, box

from sbd.barriers.chords import find_chords
from sbd.barriers.lines import trace_lines
from sbd.optimise.cut import minimum_cut
from sbd.optimise.network import ChordGraph
from tests.placed import place, street_of


def traced(surface, *, penalty=None):
    """Lines of the shortest cut of a surface, by length alone."""
    chords = find_chords(surface, gap_max_m=1.2)
    length = np.round(chords.length_m * 1000).astype(np.int64)
    length[chords.on_rim] = 10**17
    none = np.full(len(length), 10**17)
    graph = ChordGraph(
        len(chords.mesh.triangles),
        chords.tail,
        chords.head,
        length,
        length,
        none,
        none,
        np.zeros(len(length), dtype=bool),
        chords.ends.mean(axis=1),
        chords.source,
        chords.sink,
    )
    cut = minimum_cut(graph)
    streets = shapely.union_all(list(surface.open_streets.geometry))
    return trace_lines(chords, cut.chords, cut.forth, cut.openable, streets=streets)


def test_a_street_gives_one_line_from_wall_to_wall():
    (line,) = traced(street_of(12.0))
    assert not line.closed
    assert LineString(line.vertices).length == pytest.approx(12.0, abs=0.01)


def test_vehicles_are_to_the_left_of_the_way():
    (line,) = traced(street_of(12.0))
    # The entry is in the west: the way has to run north to have it on its left.
    assert line.vertices[-1][1] > line.vertices[0][1]


def test_a_zone_in_the_open_gets_a_closed_line_around_it():
    (line,) = traced(place(box(0, 0, 100, 100), [], box(40, 40, 60, 60)))
    assert line.closed
    assert LinearRing(line.vertices[:-1]).convex_hull.contains(box(40, 40, 60, 60))
    # Vehicles are outside and to the left, so the way runs clockwise.
    assert not LinearRing(line.vertices).is_ccw


def test_a_line_stops_at_every_solid_it_meets():
    # A pillar in the middle of the street: two lines end on it.
    street = street_of(12.0)
    pillar = box(30, -0.4, 30.8, 0.4)
    solids = [*street.solids.geometry, pillar]
    lines = traced(place(street.study_area, solids, street.zone))
    touching = [line for line in lines if LineString(line.vertices).distance(pillar) < 0.01]
    assert len(lines) == len(touching) == 2


def test_a_line_knows_how_far_open_streets_are():
    avenue = box(0, 45, 100, 55)
    surface = place(box(0, 0, 100, 100), [], box(40, 60, 60, 80), streets=[avenue], entries=[])
    (line,) = traced(surface)
    assert line.street_m.min() == pytest.approx(4.2, abs=0.4)  # 5 m less the rim of the zone
    beside = place(box(0, 0, 100, 100), [], box(40, 55, 60, 80), streets=[avenue], entries=[])
    (line,) = traced(beside)
    low = line.vertices[:, 1] < 56
    assert line.street_m[low[:-1] & low[1:]].max() < 0.13

"""Desire lines + candidates -> which chords leave them open, before and after units were drawn.

No gap is wider than the widest that keeps vehicles out, and on a slanted way less of it is clear:
that bounds what a chord between two solids can leave. Longer lines may bend, so of their chords
only what was drawn counts: where people would be held up, the chords there are taken not to leave
the width, in whichever line they come again.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from sbd.barriers.chords import Candidates
from sbd.barriers.cost import Offer
from sbd.barriers.demand import Floats
from sbd.barriers.fitting import FittedLine
from sbd.barriers.passing import REACH_M, TURN_DEG, Desire, Passage
from sbd.barriers.runs import Terrain
from sbd.optimise.network import Ints
from sbd.optimise.wishes import Way, Wish

STEP_M = 0.01  # units stand on whole centimetres


def ways_of(found: Candidates, desires: Sequence[Desire], offered: Offer) -> tuple[Way, ...]:
    """Return each desire line with the chords across it and the most they can leave clear."""
    chords = found.chords
    lines = np.asarray(shapely.linestrings(chords.ends[found.number]), dtype=object)
    tree = shapely.STRtree(lines)
    own_line = np.asarray(chords.anchored[found.number].all(axis=1), dtype=np.bool_)
    # A chord is closed by one unit at least, which takes of its length.
    room_m = chords.length_m[found.number] - min(p.width_m for p in offered.line)
    widest_m = np.where(own_line, np.minimum(room_m, offered.gap_max_m), offered.gap_max_m)
    ways = []
    for desire in desires:
        chord = np.sort(tree.query(desire.line, predicate="intersects"))
        share = np.where(own_line[chord], _shares(chords.normal_forth, found, chord, desire), 1.0)
        clear_m = np.maximum(widest_m[chord] * share, 0.0)
        ways.append(Way(desire.desire_id, desire.width_m, chord, clear_m, clear_m))
    return tuple(ways)


def _shares(normal: Floats, found: Candidates, chord: Ints, desire: Desire) -> Floats:
    """Return how much of a gap is clear on the way over each chord, at the best turn; errs high."""
    share = np.zeros(len(chord))
    parts = shapely.get_parts(desire.line)
    corners = [shapely.get_coordinates(part) for part in parts]
    start = np.concatenate([xy[:-1] for xy in corners])
    way = np.concatenate([np.diff(xy, axis=0) for xy in corners])
    pieces = shapely.linestrings(np.stack([start, start + way], axis=1))
    ends = found.chords.ends[found.number[chord]]
    at, piece = shapely.STRtree(pieces).query(
        shapely.linestrings(ends), predicate="dwithin", distance=REACH_M
    )
    unit = way / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    across = np.abs((normal[found.number[chord]][at] * unit[piece]).sum(axis=1))
    off_deg = np.degrees(np.arccos(np.clip(across, 0.0, 1.0)))
    clear = np.cos(np.radians(np.maximum(off_deg - TURN_DEG, 0.0)))
    np.maximum.at(share, at, clear)
    return share


def held_up(wish: Wish, found: Candidates, lines: Sequence[FittedLine]) -> Wish | None:
    """Return the wish with what drawn lines taught of chords; None where nobody is held up."""
    ways = {way.name: way for way in wish.ways}
    learned = False
    for line in lines:
        for passage, _ in line.narrow:
            way = ways.get(passage.desire.desire_id)
            if way is not None:
                ways[way.name] = _without_room(way, found, line, passage)
                learned = True
    return replace(wish, ways=tuple(ways.values())) if learned else None


def _without_room(way: Way, found: Candidates, line: FittedLine, passage: Passage) -> Way:
    """Return the way with less clear on the chords of a line beside a passage."""
    members, piece = line.line.all_chords, _owners(line)
    ends = shapely.linestrings(found.chords.ends[members])
    off_m = shapely.distance(ends, shapely.Point(passage.point))
    near = off_m <= max(REACH_M, float(off_m.min()))
    opens = line.line.openable[piece[near]]
    chord = np.searchsorted(found.number, members[near])
    less_m = way.width_m - STEP_M
    one = _lowered(way.chord, way.clear_m, chord[~opens], less_m)
    two = _lowered(way.chord, way.gate_m, chord[opens], less_m)
    every = np.union1d(way.chord, chord)
    return replace(way, chord=every, clear_m=_spread(*one, every), gate_m=_spread(*two, every))


def _owners(line: FittedLine) -> Ints:
    """Return the piece that each chord of a line belongs to."""
    members = line.line.members
    return np.repeat(np.arange(len(members)), [len(chords) for chords in members])


def _lowered(chord: Ints, clear_m: Floats, which: Ints, to_m: float) -> tuple[Ints, Floats]:
    every = np.union1d(chord, which)
    values = _spread(chord, clear_m, every)
    at = np.searchsorted(every, which)
    values[at] = np.minimum(values[at], to_m)
    return every, values


def _spread(chord: Ints, clear_m: Floats, every: Ints) -> Floats:
    """Return values of some chords among more; of the rest nothing is known."""
    values = np.full(len(every), np.inf)
    values[np.searchsorted(every, chord)] = clear_m
    return values


def ground_for(terrain: Terrain, wish: Wish) -> Terrain:
    """Return the ground with the widths that a wish asks on desire lines, and with no others."""
    width_m = {way.name: way.width_m for way in wish.ways}
    if all(width_m.get(desire.desire_id) == desire.width_m for desire in terrain.desires):
        return terrain
    desires = (
        replace(desire, width_m=width_m[desire.desire_id])
        for desire in terrain.desires
        if desire.desire_id in width_m
    )
    return replace(terrain, desires=tuple(desires))

"""What a selection must meet beside closing the place, as arrays over chords and nodes."""

from dataclasses import dataclass

import numpy as np

from sbd.optimise.network import Bools, Floats, Ints

ROUND_OFF_M = 1e-4  # a width of exactly what is asked is wide enough


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Every chord that lets something through, whether a cut can use it or not.

    Parameters
    ----------
    tail, head : (c,) array
        Nodes of the chord graph on either side.
    middle_m : (c, 2) array
        Where each chord is.
    number : (m,) array
        Which of these each chord of the chord graph is.
    area_m2 : (node_count,) array
        Ground in each node.
    """

    tail: Ints
    head: Ints
    middle_m: Floats
    number: Ints
    area_m2: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A place that a vehicle must get to from an openable crossing, or that stays outside.

    Parameters
    ----------
    node : int
        Node of the chord graph it lies in.
    point_m : (2,) array
        Where it is.
    wide : (c,) array
        Chords of the ground on which the vehicle has room.
    limit_m : float
        Longest way from the crossing; inf where only a way is asked for, negative where no crossing
        serves it, so that it must stay outside.
    shut_h : float
        Of a place that must stay outside: hours a day for which it must.
    """

    name: str
    node: int
    point_m: Floats
    wide: Bools
    limit_m: float = np.inf
    shut_h: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A line along which people go on foot or by bicycle, and the chords that lie across it.

    Parameters
    ----------
    width_m : float
        Clear width that a selection must leave on it.
    chord : (k,) array
        Chords of the chord graph that cross it.
    clear_m, gate_m : (k,) array
        No more than this is clear on it where the chord is closed, where it carries a crossing.
    """

    name: str
    width_m: float
    chord: Ints
    clear_m: Floats
    gate_m: Floats

    @property
    def shut(self) -> Bools:
        """Say which of its chords can't be closed and leave the width."""
        return np.asarray(self.clear_m < self.width_m - ROUND_OFF_M)

    @property
    def gate_shut(self) -> Bools:
        """Say which of its chords can't carry a crossing and leave the width."""
        return np.asarray(self.gate_m < self.width_m - ROUND_OFF_M)


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What a selection must meet; what is left at its default is not asked.

    Parameters
    ----------
    gates : int
        Openable crossings; just so many, or at least so many where there are services.
    apart_m : float
        Least distance between two of them: closer ones are one way in, not two.
    ground : Ground or None
        Needed by services and by the limit on what is enclosed.
    services : tuple of Service
        Places that must be served.
    exit_m : (m,) array or None
        Clear width for people that each chord leaves when it is closed.
    exit_need_m : float
        Sum of it over the selection.
    exit_count : (m,) array or None
        How many exits each chord makes at most when it is closed; parts of one count in part.
    exits : float
        Sum of that over the selection.
    enclosed_max_m2 : float
        Ground that vehicles no longer reach, zone included; what they never reached is not counted.
    ways : tuple of Way
        Lines that must stay open for people: a chord that can't leave their width is no choice.
    """

    gates: int = 0
    apart_m: float = 0.0
    ground: Ground | None = None
    services: tuple[Service, ...] = ()
    exit_m: Floats | None = None
    exit_need_m: float = 0.0
    exit_count: Floats | None = None
    exits: float = 0.0
    enclosed_max_m2: float = np.inf
    ways: tuple[Way, ...] = ()

    @property
    def asks_exits(self) -> bool:
        """Whether people must get out."""
        return self.exit_need_m > 0 or self.exits > 0

    @property
    def asks_area(self) -> bool:
        """Whether what is enclosed is limited."""
        return bool(np.isfinite(self.enclosed_max_m2))

    @property
    def asks_more(self) -> bool:
        """Whether anything but crossings is asked."""
        return bool(self.services) or self.asks_exits or self.asks_area

    def shuts(self, chords: int) -> tuple[Bools, Bools]:
        """Say of so many chords which can't be closed, and which can't carry a crossing."""
        closed, gates = np.zeros(chords, dtype=bool), np.zeros(chords, dtype=bool)
        for way in self.ways:
            closed[way.chord] |= way.shut
            gates[way.chord] |= way.gate_shut
        return closed, gates

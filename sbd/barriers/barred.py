"""Chords that nothing may close -> the best place among them, and what bars it, in words."""

import numpy as np
import shapely

from sbd.barriers.chords import Candidates
from sbd.barriers.siting import siting_of
from sbd.model.surface import DrivableSurface
from sbd.optimise.network import Ints


def barred_in_words(found: Candidates, number: Ints, surface: DrivableSurface) -> str:
    """Return what bars every product that is strong enough; empty where that is not what fails.

    Names the place among the chords that is furthest from a crowd, and of equal ones that where
    the least arrives.

    Parameters
    ----------
    number : (n,) array
        Chords of `found.chords` on the way that can't be closed.
    """
    energy_kj = found.energy_kj[:, number].max(axis=0)
    barred = np.flatnonzero(found.barred[:, number].any(axis=0))
    if not len(barred):
        return ""
    crowds = siting_of(surface).crowds
    lines = shapely.linestrings(found.chords.ends[number[barred]])
    apart = shapely.distance(lines, crowds) if not crowds.is_empty else np.zeros(len(barred))
    best = int(np.lexsort((energy_kj[barred], -apart))[0])
    x, y = found.chords.ends[number[barred[best]]].mean(axis=0)
    where = f"at ({x:.0f}, {y:.0f}) {energy_kj[barred[best]]:.0f} kJ arrive"
    if crowds.is_empty:
        return f"{where}, and the ground there bears no product that stops them"
    return (
        f"{where}, a crowd is {apart[best]:.1f} m away, and every product that stops them has a "
        "longer run-out or is barred by the ground"
    )

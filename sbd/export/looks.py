"""Colours, classes and words that the map and the picture share.

Line colours are the eight of Okabe and Ito ("Color Universal Design", 2008), which people with any
common colour vision can tell apart; speeds use viridis, dark for fast, whose lightness alone tells
the order. Nothing is said by colour only: line widths, dashes, shapes and words repeat it.
"""

import itertools
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex
from numpy.typing import ArrayLike, NDArray

from sbd.model.verdict import Standing

# Upper ends of the speed classes [km/h]: impact speeds at which barriers are tested (ISO 22343-1).
SPEED_STEPS_KMH = (32.0, 48.0, 64.0, 80.0, 96.0, 112.0)
SPEED_COLOURS = tuple(
    to_hex(mpl.colormaps["viridis"](share))
    for share in np.linspace(0.95, 0.0, len(SPEED_STEPS_KMH) + 1)
)
NOT_REACHED = "#9a9a9a"

BLACK = "#000000"
ORANGE = "#e69f00"
SKY = "#56b4e9"
GREEN = "#009e73"
VERMILION = "#d55e00"
PURPLE = "#cc79a7"
BLUE = "#0072b2"
DARK_RED = "#8f1d00"


@dataclass(frozen=True, slots=True)
class Banner:
    """How a verdict is shown: by a word, a sign and a colour."""

    word: str
    sign: str
    meaning: str
    colour: str


BANNERS = {
    Standing.HOLDS: Banner(
        "HOLDS", "✔", "No vehicle of the threat's width gets in; everyone else does.", "#00563f"
    ),
    Standing.CONDITIONAL: Banner(
        "HOLDS ON CONDITION",
        "▲",
        "Closed and passable; some points must be settled first.",
        "#7a4b00",
    ),
    Standing.FAILS: Banner(
        "FAILS", "✖", "At least one check failed: this is not a plan to build.", "#8f1d00"
    ),
}


def speed_class(speed_kmh: ArrayLike) -> NDArray[np.int64]:
    """Return the class of each speed: 0 for none, then 1 to 6 upwards.

    A speed on a step belongs to the class below it, as a product tested at that speed answers it.

    >>> speed_class([0.0, 32.0, 32.1, 200.0]).tolist()
    [0, 1, 2, 7]
    """
    speed = np.asarray(speed_kmh, dtype=float)
    return np.where(speed > 0, 1 + np.searchsorted(SPEED_STEPS_KMH, speed, side="left"), 0)


def class_labels() -> tuple[str, ...]:
    """Return the words of the classes, class 0 first.

    >>> class_labels()[:2]
    ('not reached', 'up to 32 km/h')
    """
    pairs = itertools.pairwise(SPEED_STEPS_KMH)
    return (
        "not reached",
        f"up to {SPEED_STEPS_KMH[0]:g} km/h",
        *(f"{low:g} to {high:g} km/h" for low, high in pairs),
        f"over {SPEED_STEPS_KMH[-1]:g} km/h",
    )


def class_colour(number: int) -> str:
    """Return the colour of a class."""
    return NOT_REACHED if number == 0 else SPEED_COLOURS[number - 1]

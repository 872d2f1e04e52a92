"""OpenStreetMap's `surface` in, the most grip that such ground has out.

Every figure is the upper end of what was published (`grips.csv`), because more grip means faster
bends: errs high. Ground that is not in the table limits nothing.
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from sbd.errors import CatalogueError
from sbd.model.words import STANDINGS


@dataclass(frozen=True, slots=True)
class SurfaceGrip:
    """The most friction that a surface has.

    Parameters
    ----------
    dry, wet : float
        Friction between tyre and ground [-] that is not exceeded.
    low, high : float
        The ends of what the sources say, dry.
    """

    surface: str
    dry: float
    wet: float
    low: float
    high: float
    source: str
    standing: str

    def __post_init__(self) -> None:
        faults = []
        if not 0.0 < self.low <= self.high <= self.dry:
            faults.append(f"low {self.low:g}, high {self.high:g}, dry {self.dry:g} do not ascend")
        if not 0.0 < self.wet <= self.dry:
            faults.append(f"wet {self.wet:g} is outside 0 to the dry {self.dry:g}")
        if self.standing not in STANDINGS:
            faults.append(f"standing {self.standing!r} is unknown")
        if faults:
            raise CatalogueError(f"grip of {self.surface!r}: {'; '.join(faults)}")


@cache
def load_grips() -> Mapping[str, SurfaceGrip]:
    """Return the surfaces whose grip is known, by the value of OpenStreetMap's `surface`."""
    text = resources.files("sbd.catalogue").joinpath("grips.csv").read_text("utf-8")
    rows = [
        SurfaceGrip(
            surface=row["surface"],
            dry=float(row["dry"]),
            wet=float(row["wet"]),
            low=float(row["low"]),
            high=float(row["high"]),
            source=row["source"],
            standing=row["standing"],
        )
        for row in csv.DictReader(text.splitlines())
    ]
    return MappingProxyType({row.surface: row for row in rows})


def grip_of_surface(surface: str, *, wet: bool) -> float:
    """Return the most friction that a surface has [-]; inf where nobody knows.

    Take `min(vehicle.friction, grip)`: it never lowers on unknown ground. Details after a colon
    (`concrete:plates`) are left out; of several values (`asphalt;gravel`) the grippiest counts.
    Errs high.

    >>> grip_of_surface("gravel", wet=False), grip_of_surface("moss", wet=True)
    (0.75, inf)
    """
    grips = load_grips()
    words = [word.partition(":")[0].strip().lower() for word in surface.split(";")]
    known = [grips[word] for word in words if word in grips]
    if len(known) < len(words):
        return math.inf
    return max(grip.wet if wet else grip.dry for grip in known)

"""What a plan holds that a public copy is picked from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely

TITLE = "Plans for this square"

Shapes = Iterable[tuple[shapely.Geometry, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as the store has it; only what was written for the public is taken."""

    text: str
    audience: str
    created: datetime
    place: shapely.Geometry | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """All that a public copy is picked from; shapes in longitude and latitude.

    Parameters
    ----------
    units : iterable of (shape, properties)
        The plan's layer of that name.
    solids : iterable of (shape, properties)
        The site's layer of that name.
    verdict : mapping
        Of the plan's record.
    attribution : str
        Of the plan's record; only a known one is repeated.
    title : str
        What the public reads first; whoever makes the copy chooses it.
    """

    units: Shapes
    zone: shapely.Geometry
    solids: Shapes = ()
    verdict: Mapping[str, Any] = field(default_factory=dict)
    attribution: str = ""
    remarks: Iterable[Remark] = ()
    title: str = TITLE

"""What a planner asks of a plan, beside the site and its speeds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
from shapely import MultiPolygon, Polygon

from sbd.errors import InputError
from sbd.model.access import AccessRules
from sbd.model.hours import window_min
from sbd.model.words import PLAN_LAYOUTS


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """What the planner's hand holds fixed; the rest is chosen again around it.

    Parameters
    ----------
    pinned : GeoDataFrame or None
        Units that stand where they are drawn (`tables.FOOTPRINTS`, with their product): kept or
        moved ones alike.
    forbidden : Polygon, MultiPolygon or None
        Ground on which no unit may stand.
    no_crossing : Polygon, MultiPolygon or None
        Ground on which no line may be opened.
    """

    pinned: gpd.GeoDataFrame | None = None
    forbidden: Polygon | MultiPolygon | None = None
    no_crossing: Polygon | MultiPolygon | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlanRequest:
    """The wishes that a plan must meet, every one of them or none.

    Parameters
    ----------
    layout : str
        "permanent", "temporary" or "mixed".
    openable : int
        How many crossings a fire engine can open at least, each a way in of its own.
    gap_min_m, gap_max_m : float
        Clear gaps between units.
    access : AccessRules or None
        A country's rules; None keeps to `gap_min_m` and asks for no more.
    engine_distance_m : float or None
        From a crossing, by ways that an engine drives inside, to every door (`tables.DEMANDS`);
        None does not ask.
    people : int
        Who must be able to leave in `exit_minutes` through the gaps; 0 does not ask.
    exit_minutes : float
        Within which they leave.
    shut_hours : tuple of (opens, closes)
        Times of day, HH:MM, in which no crossing is opened, those of events say: deliveries that
        may come then need a way that stays outside the lines.
    enclosed_max_m2 : float or None
        Ground that the lines may enclose; None does not ask.
    desire_widths_m : mapping of desire_id to float
        Clear width that is accepted on single desire lines, before the country's; 0 gives one up.
    second_line : bool
        Whether the zone stays closed while any one crossing stands open.
    chicanes : int
        How many chicanes may be built at most, to slow vehicles instead of stronger lines.
    budget : float or None
        Middle cost that must not be exceeded; None does not ask.
    hand : Hand
        Pins and forbidden ground.
    """

    layout: str = "permanent"
    openable: int = 0
    gap_min_m: float = 0.9
    gap_max_m: float = 1.2
    access: AccessRules | None = None
    engine_distance_m: float | None = None
    people: int = 0
    exit_minutes: float = 8.0
    shut_hours: tuple[tuple[str, str], ...] = ()
    enclosed_max_m2: float | None = None
    desire_widths_m: Mapping[str, float] = field(default_factory=dict)
    second_line: bool = False
    chicanes: int = 0
    budget: float | None = None
    hand: Hand = field(default_factory=Hand)

    def __post_init__(self) -> None:
        object.__setattr__(self, "desire_widths_m", dict(self.desire_widths_m))
        if wrong := [name for name, wide in self.desire_widths_m.items() if not wide >= 0]:
            raise InputError(f"desire_widths_m: {', '.join(wrong)}: give metres, 0 or more")
        for opens, closes in self.shut_hours:
            window_min(opens, closes)
        if self.layout not in PLAN_LAYOUTS:
            known = ", ".join(PLAN_LAYOUTS)
            raise InputError(f"layout {self.layout!r}: not known; take one of {known}")
        for name, least in (("openable", 0), ("people", 0), ("chicanes", 0), ("gap_min_m", 0.0)):
            if not getattr(self, name) >= least:
                raise InputError(f"{name} {getattr(self, name)}: give {least} or more")
        if not self.gap_min_m <= self.gap_max_m:
            raise InputError(
                f"gap rule: at least {self.gap_min_m:g} m and at most {self.gap_max_m:g} m "
                "contradict each other; lower the minimum"
            )
        for name in ("exit_minutes", "engine_distance_m", "enclosed_max_m2", "budget"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"{name} {value:g}: give a number above 0")

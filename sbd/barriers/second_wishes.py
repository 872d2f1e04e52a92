"""Second lines that no plan has room for -> which wishes stand against them, and what would do."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from sbd.barriers.budget import SECOND
from sbd.barriers.second_line import NoSecondLineError, Plan, where_there_is_room
from sbd.errors import InfeasiblePlanError, Relaxation
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface

# What makes a plan have crossings, or keeps its lines from where a second one fits: field, and how
# a request goes without.
WISHES: Mapping[str, tuple[str, Callable[[PlanRequest], PlanRequest]]] = MappingProxyType(
    {
        "budget": ("budget", lambda r: replace(r, budget=None)),
        "exits": ("people", lambda r: replace(r, people=0)),
        "enclosed ground": ("enclosed_max_m2", lambda r: replace(r, enclosed_max_m2=None)),
        "way of an engine to every door": (
            "engine_distance_m",
            lambda r: replace(r, engine_distance_m=None),
        ),
        "openable crossings": ("openable", lambda r: replace(r, openable=0)),
    }
)


def with_room_for_seconds(
    surface: DrivableSurface, request: PlanRequest, plan: Callable[[PlanRequest], Plan]
) -> Plan:
    """Return what `where_there_is_room` returns, or refuse with what would do.

    Raises
    ------
    InfeasiblePlanError
        No plan that was tried has room: its `relaxations` are the second line and the wishes that
        stand against it, each left out in turn and planned anew; of crossings the most that do.
    """
    try:
        return where_there_is_room(surface, request, plan)
    except NoSecondLineError as error:
        found = _relaxations(surface, request, plan)
        ways = "; or ".join(map(str, found))
        raise InfeasiblePlanError(f"{error}; what would do: {ways}", found) from error


def _relaxations(
    surface: DrivableSurface, request: PlanRequest, plan: Callable[[PlanRequest], Plan]
) -> tuple[Relaxation, ...]:
    def possible(asked: PlanRequest) -> bool:
        try:
            where_there_is_room(surface, asked, plan)
        except InfeasiblePlanError:
            return False
        return True

    kept = [name for name, (field, _) in WISHES.items() if getattr(request, field)]
    hard = request
    for name in tuple(kept):
        less = WISHES[name][1](hard)
        if not possible(less):
            hard = less
            kept.remove(name)
    found = [Relaxation(SECOND, math.nan, math.nan, "")]
    for name in kept:
        if name != "openable crossings":
            found.append(Relaxation(name, math.nan, math.nan, ""))
            continue
        fewer = range(hard.openable - 1, 0, -1)
        most = next((n for n in fewer if possible(replace(hard, openable=n))), 0)
        found.append(Relaxation(name, hard.openable, most, ""))
    return tuple(found)

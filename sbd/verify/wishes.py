"""A plan request -> the figures that the judge asks with."""

from collections.abc import Mapping
from dataclasses import dataclass

from sbd.errors import InputError
from sbd.model.request import Hand, PlanRequest

# ISO 21542 and most rules read ask at least this much of a passage for wheelchairs [m].
WHEELCHAIR_M = 0.9
# Germany asks 3.5 m between walls, France 3.0, Belgium 4.0 [m].
ENGINE_M = 3.5
# French orders of 31 January 1986 (art. 4) and 25 June 1980 (CO 2), published: lanes for engines
# have an inner radius of 11 m or more. It is that of Belgium as well.
INNER_RADIUS_M = 11.0
# Guide to Safety at Sports Grounds: people a minute through a metre of level exit.
EXIT_FLOW_PER_M_MIN = 82.0


@dataclass(frozen=True, slots=True, eq=False)
class Wishes:
    """What is asked of a layout, every figure settled.

    Parameters
    ----------
    threat_width_m, wheelchair_width_m, engine_width_m : float
        Diameters of the discs.
    desire_width_m, cycle_width_m : float
        Of a passage near every line where people walk, or cycle.
    desire_widths_m : mapping of desire_id to float
        Of single lines, before that of their kind; 0 does not ask.
    inner_radius_m, outer_radius_m : float
        Of a bend for engines; an outer one of 0 leaves it to the widening of French lanes.
    openable : int
        How many lanes must let an engine in, each alone.
    engine_distance_m : float or None
        From a lane to each door; None does not ask.
    people : int
        Who must get out in `exit_minutes`; 0 does not ask.
    exit_flow_per_m_min : float
        People a minute through each metre.
    exit_width_m, exits_min : float
        Least width and number of exits; 0 does not ask.
    shut_hours : tuple of (opens, closes)
        Times of day in which no crossing opens.
    second_line : bool
        Whether the zone stays shut while one lane stands open.
    hand : Hand
        Pins and forbidden ground.
    """

    threat_width_m: float
    wheelchair_width_m: float
    engine_width_m: float
    desire_width_m: float
    cycle_width_m: float
    desire_widths_m: Mapping[str, float]
    inner_radius_m: float
    outer_radius_m: float
    openable: int
    engine_distance_m: float | None
    people: int
    exit_minutes: float
    exit_flow_per_m_min: float
    exit_width_m: float
    exits_min: float
    shut_hours: tuple[tuple[str, str], ...]
    second_line: bool
    hand: Hand

    def __post_init__(self) -> None:
        for name in ("threat", "wheelchair", "engine", "desire", "cycle"):
            width_m = getattr(self, f"{name}_width_m")
            if not 0.1 <= width_m <= 10.0:
                raise InputError(f"{name} width {width_m:g} m: give one between 0.1 and 10 m")

    @property
    def widest_m(self) -> float:
        """The widest of all discs."""
        return max(
            self.threat_width_m,
            self.wheelchair_width_m,
            self.engine_width_m,
            self.desire_width_m,
            self.cycle_width_m,
            *self.desire_widths_m.values(),
        )


def wishes_of(
    request: PlanRequest,
    *,
    threat_width_m: float | None = None,
    wheelchair_width_m: float | None = None,
    engine_width_m: float | None = None,
) -> Wishes:
    """Return the figures of a request; widths that are given go before its country's.

    Without a country people and engines get what they need at least, and no more is asked.

    >>> wishes_of(PlanRequest()).desire_width_m
    0.9
    """
    access = request.access
    wheels_m = WHEELCHAIR_M if access is None else access.clear_width_m
    lane_m = ENGINE_M if access is None else access.lane_width_m
    wheels_m = wheels_m if wheelchair_width_m is None else wheelchair_width_m
    return Wishes(
        threat_width_m=request.gap_max_m if threat_width_m is None else threat_width_m,
        wheelchair_width_m=wheels_m,
        engine_width_m=lane_m if engine_width_m is None else engine_width_m,
        desire_width_m=wheels_m if access is None else access.desire_width_m,
        cycle_width_m=wheels_m if access is None else access.cycle_width_m,
        desire_widths_m=request.desire_widths_m,
        inner_radius_m=INNER_RADIUS_M if access is None else access.inner_radius_m,
        outer_radius_m=0.0 if access is None else access.outer_radius_m,
        openable=request.openable,
        engine_distance_m=request.engine_distance_m,
        people=request.people,
        exit_minutes=request.exit_minutes,
        exit_flow_per_m_min=EXIT_FLOW_PER_M_MIN if access is None else access.exit_flow_per_m_min,
        exit_width_m=0.0 if access is None else access.exit_width_m,
        exits_min=0.0 if access is None else access.exits_min,
        shut_hours=request.shut_hours,
        second_line=request.second_line,
        hand=request.hand,
    )

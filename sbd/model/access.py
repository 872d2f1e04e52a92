"""What a country asks of the ways through a plan: figures, each with its source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sbd.errors import InputError
from sbd.model.vehicle import Figure

# figure: (lowest, highest) that a rule can have; outside them the row holds a slip
LIMITS = {
    "clear_width_m": (0.7, 3.0),
    "desire_width_m": (0.7, 3.0),
    "cycle_width_m": (0.7, 3.0),
    "lane_width_m": (2.5, 8.0),
    "lane_height_m": (2.5, 6.0),
    "inner_radius_m": (3.0, 30.0),
    "outer_radius_m": (5.0, 40.0),
    "engine_distance_m": (5.0, 1000.0),
    "exit_flow_per_m_min": (10.0, 150.0),
    "exit_width_m": (0.6, 10.0),
    "exits_min": (1.0, 20.0),
}


@dataclass(frozen=True, slots=True)
class AccessRules:
    """A country's figures for people on foot and on wheels, for fire engines and for crowds.

    Parameters
    ----------
    country : str
        Two letters of ISO 3166-1, or "EU" for the default.
    clear_width_m : float
        Every gap that people use.
    desire_width_m : float
        At least one gap on every desire line of people on foot.
    cycle_width_m : float
        At least one gap on every desire line of people on bicycles.
    lane_width_m, lane_height_m : float
        Of a way for fire engines.
    inner_radius_m, outer_radius_m : float
        Of its bends.
    engine_distance_m : float
        From where the engine stands to every door.
    exit_flow_per_m_min : float
        People a minute through each metre of clear width.
    exit_width_m, exits_min : float
        Least width of an exit, least number of exits.
    figures : mapping of figure name to Figure
        Source and standing of each.
    """

    country: str
    clear_width_m: float
    desire_width_m: float
    cycle_width_m: float
    lane_width_m: float
    lane_height_m: float
    inner_radius_m: float
    outer_radius_m: float
    engine_distance_m: float
    exit_flow_per_m_min: float
    exit_width_m: float
    exits_min: float
    figures: Mapping[str, Figure] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "figures", MappingProxyType(dict(self.figures)))
        faults = [
            f"{name} {getattr(self, name):g}; give {low:g} to {high:g}"
            for name, (low, high) in LIMITS.items()
            if not low <= getattr(self, name) <= high
        ]
        if faults:
            raise InputError(f"access rules {self.country!r}: {'; '.join(faults)}")

"""Every deliberate error of sbd, drawn as a tree.

    SbdError
    ├── InputError               what was given can't be used                 exit 2
    │   ├── ZoneError            the area to protect
    │   ├── CrsError             coordinates in degrees, or with no system
    │   ├── LayerError           a table with faults, all of them at once
    │   ├── ExtractError         a map extract that can't be read
    │   ├── ElevationError       heights of the ground that can't be used
    │   ├── VehicleError         a vehicle that can't exist, or an unknown class
    │   ├── CatalogueError       a product list with faults
    │   └── OutputError          a file that can't be written
    ├── InfeasiblePlanError      the honest answer is "no plan"               exit 1
    ├── SourceError              a source outside this machine is out of reach  exit 3
    ├── FieldError               a result that contradicts itself: never shown  exit 1
    └── CancelledError           the caller asked to stop                     exit 130

A message gives the thing, the value, the limit and the way out, in one line.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class SbdError(Exception):
    """The root of every deliberate error."""

    exit_code = 1


class InputError(SbdError):
    """What was given can't be used."""

    exit_code = 2


class ZoneError(InputError):
    """The area to protect can't be used."""


class CrsError(InputError):
    """Coordinates in degrees where metres are needed, or with no reference system."""


class LayerError(InputError):
    """A table breaks its contract; every fault is listed, not only the first."""

    def __init__(self, subject: str, faults: Sequence[str]) -> None:
        self.subject = subject
        self.faults = tuple(faults)
        noun = "fault" if len(self.faults) == 1 else "faults"
        super().__init__(f"{subject}: {len(self.faults)} {noun}: " + "; ".join(self.faults))

    def __reduce__(self) -> tuple[type["LayerError"], tuple[str, tuple[str, ...]]]:
        # Errors cross process borders; the default pickling would pass the message as `subject`.
        return (type(self), (self.subject, self.faults))


class ExtractError(InputError):
    """A map extract can't be read."""


class ElevationError(InputError):
    """Heights of the ground can't be used: too few, of the wrong kind, or not there."""


class VehicleError(InputError):
    """A vehicle can't exist, or its class is unknown."""


class CatalogueError(InputError):
    """A product list has faults; `faults` holds them one by one where there are several."""

    def __init__(self, message: str, faults: Sequence[str] = ()) -> None:
        self.faults = tuple(faults)
        super().__init__(message)


class OutputError(InputError):
    """A file can't be written."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One wish of several that can't be met together, and what could be with the others kept.

    Parameters
    ----------
    wish : str
        Its name in words.
    asked, possible : float
        What was asked for, and the smallest change of it that makes a plan possible; NaN where
        only giving it up does.
    unit : str
        Of both.
    """

    wish: str
    asked: float
    possible: float
    unit: str

    def __str__(self) -> str:
        """Return the relaxation in words."""
        if self.possible != self.possible:
            return f"give up {self.wish}"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.wish}: {self.possible:.10g}{unit} instead of {self.asked:.10g}{unit}"


class InfeasiblePlanError(SbdError):
    """No plan meets the demands; the message names the demand and what would help.

    `relaxations` are the wishes that can't be met together, none of which is dispensable: to relax
    any one of them as it says makes a plan possible. Empty where no wish is in the way.
    """

    def __init__(self, message: str, relaxations: Sequence[Relaxation] = ()) -> None:
        self.relaxations = tuple(relaxations)
        super().__init__(message)

    def __reduce__(self) -> tuple[type["InfeasiblePlanError"], tuple[object, ...]]:
        return (type(self), (str(self), self.relaxations))


class SourceError(SbdError):
    """A source outside this machine is out of reach."""

    exit_code = 3


class FieldError(SbdError):
    """A result contradicts itself; it is a failed run, never a warning."""


class CancelledError(SbdError):
    """The caller asked to stop."""

    exit_code = 130

"""A tested rating and a demand in; whether the test proves the demand, and what is missing, out.

Only what was tested counts. Nothing is interpolated, energy is never traded between mass and
speed, and a harder test says that the vehicle stops, not where: on published sheets the same
vehicle went 15.4 m through a barrier at 48 km/h and 8.2 m at 64 km/h (NPSA, July 2025).
The rules and their reasons: docs/decisions/ratings.md.
"""

from dataclasses import dataclass
from enum import StrEnum

from sbd.catalogue.rating_standards import FOUNDATIONS, Standard
from sbd.catalogue.ratings import Rating
from sbd.errors import CatalogueError
from sbd.units import JOULE_PER_KILOJOULE, kmh_to_mps

# A test counts as the very impact asked for where it differs by no more than the rounding between
# 48 km/h and 30 miles an hour, or 15 000 lb and 6 800 kg; less than asked for is never enough.
SAME_SPEED_KMH = 0.5
SAME_MASS_SHARE = 0.001
SAME_ANGLE_DEG = 0.5
SAME_LENGTH_M = 0.05
FLOAT_SHARE = 1e-9

# PAS 68 sheets state 25.0 m of debris suspiciously often; until that is checked it may be a cap.
DEBRIS_CAP_M = 25.0

SURROGATE = "S"  # the rig of ASTM F3016, no vehicle
_CARS = ("M1", "C", "SC", "FS")
_VANS = ("N1G", "N1", "PU")
_LORRIES = ("N2", "N2A", "N2B", "N3", "N3C", "N3D", "N3E", "N3F", "N3G", "M", "C7", "H")
_SIZES = {
    name: size
    for size, names in (("car", _CARS), ("van", _VANS), ("lorry", _LORRIES))
    for name in names
}


class Evidence(StrEnum):
    """How a test speaks to a demand."""

    TESTED = "tested"  # this very impact
    HARDER = "harder"  # a heavier, faster or steeper one: stops, the way it takes is unknown
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Demand:
    """An impact that a barrier must stop, and how it would be built.

    Parameters
    ----------
    vehicle_class : str
        Test class, or a city's own name; what follows a hyphen is a variant (M1-EV is an M1).
    mass_kg, speed_kmh, angle_deg : float
        90 degrees is head-on.
    foundation : str, optional
        Letter of what the site allows; None leaves it out of the question, and a note says so.
    array_length_m : float, optional
        Of the planned line, end to end; None leaves it out of the question, and a note says so.
    run_out_m : float, optional
        Free depth behind the rear face of the line; None asks only whether the vehicle stops.
    """

    vehicle_class: str
    mass_kg: float
    speed_kmh: float
    angle_deg: float = 90.0
    foundation: str | None = None
    array_length_m: float | None = None
    run_out_m: float | None = None

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise CatalogueError(f"demand {self.vehicle_class!r}: {'; '.join(faults)}")

    @property
    def energy_kj(self) -> float:
        """Kinetic energy of the vehicle [kJ]."""
        return 0.5 * self.mass_kg * kmh_to_mps(self.speed_kmh) ** 2 / JOULE_PER_KILOJOULE


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What stood in the test, as far as the rating string does not say.

    Parameters
    ----------
    foundation : str, optional
        Letter; the one in the rating goes first.
    array_length_m : float, optional
        Of the tested line, end to end.
    row : bool
        A row of like units, whose neighbours help; False is one spanning unit, a gate or beam.
    closed_to_ground : bool
        Bollards and walls are; under a beam, a cable or a gate a lower vehicle may pass.
    """

    foundation: str | None = None
    array_length_m: float | None = None
    row: bool = False
    closed_to_ground: bool = False

    def __post_init__(self) -> None:
        if self.foundation is not None and self.foundation not in FOUNDATIONS:
            raise CatalogueError(
                f"arrangement: foundation {self.foundation!r}; there are {', '.join(FOUNDATIONS)}"
            )
        if self.array_length_m is not None and not self.array_length_m > 0:
            raise CatalogueError(
                f"arrangement: array_length_m {self.array_length_m:g}; it must be positive"
            )


UNKNOWN_ARRANGEMENT = Arrangement()


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer: covered where nothing is missing.

    `run_out_m` is what the test lets one promise, the larger of penetration and debris [m]; None
    where no test of this very impact, built alike, says. `missing` and `notes` are sentences for
    the planner.
    """

    evidence: Evidence
    within_energy: bool
    run_out_m: float | None
    missing: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def covered(self) -> bool:
        """Whether the test proves all that was asked."""
        return not self.missing


def covers(
    rating: Rating | None, demand: Demand, *, arrangement: Arrangement = UNKNOWN_ARRANGEMENT
) -> Coverage:
    """Return whether a tested rating covers a demand; unknown is not covered.

    None is a product without a test: its mass alone proves nothing.

    >>> from sbd.catalogue.ratings import parse_rating
    >>> claim = covers(parse_rating("V/3500[N1]/64/90:8.2"), Demand("N1", 3500, 48))
    >>> claim.covered, claim.evidence, claim.run_out_m
    (True, <Evidence.HARDER: 'harder'>, None)
    """
    if rating is None:
        untested = "Nothing was tested: mass alone stops no vehicle; ask for a rated product."
        return Coverage(Evidence.NONE, False, None, (untested,), ())
    impact = [*_missing_of_impact(rating, demand), *_missing_of_class(rating, demand, arrangement)]
    evidence = Evidence.NONE
    if not impact:
        evidence = Evidence.TESTED if _same_impact(rating, demand) else Evidence.HARDER
    system = [
        *_missing_of_foundation(rating, demand, arrangement),
        *_missing_of_array(demand, arrangement),
    ]
    alike = evidence is Evidence.TESTED and not system
    run_out_m = _run_out_m(rating) if alike else None
    missing = [*impact, *system, *_missing_of_run_out(rating, demand, run_out_m)]
    energy_kj = rating.energy_kj
    within = energy_kj is not None and energy_kj >= demand.energy_kj * (1 - FLOAT_SHARE)
    return Coverage(evidence, within, run_out_m, tuple(missing), tuple(_notes(rating, demand)))


def _missing_of_impact(rating: Rating, demand: Demand) -> list[str]:
    asked = (
        ("mass", "kg", rating.mass_kg, demand.mass_kg),
        ("speed", "km/h", rating.speed_kmh, demand.speed_kmh),
        ("angle", "degrees", rating.angle_deg, demand.angle_deg),
    )
    missing = []
    for name, unit, tested, wanted in asked:
        if tested is None:
            missing.append(f"The rating states no {name}; ask for the test report.")
        elif tested < wanted * (1 - FLOAT_SHARE):
            missing.append(
                f"Tested at a {name} of {tested:.6g} {unit}, asked for {wanted:.6g}: "
                "a test at no less is missing."
            )
    return missing


def _missing_of_class(rating: Rating, demand: Demand, arrangement: Arrangement) -> list[str]:
    tested, wanted = rating.vehicle_class, demand.vehicle_class
    if tested is None:
        return ["The rating states no vehicle class; ask for the test report."]
    if tested == SURROGATE != wanted:
        return [f"Tested with a surrogate, not with a vehicle; asked for a {wanted}."]
    like = _size(tested) == _size(wanted) is not None
    if tested == wanted or like or arrangement.closed_to_ground:
        return []
    return [
        f"Tested with a {tested}, asked for a {wanted}: that one of another size can't go under "
        "or through is not shown."
    ]


def _missing_of_foundation(rating: Rating, demand: Demand, arrangement: Arrangement) -> list[str]:
    tested = rating.foundation or arrangement.foundation
    if demand.foundation is None or tested == demand.foundation:
        return []
    if tested is None:
        return [f"The tested foundation is unknown, {demand.foundation} is planned."]
    return [f"Tested on foundation {tested}, {demand.foundation} is planned: another system."]


def _missing_of_array(demand: Demand, arrangement: Arrangement) -> list[str]:
    planned, tested = demand.array_length_m, arrangement.array_length_m
    if planned is None:
        return []
    if tested is None:
        return [f"The length of the tested line is unknown, {planned:g} m are planned."]
    if planned < tested - SAME_LENGTH_M:
        return [
            f"Tested as a line of {tested:g} m, {planned:g} m are planned: "
            "a shorter one has less to hold it."
        ]
    if planned > tested + SAME_LENGTH_M and not arrangement.row:
        return [f"Tested as one unit of {tested:g} m, {planned:g} m are planned: a longer span."]
    return []


def _missing_of_run_out(rating: Rating, demand: Demand, run_out_m: float | None) -> list[str]:
    free = demand.run_out_m
    if free is None:
        return []
    if run_out_m is None:
        return [
            "No test of this very impact, built alike, says how far the vehicle comes: "
            f"{demand.mass_kg:g} kg at {demand.speed_kmh:g} km/h may go farther than a harder test."
        ]
    missing = []
    if run_out_m > free:
        missing.append(f"The run-out in the test was up to {run_out_m:g} m, {free:g} m are free.")
    if _debris_capped(rating):
        missing.append(f"Debris flew {DEBRIS_CAP_M:g} m or more; how far is not stated.")
    return missing


def _run_out_m(rating: Rating) -> float | None:
    reach = rating.penetration_range_m
    return None if reach is None else max(reach[1], rating.major_debris_m or 0.0)


def _same_impact(rating: Rating, demand: Demand) -> bool:
    if rating.mass_kg is None or rating.speed_kmh is None or rating.angle_deg is None:
        return False
    return (
        rating.vehicle_class == _base(demand.vehicle_class)
        and abs(rating.mass_kg - demand.mass_kg) <= SAME_MASS_SHARE * demand.mass_kg
        and abs(rating.speed_kmh - demand.speed_kmh) <= SAME_SPEED_KMH
        and abs(rating.angle_deg - demand.angle_deg) <= SAME_ANGLE_DEG
    )


def _notes(rating: Rating, demand: Demand) -> list[str]:
    notes = [f"The rating was read with a defect: {defect}." for defect in rating.warnings]
    if rating.development:
        notes.append("A development test: its report decides how far it meets the standard.")
    if rating.vehicle_class not in {None, demand.vehicle_class}:
        notes.append(f"Tested with a {rating.vehicle_class}, not a {demand.vehicle_class}.")
    if demand.foundation is None:
        notes.append("The foundation was not asked about.")
    if demand.array_length_m is None:
        notes.append("The length of the line was not asked about.")
    if rating.penetration_m is None and rating.penetration_range_m is not None:
        notes.append(f"{rating.penetration_class} is a band; its far end counts.")
    if demand.run_out_m is not None and rating.major_debris_m is None:
        notes.append("How far debris flew is not published.")
    return notes


def _debris_capped(rating: Rating) -> bool:
    return rating.standard in {Standard.PAS_68, None} and rating.major_debris_m == DEBRIS_CAP_M


def _size(vehicle_class: str) -> str | None:
    return _SIZES.get(_base(vehicle_class))


def _base(vehicle_class: str) -> str:
    return vehicle_class.split("-", maxsplit=1)[0].upper()


def _faults(demand: Demand) -> list[str]:
    faults = [
        f"{name} {figure:g}; it must be positive"
        for name in ("mass_kg", "speed_kmh", "array_length_m")
        if (figure := getattr(demand, name)) is not None and not figure > 0
    ]
    if not 0 < demand.angle_deg <= 90:
        faults.append(f"angle_deg {demand.angle_deg:g}; it must lie above 0, up to 90 (head-on)")
    if demand.run_out_m is not None and not demand.run_out_m >= 0:
        faults.append(f"run_out_m {demand.run_out_m:g}; it can't be negative")
    if demand.foundation is not None and demand.foundation not in FOUNDATIONS:
        faults.append(f"foundation {demand.foundation!r}; there are {', '.join(FOUNDATIONS)}")
    if not demand.vehicle_class.strip():
        faults.append("vehicle_class is empty; name the vehicle")
    return faults

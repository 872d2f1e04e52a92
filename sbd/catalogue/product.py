"""A generic type of barrier in one tested class: the noun, which checks itself."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sbd.catalogue.coverage import SAME_SPEED_KMH, Arrangement
from sbd.catalogue.rating_standards import VEHICLE_CLASSES
from sbd.catalogue.ratings import LIMITS, Rating, parse_rating
from sbd.errors import CatalogueError
from sbd.model.words import FOUNDATIONS, LAYOUTS, STANDINGS
from sbd.units import JOULE_PER_KILOJOULE, kmh_to_mps

HEAD_ON_DEG = 90.0
UNRATED = "none"  # in the place of a vehicle class


class Shape(StrEnum):
    """Footprint of a unit."""

    ROUND = "round"
    RECTANGLE = "rectangle"


class Role(StrEnum):
    """Where in a line a product can stand."""

    LINE = "line"
    LANE = "lane"  # opens for engines and deliveries


class LiftingGear(StrEnum):
    """What it takes to lift a unit, the lightest first."""

    NONE = "none"
    FORKLIFT = "forklift"
    LORRY_CRANE = "lorry_crane"
    CRANE = "crane"


@dataclass(frozen=True, slots=True)
class Product:
    """A generic type in one tested class, with what it costs to own and to use.

    Money is in `currency` of the year `cost_year`, without tax.

    Parameters
    ----------
    width_m, depth_m : float
        Along and across the line; the width is a whole number of centimetres.
    gap_min_m, gap_max_m : float
        Clear gaps that an array of it may have.
    foundation : str
        Letter: A free-standing, Ap pinned, B down to 0.5 m, C deeper.
    closed_to_ground : bool
        Bollards and walls are; under a gate, a beam or a lorry a lower vehicle may pass, and what
        was tested with a lorry then proves nothing about a car.
    rated_vehicle, rated_mass_kg, rated_speed_kmh : str, float, float
        What it was tested with, head-on; a mass of 0 says that nothing was, and then it never
        counts as protection.
    penetration_low_m, penetration_high_m : float
        Median and highest penetration over `tests` published tests.
    cost_low, cost_high : float
        One unit, bought and, where it is built in, installed.
    line_fixed_cost : float
        Once a line: design, survey, making good.
    rating : str
        As printed on the sheet; empty where the class stands for several tests.
    debris_m : float
        Farthest major debris of those tests; NaN where none is published. 25 m on a sheet of
        PAS 68 may mean 25 m or more.
    foundation_depth_m : float
        Ground that must be free of pipes and cellars, from the surface down.
    unit_mass_kg : float
        As lifted, filled where it is placed filled.
    rent_day_low, rent_day_high : float
        One unit for one day; NaN where it can't be rented.
    crew : int
        Persons who place a unit.
    crew_hours : float
        Of all persons of the crew together, to place one unit and to take it away again, once; 0
        for what is built in, whose price holds the work.
    units_per_lorry : int
        On a lorry with 12 t of load and 17 m2.
    staff_when_open : float
        Persons who stand by one openable unit while it is in use, relief included.
    maintenance_share : float
        Of the purchase cost, a year.
    life_years, lead_time_weeks : float
        Until it must be bought again; from order to standing.
    storage_m2 : float
        Floor that one unit needs while it is not in use.
    """

    product_id: str
    kind: str
    layouts: frozenset[str]
    roles: frozenset[Role]
    shape: Shape
    width_m: float
    depth_m: float
    gap_min_m: float
    gap_max_m: float
    foundation: str
    closed_to_ground: bool
    rated_vehicle: str
    rated_mass_kg: float
    rated_speed_kmh: float
    penetration_low_m: float
    penetration_high_m: float
    tests: int
    cost_low: float
    cost_high: float
    line_fixed_cost: float
    currency: str
    cost_year: int
    performance_source: str
    performance_standing: str
    cost_source: str
    cost_standing: str
    rating: str
    debris_m: float
    foundation_depth_m: float
    unit_mass_kg: float
    rent_day_low: float
    rent_day_high: float
    crew: int
    crew_hours: float
    lifting_gear: LiftingGear
    units_per_lorry: int
    staff_when_open: float
    maintenance_share: float
    life_years: float
    lead_time_weeks: float
    storage_m2: float
    life_source: str
    life_standing: str

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise CatalogueError(f"product {self.product_id!r}: {'; '.join(faults)}", faults)

    def __hash__(self) -> int:
        # Products are looked up often, and two of one id are hardly ever there at once.
        return hash(self.product_id)

    @property
    def rated_energy_kj(self) -> float:
        """Kinetic energy of the test vehicle [kJ]."""
        speed_mps = kmh_to_mps(self.rated_speed_kmh)
        return 0.5 * self.rated_mass_kg * speed_mps**2 / JOULE_PER_KILOJOULE

    @property
    def is_rated(self) -> bool:
        """Whether a test stands behind it; without one it never counts as protection."""
        return self.rated_mass_kg > 0

    @property
    def tested(self) -> Rating | None:
        """What `covers` asks for: the printed rating, or the class head-on; None where untested."""
        if not self.is_rated:
            return None
        if self.rating:
            return parse_rating(self.rating)
        return Rating(
            vehicle_class=self.rated_vehicle,
            mass_kg=self.rated_mass_kg,
            speed_kmh=self.rated_speed_kmh,
            angle_deg=HEAD_ON_DEG,
            penetration_m=self.penetration_high_m,
            major_debris_m=None if math.isnan(self.debris_m) else self.debris_m,
            foundation=self.foundation,
        )

    @property
    def arrangement(self) -> Arrangement:
        """How it stood in the test, as far as the rating does not say."""
        return Arrangement(
            foundation=self.foundation,
            row=Role.LINE in self.roles,
            closed_to_ground=self.closed_to_ground,
        )

    @property
    def run_out_m(self) -> float:
        """Depth behind a unit that must stay clear [m]: highest penetration, plus known debris.

        Errs high: debris is added to the penetration, as if it were counted from where the
        vehicle came to rest, and the worst of both over all tests of the class is taken. Errs low
        where no debris is published: only the penetration counts then.
        """
        return self.penetration_high_m + (0.0 if math.isnan(self.debris_m) else self.debris_m)

    @property
    def cost_mid(self) -> float:
        """Middle of the cost range, what the optimiser compares."""
        return 0.5 * (self.cost_low + self.cost_high)

    @property
    def rentable(self) -> bool:
        """Whether it can be had for a day."""
        return not math.isnan(self.rent_day_low)

    @property
    def rent_day_mid(self) -> float:
        """Middle of the rent of one unit for one day; NaN where it can't be rented."""
        return 0.5 * (self.rent_day_low + self.rent_day_high)

    @property
    def width_cm(self) -> int:
        """Width along the line [cm]."""
        return round(self.width_m * 100)

    @property
    def source(self) -> str:
        """Where performance and cost come from."""
        return f"performance: {self.performance_source}; cost: {self.cost_source}"

    @property
    def standing(self) -> str:
        """The weaker of the standings of performance and cost."""
        return max(self.performance_standing, self.cost_standing, key=STANDINGS.index)


_POSITIVE = ("width_m", "depth_m", "gap_max_m", "units_per_lorry", "unit_mass_kg", "life_years")
_NOT_NEGATIVE = (
    *("gap_min_m", "rated_mass_kg", "rated_speed_kmh", "penetration_low_m", "tests"),
    *("cost_low", "line_fixed_cost", "foundation_depth_m", "crew", "crew_hours"),
    *("staff_when_open", "maintenance_share", "lead_time_weeks", "storage_m2"),
)
_MAY_BE_UNKNOWN = ("debris_m", "rent_day_low", "rent_day_high")
_RANGES = (
    ("gap_min_m", "gap_max_m"),
    ("penetration_low_m", "penetration_high_m"),
    ("cost_low", "cost_high"),
)
_TEXTS = (
    *("product_id", "kind", "rated_vehicle", "currency"),
    *("performance_source", "cost_source", "life_source"),
)
RATED_COLUMNS = MappingProxyType(
    {
        "vehicle_class": "rated_vehicle",
        "mass_kg": "rated_mass_kg",
        "speed_kmh": "rated_speed_kmh",
    }
)
_STANDINGS = ("performance_standing", "cost_standing", "life_standing")


def _faults(product: Product) -> list[str]:
    return [
        *_faults_of_figures(product),
        *_faults_of_ranges(product),
        *_faults_of_test(product),
        *_faults_of_words(product),
    ]


def _faults_of_figures(product: Product) -> list[str]:
    value = {name: getattr(product, name) for name in product.__dataclass_fields__}
    faults = [f"{n} {value[n]:g}; it must be positive" for n in _POSITIVE if not value[n] > 0]
    faults += [
        f"{n} {value[n]:g}; it can't be negative" for n in _NOT_NEGATIVE if not value[n] >= 0
    ]
    faults += [f"{n} {value[n]:g}; it can't be negative" for n in _MAY_BE_UNKNOWN if value[n] < 0]
    faults += [
        f"{n} {value[n]:g}; give a finite number"
        for n in (*_POSITIVE, *_NOT_NEGATIVE, *_MAY_BE_UNKNOWN)
        if math.isinf(value[n]) and value[n] > 0
    ]
    centimetres = product.width_m * 100
    if math.isfinite(centimetres) and abs(centimetres - round(centimetres)) > 1e-6:
        faults.append(f"width_m {product.width_m:g}; give whole centimetres, rounded down")
    return faults


def _faults_of_ranges(product: Product) -> list[str]:
    faults = []
    for low, high in _RANGES:
        if not getattr(product, low) <= getattr(product, high) < math.inf:
            faults.append(
                f"{low} {getattr(product, low):g} above {high} {getattr(product, high):g}"
            )
    low_rent, high_rent = product.rent_day_low, product.rent_day_high
    if math.isnan(low_rent) != math.isnan(high_rent):
        faults.append("rent_day_low, rent_day_high: give both, or neither")
    elif low_rent > high_rent:
        faults.append(f"rent_day_low {low_rent:g} above rent_day_high {high_rent:g}")
    return faults


def _faults_of_test(product: Product) -> list[str]:
    vehicle = product.rated_vehicle
    if vehicle not in {*VEHICLE_CLASSES, UNRATED}:
        return [f"rated_vehicle {vehicle!r}; one of {', '.join(VEHICLE_CLASSES)}, or {UNRATED}"]
    if product.is_rated != (vehicle != UNRATED):
        return [
            f"rated_mass_kg {product.rated_mass_kg:g} with rated_vehicle {vehicle!r}; "
            f"give the mass and the class of the test, or 0 and {UNRATED} where there was none"
        ]
    if product.is_rated and not product.rated_speed_kmh > 0:
        return ["rated_speed_kmh 0; a test has a speed"]
    try:
        return [] if product.tested is None else contradictions(product.tested, _stated(product))
    except CatalogueError as error:
        return [f"rating {product.rating!r}: {error}"]


def _stated(product: Product) -> dict[str, str | float]:
    columns = (*RATED_COLUMNS.values(), "penetration_low_m", "penetration_high_m", "debris_m")
    return {name: getattr(product, name) for name in (*columns, "foundation")}


def contradictions(rating: Rating, stated: Mapping[str, str | float]) -> list[str]:
    """Return what columns say that a rating contradicts; columns left out and NaN say nothing.

    Masses, speeds and distances that agree within rounding of pounds and miles are the same.
    """
    printed: dict[str, str | float | None] = {
        column: getattr(rating, name) for name, column in RATED_COLUMNS.items()
    }
    printed |= {"debris_m": rating.major_debris_m, "foundation": rating.foundation}
    faults = [
        f"{column} {stated[column]} contradicts the rating, which says {says}"
        for column, says in printed.items()
        if says is not None and column in stated and not _agree(column, stated[column], says)
    ]
    reach, high = farthest_m(rating), stated.get("penetration_high_m")
    if reach is not None and isinstance(high, float) and high < reach - _SAME["debris_m"]:
        faults.append(
            f"penetration_high_m {high:g} contradicts the rating, which says up to {reach:g}"
        )
    return faults


def farthest_m(rating: Rating) -> float | None:
    """Return the most penetration of a test [m]; a class without an end counts as 100 m."""
    reach = rating.penetration_range_m
    return None if reach is None else min(reach[1], LIMITS["penetration_m"][1])


# How far a column may differ from the rating and still be the same figure.
_SAME = MappingProxyType(
    {"rated_mass_kg": 15.0, "rated_speed_kmh": SAME_SPEED_KMH, "debris_m": 0.05}
)


def _agree(column: str, stated: str | float, says: str | float) -> bool:
    if isinstance(stated, str) or isinstance(says, str):
        return stated == says
    return math.isnan(stated) or abs(stated - says) <= _SAME[column]


def _faults_of_words(product: Product) -> list[str]:
    faults = [f"{n} is empty" for n in _TEXTS if not getattr(product, n)]
    faults += [
        f"{n} {getattr(product, n)!r}; one of {', '.join(STANDINGS)}"
        for n in _STANDINGS
        if getattr(product, n) not in STANDINGS
    ]
    if not product.layouts or not product.layouts <= set(LAYOUTS):
        faults.append(f"layouts {' '.join(sorted(product.layouts))!r}; of {', '.join(LAYOUTS)}")
    if product.foundation not in FOUNDATIONS:
        faults.append(f"foundation {product.foundation!r}; one of {', '.join(FOUNDATIONS)}")
    if not product.roles:
        faults.append("no role; give line, lane or both")
    return faults

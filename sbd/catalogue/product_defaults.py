"""A city's row with gaps -> what its missing columns take: the costliest of the shipped list.

So a list need not tell what nobody asked its maker: the optimiser then reckons with too much cost,
too long a wait and too much handling, never with too little. Tests are no matter of defaults: what
a row does not say of them was not tested, or went as far as nobody knows.
"""

import math
from collections.abc import Mapping, Sequence

from sbd.catalogue.product import UNRATED, LiftingGear, Product, Shape, farthest_m
from sbd.catalogue.rates import load_rates
from sbd.catalogue.ratings import Rating

# Every row must state these; all others may be left out.
REQUIRED = (
    *("product_id", "kind", "layouts", "roles", "width_m", "depth_m", "foundation"),
    *("cost_low", "cost_high", "currency"),
)
# Beyond the 29.1 m of the worst published test (NPSA sheets, July 2025).
UNKNOWN_PENETRATION_M = 30.0

_COSTLY_HIGH = (
    *("line_fixed_cost", "foundation_depth_m", "unit_mass_kg", "crew", "crew_hours"),
    *("staff_when_open", "maintenance_share", "lead_time_weeks", "storage_m2"),
)
_COSTLY_LOW = ("units_per_lorry", "life_years")


def defaults(
    kind: str, foundation: str, rating: Rating | None, *, shipped: Sequence[Product], source: str
) -> Mapping[str, object]:
    """Return a value for every column that a row may leave out.

    Parameters
    ----------
    kind, foundation : str
        Of the row: the shipped rows of its kind count, else those of its foundation, else all.
    rating : Rating or None
        Of the row; what it says fills the columns on the test.
    source : str
        Named where the row names none: the file.
    """
    kin = (
        [product for product in shipped if product.kind == kind]
        or [product for product in shipped if product.foundation == foundation]
        or list(shipped)
    )
    costliest = {name: max(getattr(product, name) for product in kin) for name in _COSTLY_HIGH}
    costliest |= {name: min(getattr(product, name) for product in kin) for name in _COSTLY_LOW}
    return {
        **costliest,
        **_of_the_test(rating),
        "lifting_gear": max((p.lifting_gear for p in kin), key=list(LiftingGear).index),
        "shape": Shape.RECTANGLE,
        "gap_min_m": 0.9,
        "gap_max_m": 1.2,
        "closed_to_ground": False,
        "cost_year": load_rates().year,
        "rating": "",
        "rent_day_low": math.nan,
        "rent_day_high": math.nan,
        "performance_source": source,
        "performance_standing": "assumed",
        "cost_source": source,
        "cost_standing": "assumed",
        "life_source": f"{source}; what it leaves out is the costliest of sbd's own list",
        "life_standing": "assumed",
    }


def _of_the_test(rating: Rating | None) -> dict[str, object]:
    reach = None if rating is None else rating.penetration_range_m
    far = None if rating is None else farthest_m(rating)
    debris = None if rating is None else rating.major_debris_m
    return {
        "rated_vehicle": (rating and rating.vehicle_class) or UNRATED,
        "rated_mass_kg": (rating and rating.mass_kg) or 0.0,
        "rated_speed_kmh": (rating and rating.speed_kmh) or 0.0,
        "penetration_low_m": UNKNOWN_PENETRATION_M if reach is None else reach[0],
        "penetration_high_m": UNKNOWN_PENETRATION_M if far is None else far,
        "debris_m": math.nan if debris is None else debris,
        "tests": 0 if rating is None else 1,
    }

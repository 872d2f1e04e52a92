"""Rates and a horizon -> what later payments are worth today."""

from dataclasses import dataclass

from sbd.catalogue.rates import Rates
from sbd.errors import InputError

LONGEST_YEARS = 100

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Money:
    """Rates over a horizon.

    Parameters
    ----------
    years : int
        Over which costs are added up.
    """

    rates: Rates
    years: int

    def __post_init__(self) -> None:
        if not 1 <= self.years <= LONGEST_YEARS or self.years != int(self.years):
            raise InputError(f"horizon of {self.years} years; give 1 to {LONGEST_YEARS} whole ones")

    @property
    def yearly(self) -> float:
        """What 1 a year, paid at the end of each, is worth on the first day."""
        return annuity(self.rates.discount_rate, self.years)

    def replacements(self, life_years: float) -> float:
        """Return what buying anew for 1 whenever a life ends within the horizon is worth."""
        return replacements(self.rates.discount_rate, self.years, life_years)

    def rate(self, name: str) -> Range:
        """Return the range of a rate."""
        return getattr(self.rates, f"{name}_low"), getattr(self.rates, f"{name}_high")


def annuity(discount_rate: float, years: float) -> float:
    """Return what 1 at the end of each of so many years is worth today.

    >>> annuity(0.0, 15), round(annuity(0.03, 15), 4)
    (15.0, 11.9379)
    """
    if discount_rate == 0:
        return float(years)
    return float((1 - (1 + discount_rate) ** -years) / discount_rate)


def replacements(discount_rate: float, years: float, life_years: float) -> float:
    """Return what 1 at the end of each life within so many years is worth today.

    What would end on the last day is not bought again.

    >>> replacements(0.0, 15, 5), replacements(0.0, 15, 15), round(replacements(0.03, 15, 12), 4)
    (2.0, 0.0, 0.7014)
    """
    count = int((years - 1e-9) // life_years)
    return float(sum((1 + discount_rate) ** (-life_years * n) for n in range(1, count + 1)))


def middle(ends: Range) -> float:
    """Return the middle of a range."""
    return 0.5 * (ends[0] + ends[1])

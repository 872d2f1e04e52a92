"""access_rules.csv -> a country's rules of access, each figure with source and standing.

What no rule was read for takes the envelope: the strictest figure of the countries read, which
errs on the side of access. Where guidance asks for more than security allows, the note says so:
docs/decisions/access-rules.md.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from sbd.errors import CatalogueError, InputError
from sbd.model.access import LIMITS, AccessRules
from sbd.model.vehicle import Figure
from sbd.model.words import STANDINGS

DEFAULT_COUNTRY = "EU"
ENVELOPE = "envelope of the countries read"
_ALIASES = MappingProxyType({"GB": "UK"})


def access_rules(country: str = DEFAULT_COUNTRY) -> AccessRules:
    """Return the rules of a country; "EU" is the envelope of all that were read.

    Upper and lower case are the same, GB is UK. Raises InputError that lists the countries.

    >>> access_rules("be").lane_width_m
    4.0
    """
    rules = load_access_rules()
    code = country.strip().upper()
    found = rules.get(_ALIASES.get(code, code))
    if found is None:
        raise InputError(
            f"country {country!r}: no rules of access; there are {', '.join(rules)}; "
            f"take {DEFAULT_COUNTRY}, the envelope of them, or give your own AccessRules"
        )
    return found


@cache
def load_access_rules() -> Mapping[str, AccessRules]:
    """Return the rules of every country that comes with sbd."""
    text = resources.files("sbd.catalogue").joinpath("access_rules.csv").read_text("utf-8")
    values: dict[str, dict[str, float]] = {}
    figures: dict[str, dict[str, Figure]] = {}
    for row in csv.DictReader(text.splitlines()):
        country, name = row["country"], row["figure"]
        if row["standing"] not in STANDINGS or name not in LIMITS or not row["source"]:
            raise CatalogueError(f"access_rules.csv: {country} {name}: a row with a slip")
        values.setdefault(country, {})[name] = float(row["value"])
        source = "; ".join(part for part in (row["source"], row["note"]) if part)
        figures.setdefault(country, {})[name] = Figure(source, row["standing"])
    return MappingProxyType(
        {
            country: AccessRules(country=country, figures=figures[country], **stated)
            for country, stated in values.items()
        }
    )

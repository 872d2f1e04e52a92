"""Text of a rating in, plain tokens out: numbers with their units, names and signs."""

import re
from dataclasses import dataclass

from sbd.catalogue.rating_standards import KG_PER_POUND, KMH_PER_MPH, METRE_PER_FOOT
from sbd.errors import CatalogueError

# unit: (what it measures, factor to kg, km/h, degrees or metres)
UNITS = {
    "kg": ("mass_kg", 1.0),
    "t": ("mass_kg", 1000.0),
    "tonnes": ("mass_kg", 1000.0),
    "lb": ("mass_kg", KG_PER_POUND),
    "lbs": ("mass_kg", KG_PER_POUND),
    "km/h": ("speed_kmh", 1.0),
    "kmh": ("speed_kmh", 1.0),
    "kph": ("speed_kmh", 1.0),
    "mph": ("speed_kmh", KMH_PER_MPH),
    "deg": ("angle_deg", 1.0),
    "degrees": ("angle_deg", 1.0),
    "°": ("angle_deg", 1.0),
    "m": ("penetration_m", 1.0),
    "ft": ("penetration_m", METRE_PER_FOOT),
    "'": ("penetration_m", METRE_PER_FOOT),
    '"': ("penetration_m", METRE_PER_FOOT / 12),
}
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_TWINS = str.maketrans(
    {
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys("\u2018\u2019\u2032\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u2033", '"'),
        **dict.fromkeys("\u2044\u2215\uff0f", "/"),
        **dict.fromkeys("\u2236\uff1a", ":"),
        **dict.fromkeys("\u00ba\u02da", "°"),
        **dict.fromkeys("\uff3b\u3010", "["),
        **dict.fromkeys("\uff3d\u3011", "]"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        **dict.fromkeys("\u200b\ufeff", None),
    }
)

# A unit belongs to the number before it; "km/h" before "m", so that its slash is no separator.
_TOKEN = re.compile(
    r"""(?P<blank>\s*)(?:
        (?P<number>\d{1,2}[ ]\d{3}(?![\d.,])|\d+(?:[.,]\d+)?)
        (?:\s*(?P<unit>km/h|kmh|kph|mph|kg|lbs?|tonnes|t|degrees|deg|ft|m|°|'|")(?![A-Za-z0-9]))?
      | (?P<name>[A-Za-z]+[0-9]*[A-Za-z]*[0-9]*)
      | (?P<mark>[/:\[\]()@,;.-])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ATTACHED_METHOD = re.compile(r"V(?P<mass>\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A number with its unit, a name or a sign; `spaced` where a blank stands before it."""

    text: str
    spaced: bool
    number: float | None = None
    unit: str | None = None


def plain(text: str) -> str:
    """Return a text with the typographic twins of dashes, primes, slashes and blanks made plain.

    >>> plain("M50–P1")
    'M50-P1'
    """
    return " ".join(text.translate(_TWINS).split())


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a plain text; CatalogueError names a sign that no rating has."""
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise CatalogueError(f"{text[place:].strip()[:20]!r} is not understood")
        place = match.end()
        spaced = bool(match["blank"])
        if match["number"]:
            number = float(match["number"].replace(",", ".").replace(" ", ""))
            unit = match["unit"].lower() if match["unit"] else None
            tokens.append(Token(match["number"], spaced, number, unit))
        elif (name := match["name"]) and (attached := _ATTACHED_METHOD.fullmatch(name)):
            tokens += [Token("V", spaced), Token(attached["mass"], False, float(attached["mass"]))]
        else:
            tokens.append(Token(name or match["mark"], spaced))
    return tokens

"""Text of a rating, its standard taken off, in; the figures it states and accepted defects out.

Three forms are read:

    code         V/7200[N2A]/48/90:1.1/0.0      places count, blanks and brackets are forgiven
    designation  M50/P1 0.3 m, K12, S20-P2      letters and numbers that a standard defines
    words        N3 7.5 t at 80 km/h, 90 deg    every number has a unit
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sbd.catalogue.rating_standards import (
    AMERICAN_MASSES_KG,
    DESIGNATIONS,
    FOUNDATIONS,
    KMH_PER_MPH,
    VEHICLE_CLASSES,
    Standard,
)
from sbd.catalogue.rating_tokens import UNITS, Token, tokens_of
from sbd.errors import CatalogueError

_SPOKEN = {
    "mass_kg": "mass",
    "speed_kmh": "speed",
    "angle_deg": "angle",
    "penetration_m": "penetration",
    "major_debris_m": "debris",
}
_FILLERS = frozenset({"at", "and", "with", "mass", "speed", "angle", "penetration", "debris"})
# Nominal speeds of IWA 14-1 and PAS 68 are steps of 16 km/h, 10 miles an hour (general knowledge).
SPEED_STEP_KMH = 16

_DESIGNATION = re.compile(
    r"(?:(?P<truck>K)[ -]?(?P<level>\d\d?)|(?P<letters>SC|FS|PU|C7|C|M|H|S)[ -]?(?P<mph>\d\d))"
    r"(?:[ /-]*(?P<result>[PL]\d))?(?![A-Z0-9])",
    re.IGNORECASE,
)
_END = Token("", spaced=False)  # stands after the last token
_RESULT = re.compile(r"[PL]\d")


@dataclass(slots=True)
class Parts:
    """What a text states, in the order it is found; figures it leaves out are not there."""

    figures: dict[str, float] = field(default_factory=dict)
    standard: Standard | None = None  # the one that defines the designation
    vehicle_class: str | None = None
    penetration_class: str | None = None
    foundation: str | None = None
    warnings: list[str] = field(default_factory=list)


def read_parts(text: str) -> Parts:
    """Return what a rating without the name of its standard states.

    Raises CatalogueError that names the part which is not understood.

    >>> read_parts("7200 [N2A]/48/90/1,1").warnings
    ['method letter missing, V assumed', 'space before class', 'slash before penetration']
    """
    if match := _DESIGNATION.match(text):
        parts = _designation(match)
        _words(tokens_of(text[match.end() :]), parts)
        return parts
    tokens = tokens_of(text)
    if not tokens:
        raise CatalogueError("nothing is stated; give a code such as V/7200[N2A]/48/90:1.1")
    parts = Parts()
    if _is_code(tokens):
        _Code(tokens, parts).read()
    else:
        _words(tokens, parts)
    return parts


def _designation(match: re.Match[str]) -> Parts:
    """Return what letters and number stand for, as their standard defines them."""
    letters = (match["truck"] or match["letters"]).upper()
    number = int(match["level"] or match["mph"])
    standard, vehicle_class, speeds_mph = DESIGNATIONS[letters]
    if number not in speeds_mph:
        known = ", ".join(f"{letters}{n}" for n in speeds_mph)
        raise CatalogueError(
            f"designation '{letters}{number}' is not one of {standard}; there are {known}"
        )
    result = match["result"]
    return Parts(
        figures={
            "mass_kg": AMERICAN_MASSES_KG[vehicle_class],
            "speed_kmh": speeds_mph[number] * KMH_PER_MPH,
        },
        standard=standard,
        vehicle_class=vehicle_class,
        penetration_class=result.upper() if result else None,
    )


def _is_code(tokens: Sequence[Token]) -> bool:
    """Whether places count: after a V, or where a mass goes first and something is slashed."""
    first = tokens[0]
    if first.number is None:
        return first.text.upper() == "V"
    massive = first.unit is None or UNITS[first.unit][0] == "mass_kg"
    return massive and any(token.text == "/" for token in tokens)


class _Code:
    """Reads mass [class] / speed / angle : penetration / debris, place by place."""

    def __init__(self, tokens: Sequence[Token], parts: Parts) -> None:
        self._tokens = tokens
        self._parts = parts
        self._at = 0

    def read(self) -> None:
        """Fill the parts; CatalogueError names the place that holds something else."""
        self._method()
        if self._peek().number is not None:
            self._figure("mass_kg")
        self._vehicle_class()
        self._separator("class")
        self._speed()
        if not self._done() and not self._sees(":"):
            self._separator("speed")
            self._figure("angle_deg")
        if self._sees(":", "/"):
            self._penetration()
        _foundation(self._tokens[self._at :], self._parts)

    def _speed(self) -> None:
        token = self._peek()
        self._figure("speed_kmh")
        if token.unit is None and (token.number or 0.0) % SPEED_STEP_KMH:
            # 30, 40 and 50 may be miles an hour; km/h is the slower test, so it errs safe.
            self._warn(f"speed {token.text} is no step of {SPEED_STEP_KMH} km/h, read as km/h")

    def _penetration(self) -> None:
        if self._take("/"):
            self._warn("slash before penetration")
        else:
            self._take(":")
        self._figure("penetration_m")
        if self._take("/"):
            self._figure("major_debris_m")

    def _method(self) -> None:
        if self._take("V"):
            if not self._take("/"):
                self._warn("missing separator after method")
        else:
            self._warn("method letter missing, V assumed")

    def _vehicle_class(self) -> None:
        if self._sees("/") and self._peek(1).text.upper() in {"[", "(", *VEHICLE_CLASSES}:
            self._at += 1
            self._warn("slash before class")
        opening = self._peek()
        if opening is _END or opening.text == "/" or opening.number is not None:
            return
        if opening.spaced:
            self._warn("space before class")
        bracketed = self._take("[") or self._take("(")
        if not bracketed:
            self._warn("class without brackets")
        name = self._peek()
        if name.text.upper() not in VEHICLE_CLASSES:
            known = ", ".join(VEHICLE_CLASSES)
            raise CatalogueError(f"vehicle class {name.text!r} is not known; there are {known}")
        self._parts.vehicle_class = name.text.upper()
        self._at += 1
        if bracketed and not (self._take("]") or self._take(")")):
            raise CatalogueError(f"bracket after vehicle class {name.text!r} is not closed")

    def _figure(self, name: str) -> None:
        token = self._peek()
        if token.number is None:
            stated = "is missing" if token is _END else f"{token.text!r} is not a number"
            raise CatalogueError(f"{_SPOKEN[name]} {stated}")
        self._at += 1
        self._parts.figures[name] = _converted(token, name, self._parts)

    def _separator(self, after: str) -> None:
        if not self._take("/"):
            self._warn(f"missing separator after {after}")

    def _take(self, text: str) -> bool:
        if self._peek().text.upper() != text:
            return False
        self._at += 1
        return True

    def _sees(self, *texts: str) -> bool:
        return self._peek().text in texts

    def _peek(self, ahead: int = 0) -> Token:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else _END

    def _done(self) -> bool:
        return self._at >= len(self._tokens)

    def _warn(self, defect: str) -> None:
        self._parts.warnings.append(defect)


def _converted(token: Token, name: str, parts: Parts) -> float:
    """Return a figure of the code in its unit; a unit of something else is refused."""
    assert token.number is not None
    number = token.number
    if token.unit is not None:
        measures, factor = UNITS[token.unit]
        wanted = "penetration_m" if name == "major_debris_m" else name
        if measures != wanted:
            raise CatalogueError(f"{_SPOKEN[name]} in {token.unit}; no such unit for it")
        number *= factor
    if name == "mass_kg" and number < 100 and re.fullmatch(r"\d{1,2}[.,]\d{3}", token.text):
        # No vehicle weighs 7.5 kg: the sign sets thousands apart.
        parts.warnings.append(f"mass {token.text} read with a sign between thousands")
        number *= 1000.0
    return number


def _words(tokens: Sequence[Token], parts: Parts) -> None:
    """Read figures that carry units, in any order, and the class of the vehicle."""
    debris = False
    for place, token in enumerate(tokens):
        word = token.text.upper()
        if token.number is not None:
            if token.unit is None:
                raise CatalogueError(f"number {token.text!r} has no unit and no place in a code")
            name = UNITS[token.unit][0]
            name = "major_debris_m" if debris and name == "penetration_m" else name
            if name in parts.figures:
                raise CatalogueError(f"{_SPOKEN[name]} is stated twice: {token.text} {token.unit}")
            parts.figures[name] = _converted(token, name, parts)
        elif word in VEHICLE_CLASSES and parts.vehicle_class is None:
            parts.vehicle_class = word
        elif _RESULT.fullmatch(word) and parts.penetration_class is None:
            parts.penetration_class = word
        elif word == "FOUNDATION":
            _foundation(tokens[place:], parts)
            return
        elif word[0].isalpha() and word.lower() not in _FILLERS:
            raise CatalogueError(f"word {token.text!r} is not understood")
        debris = word == "DEBRIS"


def _foundation(tokens: Sequence[Token], parts: Parts) -> None:
    """Read `foundation Ap` at the end; anything else there is refused."""
    if not tokens:
        return
    words = [token.text.lower() for token in tokens]
    letters = {letter.lower(): letter for letter in FOUNDATIONS}
    if len(words) == 2 and words[0] == "foundation" and words[1] in letters:
        parts.foundation = letters[words[1]]
        return
    rest = " ".join(token.text for token in tokens)
    raise CatalogueError(f"{rest!r} at the end is not understood; only 'foundation A', Ap, B or C")

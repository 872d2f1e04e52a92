"""Rating strings of tested barriers in, what was tested and what came of it out, and back again."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from sbd.catalogue.rating_grammar import read_parts
from sbd.catalogue.rating_standards import (
    AMERICAN_MASSES_KG,
    DESIGNATIONS,
    FOUNDATIONS,
    KMH_PER_MPH,
    PENETRATION_BANDS_M,
    PENETRATION_CLASSES,
    VEHICLE_CLASSES,
    Standard,
    split_standard,
)
from sbd.catalogue.rating_tokens import plain
from sbd.errors import CatalogueError
from sbd.units import JOULE_PER_KILOJOULE, kmh_to_mps

# figure: (least, most) that a test can have; outside them the text holds a slip
LIMITS = {
    "mass_kg": (100.0, 100_000.0),
    "speed_kmh": (1.0, 200.0),
    "angle_deg": (1.0, 90.0),
    "penetration_m": (0.0, 100.0),
    "major_debris_m": (0.0, 200.0),
}
_EDITION = re.compile(r"(19|20)\d\d(-\d\d)?|\d\d[a-z]?")


@dataclass(frozen=True, slots=True)
class Rating:
    """One impact test of a barrier and its result; None where nothing is stated.

    Parameters
    ----------
    standard, edition : Standard, str
        What the test followed, "PAS 68" and "2010".
    vehicle_class : str
        M1 to N3G of the European codes; C to H of ASTM F2656, S the surrogate of ASTM F3016.
    mass_kg, speed_kmh, angle_deg : float
        Of the test vehicle; 90 degrees is head-on.
    penetration_m, major_debris_m : float
        How far the vehicle and heavy pieces came. IWA 14-1 and PAS 68 count from different faces
        of the barrier; counting from its rear face errs high.
    penetration_class : str
        P1 to P4, L1 to L3: a band where the metres are not published.
    foundation : str
        A free-standing, Ap pinned or bolted, B down to 0.5 m, C deeper (PAS 68, annex).
    development : bool
        A test that followed the standard while the product was being developed.
    warnings : tuple of str
        Defects of the text that were forgiven; they do not count when ratings are compared.
    """

    standard: Standard | None = None
    edition: str | None = None
    vehicle_class: str | None = None
    mass_kg: float | None = None
    speed_kmh: float | None = None
    angle_deg: float | None = None
    penetration_m: float | None = None
    major_debris_m: float | None = None
    penetration_class: str | None = None
    foundation: str | None = None
    development: bool = False
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise CatalogueError("; ".join(faults))

    @property
    def energy_kj(self) -> float | None:
        """Kinetic energy of the test vehicle [kJ]; None where mass or speed is not stated."""
        if self.mass_kg is None or self.speed_kmh is None:
            return None
        return 0.5 * self.mass_kg * kmh_to_mps(self.speed_kmh) ** 2 / JOULE_PER_KILOJOULE

    @property
    def penetration_range_m(self) -> tuple[float, float] | None:
        """Least and most penetration [m] that was measured; None where nothing says.

        >>> parse_rating("M50/P2").penetration_range_m
        (1.0, 7.0)
        """
        if self.penetration_m is not None:
            return self.penetration_m, self.penetration_m
        return _band_m(self)


def parse_rating(text: str, *, standard: str | None = None) -> Rating:
    """Return what a rating string says.

    Parameters
    ----------
    text : str
        A code such as `V/7200[N2A]/48/90:1.1`, a designation such as `M50/P1`, or words with
        units; the name of its standard may stand in it.
    standard : str, optional
        The standard where it is published apart; must agree with one that the text names.

    Raises
    ------
    CatalogueError
        Names the part that is not understood. Blanks, other brackets, missing separators, a slash
        for the colon and a missing V are forgiven and end up in `warnings`.

    Examples
    --------
    >>> parse_rating("V/7500(N2)/80/90:0/25", standard="PAS 68:2010").major_debris_m
    25.0
    >>> parse_rating("Provisional: V/7500[N2]/48/90")
    Traceback (most recent call last):
    sbd.errors.CatalogueError: rating 'Provisional: V/7500[N2]/48/90': word 'Provisional' is not ...
    """
    try:
        return _read(plain(text), None if standard is None else plain(standard))
    except CatalogueError as error:
        raise CatalogueError(f"rating {text!r}: {error}") from error


def print_rating(rating: Rating) -> str:
    """Return a rating as text that `parse_rating` reads back to an equal rating.

    >>> print_rating(parse_rating("7200 [N2A]48/90/1,10", standard="IWA 14-1:2013"))
    'IWA 14-1:2013 V/7200[N2A]/48/90:1.1'
    """
    words = [_standard_text(rating), *_result_words(rating)]
    if rating.foundation is not None:
        words.append(f"foundation {rating.foundation}")
    return " ".join(word for word in words if word)


def _read(text: str, apart: str | None) -> Rating:
    named, edition, development, code = split_standard(text)
    if apart is not None:
        other, other_edition, other_development, rest = split_standard(apart)
        if rest or (other is None and not other_development):
            raise CatalogueError(
                f"standard {apart!r} is not known; there are {', '.join(Standard)}"
            )
        named, edition = _agreed(named, other), edition or other_edition
        development |= other_development
    parts = read_parts(code)
    return Rating(
        standard=_agreed(parts.standard, named),
        edition=edition,
        vehicle_class=parts.vehicle_class,
        penetration_class=parts.penetration_class,
        foundation=parts.foundation,
        development=development,
        warnings=tuple(parts.warnings),
        **parts.figures,
    )


def _standard_text(rating: Rating) -> str:
    name = str(rating.standard) if rating.standard else ""
    if rating.edition is not None:
        name += (":" if len(rating.edition) > len("07a") else "-") + rating.edition
    return f"{name} development test".strip() if rating.development else name


def _result_words(rating: Rating) -> list[str]:
    designation = _designation(rating)
    if designation is not None:
        return [designation, *_quantities(rating, ("angle_deg", *_RESULTS))]
    if rating.mass_kg is None or rating.speed_kmh is None or rating.angle_deg is None:
        return _loose_words(rating)
    only_debris = rating.major_debris_m is not None and rating.penetration_m is None
    if only_debris or rating.penetration_class is not None:
        return _loose_words(rating)
    vehicle = f"[{rating.vehicle_class}]" if rating.vehicle_class else ""
    speed, angle = _digits(rating.speed_kmh), _digits(rating.angle_deg)
    code = f"V/{_digits(rating.mass_kg)}{vehicle}/{speed}/{angle}"
    distances = [d for d in (rating.penetration_m, rating.major_debris_m) if d is not None]
    return [f"{code}:{'/'.join(map(_digits, distances))}" if distances else code]


_RESULTS = ("penetration_m", "major_debris_m")
_PRINTED_UNITS = {
    "mass_kg": "{} kg",
    "speed_kmh": "{} km/h",
    "angle_deg": "{} deg",
    "penetration_m": "{} m",
    "major_debris_m": "debris {} m",
}


def _loose_words(rating: Rating) -> list[str]:
    # The brackets keep a class M and a speed of 50 km/h from reading as the designation M50.
    vehicle = [f"[{rating.vehicle_class}]"] if rating.vehicle_class else []
    result = [rating.penetration_class] if rating.penetration_class else []
    return [*vehicle, *result, *_quantities(rating, tuple(_PRINTED_UNITS))]


def _quantities(rating: Rating, names: tuple[str, ...]) -> list[str]:
    stated = {name: getattr(rating, name) for name in names}
    return [
        _PRINTED_UNITS[name].format(_digits(figure))
        for name, figure in stated.items()
        if figure is not None
    ]


def _designation(rating: Rating) -> str | None:
    """Return M50/P1 and the like, where the figures are the ones it stands for."""
    for letters, (standard, vehicle_class, speeds_mph) in DESIGNATIONS.items():
        if (standard, vehicle_class) != (rating.standard, rating.vehicle_class):
            continue
        if rating.mass_kg != AMERICAN_MASSES_KG[vehicle_class]:
            continue
        for number, speed_mph in speeds_mph.items():
            if rating.speed_kmh == speed_mph * KMH_PER_MPH:
                tail = f"/{rating.penetration_class}" if rating.penetration_class else ""
                return f"{letters}{number}{tail}"
    return None


def _digits(number: float) -> str:
    """Return all digits of a number without an exponent or an empty fraction."""
    return format(Decimal(repr(float(number))), "f").removesuffix(".0")


def _agreed(one: Standard | None, other: Standard | None) -> Standard | None:
    if one is not None and other is not None and one is not other:
        raise CatalogueError(f"standards {one} and {other} contradict; give the one of the test")
    return one or other


def _band_m(rating: Rating) -> tuple[float, float] | None:
    if rating.standard is None or rating.penetration_class is None:
        return None
    return PENETRATION_BANDS_M.get(rating.standard, {}).get(rating.penetration_class)


def _faults(rating: Rating) -> list[str]:
    faults = [
        f"{name} {figure:.10g}; it must lie from {least:g} to {most:g}"
        for name, (least, most) in LIMITS.items()
        if (figure := getattr(rating, name)) is not None and not least <= figure <= most
    ]
    for name, known in (("vehicle_class", VEHICLE_CLASSES), ("foundation", FOUNDATIONS)):
        if (stated := getattr(rating, name)) is not None and stated not in known:
            faults.append(f"{name} {stated!r}; there are {', '.join(known)}")
    if rating.edition is not None and (
        rating.standard is None or _EDITION.fullmatch(rating.edition) is None
    ):
        faults.append(f"edition {rating.edition!r}; give a standard with a year, 2013 or 07")
    if all(getattr(rating, name) is None for name in ("vehicle_class", *LIMITS)):
        faults.append("nothing is stated; give at least a vehicle class or a mass")
    return faults + _faults_of_result(rating)


def _faults_of_result(rating: Rating) -> list[str]:
    result = rating.penetration_class
    if result is None:
        return []
    known = PENETRATION_CLASSES.get(rating.standard, ()) if rating.standard else ()
    if result not in known:
        there = ", ".join(known) or "none"
        return [f"penetration class {result!r} of {rating.standard}; there are {there}"]
    band, measured = _band_m(rating), rating.penetration_m
    if band and measured is not None and not band[0] <= measured <= band[1]:
        return [f"penetration_m {measured:g} contradicts {result}, {band[0]:g} to {band[1]:g}"]
    return []

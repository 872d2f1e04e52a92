"""Words of a text in, the test standard they name out; what its designations stand for.

Sources: classes, masses and speeds of ASTM F2656 and F3016 as tabulated by Barrier1 (2020 editions)
and, for SD-STD-02.01, ASTM F2656-07 (introduction) and Security Magazine; vehicles of PAS 68,
IWA 14-1 and ISO 22343-1 as they occur in the NPSA catalogue sheets of July 2025. The standards
themselves were not read, but for the introduction of ASTM F2656-07.
"""

import re
from enum import StrEnum
from types import MappingProxyType

from sbd.errors import CatalogueError

KG_PER_POUND = 0.45359237
KMH_PER_MPH = 1.609344
METRE_PER_FOOT = 0.3048


class Standard(StrEnum):
    """A published way of testing barriers with vehicles."""

    IWA_14_1 = "IWA 14-1"
    ISO_22343_1 = "ISO 22343-1"
    PAS_68 = "PAS 68"
    ASTM_F2656 = "ASTM F2656"
    ASTM_F3016 = "ASTM F3016"
    SD_STD_02_01 = "SD-STD-02.01"  # of the US Department of State, "DoS K"
    DIN_SPEC_91414_1 = "DIN SPEC 91414-1"


# Vehicles of the slashed codes, as in V/7200[N2A]/48/90.
EUROPEAN_CLASSES = ("M1", "N1G", "N1", "N2", "N2A", "N2B", "N3", "N3C", "N3D", "N3E", "N3F", "N3G")

# A free-standing, Ap pinned or bolted to the surface, B down to 0.5 m, C deeper: PAS 68:2013 as
# listed by Frontier Pitts.
FOUNDATIONS = ("A", "Ap", "B", "C")

# Nominal test masses. Pounds define the American vehicles; the class 7 cab-over is defined as the
# 7.2 t truck of Europe, and its 15 873 lb are the conversion.
AMERICAN_MASSES_KG = MappingProxyType(
    {
        "C": 2430 * KG_PER_POUND,  # the small car of the 2007 edition, later SC
        "SC": 2430 * KG_PER_POUND,
        "FS": 4630 * KG_PER_POUND,
        "PU": 5070 * KG_PER_POUND,
        "M": 15_000 * KG_PER_POUND,
        "C7": 7200.0,
        "H": 65_000 * KG_PER_POUND,
        "S": 5000 * KG_PER_POUND,  # the surrogate of ASTM F3016
    }
)
VEHICLE_CLASSES = (*EUROPEAN_CLASSES, *AMERICAN_MASSES_KG)

_LIGHT_MPH = (30, 40, 50, 60)
_HEAVY_MPH = (30, 40, 50)
# vehicle letters: (standard, vehicle class, speed in mph of each number that may follow)
DESIGNATIONS = MappingProxyType(
    {
        **{
            n: (Standard.ASTM_F2656, n, {s: s for s in _LIGHT_MPH}) for n in ("C", "SC", "FS", "PU")
        },
        **{n: (Standard.ASTM_F2656, n, {s: s for s in _HEAVY_MPH}) for n in ("M", "C7", "H")},
        "S": (Standard.ASTM_F3016, "S", {10: 10, 20: 20, 30: 30}),
        # The truck of SD-STD-02.01 is the one that ASTM F2656 took over as M.
        "K": (Standard.SD_STD_02_01, "M", {4: 30, 8: 40, 12: 50}),
    }
)

# Penetration classes: above the first, up to and with the second [m]. L of the edition of 1985,
# P of ASTM F2656; older papers write an L behind an M, too. The limits of the P classes of
# ASTM F3016 could not be read: a class there says nothing here.
_L_BANDS = {
    "L3": (0.0, 3 * METRE_PER_FOOT),
    "L2": (3 * METRE_PER_FOOT, 20 * METRE_PER_FOOT),
    "L1": (20 * METRE_PER_FOOT, 50 * METRE_PER_FOOT),
}
_P_BANDS = {"P1": (0.0, 1.0), "P2": (1.0, 7.0), "P3": (7.0, 30.0), "P4": (30.0, float("inf"))}
PENETRATION_BANDS_M = MappingProxyType(
    {
        Standard.ASTM_F2656: {**_P_BANDS, **_L_BANDS},
        Standard.SD_STD_02_01: _L_BANDS,
    }
)
# standard: the penetration classes that it, or papers that quote it, write
PENETRATION_CLASSES = MappingProxyType(
    {
        Standard.ASTM_F2656: (*_P_BANDS, *_L_BANDS),
        Standard.ASTM_F3016: ("P1", "P2", "P3"),
        Standard.SD_STD_02_01: tuple(_L_BANDS),
    }
)

_SPELLINGS = {
    Standard.IWA_14_1: r"(?:ISO[ /-]*)?IWA[ -]*14(?:[ -]*1\b)?",
    Standard.ISO_22343_1: r"(?:BS |DIN |EN )*ISO[ -]*22343(?:[ -]*1\b)?",
    Standard.PAS_68: r"(?:BSI |BS )?PAS[ -]*68\b",
    Standard.ASTM_F2656: r"(?:ASTM[ -]*)?F ?-?2656M?(?: ?/ ?F?2656M)?",
    Standard.ASTM_F3016: r"(?:ASTM[ -]*)?F ?-?3016M?(?: ?/ ?F?3016M)?",
    Standard.SD_STD_02_01: r"(?:US )?(?:DOS )?SD[ -]*STD[ -]*0?2[.,]01\b|\bDOS\b",
    Standard.DIN_SPEC_91414_1: r"DIN[ -]*(?:SPEC|TS)[ -]*(?:\(PAS\) ?)?91414(?:[ -]*1\b)?",
}
_EDITION = (
    r"(?: ?[:-] ?(?P<year>(?:19|20)\d\d(?:-\d\d)?)(?!\d)"
    r"| ?\((?P<bracketed>(?:19|20)\d\d)\)"
    r"|-(?P<short>\d\d[a-z]?)(?!\d))?"
)
_NAMES = {
    standard: re.compile(rf"(?<![A-Z0-9])(?:{spelling}){_EDITION}", re.IGNORECASE)
    for standard, spelling in _SPELLINGS.items()
}
# A test that followed a standard while the product was being developed.
_DEVELOPMENT = re.compile(r"\bdevelopment test(?: (?:to|meeting|per))?\b", re.IGNORECASE)
_BARE_PAS = re.compile(r"\bPAS(?![ -]*\d)\b", re.IGNORECASE)


def split_standard(text: str) -> tuple[Standard | None, str | None, bool, str]:
    """Return the standard a text names, its edition, whether development test, and the rest.

    Raises CatalogueError where two standards are named: one test has one rating.

    >>> split_standard("Development test to PAS 68:2010 V/7500[N2]/48/90:0/0.0")
    (<Standard.PAS_68: 'PAS 68'>, '2010', True, 'V/7500[N2]/48/90:0/0.0')
    """
    rest, developments = _DEVELOPMENT.subn(" ", text)
    found: Standard | None = None
    edition: str | None = None
    for standard, name in _NAMES.items():
        if match := name.search(rest):
            if found is not None:
                raise CatalogueError(
                    f"names the standards {found} and {standard}; give each test its own rating"
                )
            found, edition = standard, match["year"] or match["bracketed"] or match["short"]
            rest = _without(match)
    if found is None and developments and (match := _BARE_PAS.search(rest)):
        # "Development test meeting PAS": no other PAS is a test with vehicles at speed.
        found = Standard.PAS_68
        rest = _without(match)
    return found, edition, developments > 0, rest.strip()


def penetration_class(penetration_m: float, *, standard: Standard) -> str | None:
    """Return the class of a measured penetration; None where the standard has none we know.

    ASTM F2656 answers with P classes, SD-STD-02.01 with L classes (beyond 50 ft: none).

    >>> penetration_class(7.0, standard=Standard.ASTM_F2656)
    'P2'
    """
    bands = _P_BANDS if standard is Standard.ASTM_F2656 else PENETRATION_BANDS_M.get(standard, {})
    for name, (_, most_m) in bands.items():
        if penetration_m <= most_m:
            return name
    return None


def _without(match: re.Match[str]) -> str:
    """Return a text without the match, the brackets around it and the sign that set it apart."""
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() :].lstrip()
    if before.endswith(("(", "[")) and after.startswith((")", "]")):
        before, after = before[:-1], after[1:]
    return f"{before.rstrip(' ,;-')} {after.lstrip(' ,;:-')}".strip()

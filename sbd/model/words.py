"""Words that mean the same everywhere, and what is taken where nobody says anything.

No table and no shape: the command line and the service know these before any library is loaded.
"""

from enum import StrEnum

LAYOUTS = ("permanent", "temporary")
# A mixed plan has lines of both.
PLAN_LAYOUTS = (*LAYOUTS, "mixed")

# From the surest to the least sure; it travels with a figure into every report.
STANDINGS = ("measured", "published", "second-hand", "assumed")

# Foundation letters of PAS 68 by depth: free-standing, pinned, down to 0.5 m, deeper.
FOUNDATIONS = ("A", "Ap", "B", "C")

# How a product answers a demand: by a test at least as hard, by energy alone, or not at all.
STRENGTHS = ("tested", "by_energy", "short")

ODBL_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"

DEFAULT_MARGIN_M = 250.0  # how far around a zone is looked at
DEFAULT_OPENABLE = 1  # crossings that a fire engine can open
DEFAULT_YEARS = 15  # over which money is counted


class Drive(StrEnum):
    """Which law of acceleration holds."""

    SCREENING = "screening"  # constant: the vehicle's acceleration up to its top speed
    DETAILED = "detailed"  # limited by grip and power, less rolling and air drag


class Grip(StrEnum):
    """Which grip bends are taken with. All but DESIGN are scenarios, and less safe."""

    DESIGN = "design"  # the vehicle's friction everywhere
    SURFACE = "surface"  # less where the surface is known to hold less
    WET = "wet"  # as SURFACE, on a wet road

"""Kinds of place rules -> how far off units keep and what holds there, each with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Clearance:
    """What holds around a thing whose own shape is a point or a line.

    Parameters
    ----------
    reach_m : float
        From the point, or from the middle of the line.
    effect : str
        "forbid": no unit stands there; "price": units may, with what the other columns say.
    deepest_foundation : str
        Letter of `words.FOUNDATIONS`; empty: any.
    source : str
        Where the figure is from, or why it is assumed.
    standing : str
        One of `words.STANDINGS`.
    """

    reach_m: float
    effect: str
    deepest_foundation: str
    source: str
    standing: str


# A tram that is as wide as may be in a street, and what its ends may reach out further in bends.
TRAM_REACH_M = 2.65 / 2 + 0.65
RAIL_REACH_M = 2.5

# Room in front of a door: as wide along the facade as it is deep.
DOOR_WIDTH_M = 1.5
DOOR_DEPTH_M = 1.5
GARAGE_WIDTH_M = 3.0

# Nobody may dig nearer to the trunk than this; where no girth is mapped, the trunk is taken for
# one of a middle-aged street tree.
TRUNK_CLEAR_M = 1.0
TRUNK_RADIUS_M = 0.15

# How far the walls of a passage stand from its middle where no width is mapped: a tunnel for people
# 4 m wide, or one track, with half a metre of wall.
PASSAGE_REACH_M = 2.5
WALL_M = 0.5

CLEARANCES: Mapping[str, Clearance] = MappingProxyType(
    {
        "tram_rail": Clearance(
            TRAM_REACH_M,
            "forbid",
            "",
            "BOStrab section 34: trams up to 2.65 m wide, overhang in bends up to 0.65 m",
            "published",
        ),
        "hydrant": Clearance(
            0.914,
            "forbid",
            "",
            "International Fire Code 507.5.5: 3 ft clear around; for hydrants under a cover, too",
            "published",
        ),
        "door": Clearance(
            DOOR_DEPTH_M,
            "forbid",
            "",
            "DIN 18040-1: 1.50 m by 1.50 m to move in before a hinged door",
            "second-hand",
        ),
        "tactile_paving": Clearance(
            0.3,
            "forbid",
            "",
            "DIN 32984: strips from 0.30 m wide; twice that, as its place is not surveyed; the "
            "0.60 m either side that it asks for do not fit into a gap of 1.2 m",
            "assumed",
        ),
        "tree_root": Clearance(
            TRUNK_CLEAR_M + TRUNK_RADIUS_M,
            "price",
            "A",
            "NJUG volume 4 (2007): no digging within 1 m of a trunk; trunk of 0.3 m where no "
            "girth is mapped",
            "published",
        ),
        "heritage_facade": Clearance(
            0.5,
            "forbid",
            "",
            "room for a scaffold's feet and for cleaning; nothing is fixed to a listed wall",
            "assumed",
        ),
        "cellar": Clearance(
            PASSAGE_REACH_M,
            "price",
            "A",
            "the cover of a vault or passage is not mapped: nothing goes into the ground above it",
            "assumed",
        ),
        "utility": Clearance(
            0.5,
            "price",
            "A",
            "HSE guidance HSG47: no machine digs within 0.5 m of a service",
            "second-hand",
        ),
    }
)

# The cover of a manhole is 0.6 m wide as a rule, and is lifted from beside it.
MANHOLE = Clearance(
    0.6, "forbid", "", "EN 124: covers 0.6 m wide, with room to lift one", "assumed"
)
# Main lines keep more off than trams.
RAIL = Clearance(
    RAIL_REACH_M,
    "forbid",
    "",
    "EBO annex 1: clearance gauge 2.5 m to either side of the middle of a track",
    "second-hand",
)

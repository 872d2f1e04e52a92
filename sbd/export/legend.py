"""What a map holds in, the entries of its legend out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sbd.export.looks import class_colour, class_labels
from sbd.export.map_layers import LOOKS


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend: a drawn sign and its words.

    Parameters
    ----------
    shape : str
        line, area, gate or dot.
    width : float
        Of a line, or the radius of a dot [pixels].
    cover : float
        How much of what lies below is hidden, 0 to 1.
    """

    words: str
    shape: str
    colour: str
    width: float = 4.0
    casing: str = ""
    dash: str = ""
    cover: float = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading."""

    title: str
    entries: tuple[Entry, ...]


# What a place need not have, by its look.
_PLAN_MORE = {
    "run-out": "keep clear: run-out of a vehicle",
    "failure": "reached if one thing fails",
}
_PLACE_MORE = {
    "crowd": "where the crowd stands",
    "foot": "where people walk",
    "cycle": "where people cycle",
    "rule forbid": "no unit may stand here",
    "rule price": "a unit here costs more",
}


def legend_groups(looks: Collection[str], *, with_plan: bool) -> list[Group]:
    """Return the groups of the legend, what matters most first.

    Parameters
    ----------
    looks : names in `LOOKS`
        Those that the map has; what a place need not have is listed only where it is there.
    """
    plan = Group(
        "The plan",
        (
            Entry("barrier line", "line", LOOKS["fixed line"]["color"]),
            _line("part of it that opens", "openable line"),
            Entry("openable crossing", "gate", LOOKS["openable line"]["color"]),
            _area("unit, fixed", "fixed unit"),
            _area("unit, can be opened", "openable unit"),
            _line("clear gap between units", "gap"),
            _line("street closed to vehicles", "closed"),
            _line("street with an openable lane", "openable lane"),
            *_there(_PLAN_MORE, looks),
        ),
    )
    place = Group(
        "The place",
        (
            _area("zone to protect", "zone"),
            *_there(_PLACE_MORE, looks),
            _area("building", "building"),
            _area("water", "water"),
            _area("wall", "wall"),
            _area("carriageway", "street"),
            _area("data ends here (dashed)", "ground"),
            _line("vehicles come in here", "entry"),
        ),
    )
    return [*([plan] if with_plan else []), _speeds(), place]


def _speeds() -> Group:
    classes = tuple(
        Entry(words, "line", class_colour(number), width=LOOKS[f"speed {number}"]["weight"])
        for number, words in enumerate(class_labels())
    )
    approach = Entry("approach with its rank: wide is worst", "dot", "#1a1a1a", 5.0, "#ffffff")
    return Group("Highest speed of arrival", (*classes, approach))


def _there(entries: Mapping[str, str], looks: Collection[str]) -> list[Entry]:
    """Return the entries of the looks that the map has."""
    shown = [(words, look) for look, words in entries.items() if look in looks]
    return [_area(*pair) if "fillColor" in LOOKS[pair[1]] else _line(*pair) for pair in shown]


def _line(words: str, look: str) -> Entry:
    path: dict[str, Any] = LOOKS[look]
    return Entry(
        words,
        "line",
        path["color"],
        path["weight"],
        dash=path.get("dashArray", ""),
        cover=path["opacity"],
    )


def _area(words: str, look: str) -> Entry:
    path: dict[str, Any] = LOOKS[look]
    return Entry(
        words,
        "area",
        path["fillColor"],
        casing=path["color"],
        dash=path.get("dashArray", ""),
        cover=path["fillOpacity"],
    )

"""What a map holds in, the entries of its legend out."""

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


def legend_groups(*, with_plan: bool) -> list[Group]:
    """Return the groups of the legend, what matters most first."""
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
        ),
    )
    place = Group(
        "The place",
        (
            _area("zone to protect", "zone"),
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

"""OpenStreetMap tags -> which objects matter for a plan, and which closed ways are areas."""

from collections.abc import Mapping

# An object with none of these keys says nothing about where vehicles go or what stands there.
KEYS = frozenset(
    {
        "advertising",
        "aeroway",
        "amenity",
        "area:highway",
        "barrier",
        "building",
        "building:part",
        "embankment",
        "emergency",
        "entrance",
        "highway",
        "historic",
        "kerb",
        "landuse",
        "leisure",
        "man_made",
        "natural",
        "power",
        "public_transport",
        "railway",
        "tourism",
        "traffic_calming",
        "water",
        "waterway",
    }
)
# `place` also names suburbs and whole countries; only these are ground.
PLACES = ("square",)

# Route relations whose ways stay open for public transport.
ROUTES = ("bus", "light_rail", "tram", "trolleybus")

# A closed way with one of these keys is an area, except for the values named.
_AREA_UNLESS: Mapping[str, frozenset[str]] = {
    "advertising": frozenset(),
    "amenity": frozenset(),
    "area:highway": frozenset(),
    "building": frozenset(),
    "building:part": frozenset(),
    "emergency": frozenset(),
    "historic": frozenset({"city_wall", "citywalls", "wall"}),
    "landuse": frozenset(),
    "leisure": frozenset({"slipway", "track"}),
    "man_made": frozenset({"cutline", "dyke", "embankment", "goods_conveyor", "pipeline"}),
    "natural": frozenset(
        {"arete", "cliff", "coastline", "earth_bank", "gorge", "ridge", "tree_row", "valley"}
    ),
    "place": frozenset(),
    "public_transport": frozenset(),
    "tourism": frozenset(),
    "water": frozenset(),
}
# A closed way with one of these keys is an area for the values named only.
_AREA_FOR: Mapping[str, frozenset[str]] = {
    "aeroway": frozenset({"aerodrome", "apron", "hangar", "helipad", "terminal"}),
    "power": frozenset({"generator", "plant", "substation", "transformer"}),
    "railway": frozenset({"platform", "roundhouse", "signal_box", "station", "turntable"}),
    "waterway": frozenset({"boatyard", "dam", "dock", "riverbank"}),
}
# The line itself is what stops a vehicle; what it encloses may be anything.
_WALLS = frozenset({"city_wall", "guard_rail", "jersey_barrier", "retaining_wall", "wall"})
# Keys whose outline means nothing unless it closes.
_OUTLINES = (
    "area:highway", "building", "building:part", "landuse", "leisure", "natural", "place", "water",
)  # fmt: skip
# Keys that make sense on an open line, whatever else the way carries.
_LINES = (
    "aeroway", "barrier", "embankment", "highway", "kerb", "man_made", "power",
    "public_transport", "railway", "traffic_calming", "waterway",
)  # fmt: skip


def matters(tags: Mapping[str, str]) -> bool:
    """Return whether a plan has a use for an object with these tags.

    >>> matters({"barrier": "bollard"}), matters({"name": "Mitte", "place": "suburb"})
    (True, False)
    """
    return not KEYS.isdisjoint(tags) or tags.get("place") in PLACES


def is_area(tags: Mapping[str, str]) -> bool:
    """Return whether a closed way with these tags encloses an area; a ring of road does not.

    A closed `highway` is an area only with `area=yes`, or where people walk on a `place=square`.
    A closed wall stays a line whatever ground
    it encloses: taken as an area, its courtyard would count as solid.

    >>> is_area({"highway": "pedestrian", "area": "yes"}), is_area({"highway": "pedestrian"})
    (True, False)
    >>> is_area({"leisure": "park", "barrier": "fence"}), is_area({"barrier": "fence"})
    (True, False)
    """
    if tags.get("area") in ("yes", "no"):
        return tags["area"] == "yes"
    if "highway" in tags:
        return tags.get("place") in PLACES and tags["highway"] in ("footway", "pedestrian")
    if tags.get("barrier") in _WALLS and "building" not in tags:
        return False
    return any(_encloses(key, value) for key, value in tags.items())


def needs_closing(tags: Mapping[str, str]) -> bool:
    """Return whether a way with these tags says something only if its outline closes.

    >>> needs_closing({"building": "yes"}), needs_closing({"natural": "tree_row"})
    (True, False)
    >>> needs_closing({"landuse": "grass", "barrier": "kerb"})
    False
    """
    if any(key in tags for key in _LINES):
        return False
    return any(_encloses(key, tags[key]) for key in _OUTLINES if key in tags)


def stops_vehicles(tags: Mapping[str, str]) -> bool:
    """Return whether an area with these tags may count as solid, so that its holes matter.

    >>> stops_vehicles({"building": "yes"}), stops_vehicles({"leisure": "park"})
    (True, False)
    """
    return (
        any(key in tags for key in ("building", "building:part", "barrier", "man_made", "water"))
        or tags.get("natural") in ("water", "bay", "cliff", "bare_rock", "rock")
        or tags.get("waterway") in _AREA_FOR["waterway"]
        or tags.get("landuse") in ("basin", "reservoir")
    )


def _encloses(key: str, value: str) -> bool:
    if value == "no":
        return False
    if key in _AREA_UNLESS:
        return value not in _AREA_UNLESS[key]
    return value in _AREA_FOR.get(key, ())

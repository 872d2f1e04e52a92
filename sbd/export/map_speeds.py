"""Assessment in, the map layers of speeds and approaches out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import shapely

from sbd.export.looks import speed_class
from sbd.export.map_layers import Feature, MapLayer, feature, rows
from sbd.export.perimeter import pieces, stretches
from sbd.model.assessment import Assessment

LABEL_BEFORE_M = 45.0


def assessment_layers(assessment: Assessment) -> list[MapLayer]:
    """Return approaches and speeds, two layers a vehicle; the one that hits hardest is shown."""
    shown = hardest_vehicle(assessment)
    layers = []
    for vehicle in assessment.vehicles:
        name, on = vehicle.name, vehicle.name == shown
        mine = assessment.corridors[assessment.corridors["vehicle"] == name]
        edge = assessment.perimeter[assessment.perimeter["vehicle"] == name]
        layers += [
            MapLayer(f"Approach corridors, {name}", list(_corridors(mine)), shown=on),
            MapLayer(f"Speed along the zone's edge, {name}", list(_perimeter(edge)), shown=on),
        ]
    return layers


def hardest_vehicle(assessment: Assessment) -> str:
    """Return the vehicle with the highest impact energy anywhere; the first one where none hits."""
    energies = assessment.perimeter.groupby("vehicle")["energy_kj"].max()
    names = [vehicle.name for vehicle in assessment.vehicles]
    return max(names, key=lambda name: float(energies.get(name, 0.0)), default="")


def _perimeter(edge: gpd.GeoDataFrame) -> Iterator[Feature]:
    """Yield what is seen, one line a stretch of one class, then what answers, one a point."""
    lines = pieces(edge)
    for geometry, row in rows(stretches(lines)):
        yield feature(geometry, f"speed {row['speed_class']}")
    for geometry, row in rows(lines):
        yield feature(
            geometry,
            "touch",
            tip=f"{row['speed_kmh']:.0f} km/h ({range_words(row)})",
            title=f"{row['vehicle']} arrives at {row['speed_kmh']:.0f} km/h",
            rows=[
                ("Range", f"{range_words(row)} km/h: a checked path, and what none has beaten"),
                ("Across the outline", f"{row['normal_speed_kmh']:.0f} km/h"),
                ("Energy", f"{row['energy_kj']:.0f} kJ, at most {row['energy_upper_kj']:.0f} kJ"),
                ("Angle", f"{row['angle_deg']:.0f}°"),
                ("Run-up", f"{row['approach_length_m']:.0f} m"),
                ("Held by", row["limited_by"]),
                ("Hangs on", row["inputs"]),
                ("Corridor", row["corridor_id"] or "none"),
            ],
        )


def _corridors(corridors: gpd.GeoDataFrame) -> Iterator[Feature]:
    ordered = corridors.sort_values("rank", ascending=False, kind="stable")
    classes = speed_class(ordered["speed_kmh"])
    starts = ordered.set_geometry(ordered.geometry.map(label_place))
    cards = []
    for (geometry, row), number in zip(rows(ordered), classes, strict=True):
        over = row["street"] or "open ground"
        card = {
            "title": f"Approach {row['rank']}: {row['vehicle']} over {over}",
            "rows": [
                ("Arrives at", f"{row['speed_kmh']:.0f} km/h ({range_words(row)})"),
                ("Held by", row["limited_by"]),
                ("Energy", f"{row['energy_kj']:.0f} kJ"),
                ("Run-up", f"{row['length_m']:.0f} m"),
                ("Surface", row["surface"]),
                ("Comes from", "the edge of the data" if row["entry_id"] else "inside the area"),
            ],
            "profile": _profile(row["profile"]),
        }
        cards.append(card)
        width = {1: 8, 2: 6}.get(row["rank"], 4)
        yield feature(geometry, f"corridor {number} {width}", tip=card["title"], **card)
    for (geometry, row), card in zip(rows(starts), cards, strict=True):
        yield feature(geometry, "touch", label=str(row["rank"]), badge="rank", **card)


def label_place(shape: shapely.Geometry) -> shapely.Point:
    """Return a place before the end that is in sight on opening, or the middle of a short way."""
    last = shapely.get_parts(shapely.line_merge(shape))[-1]
    return shapely.line_interpolate_point(last, -min(LABEL_BEFORE_M, last.length / 2))


def range_words(row: Mapping[str, Any]) -> str:
    """Return the attained and the upper speed of a row in words.

    >>> range_words({"speed_lower_kmh": 47.6, "speed_upper_kmh": 52.2})
    '48 to 52'
    """
    return f"{row['speed_lower_kmh']:.0f} to {row['speed_upper_kmh']:.0f}"


def _profile(text: str) -> list[list[float | str]]:
    """Return distance, speed and what limits it, of each row of a profile."""
    return [row[:3] for row in json.loads(text)] if text else []

"""Site in, the map layers of what stands and runs there out."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from sbd.export.map_layers import Feature, MapLayer, feature, rows
from sbd.model.site import Site

STREET_NAMES = 60  # more names than that cover the streets


def site_layers(site: Site) -> list[MapLayer]:
    """Return what stands and runs there, the bottom first."""
    return [
        MapLayer("Ground, buildings, water, carriageways", _backdrop(site), backdrop=True),
        MapLayer("Furniture", list(_furniture(site)), shown=False),
        MapLayer("Zone to protect", list(_zone(site))),
        MapLayer("Where the crowd stands", list(_crowds(site))),
        MapLayer("Ground rules for units", list(_rules(site)), shown=False),
        MapLayer("Where people walk and cycle", list(_desire_lines(site))),
        MapLayer("Deliveries and residents (D)", list(_deliveries(site))),
        MapLayer("Entries at the edge of the data", list(_entries(site))),
        MapLayer("Street names, doors for fire engines", [*_street_names(site), *_doors(site)]),
    ]


def carriageways(site: Site) -> gpd.GeoDataFrame:
    """Return all carriageways as one row; where they meet, no edge runs across. May be empty.

    For show only: a street that ends is drawn half its width too long.
    """
    half_widths = site.streets["width_m"].clip(lower=1.0) / 2
    bands = site.streets.buffer(half_widths, cap_style="round", quad_segs=3)
    joined = shapely.intersection(bands.union_all(), site.study_shape)
    layer = gpd.GeoDataFrame(geometry=[joined], crs=site.crs)
    return layer[~layer.is_empty]


def _backdrop(site: Site) -> list[Feature]:
    looks = {"building": "building", "water": "water", "wall": "wall", "retaining_wall": "wall"}
    return [
        *(feature(geometry, "ground") for geometry, _ in rows(site.study_area)),
        *(feature(geometry, "street") for geometry, _ in rows(carriageways(site))),
        *(
            feature(geometry, looks.get(row["kind"], "other"))
            for geometry, row in rows(site.solids)
        ),
    ]


def _furniture(site: Site) -> Iterator[Feature]:
    for geometry, row in rows(site.furniture):
        standing = f", {row['standing']}" if row["standing"] else ""
        yield feature(geometry, "furniture", tip=f"{row['kind']}{standing}")


def _zone(site: Site) -> Iterator[Feature]:
    for geometry, row in rows(site.zone):
        yield feature(geometry, "zone", tip=f"Zone to protect: {row['name'] or row['zone_id']}")


def _crowds(site: Site) -> Iterator[Feature]:
    for geometry, row in rows(site.crowds):
        people = f"up to {row['people']:,.0f} people".replace(",", " ")
        facts = [("People", people), ("Id", row["crowd_id"])]
        title = row["name"] or "Crowd"
        yield feature(geometry, "crowd", tip=f"{title}: {people}", title=title, rows=facts)


def _rules(site: Site) -> Iterator[Feature]:
    for geometry, row in rows(site.place_rules):
        kind = row["kind"].replace("_", " ")
        effect = (
            "no unit may stand here"
            if row["effect"] == "forbid"
            else f"a unit here costs {row['price']:,.0f} more".replace(",", " ")
        )
        deepest = row["deepest_foundation"]
        facts = [
            ("Effect", effect),
            ("Deepest foundation", deepest or "any"),
            ("Standing", row["standing"]),
            ("Id", row["place_rule_id"]),
        ]
        tip = f"{kind}: {effect}"
        yield feature(geometry, f"rule {row['effect']}", tip=tip, title=kind, rows=facts)


def _desire_lines(site: Site) -> Iterator[Feature]:
    for geometry, row in rows(site.desire_lines):
        who = {"foot": "People walk here", "cycle": "People cycle here"}[row["kind"]]
        yield feature(geometry, row["kind"], tip=f"{who}: {row['name'] or row['desire_id']}")


def _deliveries(site: Site) -> Iterator[Feature]:
    for geometry, row in rows(site.deliveries):
        facts = [
            ("Who", row["who"]),
            ("Hours", f"{row['opens']} to {row['closes']}"),
            ("Vehicle", f"{row['width_m']:.2f} m wide"),
            ("Id", row["delivery_id"]),
        ]
        title = row["name"] or row["who"]
        yield feature(geometry, "touch", label="D", badge="door", title=title, rows=facts)


def _entries(site: Site) -> Iterator[Feature]:
    for geometry, row in rows(site.entries):
        words = f"Vehicles come in here: {row['street']}, {row['width_m']:.1f} m wide"
        yield feature(geometry, "entry", tip=words)


def _doors(site: Site) -> Iterator[Feature]:
    for geometry, row in rows(site.demands):
        facts = [("Name", row["name"]), ("Id", row["demand_id"])]
        yield feature(
            geometry,
            "touch",
            label="F",
            badge="door",
            title="A fire engine must get here",
            rows=facts,
        )


def _street_names(site: Site) -> Iterator[Feature]:
    for geometry, row in rows(site.streets):
        words = [row["name"] or "no name", row["highway"], f"{row['width_m']:.1f} m wide"]
        words.append("stays open" if row["stays_open"] else "may be closed")
        tip = ", ".join(words) + (f": {row['reason']}" if row["reason"] else "")
        yield feature(geometry, "touch", tip=tip)
    yield from _labels(site.streets[site.streets["name"] != ""])


def _labels(streets: gpd.GeoDataFrame) -> Iterator[Feature]:
    """Yield each name once, along the longest piece of its street; the longest streets first."""
    longest = (
        streets.assign(length_m=streets.length)
        .sort_values("length_m", ascending=False, kind="stable")
        .drop_duplicates("name")
        .head(STREET_NAMES)
    )
    middles = longest.set_geometry(longest.interpolate(0.5, normalized=True))
    bearings = [_reading_angle(shape) for shape in longest.geometry]
    for (geometry, row), bearing in zip(rows(middles), bearings, strict=True):
        yield feature(geometry, "touch", label=row["name"], badge="street", bearing=bearing)


def _reading_angle(shape: shapely.LineString) -> float:
    """Return the turn of a text along the middle of a line, clockwise, never upside down."""
    before, after = shapely.line_interpolate_point(shape, [0.45, 0.55], normalized=True)
    angle = np.degrees(np.arctan2(before.y - after.y, after.x - before.x))
    return round(float((angle + 90.0) % 180.0 - 90.0), 1)

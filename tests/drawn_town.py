"""Drawn towns as OpenStreetMap features, in metres around an origin.

The default town: a square of 40 x 40 m between four blocks, two streets 10 m wide between facades.

        |  |
   NW   |  |   NE        Main Street runs west-east along y = 0,
  ------+  +------       Cross Lane south-north along x = 0,
  ======    ======       the square is -20..20 in x and y.
  ------+  +------
   SW   |  |   SE
        |  |
"""

import geopandas as gpd
import pandas as pd
import shapely
from shapely import LineString, Point, box
from shapely.affinity import translate

from sbd.model.raw import RawLayers
from sbd.site import ZoneRequest, build_site

CRS = 32635
ORIGIN = (386_000.0, 6_672_000.0)
SQUARE = box(-20, -20, 20, 20)
COVERED = box(-300, -300, 300, 300)
MARGIN_M = 80.0

BLOCKS = {
    "way/101": box(5, 5, 150, 150).difference(SQUARE),
    "way/102": box(-150, 5, -5, 150).difference(SQUARE),
    "way/103": box(-150, -150, -5, -5).difference(SQUARE),
    "way/104": box(5, -150, 150, -5).difference(SQUARE),
}


class Town:
    """A list of features that grows; coordinates in metres from the origin."""

    def __init__(self):
        self.rows = []

    def add(self, osm_id, shape, routes="", **tags):
        """Add a feature; an underscore in a key stands for a colon."""
        tags = {key.replace("_", ":", 1) if key in COLONS else key: v for key, v in tags.items()}
        self.rows.append((osm_id, tags, routes, translate(shape, *ORIGIN)))
        return self

    def area(self, osm_id, shape, **tags):
        return self.add(osm_id, shape, **tags)

    def line(self, osm_id, corners, routes="", **tags):
        return self.add(osm_id, LineString(corners), routes, **tags)

    def node(self, osm_id, at, **tags):
        return self.add(osm_id, Point(at), **tags)

    def features(self):
        """Return the features in metres, away from the origin, as `features.project` does."""
        frame = gpd.GeoDataFrame(
            [row[:3] for row in self.rows],
            columns=["osm_id", "tags", "routes"],
            geometry=[row[3] for row in self.rows],
            crs=CRS,
        )
        return frame.set_geometry(frame.translate(-ORIGIN[0], -ORIGIN[1]))

    def raw(self, covered=COVERED):
        frame = self.features()
        frame = frame.set_geometry(frame.translate(*ORIGIN)).to_crs(4326)
        edge = gpd.GeoSeries([translate(covered, *ORIGIN)], crs=CRS).segmentize(50.0).to_crs(4326)
        return RawLayers(
            features=frame,
            covered=edge.iloc[0],
            source="drawn.osm",
            date="2024-05-01",
            repairs=pd.DataFrame(columns=["topic", "item", "count", "note"]),
        )

    def site(self, zone=SQUARE, *, covered=COVERED, margin_m=MARGIN_M, **options):
        return build_site(self.raw(covered), drawn(zone), margin_m=margin_m, crs=CRS, **options)


COLONS = {"building_part", "building_min_level", "addr_street", "addr_housenumber"}


def drawn(zone):
    """Return a request for a polygon in metres from the origin."""
    return ZoneRequest.drawn(translate(zone, *ORIGIN), crs=CRS)


def blocks():
    """Return a town of four blocks around the square, without streets."""
    town = Town()
    for osm_id, shape in BLOCKS.items():
        town.area(osm_id, shape, building="yes")
    return town


def town():
    """Return the default town."""
    return (
        blocks()
        .line("way/1", [(-300, 0), (300, 0)], highway="residential", name="Main Street")
        .line("way/2", [(0, -300), (0, 300)], highway="residential", name="Cross Lane")
    )


def ring_road(*, y, width_m):
    """Return the default town with a primary road along a y, which stays open."""
    return town().line(
        "way/3", [(-300, y), (300, y)], highway="primary", name="Ring", width=str(width_m)
    )


def here(layer):
    """Return the shapes of a layer in metres from the origin."""
    return layer.translate(-ORIGIN[0], -ORIGIN[1])


def solid_at(site, at):
    """Return the kinds of the solids at a point, in metres from the origin."""
    point = translate(Point(at), *ORIGIN)
    return sorted(site.solids.loc[site.solids.intersects(point), "kind"])


def furniture_of(site, furniture_id):
    """Return kind and standing of a piece of furniture."""
    row = site.furniture.set_index("furniture_id").loc[furniture_id]
    return row["kind"], row["standing"]


def report_of(site, topic):
    """Return the items of a topic of the data report with their notes."""
    rows = site.report[site.report["topic"] == topic]
    return dict(zip(rows["item"], rows["note"], strict=True))


def whole(shapes):
    return shapely.union_all(list(shapes))

"""A city's own layers in, a Site out: the same steps, with less to work out."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely import Polygon

from sbd.errors import ZoneError
from sbd.geometry.crs import WGS84
from sbd.model.raw import EXTRA_LAYERS, CityLayers
from sbd.model.site import Site
from sbd.model.words import DEFAULT_MARGIN_M
from sbd.progress import Progress, ignore
from sbd.site.assemble import RIM_OVERLAP_M, Surroundings, assemble, make_frame
from sbd.site.closing import mark_open
from sbd.site.findings import source_rows
from sbd.site.own_layers import placed_layers
from sbd.site.request import ZoneRequest, check_margin
from sbd.site.shapes import on_grid, only_lines
from sbd.site.streets import class_width_m
from sbd.site.system import metric_system
from sbd.site.zone import check_covered


def site_from_layers(
    layers: CityLayers,
    *,
    margin_m: float = DEFAULT_MARGIN_M,
    crs: str | int | None = None,
    close: Iterable[str] = (),
    keep_open: Iterable[str] = (),
    progress: Progress = ignore,
) -> Site:
    """Return the site of a city's own layers.

    The layers keep their reference system if it counts in metres; else they come to the one given
    or to the UTM zone of the place. What `streets` leaves open is settled as for OpenStreetMap:
    width and closing by the class of the street. Entries that were not given are the free pieces
    of the rim. The data is taken to end at the box around solids and streets.

    Raises
    ------
    ZoneError, CrsError, InputError
        As `build_site`.
    LayerError
        A door, a delivery or a crowd lies outside the study area; all of them are named.
    """
    check_margin(margin_m)
    progress("site", 0.05, f"projecting the layers of {layers.source}")
    system = _system(layers, crs)
    zone = layers.zone.to_crs(system)
    # The request checks the drawing: empty, self-crossing, degrees taken for metres.
    request = ZoneRequest.drawn(layers.zone)
    solids, streets = layers.solids.to_crs(system), layers.streets.to_crs(system)
    covered = _covered(solids, streets)
    shape = shapely.union_all(zone.geometry.to_numpy())
    check_covered(shape, request, covered, system)
    name = " and ".join(dict.fromkeys(text for text in zone["name"] if text)) or layers.source
    frame = make_frame(name, zone, covered, margin_m=margin_m)
    overlap = shapely.buffer(frame.study, RIM_OVERLAP_M)
    given = {name: getattr(layers, name).to_crs(system) for name in EXTRA_LAYERS}
    placed, rows = placed_layers(given, frame.study, shape, source=layers.source)
    marked = mark_open(_settled(streets, frame.study), close=close, keep_open=keep_open, said=True)
    around = Surroundings(
        solids=_clipped(solids, overlap),
        furniture=_inside(layers.furniture.to_crs(system), frame.study),
        ground=_clipped(layers.ground.to_crs(system), frame.study),
        streets=marked,
        ways=marked,
        demands=placed["demands"],
        place_rules=placed["place_rules"],
        desire_lines=placed["desire_lines"],
        deliveries=placed["deliveries"],
        crowds=placed["crowds"],
        steps=_known_steps(layers.steps.to_crs(system), frame.study),
        entries=None if layers.entries.empty else layers.entries.to_crs(system),
    )
    about = source_rows(layers.source, layers.date, layers.attribution, system=system.to_string())
    return assemble(
        frame,
        around,
        [*about, *rows],
        before=layers.repairs,
        objects=None,
        attribution=layers.attribution,
        progress=progress,
    )


def _system(layers: CityLayers, crs: str | int | None) -> pyproj.CRS:
    own = layers.crs
    in_metres = own.is_projected and own.axis_info[0].unit_name in ("metre", "meter")
    asked = own.to_string() if crs is None and in_metres else crs
    shape = layers.zone.geometry.iloc[0] if len(layers.zone) else None
    if shape is None or shape.is_empty:
        raise ZoneError(f"{layers.source}: the layer zone is empty; draw a polygon to protect")
    place = gpd.GeoSeries([shape.representative_point()], crs=own).to_crs(WGS84).iloc[0]
    return metric_system(asked, place)


def _covered(solids: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> Polygon:
    boxes = [layer.total_bounds for layer in (solids, streets) if len(layer)]
    if not boxes:
        return Polygon()
    west, south = np.min([box[:2] for box in boxes], axis=0)
    east, north = np.max([box[2:] for box in boxes], axis=0)
    return shapely.box(west, south, east, north)


def _settled(streets: gpd.GeoDataFrame, study: Polygon) -> gpd.GeoDataFrame:
    """Return the streets on the site with every width and class, and where these are from."""
    highway = streets["highway"].replace("", "unclassified").fillna("unclassified")
    usual = class_width_m(highway, oneway=np.zeros(len(streets), dtype=bool))
    given = pd.to_numeric(streets["width_m"]).to_numpy(dtype=float)
    shapes = only_lines(shapely.intersection(streets.geometry.to_numpy(), study), at_least_m=0.5)
    settled = streets.assign(
        highway=highway,
        width_m=np.where(np.isnan(given), usual, given),
        width_from=np.where(np.isnan(given), "assumed for its class", "width in the data"),
        routes="",
        rail=highway.isin(["tram", "rail", "light_rail"]).to_numpy(),
        geometry=shapes,
    )
    return settled[~shapely.is_empty(shapes)].reset_index(drop=True)


def _clipped(layer: gpd.GeoDataFrame, area: Polygon) -> gpd.GeoDataFrame:
    shapes = on_grid(shapely.intersection(layer.geometry.to_numpy(), area))
    cut = layer.set_geometry(gpd.GeoSeries(shapes, layer.index, crs=layer.crs))
    return cut[~shapely.is_empty(shapes)]


def _known_steps(steps: gpd.GeoDataFrame, area: Polygon) -> gpd.GeoDataFrame:
    """Return the steps on the site whose height is known; the others stop no vehicle."""
    shapes = only_lines(shapely.intersection(steps.geometry.to_numpy(), area), at_least_m=0.1)
    cut = steps.set_geometry(gpd.GeoSeries(shapes, steps.index, crs=steps.crs))
    return cut[~shapely.is_empty(shapes) & steps["height_m"].notna().to_numpy()]


def _inside(layer: gpd.GeoDataFrame, area: Polygon) -> gpd.GeoDataFrame:
    return layer[shapely.intersects(layer.geometry.to_numpy(), area)]

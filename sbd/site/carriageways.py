"""Streets, ground and zone in; what traffic keeps and what is left to protect out."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon

from sbd.errors import ZoneError
from sbd.site.ground import component_of
from sbd.site.shapes import GRID_M, merged, only_polygons, within, without
from sbd.site.streets import RAILWAYS

# A piece of the zone that holds no disc of this diameter is a traffic island or a verge.
SCRAP_WIDTH_M = 4.0
SCRAP_M2 = 50.0

# The rim of the study area is drawn by other means than the ground; they agree within this.
RIM_REACH_M = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class TrimmedZone:
    """What is left to protect of an asked zone, and where the rest went.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        Drivable ground of the zone outside every carriageway that stays open.
    drivable_m2 : float
        Drivable ground of the zone as asked.
    lost : DataFrame
        `street` and `area_m2`: what each street that stays open takes of the zone, largest first.
    scraps_m2, enclosed_m2 : float
        Left out as traffic islands and verges; left out as closed courtyards.
    """

    shape: Polygon | MultiPolygon
    drivable_m2: float
    lost: pd.DataFrame
    scraps_m2: float
    enclosed_m2: float


def open_carriageways(streets: gpd.GeoDataFrame, ground: MultiPolygon) -> gpd.GeoDataFrame:
    """Return the carriageways that stay open, as polygons on the ground.

    Columns `street_id`, `name`, `highway`, `geometry`. A street is its line widened by `width_m`
    with round ends, so that streets which meet leave no notch.
    """
    kept = streets[streets["stays_open"].to_numpy(dtype=bool)]
    strips = shapely.buffer(
        kept.geometry.to_numpy(), kept["width_m"].to_numpy(dtype=float) / 2, quad_segs=4
    )
    shapes = only_polygons(shapely.intersection(strips, ground, grid_size=GRID_M))
    table = gpd.GeoDataFrame(
        {name: kept[name] for name in ("street_id", "name", "highway")},
        geometry=gpd.GeoSeries(shapes, kept.index, crs=streets.crs),
        crs=streets.crs,
    )
    return table[~shapely.is_empty(shapes)].reset_index(drop=True)


def trim_zone(
    zone: Polygon | MultiPolygon,
    ground: MultiPolygon,
    carriageways: gpd.GeoDataFrame,
    entries: gpd.GeoDataFrame,
) -> TrimmedZone:
    """Return the part of a zone that can be protected.

    Off go, in this order: what is not drivable, the carriageways that stay open, pieces too small
    or narrow to be more than a traffic island, and courtyards that no entry and no open street
    leads to (nothing is needed there).

    Raises
    ------
    ZoneError
        Nothing is left, with the reason and the way out.
    """
    drivable = within(zone, ground)
    if drivable.is_empty:
        raise ZoneError("zone: no drivable ground in it, only buildings, walls or water; move it")
    lost = _lost_by_street(drivable, carriageways)
    left = without(drivable, merged(carriageways.geometry.to_numpy()))
    pieces = shapely.get_parts(left)
    wide = ~shapely.is_empty(shapely.buffer(pieces, -SCRAP_WIDTH_M / 2))
    large = wide & (shapely.area(pieces) >= SCRAP_M2)
    if not large.any():
        raise _nothing_large(drivable.area, lost)
    sources = np.concatenate([entries.geometry.to_numpy(), carriageways.geometry.to_numpy()])
    reached = component_of(ground, sources, reach_m=RIM_REACH_M)
    hit, _ = shapely.STRtree(reached).query(
        shapely.point_on_surface(pieces), predicate="intersects"
    )
    open_piece = np.zeros(len(pieces), dtype=bool)
    open_piece[hit] = True
    if not (large & open_piece).any():
        raise ZoneError(
            "zone: no vehicle can reach it, solids close it off from every entry and every open "
            "street; widen the margin, or check the walls around it"
        )
    return TrimmedZone(
        shape=shapely.union_all(pieces[large & open_piece]),
        drivable_m2=drivable.area,
        lost=lost,
        scraps_m2=float(shapely.area(pieces[~large]).sum()),
        enclosed_m2=float(shapely.area(pieces[large & ~open_piece]).sum()),
    )


def _nothing_large(drivable_m2: float, lost: pd.DataFrame) -> ZoneError:
    if lost.empty:
        return ZoneError(
            f"zone: {drivable_m2:.0f} m2 of drivable ground; give one of {SCRAP_M2:g} m2 or more "
            f"that is {SCRAP_WIDTH_M:g} m wide somewhere"
        )
    return ZoneError(
        f"zone: streets that stay open take all of its {drivable_m2:.0f} m2 "
        f"({', '.join(lost['street'].head(3))}); draw it beside them, or let one be closed with "
        "--close NAME_OR_ID"
    )


def _lost_by_street(
    drivable: Polygon | MultiPolygon, carriageways: gpd.GeoDataFrame
) -> pd.DataFrame:
    kind = carriageways["highway"].astype(object)
    nameless = ("nameless " + kind + " road").where(~kind.isin(RAILWAYS), kind + " rails")
    label = carriageways["name"].where(carriageways["name"] != "", nameless)
    taken = shapely.area(
        shapely.intersection(carriageways.geometry.to_numpy(), drivable, grid_size=GRID_M)
    )
    table = pd.DataFrame({"street": label.astype(str), "area_m2": taken})
    table = table[table["area_m2"] >= 0.5].groupby("street", as_index=False).sum()
    return table.sort_values(["area_m2", "street"], ascending=[False, True], ignore_index=True)

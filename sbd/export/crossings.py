"""Barrier lines and their units in, the pieces of the lines that open out."""

import geopandas as gpd
import pandas as pd
import shapely

# Half of the widest gap, so that openable units side by side make one piece.
REACH_M = 0.65


def openable_pieces(barriers: gpd.GeoDataFrame, footprints: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one row a piece of a line that opens, with the columns of its line.

    A piece is what lies on openable units or within `REACH_M` of one. Of an openable line whose
    units do not say which of them opens, the whole line is the piece. Rows keep the order of the
    lines.
    """
    opens = barriers[barriers["openable"]]
    units = footprints[footprints["openable"]]
    pieces = [
        _piece(line, units.geometry[units["line_id"] == line_id])
        for line_id, line in zip(opens["line_id"], opens.geometry, strict=True)
    ]
    parts = opens.set_geometry(gpd.GeoSeries(pieces, index=opens.index, crs=barriers.crs))
    return parts.explode(ignore_index=True)


def _piece(line: shapely.Geometry, units: gpd.GeoSeries) -> shapely.Geometry:
    reached = shapely.intersection(line, shapely.union_all(units.buffer(REACH_M).to_numpy()))
    return shapely.line_merge(reached) if reached.length > 0 else line


def crossings_on(units: gpd.GeoDataFrame, line_ids: pd.Series) -> list[int]:
    """Return how many crossings each line holds: openable units side by side make one.

    Units of a line stand in the table in their order along it.
    """
    opens = units["openable"].astype(bool)
    begins = opens & ~(
        opens.shift(fill_value=False) & (units["line_id"] == units["line_id"].shift())
    )
    count = begins.groupby(units["line_id"]).sum()
    return [int(count.get(line_id, 0)) for line_id in line_ids]

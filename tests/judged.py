"""Drawn towns for the judge: blocks, a street that leads to a square, units across the street.

60 +------------+------------------+
   |   north    |                  |
34 +------------+   +----------+   |
   =  street    .   |   zone   |   |     entry at x = 0, all other sides walled
26 +------------+   +----------+   |
   |   south    |                  |
 0 +------------+------------------+
   0           60  65         90  100
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, box

from sbd.model import tables
from sbd.model.site import Site

CRS = 32635
STUDY = box(0, 0, 100, 60)
ZONE = box(65, 10, 90, 50)
BLOCKS = (box(0, 0, 60, 26), box(0, 34, 60, 60))
WALLS = (box(60, 0, 95, 5), box(60, 55, 95, 60), box(95, 0, 100, 60))
ENTRY = LineString([(0, 26), (0, 34)])


def layer(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def town(solids=(*BLOCKS, *WALLS), *, zone=ZONE, entries=(ENTRY,), streets=(), study=STUDY):
    """Return a site; `streets` are (line, width_m) that stay open."""
    solids = [part for shape in solids for part in shapely.get_parts(shape)]
    count = len(streets)
    return Site(
        name="drawn town",
        zone=layer([zone], zone_id=["z1"], name=["the square"]),
        solids=layer(
            solids,
            solid_id=[f"s{k}" for k in range(1, len(solids) + 1)],
            kind=["building"] * len(solids),
        ),
        furniture=tables.empty_layer(tables.FURNITURE, CRS),
        ground=tables.empty_layer(tables.GROUND, CRS),
        streets=layer(
            [line for line, _ in streets],
            street_id=[f"way/{k}" for k in range(1, count + 1)],
            name=["Main Street"] * count,
            highway=["secondary"] * count,
            width_m=[width for _, width in streets],
            stays_open=[True] * count,
            reason=["main road"] * count,
        )
        if count
        else tables.empty_layer(tables.STREETS, CRS),
        entries=layer(
            entries,
            entry_id=[f"e{k}" for k in range(1, len(entries) + 1)],
            street=["Main Street"] * len(entries),
            width_m=[line.length for line in entries],
        )
        if entries
        else tables.empty_layer(tables.ENTRIES, CRS),
        demands=tables.empty_layer(tables.DEMANDS, CRS),
        study_area=layer([study], name=["drawn town"]),
        report=pd.DataFrame({"topic": ["source"], "item": ["drawn"], "count": [1.0], "note": [""]}),
        attribution="nobody's",
    )


def with_layers(site, **layers):
    """Return the site with other layers; ids and names that a contract asks for are made up."""
    made = {}
    for name, table in layers.items():
        first = next(iter(site.layers[name].columns))
        made[name] = table.assign(
            **{
                column: [f"{column[:1]}{k}" for k in range(1, len(table) + 1)]
                for column in (first, "name")
                if column in site.layers[name].columns and column not in table
            }
        )
    return Site(
        name=site.name,
        **{**site.layers, **made},
        report=site.report,
        attribution=site.attribution,
    )


def units(*shapes, line="L1", openable=()):
    """Return footprints numbered along one line; `openable` are positions that open."""
    return layer(
        shapes,
        unit_id=[f"{line}-{k:02d}" for k in range(1, len(shapes) + 1)],
        line_id=[line] * len(shapes),
        openable=np.isin(np.arange(len(shapes)), openable),
    )


def one_gap(gap_m, *, x=50.0):
    """Return two blocks across the street with one gap between them."""
    half = gap_m / 2
    return units(box(x, 26, x + 1, 30 - half), box(x, 30 + half, x + 1, 34))


def row(count, *, width_m=0.2, x=50.0, low=26.0, high=34.0):
    """Return square posts across the street with equal gaps, and the gap."""
    gap = (high - low - count * width_m) / (count + 1)
    start = low + gap + np.arange(count) * (width_m + gap)
    return units(*(box(x, y, x + width_m, y + width_m) for y in start)), gap


def check(verdict, name):
    """Return a check of a verdict by its name."""
    return next(found for found in verdict.checks if found.name == name)


def moved(site, footprints, turn):
    """Return site and footprints with all coordinates changed by `turn`."""
    change = {
        name: table.set_geometry(
            gpd.GeoSeries(shapely.transform(table.geometry.to_numpy(), turn), crs=CRS)
        )
        for name, table in site.layers.items()
    }
    shapes = shapely.transform(footprints.geometry.to_numpy(), turn)
    return (
        Site(name=site.name, **change, report=site.report, attribution=site.attribution),
        footprints.set_geometry(gpd.GeoSeries(shapes, crs=CRS)),
    )

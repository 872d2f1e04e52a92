"""Drawn drivable ground in metres around (0, 0), and vehicles with round figures."""

import math

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from shapely import LineString, box
from shapely.affinity import rotate

from sbd.approach.field import solve_field
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.surface import DrivableSurface
from sbd.model.vehicle import Vehicle

CRS = pyproj.CRS.from_epsg(32635)
FINE = FieldSettings(0.5, 64)
COARSE = FieldSettings(1.0, 32)
WIDTH_M = 2.0  # of the vehicle, unless a test says otherwise


def vehicle(**figures):
    """A vehicle 2 m wide with 3 m/s2, grip 0.8 and no limit of power, or what the test says."""
    given = {
        "name": "T",
        "description": "drawn",
        "mass_kg": 1500.0,
        "width_m": WIDTH_M,
        "length_m": 4.0,
        "wheelbase_m": 2.5,
        "min_turning_radius_m": 3.5,
        "top_speed_mps": 50.0,
        "acceleration_mps2": 3.0,
        "friction": 0.8,
    }
    return Vehicle(**{**given, **figures})


def surface(ground, *, study=None, entries=(), zone=None, streets=None, turned_deg=0.0):
    """Ground with entries on the rim; without a study area walls stand all round it."""
    study = ground.buffer(5.0, join_style="mitre").envelope if study is None else study
    zone = ground if zone is None else zone
    ground, study, zone, *entries = (
        rotate(shape, turned_deg, origin=(0, 0)) for shape in (ground, study, zone, *entries)
    )
    names = list(streets or [f"Street {n}" for n in range(len(entries))])
    table = gpd.GeoDataFrame(
        {
            "entry_id": [f"E{n}" for n in range(len(entries))],
            "street": names,
            "width_m": [entry.length for entry in entries],
        },
        geometry=list(entries),
        crs=CRS,
    )
    nothing = gpd.GeoDataFrame(geometry=[], crs=CRS)
    return DrivableSurface(CRS, ground, study, nothing, zone, table, nothing, nothing)


def street(length_m, *, width_m=8.0, entry=False, turned_deg=0.0):
    """A street along x from 0; its reference point has `length_m` from end to end.

    With an entry it begins at the rim; without, walls stand at both ends.
    """
    half = width_m / 2
    if entry:
        ground = box(0, -half, length_m + WIDTH_M / 2, half)
        study = box(0, -half - 5, length_m + 10, half + 5)
        rim = [LineString([(0, -half), (0, half)])]
        return surface(ground, study=study, entries=rim, turned_deg=turned_deg)
    ground = box(-WIDTH_M / 2, -half, length_m + WIDTH_M / 2, half)
    return surface(ground, turned_deg=turned_deg)


def corner(free_m, *, leg_m=60.0, turned_deg=0.0):
    """A street along x, entered over the rim at -leg_m, that turns left; legs of one width."""
    wide = free_m + WIDTH_M
    ground = shapely.union_all([box(-leg_m, 0, wide, wide), box(0, 0, wide, leg_m)])
    study = box(-leg_m, -5, wide + 5, leg_m + 5)
    rim = [LineString([(-leg_m, 0), (-leg_m, wide)])]
    return surface(ground, study=study, entries=rim, turned_deg=turned_deg)


def chicane(aside_m, length_m, slack_m, *, leg_m=60.0, turned_deg=0.0):
    """A lane of that slack that moves aside over a length; entered over the rim at -leg_m."""
    free = shapely.union_all(
        [
            box(-leg_m, 0, 0, slack_m),
            box(0, 0, length_m, aside_m + slack_m),
            box(length_m, aside_m, length_m + leg_m, aside_m + slack_m),
        ]
    )
    study = box(-leg_m, -10, length_m + leg_m + 10, aside_m + slack_m + 10)
    ground = free.buffer(WIDTH_M / 2, join_style="mitre").intersection(study)
    rim = [LineString([(-leg_m, -WIDTH_M / 2), (-leg_m, slack_m + WIDTH_M / 2)])]
    return surface(ground, study=study, entries=rim, turned_deg=turned_deg)


def solve(ground, driver, settings=FINE, bound=Bound.NOMINAL, entry_speed_mps=None):
    """The field of a vehicle on drawn ground."""
    settings = FieldSettings(settings.resolution_m, settings.headings, entry_speed_mps)
    return solve_field(ground, driver, settings, bound=bound)


def speeds(field, where, *, towards_deg=None, turned_deg=0.0):
    """All speeds in the cells where(x, y) holds, before the ground was turned; [m/s].

    `towards_deg` keeps headings within 18 degrees of it.
    """
    row, column = np.nonzero(field.free)
    x = field.origin_m[0] + column * field.cell_m
    y = field.origin_m[1] + row * field.cell_m
    turn = math.radians(turned_deg)
    keep = where(x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn))
    label = field.label[row[keep], :, column[keep]]
    if towards_deg is not None:
        off = field.heading_rad - math.radians(towards_deg) - turn
        label = label[:, np.cos(off) > math.cos(math.radians(18))]
    return field.speed_of_label_mps[label]


def top_speed(field, where, *, towards_deg=None, turned_deg=0.0):
    """The highest of those speeds; 0 where there is no cell."""
    found = speeds(field, where, towards_deg=towards_deg, turned_deg=turned_deg)
    return float(found.max()) if found.size else 0.0

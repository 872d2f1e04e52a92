"""A window of longitude and latitude -> a condition on a column of shapes, on both databases."""

import math
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.store.base import Geometry
from sbd.errors import InputError


@dataclass(frozen=True, slots=True)
class Window:
    """A box of longitude and latitude [degrees]; west of its own east only across 180°."""

    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float

    def __post_init__(self) -> None:
        corners = (self.west_deg, self.south_deg, self.east_deg, self.north_deg)
        text = ",".join(f"{corner:.10g}" for corner in corners)
        if not all(map(math.isfinite, corners)):
            raise InputError(f"bbox {text}: every corner must be a number")
        if (
            max(abs(self.west_deg), abs(self.east_deg)) > 180
            or max(abs(self.south_deg), abs(self.north_deg)) > 90
        ):
            raise InputError(f"bbox {text}: give longitude -180 to 180 and latitude -90 to 90")
        if self.south_deg > self.north_deg:
            raise InputError(f"bbox {text}: south is north of north; give west,south,east,north")

    @property
    def boxes(self) -> list[tuple[float, float, float, float]]:
        """(west, south, east, north) of the box, or of its two halves across 180°."""
        west, south, east, north = self.west_deg, self.south_deg, self.east_deg, self.north_deg
        if west <= east:
            return [(west, south, east, north)]
        return [(west, south, 180.0, north), (-180.0, south, east, north)]

    @property
    def shape(self) -> shapely.Geometry:
        """The ground of the window; a line or a point where it has no width."""
        return shapely.union_all([_ground(box) for box in self.boxes])


def meets(session: Session, column: InstrumentedAttribute[Any], window: Window) -> Any:
    """Return the condition that a zone has a point in the window, edge included; by index."""
    if is_postgres(session):
        return _meets_by_boxes(column, window)
    key = key_of(column)
    # As a value, not as a column: for a wide window SQLite would look up each of thousands of keys
    # in the table, whose rows are long, instead of walking an index that is in order already.
    return key.concat("").in_(_found_by_tree(column, key, window))


def keys_in(session: Session, column: InstrumentedAttribute[Any], window: Window) -> Any:
    """Return the statement for the keys of the rows whose zone has a point in the window."""
    key = key_of(column)
    if is_postgres(session):
        return sa.select(key).where(_meets_by_boxes(column, window))
    return _found_by_tree(column, key, window)


def meets_exactly(session: Session, column: InstrumentedAttribute[Any], window: Window) -> Any:
    """Return the same condition without the index, for few rows that something else picked."""
    if is_postgres(session):
        return sa.func.ST_Intersects(column, _ground_of(window))
    return sa.func.sbd_meets(column, _ground_of(window))


def is_postgres(session: Session) -> bool:
    """Return whether a session asks PostGIS."""
    return session.get_bind().dialect.name == "postgresql"


def key_of(column: InstrumentedAttribute[Any]) -> Any:
    """Return the key of the table that a column of shapes is in."""
    return next(iter(column.class_.__table__.primary_key))


def tree_of(column: InstrumentedAttribute[Any]) -> sa.TableClause:
    """Return the tree that SQLite keeps over a column of zones, rounded outwards."""
    names = ("item_id", "west", "east", "south", "north")
    return sa.table(f"{column.class_.__tablename__}_window", *map(sa.column, names))


def ready_windows(connection: sqlite3.Connection) -> None:
    """Give a connection of SQLite the functions that its triggers and conditions call."""
    for side in range(4):
        name = ("sbd_west", "sbd_south", "sbd_east", "sbd_north")[side]
        connection.create_function(name, 1, _bound(side), deterministic=True)
    connection.create_function("sbd_meets", 2, _meets, deterministic=True)


def _ground(box: tuple[float, float, float, float]) -> shapely.Geometry:
    west, south, east, north = box
    if west < east and south < north:
        return shapely.box(*box)
    if west == east and south == north:
        return shapely.Point(west, south)
    return shapely.LineString([(west, south), (east, north)])


def _ground_of(window: Window) -> Any:
    return _bound_to(window.shape)


def _bound_to(ground: shapely.Geometry) -> Any:
    return sa.bindparam(None, ground, type_=Geometry())


# What lies in a box with its own box is in it: most zones need no closer look.
def _meets_by_boxes(column: InstrumentedAttribute[Any], window: Window) -> Any:
    found = []
    for box in window.boxes:
        ground = _bound_to(_ground(box))
        is_near = column.op("&&", is_comparison=True)(ground)
        is_within = column.op("@", is_comparison=True)(ground)
        found.append(is_near & (is_within | sa.func.ST_Intersects(column, ground)))
    return sa.or_(*found)


# A tree keeps single precision, rounded outwards: it finds too much, never too little, and what
# it has inside a box is inside. Only zones on the edge of the window are looked at themselves.
def _found_by_tree(column: InstrumentedAttribute[Any], key: Any, window: Window) -> Any:
    zones = sa.orm.aliased(column.class_)
    item, zone = getattr(zones, key.key), getattr(zones, column.key)
    tree = tree_of(column)
    found = []
    for west, south, east, north in window.boxes:
        within = (
            tree.c.west >= west,
            tree.c.east <= east,
            tree.c.south >= south,
            tree.c.north <= north,
        )
        touching = (
            tree.c.west <= east,
            tree.c.east >= west,
            tree.c.south <= north,
            tree.c.north >= south,
        )
        across = (
            tree.c.west < west,
            tree.c.east > east,
            tree.c.south < south,
            tree.c.north > north,
        )
        looked_at = sa.func.sbd_meets(zone, _ground_of(window))
        on_edge = sa.select(item).join(tree, tree.c.item_id == item).where(*touching, looked_at)
        found.append(sa.select(tree.c.item_id).where(*within))
        # Edge by edge, because the tree finds what crosses one of them without reading the rest.
        found += [on_edge.where(edge) for edge in across]
    return sa.union_all(*found)


def _bound(side: int) -> Callable[[bytes], float]:
    return lambda blob: _bounds(blob)[side]


@lru_cache(maxsize=8)  # a trigger asks four times about the same shape
def _bounds(blob: bytes) -> tuple[float, ...]:
    return tuple(shapely.bounds(shapely.from_wkb(blob)).tolist())


@lru_cache(maxsize=32)
def _prepared(blob: bytes) -> shapely.Geometry:
    ground = shapely.from_wkb(blob)
    shapely.prepare(ground)
    return ground


def _meets(blob: bytes | None, ground: bytes) -> bool:
    return blob is not None and bool(shapely.intersects(_prepared(ground), shapely.from_wkb(blob)))

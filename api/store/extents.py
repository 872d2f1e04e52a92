"""Rows -> how far they reach: west, south, east, north [degrees], on both databases."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.store.places import PlanFeature
from api.store.windows import is_postgres, key_of, tree_of

Bounds = tuple[float, float, float, float]

_SIDES_OF_POSTGIS = ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")


def bounds_of_zones(
    session: Session, column: InstrumentedAttribute[Any], condition: Any
) -> Bounds | None:
    """Return the bounds of the zones of some rows, None where there are none.

    No zone reaches over them; on SQLite they lie up to 4 m outside, as its tree rounds.
    """
    if is_postgres(session):
        asked = sa.select(*_extent(column)).where(condition)
    else:
        tree, keys = tree_of(column), sa.select(key_of(column))
        lower = sa.func.min(tree.c.west), sa.func.min(tree.c.south)
        upper = sa.func.max(tree.c.east), sa.func.max(tree.c.north)
        # Most often it is all rows, and to look up each of thousands takes long.
        is_all = ~keys.where(sa.not_(condition)).exists()
        is_one = tree.c.item_id.in_(keys.where(condition))
        asked = sa.select(*lower, *upper).where(is_all | is_one)
    return _found(session.execute(asked).one())


def bounds_of_layers(
    session: Session, plan_ids: Sequence[str], only: str | None = None
) -> dict[tuple[str, str], Bounds | None]:
    """Return the bounds of each layer of some plans, or of one of them, by plan and layer.

    None is for a layer of empty shapes.
    """
    key = (PlanFeature.plan_id, PlanFeature.layer)
    is_asked: list[sa.ColumnElement[bool]] = [PlanFeature.plan_id.in_(plan_ids)]
    if only is not None:
        is_asked.append(PlanFeature.layer == only)
    if is_postgres(session):
        grouped = sa.select(*key, *_extent(PlanFeature.shape)).where(*is_asked).group_by(*key)
        return {(row[0], row[1]): _found(row[2:]) for row in session.execute(grouped)}
    # As the file has them: thousands of shapes are read faster all at once.
    shape_as_kept: Any = sa.type_coerce(PlanFeature.shape, sa.types.NullType())
    shapes: dict[tuple[str, str], list[bytes]] = {}
    for plan_id, layer, shape in session.execute(sa.select(*key, shape_as_kept).where(*is_asked)):
        shapes.setdefault((plan_id, layer), []).append(shape)
    return {pair: _found(_bounds(raw)) for pair, raw in shapes.items()}


def _extent(column: Any) -> list[Any]:
    around = sa.func.ST_Extent(column)
    return [getattr(sa.func, name)(around) for name in _SIDES_OF_POSTGIS]


def _bounds(raw: list[bytes]) -> Any:
    return shapely.total_bounds(shapely.from_wkb(np.array(raw, dtype=object)))


def _found(sides: Sequence[float | None]) -> Bounds | None:
    west, south, east, north = (math.nan if side is None else float(side) for side in sides)
    return None if math.isnan(west) else (west, south, east, north)

"""DrivableSurface + the planner's hand -> the surface that is left, and the units that stay.

A pinned unit that stops whatever can come there is a wall: lines may lean on it, and two of them
no further apart than the widest gap close what is between. One that is too weak is furniture:
nothing leans on it, and no unit stands in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import Polygon

from sbd.barriers.cost import Strength, strengths
from sbd.barriers.demand import Demand, Floats, Need, hardest
from sbd.barriers.fitting import FittedLine
from sbd.barriers.lines import Line
from sbd.barriers.rows import Unit
from sbd.barriers.runs import INTO_STREET_M, ROUNDING_M
from sbd.barriers.siting import siting_of
from sbd.catalogue.product import Product, Role
from sbd.errors import InputError
from sbd.model.request import Hand
from sbd.model.surface import DrivableSurface

ATTACK_HEADINGS = 8  # a unit on its own may be struck from anywhere


@dataclass(frozen=True, slots=True, eq=False)
class Pin:
    """A unit that stays where it is, as `unit_id` of the table that pinned it."""

    pin_id: str
    unit: Unit

    @property
    def is_wall(self) -> bool:
        """Whether it stops what can come there."""
        return self.unit.strength is not Strength.SHORT

    @property
    def price(self) -> float:
        """What it costs to buy, with what the ground adds."""
        return self.unit.product.cost_mid + self.unit.ground_price

    @property
    def line(self) -> FittedLine:
        """The unit as a line of its own, along its longer side; its gaps are not looked at."""
        half = 0.5 * self.unit.product.width_m * self.unit.direction
        line = Line(
            vertices=np.stack([self.unit.centre - half, self.unit.centre + half]),
            members=(np.zeros(0, dtype=np.int64),),
            openable=np.array([self.unit.openable]),
            street_m=np.array([np.inf]),
            closed=False,
        )
        return FittedLine(line, (self.unit,), np.zeros(2), self.price)


def with_hand(
    surface: DrivableSurface, hand: Hand, demand: Demand, products: Sequence[Product]
) -> tuple[DrivableSurface, tuple[Pin, ...]]:
    """Return the surface with forbidden ground and pinned units in it, and those units.

    Raises
    ------
    InputError
        A pinned unit is of no known product, or stands where it can't: across a building, in a
        street that stays open, outside the study area, in another one, where the ground forbids it
        or a crowd is within its run-out. The message lists every one.
    """
    pins = _pins(surface, hand.pinned, demand, products)
    walls = [pin.unit.shape for pin in pins if pin.is_wall]
    weak = [pin for pin in pins if not pin.is_wall]
    rules = [surface.place_rules, _forbidden(surface, hand)]
    furniture = gpd.GeoDataFrame(
        {
            "furniture_id": [f"pinned {pin.pin_id}" for pin in weak],
            "kind": ["pinned unit" for _ in weak],
            "standing": ["too weak for what can come there" for _ in weak],
        },
        geometry=gpd.GeoSeries([pin.unit.shape for pin in weak], crs=surface.crs),
    )
    return (
        replace(
            surface,
            ground=surface.ground.difference(shapely.union_all(walls)) if walls else surface.ground,
            unmovable=_joined([surface.unmovable, furniture]),
            place_rules=_joined([table for table in rules if table is not None]),
        ),
        pins,
    )


def _joined(tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
    filled = [table for table in tables if not table.empty]
    if len(filled) <= 1:
        return filled[0] if filled else next(iter(tables), None)
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), crs=filled[0].crs)


def _forbidden(surface: DrivableSurface, hand: Hand) -> gpd.GeoDataFrame | None:
    if hand.forbidden is None or hand.forbidden.is_empty:
        return None
    rule = {
        "place_rule_id": "hand",
        "kind": "other",
        "effect": "forbid",
        "price": 0.0,
        "deepest_foundation": "",
        "standing": "assumed",
        "geometry": hand.forbidden,
    }
    return gpd.GeoDataFrame([rule], geometry="geometry", crs=surface.crs)


def _pins(
    surface: DrivableSurface,
    pinned: gpd.GeoDataFrame | None,
    demand: Demand,
    products: Sequence[Product],
) -> tuple[Pin, ...]:
    if pinned is None or pinned.empty:
        return ()
    known = {product.product_id: product for product in products}
    names = pinned["unit_id"] if "unit_id" in pinned else pd.Series(range(1, len(pinned) + 1))
    names = [str(name) for name in names]
    shapes = pinned.geometry.to_numpy()
    kinds = pinned["product_id"].astype(str).to_list()
    if unknown := [f"{n} ({k})" for n, k in zip(names, kinds, strict=True) if k not in known]:
        raise InputError(
            f"pinned units: of no product in the list: {', '.join(unknown)}; give product_id"
        )
    chosen = [known[kind] for kind in kinds]
    if faults := _faults(surface, names, shapes, chosen):
        raise InputError(f"pinned units: {'; '.join(faults)}; move them or let them go")
    extras = siting_of(surface).unit_extras(shapes)
    if "openable" in pinned:
        opens = pinned["openable"].astype(bool).to_list()
    else:  # what stands in no line is there to be opened
        opens = [Role.LINE not in product.roles for product in chosen]
    return tuple(
        Pin(name, replace(_unit(shape, product, demand, float(extra)), openable=may_open))
        for name, shape, product, extra, may_open in zip(
            names, shapes, chosen, extras, opens, strict=True
        )
    )


def _faults(
    surface: DrivableSurface, names: list[str], shapes: np.ndarray, products: list[Product]
) -> list[str]:
    siting = siting_of(surface)
    streets = shapely.union_all(surface.open_streets.geometry.to_numpy())
    carriageway = shapely.buffer(streets, -INTO_STREET_M)
    faults = []
    for number, (name, shape, product) in enumerate(zip(names, shapes, products, strict=True)):
        core = shapely.buffer(shape, -ROUNDING_M)
        where = f"{name} at ({shape.centroid.x:.0f}, {shape.centroid.y:.0f})"
        others = [names[k] for k in range(number) if core.intersects(shapes[k])]
        if shape.geom_type != "Polygon":
            faults.append(f"{where} is not one polygon")
        elif not surface.study_area.covers(core):
            faults.append(f"{where} stands outside the study area")
        elif not surface.ground.covers(core):
            faults.append(f"{where} stands across a building or another wall")
        elif core.intersects(carriageway):
            faults.append(f"{where} stands in a street that stays open")
        elif others:
            faults.append(f"{where} stands in {others[0]}")
        elif siting.barred_units(product, shapes[[number]])[0]:
            apart_m = shape.distance(siting.crowds) if not siting.crowds.is_empty else np.inf
            faults.append(
                f"{where} has a run-out of {product.run_out_m:g} m and a crowd {apart_m:.1f} m away"
                if apart_m <= product.run_out_m
                else f"{where} stands on ground that forbids it or bears no such foundation"
            )
    return faults


def _unit(shape: Polygon, product: Product, demand: Demand, ground_price: float) -> Unit:
    need = _need(shape, demand)
    answer = strengths([product], demand.names, demand.masses_kg, need.speed_mps[None])[0, 0]
    return Unit(
        product=product,
        centre=np.array(shape.centroid.coords[0]),
        direction=_direction(shape),
        shape=shape,
        openable=False,
        need=need,
        strength=Strength(int(answer)),
        ground_price=ground_price,
    )


def _need(shape: Polygon, demand: Demand) -> Need:
    """Return what can strike a unit anywhere on its outline from any side; errs high."""
    turn = 2 * np.pi * np.arange(ATTACK_HEADINGS) / ATTACK_HEADINGS
    headings = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    outline = shapely.get_coordinates(shape.minimum_rotated_rectangle)
    corners = np.vstack([outline, shape.centroid.coords[0]])
    points = np.repeat(corners, ATTACK_HEADINGS, axis=0)
    return hardest(demand, demand(points, np.tile(headings, (len(corners), 1))))


def _direction(shape: Polygon) -> Floats:
    """Return the unit vector along the longer side of a footprint."""
    corners = shapely.get_coordinates(shape.minimum_rotated_rectangle)
    sides = np.diff(corners, axis=0)
    longest = sides[int(np.argmax(np.hypot(*sides.T)))]
    return np.asarray(longest / np.hypot(*longest))

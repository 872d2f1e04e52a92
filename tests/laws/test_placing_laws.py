"""What holds wherever units stand: bars and prices only ever add, and every plan keeps to them."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point, box

from sbd.barriers import propose_layout
from sbd.barriers.chords import candidates, find_chords
from sbd.barriers.cost import offer
from sbd.catalogue.products import load_products
from sbd.model.request import Hand, PlanRequest
from sbd.model.words import FOUNDATIONS
from tests.placed import CRS, Everywhere, lets_in, place

PRODUCTS = {p.product_id: p for p in load_products()}
BLOCKS = [box(x, y, x + 30, y + 28) for x in (2, 58) for y in (3, 57)]
TOWN = place(box(0, 0, 90, 90), BLOCKS, box(38, 38, 52, 52))


def hard(seed, *, crowded=True):
    """The town with ground that forbids, bears little or costs more, and a crowd in its middle."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(8):
        x, y = rng.uniform(5, 80, 2)
        wide, high = rng.uniform(0.5, 9, 2)
        effect = ("forbid", "price")[number % 2]
        rows.append(
            {
                "place_rule_id": f"R{number}",
                "kind": "utility",
                "effect": effect,
                "price": float(rng.choice([0.0, 800.0])) if effect == "price" else 0.0,
                "deepest_foundation": str(rng.choice(["", "A", "B"])) if effect == "price" else "",
                "standing": "assumed",
                "geometry": box(x, y, x + wide, y + high),
            }
        )
    crowd = {"crowd_id": "C", "name": "", "people": 50.0, "geometry": Point(45, 45).buffer(3)}
    return replace(
        TOWN,
        place_rules=gpd.GeoDataFrame(rows, crs=CRS),
        crowds=gpd.GeoDataFrame([crowd], crs=CRS) if crowded else None,
    )


@pytest.mark.parametrize("seed", range(4))
def test_ground_and_crowds_never_make_a_chord_cheaper(seed):
    chords = find_chords(TOWN, gap_max_m=1.2)
    offered = offer(load_products(), layout="permanent", gap_min_m=0.9, gap_max_m=1.2)
    plain, ruled = (
        candidates(chords, surface, Everywhere(), offered, openable=True)
        for surface in (TOWN, hard(seed))
    )
    assert (ruled.price >= plain.price).all()
    assert (ruled.graph.gate_forth >= plain.graph.gate_forth).all()


@pytest.mark.parametrize("layout", ["permanent", "temporary"])
@pytest.mark.parametrize("seed", range(3))
def test_every_unit_keeps_to_the_ground_and_off_the_crowd(seed, layout):
    surface = hard(seed)
    found = propose_layout(surface, Everywhere(), PlanRequest(layout=layout)).footprints
    assert not lets_in(surface, found.geometry)
    for unit in found.itertuples():
        product = PRODUCTS[unit.product_id]
        core = unit.geometry.buffer(-0.01)
        assert surface.crowds.distance(unit.geometry).min() > product.run_out_m
        for rule in surface.place_rules[surface.place_rules.intersects(core)].itertuples():
            assert rule.effect == "price"
            deepest = rule.deepest_foundation or FOUNDATIONS[-1]
            assert FOUNDATIONS.index(product.foundation) <= FOUNDATIONS.index(deepest)


@pytest.mark.parametrize("seed", range(4))
def test_a_strong_pin_never_opens_a_place_and_is_paid_for(seed):
    rng = np.random.default_rng(seed)
    shape = Point(*rng.uniform((33, 5), (56, 30))).buffer(0.135)
    pinned = gpd.GeoDataFrame({"product_id": ["bollard-shallow-n2a-80"]}, geometry=[shape], crs=CRS)
    free = propose_layout(TOWN, Everywhere(), PlanRequest())
    found = propose_layout(TOWN, Everywhere(), PlanRequest(hand=Hand(pinned=pinned)))
    assert not lets_in(TOWN, found.footprints.geometry)
    assert found.footprints.geometry.geom_equals(shape).sum() == 1
    # The mesh is another one: samples elsewhere move a free piece by up to one unit.
    unit = PRODUCTS["bollard-shallow-n2a-80"].cost_mid
    assert free.cost_found - 6000.0 <= found.cost_found <= free.cost_found + unit + 6000.0

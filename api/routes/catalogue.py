"""What can be chosen: shipped places, design vehicles, layouts."""

import math

from fastapi import APIRouter

from api.routes import problems
from api.schemas import CountryOut, LayoutOut, Place, ProductOut, RuleOut, VehicleOut
from sbd.catalogue.access_rules import load_access_rules
from sbd.catalogue.product import Product
from sbd.catalogue.products import load_products
from sbd.catalogue.vehicles import DEFAULT_VEHICLES, load_vehicles
from sbd.model.vehicle import Vehicle
from sbd.model.words import PLAN_LAYOUTS, STANDINGS
from sbd.sources.shipped import SHIPPED_PLACES
from sbd.units import mps_to_kmh

router = APIRouter(tags=["catalogue"])

_LAYOUTS_IN_WORDS = {
    "permanent": "Built to stay: bollards in the ground, planters, retractable bollards",
    "temporary": "For an event: placed on the ground and taken away again",
    "mixed": "Built to stay where nobody drives on ordinary days, placed for an event elsewhere",
}
_COUNTRIES = {
    "FR": "France",
    "IT": "Italy",
    "BE": "Belgium",
    "ES": "Spain",
    "DE": "Germany",
    "UK": "United Kingdom",
    "EU": "Europe: the strictest of these",
}


@router.get("/places", summary="Places that are shipped with the program", responses=problems(401))
def get_places() -> list[Place]:
    """Each can be planned without any file and without a network."""
    return [Place(place=key, name=place.name) for key, place in SHIPPED_PLACES.items()]


@router.get("/vehicles", summary="Design vehicles to plan against", responses=problems(401))
def get_vehicles() -> list[VehicleOut]:
    """Each with the standing of its least sure figure."""
    return [_vehicle_out(vehicle) for vehicle in load_vehicles().values()]


@router.get("/layouts", summary="Ways to build", responses=problems(401))
def get_layouts() -> list[LayoutOut]:
    """For good, or for the days of an event."""
    return [LayoutOut(layout=name, description=_LAYOUTS_IN_WORDS[name]) for name in PLAN_LAYOUTS]


@router.get(
    "/countries", summary="Countries whose rules of access are known", responses=problems(401)
)
def get_countries() -> list[CountryOut]:
    """Each rule with its source and how sure it is."""
    return [
        CountryOut(
            country=country,
            name=_COUNTRIES[country],
            rules=[
                RuleOut(
                    figure=name,
                    value=getattr(rules, name),
                    source=figure.source,
                    standing=figure.standing,
                )
                for name, figure in rules.figures.items()
            ],
        )
        for country, rules in load_access_rules().items()
    ]


@router.get("/products", summary="Generic products", responses=problems(401))
def get_products() -> list[ProductOut]:
    """Return what a plan is built from where a city sends in no list of its own."""
    return [_product_out(product) for product in load_products()]


def _product_out(product: Product) -> ProductOut:
    return ProductOut(
        product_id=product.product_id,
        kind=product.kind,
        layouts=sorted(product.layouts),
        roles=sorted(product.roles),
        width_m=product.width_m,
        depth_m=product.depth_m,
        gap_min_m=product.gap_min_m,
        gap_max_m=product.gap_max_m,
        foundation=product.foundation,
        rating=product.rating,
        rated_vehicle=product.rated_vehicle,
        rated_mass_kg=product.rated_mass_kg,
        rated_speed_kmh=product.rated_speed_kmh,
        penetration_high_m=_told(product.penetration_high_m),
        cost_low=product.cost_low,
        cost_high=product.cost_high,
        currency=product.currency,
        cost_year=product.cost_year,
        performance_source=product.performance_source,
        performance_standing=product.performance_standing,
        cost_source=product.cost_source,
        cost_standing=product.cost_standing,
    )


def _told(figure: float) -> float | None:
    return None if math.isnan(figure) else figure


def _vehicle_out(vehicle: Vehicle) -> VehicleOut:
    standings = {figure.standing for figure in vehicle.figures.values()} or {STANDINGS[-1]}
    return VehicleOut(
        name=vehicle.name,
        description=vehicle.description,
        mass_kg=vehicle.mass_kg,
        width_m=vehicle.width_m,
        length_m=vehicle.length_m,
        top_speed_kmh=round(mps_to_kmh(vehicle.top_speed_mps), 1),
        standing=max(standings, key=STANDINGS.index),
        is_default=vehicle.name in DEFAULT_VEHICLES,
    )

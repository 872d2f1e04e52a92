"""What can be chosen: places, vehicles, layouts, countries."""

from typing import Annotated

from pydantic import BaseModel, Field


class Place(BaseModel):
    """A shipped place."""

    place: Annotated[str, Field(examples=["rautatientori"])]
    name: Annotated[str, Field(examples=["Rautatientori, Helsinki"])]


class VehicleOut(BaseModel):
    """A design vehicle of the catalogue."""

    name: Annotated[str, Field(examples=["N2A"])]
    description: str
    mass_kg: float
    width_m: float
    length_m: float
    top_speed_kmh: float
    standing: Annotated[str, Field(description="The least sure of the figures behind it.")]
    is_default: bool


class LayoutOut(BaseModel):
    """A way to build."""

    layout: Annotated[str, Field(examples=["permanent"])]
    description: str


class RuleOut(BaseModel):
    """A figure that a country asks for."""

    figure: Annotated[str, Field(examples=["lane_width_m"])]
    value: float
    source: str
    standing: Annotated[str, Field(description="How sure it is.", examples=["published"])]


class CountryOut(BaseModel):
    """A country whose rules of access are known."""

    country: Annotated[str, Field(examples=["FR"])]
    name: Annotated[str, Field(examples=["France"])]
    rules: list[RuleOut]


class ProductOut(BaseModel):
    """A generic product; money is without tax."""

    product_id: Annotated[str, Field(examples=["bollard-shallow-n2-64"])]
    kind: Annotated[str, Field(examples=["bollard"])]
    layouts: list[str]
    roles: list[str]
    width_m: float
    depth_m: float
    gap_min_m: float
    gap_max_m: float
    foundation: Annotated[str, Field(description="A free-standing, Ap pinned, B shallow, C deep.")]
    rating: Annotated[str, Field(description="As printed; empty: a class of several tests.")]
    rated_vehicle: str
    rated_mass_kg: Annotated[float, Field(description="0: never tested, never protection.")]
    rated_speed_kmh: float
    penetration_high_m: float | None
    cost_low: float
    cost_high: float
    currency: str
    cost_year: int
    performance_source: str
    performance_standing: str
    cost_source: str
    cost_standing: str

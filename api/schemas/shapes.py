"""Ids and shapes: positions are longitude and latitude (RFC 7946)."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    JsonValue,
    WithJsonSchema,
)

from api.store.base import ID_PATTERN

# PostgreSQL keeps no NUL in a text.
WRITTEN = r"^[^\x00]*$"

Id = Annotated[str, Field(pattern=ID_PATTERN, examples=["plan-3f9a0c51d2e4"])]

Longitude = Annotated[float, Field(ge=-180, le=180)]

Latitude = Annotated[float, Field(ge=-90, le=90)]


def _on_the_ground(position: list[float]) -> list[float]:
    longitude, latitude = position[:2]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError("give longitude -180 to 180 and latitude -90 to 90, in this order")
    return [longitude, latitude]


Position = Annotated[
    list[FiniteFloat],
    Field(min_length=2, max_length=3),
    AfterValidator(_on_the_ground),
    WithJsonSchema(
        {
            "description": "Longitude and latitude; a height is left out.",
            "type": "array",
            "prefixItems": [
                {"type": "number", "minimum": -180, "maximum": 180},
                {"type": "number", "minimum": -90, "maximum": 90},
            ],
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 3,
        }
    ),
]

Ring = Annotated[list[Position], Field(min_length=4, max_length=10_000)]

Rings = Annotated[list[Ring], Field(min_length=1, max_length=1_000)]

RESOLUTIONS_M = (0.5, 1.0)

SQUARE: list[JsonValue] = [
    [24.9425, 60.1709],
    [24.9447, 60.1709],
    [24.9447, 60.1717],
    [24.9425, 60.1717],
    [24.9425, 60.1709],
]


def one_of(value: float, allowed: Sequence[float]) -> float:
    """Return the value; raises ValueError where it is none of the allowed ones."""
    if value not in allowed:
        raise ValueError(f"take one of {', '.join(map(str, allowed))}")
    return value


class Model(BaseModel):
    """A body; a misspelt field is an error, not silence, and so is a number without an end."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Polygon(Model):
    """A GeoJSON polygon."""

    type: Literal["Polygon"]
    coordinates: Rings

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"type": "Polygon", "coordinates": [SQUARE]}]}
    )


class MultiPolygon(Model):
    """A GeoJSON polygon in several parts."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1, max_length=1_000)]


Zone = Annotated[Polygon | MultiPolygon, Field(discriminator="type")]


class Centre(Model):
    """A point on the ground."""

    longitude_deg: Longitude
    latitude_deg: Latitude

"""Ids and shapes: positions are longitude and latitude (RFC 7946)."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    JsonValue,
    Strict,
    WithJsonSchema,
    model_validator,
)
from shapely.geometry import shape

from api.store.base import ID_PATTERN
from sbd.geometry.outlines import outline_fault

# PostgreSQL keeps no NUL in a text.
WRITTEN = r"^[^\x00]*$"
# As `WRITTEN`, with something to read in it.
READABLE = r"^[^\x00]*[^\x00\s][^\x00]*$"
# One line with something to read in it: a name, a word of a list.
ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\s][^\x00-\x1f\x7f-\x9f]*$"

# JSON has no words of a list, no dates and no tuples of their own: they come as text and as lists.
AS_WRITTEN = Strict(strict=False)

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
    AS_WRITTEN,
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

Ring = Annotated[list[Position], AS_WRITTEN, Field(min_length=4, max_length=10_000)]

Rings = Annotated[list[Ring], AS_WRITTEN, Field(min_length=1, max_length=1_000)]

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


def each_once(words: list[str]) -> list[str]:
    """Return a list of words; raises ValueError where one of them comes twice.

    >>> each_once(["police", "fire"])
    ['police', 'fire']
    """
    plain = [word.strip().upper() for word in words]
    if twice := sorted({word for word in words if plain.count(word.strip().upper()) > 1}):
        raise ValueError(f"{', '.join(twice)} is given twice; give each once")
    return words


def _as_written(moment: object) -> object:
    """Return a day or a moment that is written out; raises ValueError for a number.

    Pydantic would take it for seconds since 1970.
    """
    if isinstance(moment, int | float) or (
        isinstance(moment, str) and moment.strip().lstrip("+-").replace(".", "", 1).isdigit()
    ):
        raise ValueError(f"{str(moment)[:40]!r}; give YYYY-MM-DD, a moment with its time behind T")
    return moment


Day = Annotated[date, AS_WRITTEN, BeforeValidator(_as_written)]
Moment = Annotated[AwareDatetime, AS_WRITTEN, BeforeValidator(_as_written)]


class Model(BaseModel):
    """A body; a misspelt field is an error, not silence.

    So is a number without an end, a number as text, and yes or no as anything else.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)


class _Ground(Model):
    """What bounds some ground; the same rule as for a zone in a file."""

    @model_validator(mode="after")
    def _outline_is_simple(self) -> Self:
        if fault := outline_fault(shape(self.model_dump())):
            raise ValueError(fault)
        return self


class Polygon(_Ground):
    """A GeoJSON polygon whose outline neither crosses nor touches itself."""

    type: Literal["Polygon"]
    coordinates: Rings

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"type": "Polygon", "coordinates": [SQUARE]}]}
    )


class MultiPolygon(_Ground):
    """A GeoJSON polygon in several parts that don't overlap."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], AS_WRITTEN, Field(min_length=1, max_length=1_000)]


Zone = Annotated[Polygon | MultiPolygon, Field(discriminator="type")]


class Centre(Model):
    """A point on the ground."""

    longitude_deg: Longitude
    latitude_deg: Latitude

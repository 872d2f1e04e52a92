"""What a city gives in each layer, and what is filled in for it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandera.pandas as pa

from sbd.model import tables

# A goods vehicle as wide as Directive 96/53/EC allows, with a mirror of 0.25 m on either side.
DELIVERY_WIDTH_M = 3.05


@dataclass(frozen=True, slots=True)
class LayerForm:
    """What a city gives in a layer, and what is filled in for it.

    Parameters
    ----------
    required : bool
        Whether the layer must be there.
    given : tuple of str
        Columns that must be there, besides the geometry.
    filled : mapping of column to value
        Columns that may be missing or have gaps, and what stands in for them.
    schema : DataFrameSchema
        What the layer must keep to once filled.
    """

    required: bool
    id_column: str
    given: tuple[str, ...]
    filled: Mapping[str, object]
    schema: pa.DataFrameSchema

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the layer besides the geometry."""
        return (self.id_column, *self.given, *self.filled)


_STREETS = (
    tables.STREETS.update_column("width_m", nullable=True)
    .update_column(
        "stays_open", dtype=object, coerce=False, nullable=True, checks=pa.Check.isin([True, False])
    )
    .add_columns({"surface": pa.Column(str, coerce=True)})
)
# Points and lines become polygons in the site stage, which knows how far each kind reaches.
_PLACE_RULES = (
    tables.PLACE_RULES.update_column("effect", checks=pa.Check.isin(["", "forbid", "price"]))
    .update_column("price", nullable=True)
    .update_column("geometry", checks=tables.shape_checks(tables.ANY_SHAPE))
    .add_columns({"clearance_m": pa.Column(float, pa.Check.ge(0.0), nullable=True, coerce=True)})
)

# In the order of a SITE.gpkg. NaN, None and an empty effect are for the site stage to settle.
FORMS: Mapping[str, LayerForm] = MappingProxyType(
    {
        "zone": LayerForm(True, "zone_id", (), {"name": ""}, tables.ZONE),
        "solids": LayerForm(True, "solid_id", ("kind",), {}, tables.SOLIDS),
        "furniture": LayerForm(
            False, "furniture_id", ("kind",), {"standing": "unknown rating"}, tables.FURNITURE
        ),
        "ground": LayerForm(False, "ground_id", ("surface",), {}, tables.GROUND),
        "steps": LayerForm(
            False,
            "step_id",
            (),
            {"kind": "step", "height_m": math.nan},
            tables.STEPS.update_column("height_m", nullable=True),
        ),
        "streets": LayerForm(
            True,
            "street_id",
            (),
            {
                "name": "",
                "highway": "",
                "width_m": math.nan,
                "surface": "",
                "stays_open": None,
                "reason": "",
            },
            _STREETS,
        ),
        "entries": LayerForm(
            False, "entry_id", (), {"street": "open ground", "width_m": math.nan}, tables.ENTRIES
        ),
        "demands": LayerForm(False, "demand_id", (), {"name": ""}, tables.DEMANDS),
        "place_rules": LayerForm(
            False,
            "place_rule_id",
            ("kind",),
            {
                "effect": "",
                "price": math.nan,
                "deepest_foundation": "",
                "clearance_m": math.nan,
                "standing": "assumed",
            },
            _PLACE_RULES,
        ),
        "desire_lines": LayerForm(
            False, "desire_id", (), {"kind": "foot", "name": ""}, tables.DESIRE_LINES
        ),
        "deliveries": LayerForm(
            False,
            "delivery_id",
            ("opens", "closes"),
            {"name": "", "who": "deliveries", "width_m": DELIVERY_WIDTH_M},
            tables.DELIVERIES,
        ),
        "crowds": LayerForm(False, "crowd_id", ("people",), {"name": ""}, tables.CROWDS),
    }
)

"""What lists show of a plan's record has columns of its own: the record takes long to read.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TEXTS = {"standing": ("verdict", "standing"), "cost_currency": ("summary", "cost", "currency")}
_NUMBERS = {"cost_low": ("summary", "cost", "low"), "cost_high": ("summary", "cost", "high")}


def upgrade() -> None:
    """Add the columns, and fill them for the plans that there are."""
    for name in _TEXTS:
        op.add_column("plans", sa.Column(name, sa.String()))
    for name in _NUMBERS:
        op.add_column("plans", sa.Column(name, sa.Double()))
    record = sa.column("record", sa.JSON())
    found: dict[str, sa.ColumnElement[object]] = {
        **{name: record[path].as_string() for name, path in _TEXTS.items()},
        **{name: record[path].as_float() for name, path in _NUMBERS.items()},
    }
    plans = sa.table("plans", record, *(sa.column(name) for name in found))
    op.execute(sa.update(plans).values(found))


def downgrade() -> None:
    """Take the columns away: the record still holds what they say."""
    for name in (*_TEXTS, *_NUMBERS):
        op.drop_column("plans", name)

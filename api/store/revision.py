"""Which revision tables are of, and the newest one: without alembic, which loads slowly."""

from pathlib import Path

import sqlalchemy as sa

import api.migrations

_TABLE = sa.table("alembic_version", sa.column("version_num", sa.String))


def revision_of(connection: sa.Connection) -> str | None:
    """Return the revision of the tables behind a connection; None where there are none."""
    if not sa.inspect(connection).has_table(_TABLE.name):
        return None
    found: str | None = connection.scalar(sa.select(_TABLE.c.version_num))
    return found


def newest_revision() -> str:
    """Return the last revision that this version knows: its files are called by their numbers."""
    files = Path(api.migrations.__file__).parent.glob("versions/[0-9]*_*.py")
    return max(file.name.partition("_")[0] for file in files)

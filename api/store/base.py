"""What every table shares: ids that name their kind, times in UTC, shapes on both databases."""

import secrets
from datetime import UTC, datetime
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy import JSON, MetaData
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator, UserDefinedType

from api.errors import PreconditionError

ID_PATTERN = r"^[a-z]{1,12}-[0-9a-f]{12}$"

WGS84_SRID = 4326

# Named constraints can be changed by a migration on every database.
_NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id(kind: str) -> str:
    """Return an id that nobody has yet, such as `site-3f9a0c51d2e4`."""
    return f"{kind}-{secrets.token_hex(6)}"


def now() -> datetime:
    """Return the time for a row: UTC, whole milliseconds."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class UtcTime(TypeDecorator[datetime]):
    """A time with its zone on databases that keep none: stored and given back as UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's
        """Refuse a time without a zone: nobody could tell what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time {value}: has no zone; give one")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's
        """Return UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Geometry(UserDefinedType[Any]):
    """A shapely shape in longitude and latitude: `geometry` in PostGIS, WKB elsewhere."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the column's type where there is no better one."""
        return "BLOB"

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        """Return what turns a shape into what the database takes."""
        as_hex = dialect.name == "postgresql"

        def bound(shape: Any) -> Any:
            if shape is None:
                return None
            placed = shapely.set_srid(shape, WGS84_SRID)
            return shapely.to_wkb(placed, hex=as_hex, include_srid=True)

        return bound

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:  # noqa: ARG002  # SQLAlchemy's
        """Return what turns a value of the database into a shape."""
        return lambda value: None if value is None else shapely.from_wkb(value)


@compiles(Geometry, "postgresql")
def _postgis(_type: Geometry, _compiler: Any, **_: Any) -> str:
    return f"geometry(Geometry,{WGS84_SRID})"


class Table(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's
        datetime: UtcTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        list[str]: JSON,
    }


class Made:
    """Who made a row, and when."""

    created: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[str | None] = mapped_column(sa.ForeignKey("users.user_id"))


class Versioned:
    """Counts the changes of a row: its ETag. A change made against an older count is refused.

    The count that was read is part of every change, so of two who change the same row in the same
    moment the second one gets a `StaleDataError`, which `Database.session` calls by its name.
    """

    revision: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  # of the class, as SQLAlchemy asks
        return {"version_id_col": cls.revision, "version_id_generator": False}


def bump(row: Versioned, expected_revision: int) -> None:
    """Count a change of a row that was seen as `expected_revision`.

    Raises PreconditionError where somebody else changed it meanwhile.
    """
    if row.revision != expected_revision:
        raise PreconditionError(
            f"revision {expected_revision}: it was changed meanwhile and is at {row.revision}; "
            "look at it again"
        )
    row.revision += 1


def paged_by_project(table: str, key: str) -> sa.Index:
    """Return the index that a page of a project's list is read from, however long the list is."""
    return sa.Index(f"ix_{table}_paging", "project_id", "created", key)

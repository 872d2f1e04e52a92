"""Tables <-> lines of JSON that any database can take: what a backup is made of."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import shapely
import sqlalchemy as sa

from api.store.base import Geometry, Table, UtcTime

_AT_ONCE = 500  # rows of one statement


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table and how each is written: as plain JSON, a time, a date or a shape."""

    table: str
    kinds: dict[str, str]


_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "json": sa.JSON(none_as_null=True),
    "time": UtcTime(),
    "date": sa.Date(),
    "shape": Geometry(),
    "plain": sa.types.NullType(),
}
_WRITE: dict[str, Callable[[Any], Any]] = {
    "time": datetime.isoformat,
    "date": date.isoformat,
    "shape": lambda shape: shapely.to_wkb(shape, hex=True),
}
_READ: dict[str, Callable[[Any], Any]] = {
    "time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "shape": shapely.from_wkb,
}


def all_columns(connection: sa.Connection) -> list[Columns]:
    """Return every table, those before that others refer to.

    A column that the tables of an older version don't have yet is left out.
    """
    return [_columns(connection, table) for table in Table.metadata.sorted_tables]


def dumped(connection: sa.Connection, columns: Columns) -> Iterator[bytes]:
    """Yield the rows of a table as lines of JSON, in the order of their keys."""
    table = Table.metadata.tables[columns.table]
    asked = sa.select(*(table.c[name] for name in columns.kinds)).order_by(*table.primary_key)
    result = connection.execution_options(yield_per=_AT_ONCE).execute(asked)
    for row in result:
        values = {
            name: _changed(_WRITE, kind, row._mapping[name])  # its public name
            for name, kind in columns.kinds.items()
        }
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load(connection: sa.Connection, columns: Columns, lines: Iterable[bytes]) -> int:
    """Add rows from lines of JSON; return how many.

    Rows that refer to rows of their own table are added first and refer afterwards.
    """
    table = sa.table(
        columns.table, *(sa.column(name, _TYPES[kind]) for name, kind in columns.kinds.items())
    )
    keys, own = _keys_and_own_references(connection, columns.table)
    rows = (_read(columns, line) for line in lines)
    count = 0
    later: list[dict[str, Any]] = []
    while batch := list(islice(rows, _AT_ONCE)):
        count += len(batch)
        for row in batch:
            if any(row[name] is not None for name in own):
                later.append({name: row[name] for name in (*keys, *own)})
                row.update(dict.fromkeys(own))
        connection.execute(sa.insert(table), batch)
    for row in later:
        found = sa.and_(*(table.c[key] == row[key] for key in keys))
        connection.execute(sa.update(table).where(found).values({name: row[name] for name in own}))
    _count_on(connection, columns.table, keys)
    return count


def _columns(connection: sa.Connection, table: sa.Table) -> Columns:
    nothing = sa.select(sa.text("*")).select_from(table).limit(0)
    with connection.execute(nothing) as result:
        there = set(result.keys())
    kinds = {column.name: _kind_of(column.type) for column in table.columns}
    return Columns(table.name, {name: kind for name, kind in kinds.items() if name in there})


def _kind_of(type_: sa.types.TypeEngine[Any]) -> str:
    for kind, known in _TYPES.items():
        if kind != "plain" and isinstance(type_, type(known)):
            return kind
    return "plain"


def _changed(change: dict[str, Callable[[Any], Any]], kind: str, value: Any) -> Any:
    return value if value is None or kind not in change else change[kind](value)


def _read(columns: Columns, line: bytes) -> dict[str, Any]:
    values = json.loads(line)
    return {name: _changed(_READ, kind, values[name]) for name, kind in columns.kinds.items()}


# What the database itself says: a backup may be of a version with other tables.
def _keys_and_own_references(connection: sa.Connection, table: str) -> tuple[list[str], list[str]]:
    look = sa.inspect(connection)
    keys = look.get_pk_constraint(table)["constrained_columns"]
    own = [
        name
        for reference in look.get_foreign_keys(table)
        if reference["referred_table"] == table
        for name in reference["constrained_columns"]
    ]
    return keys, own


def _count_on(connection: sa.Connection, table: str, keys: list[str]) -> None:
    if connection.dialect.name != "postgresql" or len(keys) != 1:
        return
    # PostgreSQL counts by itself and would give numbers a second time.
    asked = sa.select(sa.func.pg_get_serial_sequence(table, keys[0]))
    if (sequence := connection.scalar(asked)) is not None:
        last = connection.scalar(
            sa.select(sa.func.max(sa.column(keys[0]))).select_from(sa.table(table))
        )
        if last is not None:
            connection.execute(sa.select(sa.func.setval(sequence, last)))

"""Indexes that find zones by window: GiST in PostGIS, R*Trees kept in step by triggers in SQLite.

Part of the first migration: a change here would be another migration.
"""

from alembic import op

_KEYS = {"sites": "site_id", "plans": "plan_id"}


def make_windows() -> None:
    """Make the indexes."""
    for table, key in _KEYS.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"CREATE INDEX gist_{table}_zone ON {table} USING gist (zone)")
        else:
            for statement in _tree(table, key):
                op.execute(statement)


def drop_windows() -> None:
    """Take the trees away; other indexes go with their tables."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _KEYS:
            op.execute(f"DROP TABLE {table}_window")


# `sbd_west` and its three sisters are functions of every connection (`api.store.windows`).
def _tree(table: str, key: str) -> list[str]:
    tree = f"{table}_window"
    bounds = ", ".join(f"sbd_{side}(new.zone)" for side in ("west", "east", "south", "north"))
    add = f"INSERT INTO {tree} (item_id, west, east, south, north) VALUES (new.{key}, {bounds});"
    remove = f"DELETE FROM {tree} WHERE item_id = old.{key};"
    return [
        f"CREATE VIRTUAL TABLE {tree} USING rtree(id, west, east, south, north, +item_id)",
        f"CREATE TRIGGER {tree}_added AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {tree}_removed AFTER DELETE ON {table} BEGIN {remove} END",
        f"CREATE TRIGGER {tree}_moved AFTER UPDATE OF zone ON {table} BEGIN {remove} {add} END",
    ]

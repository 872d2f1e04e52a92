"""GeoPackages from outside: a database that somebody else has written."""

import sqlite3
from pathlib import Path

from api.checks.bounds import USUAL, Bounds
from api.errors import UploadKindError
from sbd.errors import InputError

_SQLITE = b"SQLite format 3\0"
# The application's number in the header says that it is a GeoPackage (its standard, 1.1.1.1.1).
_APPLICATIONS = (b"GPKG", b"GP10", b"GP11")
_APPLICATION_AT, _HEADER_BYTES = 68, 100
_STEPS_BETWEEN_LOOKS = 100_000
_MOST_LOOKS = 200


def check_geopackage(path: Path, bounds: Bounds = USUAL) -> None:  # noqa: ARG001  # one shape for all
    """Refuse what is no GeoPackage, and one that computes when it is read.

    A view is a query that somebody else wrote, and a virtual table runs code with arguments from
    the file; only the index of shapes is one. Triggers run when something is written, and nothing
    is: the file is only ever opened for reading.

    Raises UploadKindError or InputError.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEADER_BYTES)
    is_geopackage = head[_APPLICATION_AT : _APPLICATION_AT + 4] in _APPLICATIONS
    if not head.startswith(_SQLITE) or not is_geopackage:
        raise UploadKindError(f"{path.name}: no GeoPackage inside; write it from your GIS again")
    try:
        rows = _schema(path)
    except sqlite3.Error as error:
        raise UploadKindError(f"{path.name}: a damaged GeoPackage ({error})") from error
    for kind, name, sql in rows:
        words = " ".join(str(sql or "").lower().split())
        if kind == "view":
            raise InputError(f"{path.name}: view {name[:60]!r}; save it as a table of its own")
        if words.startswith("create virtual") and " using rtree" not in words:
            raise InputError(f"{path.name}: virtual table {name[:60]!r}; save it as a plain table")
    if not any(name == "gpkg_contents" for _, name, _ in rows):
        raise UploadKindError(f"{path.name}: a GeoPackage without contents; write it again")


def _schema(path: Path) -> list[tuple[str, str, str | None]]:
    """Return kind, name and statement of everything in the file; nothing of it is run."""
    looks = 0

    def look() -> int:
        nonlocal looks
        looks += 1
        return int(looks > _MOST_LOOKS)  # anything but 0 stops the query

    # `immutable` keeps SQLite from making or reading files beside this one.
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        connection.set_progress_handler(look, _STEPS_BETWEEN_LOOKS)
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        return connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    finally:
        connection.close()

"""A running store -> one file with everything in it, checked by hash; and back into an empty one.

The file is a zip: `tables/NAME.jsonl` with a row a line, `files/DIGEST`, and `manifest.json`, which
names and hashes the others. It knows no database: what came from SQLite goes into PostGIS.
"""

import hashlib
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, cast

import sqlalchemy as sa

from api.errors import StoreUnavailableError
from api.store.base import now
from api.store.dump import Columns, all_columns, dumped, load
from api.store.faults import database_faults, unwritable
from api.store.files import FileStore
from api.store.migrating import changing, current, revisions, upgrade
from api.store.results import wanted_digests
from api.store.revision import revision_of
from api.store.store import Store
from sbd.errors import InputError
from sbd.export.atomic import whole_file
from sbd.progress import Progress, ignore, part_of

_FORMAT = 1
_MANIFEST = "manifest.json"
_CHUNK_BYTES = 1024 * 1024
_QUICK = 1  # GeoJSON shrinks to a tenth at the quickest level already
# What the reader of a zip says to bytes that were turned over.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
_TABLE_NAME = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup holds.

    Parameters
    ----------
    made : str
        When, in UTC.
    revision : str
        Of its tables.
    rows, files, bytes : int
        Rows of all tables, files, and their size as they are in a store.
    """

    made: str
    revision: str
    rows: int
    files: int
    bytes: int


def backup(store: Store, target: Path, *, progress: Progress = ignore) -> Summary:
    """Write everything that a store keeps to one file, while others go on working with it.

    All tables are of one moment, and every file that they name goes along. The store need not be
    open here: a server may hold it.

    Raises
    ------
    InputError
        There is no store.
    StoreUnavailableError
        A file of the store is missing or was changed from outside.
    OutputError
        The target can't be written; nothing is left of it.
    """
    require_store(store)
    with (
        whole_file(target) as draft,
        store.files.holding(),
        database_faults(),
        store.database.snapshot() as connection,
    ):
        with zipfile.ZipFile(draft, "x", zipfile.ZIP_DEFLATED, compresslevel=_QUICK) as archive:
            manifest = {
                "format": _FORMAT,
                "made": now().isoformat(),
                "sbd": version("sbd"),
                "revision": revision_of(connection),
                "tables": _write_tables(archive, connection, part_of(progress, 0.0, 0.4)),
                "files": _write_files(
                    archive, store.files, wanted_digests(connection), part_of(progress, 0.4, 1.0)
                ),
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
        draft.chmod(0o600)
    return _summary(manifest)


def verify_backup(archive: Path, *, progress: Progress = ignore) -> Summary:
    """Read a backup as a whole and compare every table and file with its hash.

    Raises InputError where it is no backup, is damaged, or comes from a newer version.
    """
    with _reading(archive) as (opened, manifest):
        _check(opened, manifest, archive, progress)
        return _summary(manifest)


def restore(
    archive: Path, data: Path, url: str | None = None, *, progress: Progress = ignore
) -> Summary:
    """Make a store out of a backup, in a folder and a database with nothing in them.

    The backup is verified first. Whatever goes wrong, the folder and the database stay empty.

    Raises
    ------
    InputError
        The backup is damaged or newer than this version, or the target is not empty.
    OutputError, StoreUnavailableError
        The target can't be written.
    """
    data = data.resolve()
    _require_empty_folder(data)
    with _reading(archive) as (opened, manifest):
        _check(opened, manifest, archive, part_of(progress, 0.0, 0.3))
        draft = data.with_name(f"{data.name}.restoring")
        shutil.rmtree(draft, ignore_errors=True)
        try:
            _fill(opened, manifest, draft, data, url, part_of(progress, 0.3, 1.0))
        except OSError as error:
            raise unwritable(f"data folder {data}", error) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return _summary(manifest)


# ---------------------------------------------------------------- out


def require_store(store: Store) -> None:
    """Raise InputError where there is nothing yet; the store need not be open here."""
    # A look at a file that is not there would make an empty one.
    if store.database.is_sqlite and not Path(store.database.engine.url.database or "").is_file():
        raise InputError(f"data folder {store.data}: no store in it; name the right one")
    store.database.require_reachable()
    if current(store.database) is None:
        raise InputError(f"data folder {store.data}: no tables yet; start the service once")


def _write_tables(
    archive: zipfile.ZipFile, connection: sa.Connection, progress: Progress
) -> list[dict[str, Any]]:
    tables = []
    known = all_columns(connection)
    for place, columns in enumerate(known):
        progress("backup", place / len(known), f"table {columns.table}")
        digest, rows = hashlib.sha256(), 0
        with archive.open(_member(columns.table), "w", force_zip64=True) as out:
            for line in dumped(connection, columns):
                out.write(line)
                digest.update(line)
                rows += 1
        tables.append(
            {
                "name": columns.table,
                "columns": columns.kinds,
                "rows": rows,
                "sha256": digest.hexdigest(),
            }
        )
    return tables


def _write_files(
    archive: zipfile.ZipFile, files: FileStore, digests: set[str], progress: Progress
) -> list[dict[str, Any]]:
    written = []
    for place, digest in enumerate(sorted(digests)):
        progress("backup", place / len(digests), f"file {place + 1} of {len(digests)}")
        try:
            source = files.path(digest).open("rb")
        except FileNotFoundError as error:
            raise StoreUnavailableError(
                f"file {digest}: a row names it and it is not there; restore it from an older "
                "backup"
            ) from error
        with source, archive.open(f"files/{digest}", "w", force_zip64=True) as out:
            found, size = _copied(source, cast("BinaryIO", out))
        if found != digest:
            raise StoreUnavailableError(
                f"file {digest}: was changed from outside; restore it from an older backup"
            )
        written.append({"digest": digest, "bytes": size})
    return written


def _copied(source: BinaryIO, out: BinaryIO | None) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
        if out is not None:
            out.write(chunk)
    return digest.hexdigest(), size


# ---------------------------------------------------------------- check


@contextmanager
def _reading(archive: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    try:
        with zipfile.ZipFile(archive) as opened:
            manifest = json.loads(opened.read(_MANIFEST))
            if manifest["format"] != _FORMAT or manifest["revision"] not in revisions():
                raise InputError(
                    f"backup {archive}: written by sbd {manifest['sbd']}, whose tables "
                    f"({manifest['revision']}) this version does not know; update sbd"
                )
            yield opened, manifest
    except FileNotFoundError as error:
        raise InputError(f"backup {archive}: not there; name the file that backup wrote") from error
    except _DAMAGED as error:
        raise InputError(
            f"backup {archive}: damaged or no backup ({error}); take another one"
        ) from error


def _check(
    opened: zipfile.ZipFile, manifest: dict[str, Any], archive: Path, progress: Progress
) -> None:
    wanted = _hashes(manifest)
    strange = set(opened.namelist()) ^ {*wanted, _MANIFEST}
    if strange:
        raise InputError(f"backup {archive}: {min(strange)} is missing or too much; take another")
    for place, (name, digest) in enumerate(wanted.items()):
        progress("verify", place / len(wanted), name)
        with opened.open(name) as member:
            found, _ = _copied(cast("BinaryIO", member), None)
        if found != digest:
            raise InputError(f"backup {archive}: {name} is damaged; take another one")


def _hashes(manifest: dict[str, Any]) -> dict[str, str]:
    tables = {_member(table["name"]): str(table["sha256"]) for table in manifest["tables"]}
    return tables | {f"files/{file['digest']}": str(file["digest"]) for file in manifest["files"]}


def _member(table: str) -> str:
    if not _TABLE_NAME.fullmatch(table):
        raise InputError(f"backup: {table[:40]!r} is no name of a table; take another one")
    return f"tables/{table}.jsonl"


def _summary(manifest: dict[str, Any]) -> Summary:
    return Summary(
        made=manifest["made"],
        revision=manifest["revision"],
        rows=sum(table["rows"] for table in manifest["tables"]),
        files=len(manifest["files"]),
        bytes=sum(file["bytes"] for file in manifest["files"]),
    )


# ---------------------------------------------------------------- back in


def _require_empty_folder(data: Path) -> None:
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise InputError(f"data folder {data}: not empty; restore into a new one")
    if data.is_mount():
        # What is restored is put in place in one step, which nothing does across disks.
        raise InputError(
            f"data folder {data}: is a disk of its own; restore into a folder on it, such as "
            f"{data / 'plans'}, and serve that one"
        )


def _fill(  # what goes where
    opened: zipfile.ZipFile,
    manifest: dict[str, Any],
    draft: Path,
    data: Path,
    url: str | None,
    progress: Progress,
) -> None:
    draft.mkdir(mode=0o700, parents=True)
    store = Store(draft, url)
    try:
        store.database.require_reachable()
        if current(store.database) is not None:
            raise InputError("database: has tables already; restore into a new one")
        _read_files(opened, manifest, store.files, part_of(progress, 0.0, 0.5))
        with database_faults(), changing(store.database) as connection:
            _read_tables(opened, manifest, connection, part_of(progress, 0.5, 1.0))
            if not store.database.is_sqlite:
                # Rows must not refer to files that never arrive, so the files go first.
                _move(draft, data)
    except BaseException:
        store.close()
        if not draft.exists():
            shutil.rmtree(data, ignore_errors=True)
        raise
    store.close()
    if store.database.is_sqlite:
        _move(draft, data)


def _read_files(
    opened: zipfile.ZipFile, manifest: dict[str, Any], files: FileStore, progress: Progress
) -> None:
    files.open()
    for place, file in enumerate(manifest["files"]):
        progress("restore", place / len(manifest["files"]), f"file {place + 1}")
        with opened.open(f"files/{file['digest']}") as member:
            kept = files.keep_stream(cast("BinaryIO", member), name=file["digest"])
        if kept.digest != file["digest"]:
            raise InputError(f"backup: file {file['digest']} is damaged; take another one")


def _read_tables(
    opened: zipfile.ZipFile, manifest: dict[str, Any], connection: sa.Connection, progress: Progress
) -> None:
    upgrade(connection, target=manifest["revision"])
    for place, table in enumerate(manifest["tables"]):
        progress("restore", place / len(manifest["tables"]), f"table {table['name']}")
        with opened.open(_member(table["name"])) as lines:
            rows = load(connection, Columns(table["name"], table["columns"]), lines)
        if rows != table["rows"]:
            raise InputError(f"backup: table {table['name']} has {rows} rows, not {table['rows']}")
    upgrade(connection)


def _move(draft: Path, data: Path) -> None:
    if data.exists():
        data.rmdir()
    draft.replace(data)

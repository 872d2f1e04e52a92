"""Records and files by id, in one folder: written whole or not at all.

Everything that the service keeps goes through `FolderStore`, so that a database can stand behind
the same verbs. Layout: `<root>/<kind>/<id>/record.json` with the files of that id beside it.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from api.errors import UnknownResourceError
from sbd.errors import OutputError

Record = dict[str, Any]

ID_PATTERN = r"^[a-z]{1,12}-[0-9a-f]{12}$"


class Kind(StrEnum):
    """What is kept."""

    UPLOAD = "upload"  # a file that nobody has read yet
    EXTRACT = "extract"
    HEIGHTS = "heights"
    SITE = "site"
    PLAN = "plan"
    JOB = "job"


class FolderStore:
    """A store in one folder; any number of processes may read, each record has one writer."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def open(self) -> None:
        """Make the folders, and clear what a crash left half done.

        Raises OutputError where the folder can't be written.
        """
        try:
            for leftover in (self._half_done, self.root / Kind.UPLOAD):
                shutil.rmtree(leftover, ignore_errors=True)
            for kind in Kind:
                (self.root / kind).mkdir(parents=True, exist_ok=True)
            self._half_done.mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"data folder {self.root}: {error.strerror}; choose another with --data"
            ) from error

    @staticmethod
    def new_id(kind: Kind) -> str:
        """Return an id that nobody has yet."""
        return f"{kind}-{secrets.token_hex(6)}"

    def folder(self, kind: Kind, item_id: str) -> Path:
        """Return where the files of one id are; an id is never a path."""
        if not re.match(ID_PATTERN, item_id):
            raise UnknownResourceError(f"{kind} {item_id[:40]!r}: not an id")
        return self.root / kind / item_id

    def has(self, kind: Kind, item_id: str) -> bool:
        """Return whether a record is there."""
        return (self.folder(kind, item_id) / "record.json").is_file()

    def load(self, kind: Kind, item_id: str) -> Record:
        """Return a record; raises UnknownResourceError where there is none."""
        path = self.folder(kind, item_id) / "record.json"
        try:
            record: Record = json.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise UnknownResourceError(f"{kind} {item_id!r}: nothing under this id") from error
        return record

    def save(self, kind: Kind, item_id: str, record: Record) -> None:
        """Write a record in one stroke: a reader sees the old one or the new one."""
        folder = self.folder(kind, item_id)
        folder.mkdir(exist_ok=True)
        _write_whole(folder / "record.json", json.dumps(record, indent=1, ensure_ascii=False))

    def ids(self, kind: Kind) -> list[str]:
        """Return every id with a record, oldest first."""
        records = (self.root / kind).glob("*/record.json")
        # Another process may take one away between the two looks.
        dated = [(path.stat().st_mtime_ns, path.parent.name) for path in records if path.is_file()]
        return [item_id for _, item_id in sorted(dated)]

    def discard(self, kind: Kind, item_id: str) -> None:
        """Take everything under an id away."""
        shutil.rmtree(self.folder(kind, item_id), ignore_errors=True)

    @contextmanager
    def filling(self, kind: Kind, item_id: str) -> Iterator[Path]:
        """Yield an empty folder that becomes the folder of `item_id` when the block ends well.

        On an error nothing is kept. Where the id is there already, the first one stays: ids of
        this kind name their content.
        """
        target = self.folder(kind, item_id)
        draft = self._half_done / f"{item_id}.{secrets.token_hex(4)}"
        draft.mkdir(parents=True)
        try:
            yield draft
            if not target.exists():
                _move(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    @property
    def _half_done(self) -> Path:
        return self.root / "half-done"


def write_record(folder: Path, record: Record) -> None:
    """Write the record of a folder that is being filled."""
    _write_whole(folder / "record.json", json.dumps(record, indent=1, ensure_ascii=False))


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OutputError(f"{path.name}: {error.strerror}; make room in the data folder") from error


def _move(draft: Path, target: Path) -> None:
    try:
        draft.replace(target)
    except OSError:
        # Two workers filled the same id; the other one was first.
        if not (target / "record.json").is_file():
            raise

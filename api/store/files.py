"""Files under the SHA-256 of their content: written whole or not at all, the same content once."""

import hashlib
import os
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from api.errors import UnknownResourceError
from api.store.faults import unwritable

_CHUNK_BYTES = 1024 * 1024
_DIGEST_PATTERN = re.compile(r"[0-9a-f]{64}")
_DRAFTS = "drafts"
_HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is in the store for good.

    Parameters
    ----------
    digest : str
        SHA-256 of its content, in hexadecimal.
    bytes : int
        Its size.
    """

    digest: str
    bytes: int


class FileStore:
    """Files of one folder, `ab/cdef...` by digest; any number of processes may read and keep.

    What `keep` returned for is on the disk, whatever happens next: the file is written aside,
    flushed, and moved to its name in one step, and the folder is flushed after it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._looking = threading.Lock()  # found, then swept: not between the two

    def open(self) -> None:
        """Make the folder, and clear what a crash left half written.

        Only for the one process that owns the folder: another's half-written files go too.

        Raises OutputError or StoreUnavailableError where it can't be written.
        """
        try:
            (self.folder / _DRAFTS).mkdir(parents=True, exist_ok=True, mode=0o700)
            for leftover in (self.folder / _DRAFTS).iterdir():
                leftover.unlink()
        except OSError as error:
            raise unwritable(f"folder {self.folder}", error) from error

    def keep(self, path: Path) -> Kept:
        """Copy a file in; where its content is there already, nothing is written twice.

        Raises OutputError (disk full) or StoreUnavailableError (folder read-only).
        """
        with path.open("rb") as stream:
            known = Kept(hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell())
            if self._is_there(known):
                return known
            stream.seek(0)
            return self.keep_stream(stream, name=path.name)

    def keep_stream(self, stream: BinaryIO, *, name: str = "file") -> Kept:
        """Copy in what a stream holds, from where it stands; `name` is for messages only.

        Raises OutputError (disk full) or StoreUnavailableError (folder read-only).
        """
        draft = self.folder / _DRAFTS / secrets.token_hex(8)
        try:
            kept = _write_draft(stream, draft)
            if not self._is_there(kept):
                self._move_in(draft, kept)
            return kept
        except OSError as error:
            raise unwritable(name, error) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def path(self, digest: str) -> Path:
        """Return where the file of a digest is; a digest is never a path.

        Raises UnknownResourceError for what is no digest.
        """
        if not _DIGEST_PATTERN.fullmatch(digest):
            raise UnknownResourceError(f"file {digest[:80]!r}: not a SHA-256 in hexadecimal")
        return self.folder / digest[:2] / digest[2:]

    def digests(self) -> Iterator[str]:
        """Yield the digest of every file that is there, in no order."""
        for folder in self.folder.iterdir():
            if len(folder.name) == 2 and folder.is_dir():
                for path in folder.iterdir():
                    if _DIGEST_PATTERN.fullmatch(folder.name + path.name):
                        yield folder.name + path.name

    def remove_unused(self, known: Collection[str], *, older_than_s: float = 86_400.0) -> int:
        """Take away files that no row names; return how many.

        A file that was just kept, or asked for again, has no row yet: only those that have been
        left alone for `older_than_s` seconds go. While a backup holds the files, none does.
        """
        before = time.time() - older_than_s
        removed = 0
        with self._exclusive() as ours:
            for digest in list(self.digests()) if ours else ():
                if digest not in known:
                    removed += self._remove_if_older(self.path(digest), before)
        return removed

    @contextmanager
    def holding(self) -> Iterator[None]:
        """While the block runs no file goes away, whichever process sweeps."""
        gate = self._gate(timeout_s=60.0)
        try:
            gate.execute("BEGIN")
            gate.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield
        finally:
            gate.close()

    # A database file without tables is a lock between processes on every system, and one that a
    # killed process can't leave behind.
    def _gate(self, *, timeout_s: float) -> sqlite3.Connection:
        path = self.folder / _HOLD
        return sqlite3.connect(path, timeout=timeout_s, isolation_level=None)

    @contextmanager
    def _exclusive(self) -> Iterator[bool]:
        gate = self._gate(timeout_s=0.0)
        try:
            try:
                gate.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                yield False
            else:
                yield True
        finally:
            gate.close()

    def _remove_if_older(self, path: Path, before: float) -> int:
        with self._looking:
            if path.stat().st_mtime >= before:
                return 0
            path.unlink()
            return 1

    def _is_there(self, kept: Kept) -> bool:
        path = self.path(kept.digest)
        try:
            with self._looking:
                os.utime(path)  # whoever sweeps sees that it is wanted
                # A file that was cut from outside is written again.
                return path.stat().st_size == kept.bytes
        except FileNotFoundError:
            return False
        except OSError as error:
            raise unwritable(f"file {kept.digest[:12]}", error) from error

    def _move_in(self, draft: Path, kept: Kept) -> None:
        target = self.path(kept.digest)
        if not target.parent.is_dir():
            target.parent.mkdir(exist_ok=True, mode=0o700)
            _flush_folder(self.folder)
        draft.replace(target)
        _flush_folder(target.parent)


def _write_draft(stream: BinaryIO, draft: Path) -> Kept:
    digest = hashlib.sha256()
    size = 0
    with open(draft, "xb", opener=_private) as out:  # pathlib's takes no opener
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return Kept(digest.hexdigest(), size)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder can't be opened there, and its entries are written through
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

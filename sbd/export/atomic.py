"""Path in, a place to write out: a file appears whole under its name or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sbd.errors import OutputError

LONGEST_REASON = 120  # characters


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; what was written moves to `path` when the block ends well.

    The temporary folder lies beside the target, so the move is one step of the file system and the
    files that a database writes along the way go with the folder. Whatever is raised inside the
    block leaves the target as it was.

    Raises
    ------
    OutputError
        The folder can't be made or written, or the disk is full.
    """
    path = Path(path)
    if path.is_dir():
        raise OutputError(f"{path}: can't be written, a folder has that name; give a file name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".sbd-") as folder:
            draft = Path(folder) / path.name
            yield draft
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.replace(path)
    except OSError as error:
        raise unwritable(path, error.strerror or str(error)) from error


def unwritable(path: Path, reason: str) -> OutputError:
    """Return the error for a file that can't be written, in one line."""
    words = " ".join(reason.split()) or "no reason given"
    if len(words) > LONGEST_REASON:
        # A database repeats its whole statement; why it failed comes last.
        words = f"... {words[-LONGEST_REASON:]}"
    return OutputError(f"{path}: can't be written: {words}; give another place with -o")


def write_text(path: Path, text: str) -> Path:
    """Write a text as UTF-8 with plain line ends, whole or not at all."""
    with whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)

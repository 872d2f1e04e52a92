"""A gzip or bzip2 file: how large it is when it is read, without keeping it."""

import bz2
import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from api.checks.bounds import USUAL, Bounds
from api.errors import UploadKindError
from sbd.errors import InputError

_CHUNK_BYTES = 1024 * 1024
_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"


def open_squeezed(path: Path) -> BinaryIO:
    """Open a file that may be compressed, as its first bytes say; closes like any file."""
    with path.open("rb") as stream:
        head = stream.read(3)
    if path.suffix.lower() == ".gz":
        if not head.startswith(_GZIP):
            raise UploadKindError(f"{path.name}: not compressed by gzip; send the file as it came")
        return cast(BinaryIO, gzip.open(path))
    if path.suffix.lower() == ".bz2":
        if not head.startswith(_BZIP2):
            raise UploadKindError(f"{path.name}: not compressed by bzip2; send the file as it came")
        return cast(BinaryIO, bz2.open(path))
    return path.open("rb")


def check_squeezed(path: Path, bounds: Bounds = USUAL) -> None:
    """Refuse a compressed file that grows beyond its bounds; raises InputError or UploadKindError.

    Every stream of the file counts, a chunk at a time.
    """
    most = bounds.most_bytes(path.stat().st_size)
    read = 0
    try:
        with open_squeezed(path) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                read += len(chunk)
                if read > most:
                    raise InputError(
                        f"{path.name}: holds more than {most:,} bytes from "
                        f"{path.stat().st_size:,}; cut the data to your city"
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise UploadKindError(
            f"{path.name}: damaged or cut off ({error}); send it again"
        ) from error

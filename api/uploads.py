"""Files that a planner sends in: a name that can do no harm, and an id that names the content."""

import hashlib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from fastapi import UploadFile

from api.errors import UploadKindError
from sbd.errors import InputError

_CHUNK_BYTES = 1024 * 1024


def keep_upload(file: UploadFile, folder: Path, file_name: str) -> str:
    """Write an upload into a folder; return the first twelve digits of its hash.

    Raises InputError for an empty file.
    """
    path = folder / file_name
    with path.open("wb") as stream:
        shutil.copyfileobj(file.file, stream, _CHUNK_BYTES)
    if path.stat().st_size == 0:
        raise InputError(f"{file_name}: the file is empty (0 bytes); send it again")
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:12]


def stored_name(sent_name: str, endings: Sequence[str], *, kind: str) -> str:
    """Return a name that can do no harm, with one of the endings that can be read.

    Raises UploadKindError where it ends otherwise.

    >>> stored_name("../../my city.osm.pbf", [".osm.pbf"], kind="map extract")
    'my_city.osm.pbf'
    """
    name = sent_name.replace("\\", "/").rpartition("/")[2]
    ending = next((end for end in endings if name.lower().endswith(end)), None)
    if ending is None:
        raise UploadKindError(f"file {name[:80]!r}: not a {kind}; give one of {', '.join(endings)}")
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", name[: -len(ending)])[:60]
    return f"{stem or 'file'}{ending}"

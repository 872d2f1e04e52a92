"""Files that a planner sends in: a name that can do no harm, and an id that names the content."""

import hashlib
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fastapi import UploadFile

from api.aside import Aside
from api.errors import UploadKindError, WorkerBrokeError
from api.named import Named
from api.store import UploadKind
from sbd.errors import InputError

_CHUNK_BYTES = 1024 * 1024

# Whatever is in the file, what reads it is not the process that answers requests.
_CHECK = Named("api.checks:check_upload_content")

ENDINGS = {
    UploadKind.EXTRACT: (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf"),
    UploadKind.LAYERS: (".gpkg", ".geojson"),
    UploadKind.HEIGHTS: (".tif", ".tiff"),
    UploadKind.CATALOGUE: (".csv", ".xlsx"),
}

KINDS_IN_WORDS = {
    UploadKind.EXTRACT: "map extract",
    UploadKind.LAYERS: "file of layers",
    UploadKind.HEIGHTS: "raster of heights",
    UploadKind.CATALOGUE: "list of products",
}


@contextmanager
def drafted(
    file: UploadFile, file_name: str, kind: UploadKind, scratch: Path, aside: Aside
) -> Iterator[Path]:
    """Yield an upload as a file of its own, once its content is what its name says.

    Raises InputError for an empty file or one that does harm, UploadKindError for other content,
    also for one that breaks what reads it.
    """
    folder = scratch / f"upload-{secrets.token_hex(6)}"
    folder.mkdir(parents=True)
    try:
        path = folder / file_name
        with path.open("wb") as stream:
            shutil.copyfileobj(file.file, stream, _CHUNK_BYTES)
        if path.stat().st_size == 0:
            raise InputError(f"{file_name}: the file is empty (0 bytes); send it again")
        _check(path, kind, aside)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check(path: Path, kind: UploadKind, aside: Aside) -> None:
    try:
        aside.call(_CHECK, path, kind, label=path.name)
    except WorkerBrokeError as error:
        raise UploadKindError(
            f"{path.name}: a damaged {KINDS_IN_WORDS[kind]} (what reads it breaks down over it); "
            "write it again"
        ) from error


def upload_id_of(project_id: str, kind: UploadKind, digest: str) -> str:
    """Return the id of a file in a project: the same file for the same use has the same one."""
    canonical = f"{project_id} {kind} {digest}"
    return f"upload-{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"


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

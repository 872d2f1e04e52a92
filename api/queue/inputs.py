"""A job's request -> the files that its work reads, each under the name it was sent in with."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.errors import UnknownResourceError
from api.store import FileRole, ItemFile, JobKind, Site, Upload, UploadKind
from api.store.files import FileStore

_UPLOADS = {
    "extract": UploadKind.EXTRACT,
    "layers": UploadKind.LAYERS,
    "heights": UploadKind.HEIGHTS,
    "catalogue": UploadKind.CATALOGUE,
}


@dataclass(frozen=True, slots=True)
class StoredInput:
    """A file of the store, and how the work shall find it called."""

    digest: str
    file_name: str


def inputs_of(
    session: Session, project_id: str, kind: JobKind, request: Mapping[str, Any]
) -> dict[str, StoredInput]:
    """Return the input files of a job by name: upload, extract, layers, heights, catalogue, site.

    Parameters
    ----------
    request : mapping
        `asked` is the body of the request, with the ids of uploads; `site_id` where the work is on
        a site; of an upload `digest` and `file_name`.

    Raises
    ------
    UnknownResourceError
        An id of no upload of this kind, or no site, of this project.
    """
    asked = request.get("asked", {})
    if kind is JobKind.UPLOAD:
        # What was just sent in belongs to nothing yet: the request itself names the file.
        return {"upload": StoredInput(request["digest"], request["file_name"])}
    found = {
        name: _upload(session, project_id, name, asked[f"{name}_id"])
        for name in _UPLOADS
        if asked.get(f"{name}_id") is not None
    }
    if kind in (JobKind.ASSESSMENT, JobKind.PLAN):
        found["site"] = site_file(session, project_id, request["site_id"])
    return found


def site_file(session: Session, project_id: str, site_id: str) -> StoredInput:
    """Return the file of a site; raises UnknownResourceError where the project has no such site."""
    site = session.get(Site, site_id)
    if site is None or site.project_id != project_id:
        raise UnknownResourceError(f"site {site_id[:40]!r}: nothing under this id in this project")
    return _data_file(session, site_id)


def _upload(session: Session, project_id: str, name: str, upload_id: str) -> StoredInput:
    upload = session.get(Upload, upload_id)
    wanted = _UPLOADS[name]
    if upload is None or upload.project_id != project_id or upload.kind != wanted:
        raise UnknownResourceError(
            f"{name} {str(upload_id)[:40]!r}: no such upload in this project; send the file in "
            f"first, as kind {wanted}",
            is_foreign=upload is not None and upload.project_id != project_id,
        )
    return _data_file(session, upload_id)


def _data_file(session: Session, item_id: str) -> StoredInput:
    file = session.scalars(
        sa.select(ItemFile)
        .where(ItemFile.item_id == item_id, ItemFile.role == FileRole.DATA)
        .order_by(ItemFile.position)
    ).first()
    if file is None:
        raise UnknownResourceError(f"{item_id}: its file is not there; send it in again")
    return StoredInput(file.digest, file.name)


def lay_out(inputs: Mapping[str, StoredInput], files: FileStore, folder: Path) -> dict[str, Path]:
    """Put the input files into `folder`, each in a folder of its own; return where they are.

    They are links: a large extract is not copied, and the work opens its inputs to read only.
    """
    placed = {}
    for name, stored in inputs.items():
        home = folder / name
        home.mkdir(parents=True)
        placed[name] = home / harmless(stored.file_name)
        source = files.path(stored.digest).resolve()
        try:
            placed[name].symlink_to(source)
        except OSError:  # a system without links
            shutil.copyfile(source, placed[name])
    return placed


def harmless(file_name: str) -> str:
    """Return a file name that stays in its folder.

    >>> harmless("../../etc/passwd")
    'passwd'
    """
    name = file_name.replace("\\", "/").rpartition("/")[2]
    kept = re.sub(r"[^\w.+-]", "_", name)[-120:].lstrip(".")
    return kept or "file"

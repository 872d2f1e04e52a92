"""A plan of the store in, the folder of a copy for one audience out."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.aside import Aside
from api.errors import UnknownResourceError
from api.named import Named
from api.public.labels import label, stamp_folder
from api.public.material import TITLE, Material, Remark
from api.store.files import FileStore
from api.store.places import FileRole, ItemFile, Plan, PlanFeature
from api.store.results import ARCHIVE
from api.store.store import Store
from api.store.talk import Audience, Comment

# Copies hold what people take home, and the map.
_TAKEN = (FileRole.FILE, FileRole.MAP)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)

# It draws, and the library for that is not loaded where requests are answered.
_PUBLIC_FILES = Named("api.public.consultation:public_files")


def copy_for(
    audience: Audience,
    store: Store,
    plan_id: str,
    folder: Path,
    aside: Aside,
    *,
    title: str = TITLE,
) -> str:
    """Fill a folder with `files/` and `archive.zip` of a copy, and return its label.

    Parameters
    ----------
    folder : Path
        Empty; nothing is written anywhere else.
    aside : Aside
        Draws what is public.
    title : str
        Of the public page; shown to everybody, so never taken from the plan.

    Raises UnknownResourceError where there is no such plan.
    """
    files = folder / "files"
    files.mkdir(parents=True)
    if audience is Audience.PUBLIC:
        material = _material(store, plan_id, title)
        picked = aside.call(_PUBLIC_FILES, material, label=f"the public copy of {plan_id}")
        for name, content in picked.items():
            (files / name).write_bytes(content)
    else:
        _take_all(store, plan_id, files)
        stamp_folder(files, audience)
    words = label(audience)
    written = {path.name: path.read_bytes() for path in sorted(files.iterdir())}
    (folder / ARCHIVE).write_bytes(zipped(written, words))
    return words


def zipped(files: Mapping[str, bytes], words: str) -> bytes:
    """Return files as an archive that tells nothing of when and by whom it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = words.encode()
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _take_all(store: Store, plan_id: str, files: Path) -> None:
    asked = sa.select(ItemFile.name, ItemFile.digest).where(
        ItemFile.item_id == plan_id, ItemFile.role.in_(_TAKEN)
    )
    with store.database.reading() as session:
        _plan(session, plan_id)
        rows = session.execute(asked).all()
    for name, digest in rows:
        (files / Path(name).name).write_bytes(store.files.path(digest).read_bytes())


def _plan(session: Session, plan_id: str) -> Plan:
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise UnknownResourceError(f"plan {plan_id[:40]!r}: nothing under this id")
    return plan


def _material(store: Store, plan_id: str, title: str) -> Material:
    with store.database.reading() as session:
        return _read(session, store.files, _plan(session, plan_id), title)


def _read(session: Session, kept: FileStore, plan: Plan, title: str) -> Material:
    units = session.execute(
        sa.select(PlanFeature.shape, PlanFeature.properties).where(
            PlanFeature.plan_id == plan.plan_id, PlanFeature.layer == "units"
        )
    )
    comments = session.scalars(
        sa.select(Comment).where(
            Comment.plan_id == plan.plan_id, Comment.audience == Audience.PUBLIC
        )
    )
    return Material(
        units=[(shape, properties) for shape, properties in units],
        zone=plan.zone,
        solids=list(_site_layer(session, kept, plan.site_id, "solids")),
        verdict=plan.record.get("verdict", {}),
        attribution=plan.record.get("attribution", ""),
        remarks=[Remark(row.text, row.audience, row.created, row.place) for row in comments],
        title=title,
    )


def _site_layer(
    session: Session, kept: FileStore, site_id: str, layer: str
) -> Iterator[tuple[shapely.Geometry, Mapping[str, Any]]]:
    digest = session.scalar(
        sa.select(ItemFile.digest).where(
            ItemFile.item_id == site_id,
            ItemFile.role == FileRole.LAYER,
            ItemFile.name == layer,
        )
    )
    if digest is not None:
        for feature in json.loads(kept.path(digest).read_bytes())["features"]:
            if feature["geometry"] is not None:
                yield shapely.geometry.shape(feature["geometry"]), feature["properties"]

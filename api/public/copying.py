"""A plan of the store in, the folder of a copy for one audience out."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.errors import UnknownResourceError
from api.public.consultation import TITLE, Material, Remark, public_files, zipped
from api.public.labels import label, stamp_folder
from api.store.files import FileStore
from api.store.places import FileRole, ItemFile, Plan, PlanFeature
from api.store.results import ARCHIVE
from api.store.store import Store
from api.store.talk import Audience, Comment

# Copies hold what people take home, and the map.
_TAKEN = (FileRole.FILE, FileRole.MAP)


def copy_for(
    audience: Audience, store: Store, plan_id: str, folder: Path, *, title: str = TITLE
) -> str:
    """Fill a folder with `files/` and `archive.zip` of a copy, and return its label.

    Parameters
    ----------
    folder : Path
        Empty; nothing is written anywhere else.
    title : str
        Of the public page; shown to everybody, so never taken from the plan.

    Raises UnknownResourceError where there is no such plan.
    """
    files = folder / "files"
    files.mkdir(parents=True)
    with store.database.reading() as session:
        plan = session.get(Plan, plan_id)
        if plan is None:
            raise UnknownResourceError(f"plan {plan_id[:40]!r}: nothing under this id")
        if audience is Audience.PUBLIC:
            for name, content in public_files(_material(session, store.files, plan, title)).items():
                (files / name).write_bytes(content)
        else:
            _take_all(session, store.files, plan_id, files)
            stamp_folder(files, audience)
    words = label(audience)
    written = {path.name: path.read_bytes() for path in sorted(files.iterdir())}
    (folder / ARCHIVE).write_bytes(zipped(written, words))
    return words


def _take_all(session: Session, kept: FileStore, plan_id: str, files: Path) -> None:
    rows = session.execute(
        sa.select(ItemFile.name, ItemFile.digest).where(
            ItemFile.item_id == plan_id, ItemFile.role.in_(_TAKEN)
        )
    )
    for name, digest in rows:
        (files / Path(name).name).write_bytes(kept.path(digest).read_bytes())


def _material(session: Session, kept: FileStore, plan: Plan, title: str) -> Material:
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

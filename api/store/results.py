"""What a worker left in its folder -> rows and files of the store, in its job's transaction.

A worker leaves `data/` (what jobs read), `layers/` (GeoJSON for display), `files/` (to take home)
and `archive.zip`; each of them may be missing. What it found out is its record. The request of
a job holds `asked`, the body of the request, and for assessments and plans `site_id`.
"""

import json
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.errors import ConflictError, UnknownResourceError
from api.store.base import new_id, now
from api.store.canonical import plan_hash, site_hash
from api.store.files import FileStore, Kept
from api.store.jobs import FINISHED, Job
from api.store.places import (
    Assessment,
    File,
    FileRole,
    ItemFile,
    Plan,
    PlanFeature,
    Proposal,
    Site,
    Upload,
)
from api.store.store import Store
from api.store.talk import Export

Record = dict[str, Any]

ARCHIVE = "archive.zip"
_ZONE = "zone"
_FOLDERS = {"data": FileRole.DATA, "layers": FileRole.LAYER, "files": FileRole.FILE}
_MEDIA_TYPES = {
    ".dxf": "image/vnd.dxf",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".pbf": "application/octet-stream",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class _Left:
    """A file that a worker left; a layer goes by its name without the ending."""

    path: Path
    role: FileRole
    name: str


def keep_ahead(files: FileStore, folder: Path) -> None:
    """Copy what a worker left into the store before the transaction that gives it names.

    To flush files takes long; a transaction that finds them there already is a short one, and
    writers wait for it only that long. What gets no name is taken away later.

    Raises OutputError (disk full) or StoreUnavailableError (folder read-only).
    """
    for left in _left_in(folder):
        files.keep(left.path)


def keep_site(
    session: Session, files: FileStore, *, job: Job, folder: Path, record: Record
) -> Site:
    """Keep a site; its zone is the layer of that name, and `record["name"]` what it is called."""
    site = Site(
        site_id=job.result_id,
        project_id=job.project_id,
        created_by=job.created_by,
        name=record["name"],
        request=job.request["asked"],
        record=record,
        zone=_zone_of(folder),
    )
    session.add(site)
    _keep_files(session, files, folder, site.site_id, record)
    return site


def keep_assessment(
    session: Session, files: FileStore, *, job: Job, folder: Path, record: Record
) -> Assessment:
    """Keep an assessment of the site that its job names."""
    assessment = Assessment(
        assessment_id=job.result_id,
        project_id=job.project_id,
        created_by=job.created_by,
        site_id=_site_of(session, job).site_id,
        request=job.request["asked"],
        record=record,
    )
    session.add(assessment)
    _keep_files(session, files, folder, assessment.assessment_id, record)
    return assessment


def keep_plan(
    session: Session, files: FileStore, *, job: Job, folder: Path, record: Record
) -> Plan:
    """Keep a plan as the next version of its proposal, or as the first one of a new proposal.

    The request of the job may hold `proposal_id` (the next version of that one) and `name` (of
    a new one; else it is called as its site is). Every feature of every layer gets a row. The
    record holds at least the `verdict`.
    """
    site = _site_of(session, job)
    proposal = _proposal_of(session, job, site)
    features = _features(folder)
    plan = Plan(
        plan_id=job.result_id,
        project_id=job.project_id,
        created_by=job.created_by,
        proposal_id=proposal.proposal_id,
        site_id=site.site_id,
        number=_next_number(session, proposal),
        request=job.request["asked"],
        record=record,
        content_hash=plan_hash(
            site_hash=_hash_of(session, site),
            request=job.request["asked"],
            verdict=record["verdict"],
            layers=features,
        ),
        zone=site.zone,
    )
    session.add(plan)
    session.flush()
    _keep_files(session, files, folder, plan.plan_id, record)
    rows = [row for layer, found in features.items() for row in _rows(plan.plan_id, layer, found)]
    if rows:
        session.execute(sa.insert(PlanFeature), rows)
    return plan


def keep_upload(
    session: Session, files: FileStore, *, job: Job, folder: Path, record: Record
) -> Upload:
    """Keep an upload that could be read.

    Its file is in the store since it came in: the request of the job holds `kind`, `file_name`,
    and the file's `digest` and `bytes`.
    """
    sent = job.request
    upload = Upload(
        upload_id=job.result_id,
        project_id=job.project_id,
        created_by=job.created_by,
        kind=sent["kind"],
        file_name=sent["file_name"],
        record=record,
    )
    session.add(upload)
    kept = Kept(sent["digest"], sent["bytes"])
    keep_file(session, kept, item_id=upload.upload_id, role=FileRole.DATA, name=sent["file_name"])
    _keep_files(session, files, folder, upload.upload_id, record)
    return upload


def keep_export(session: Session, files: FileStore, export: Export, folder: Path) -> None:
    """Keep the files of an export that was just made."""
    _keep_files(session, files, folder, export.export_id, {})


def content_hash_of(session: Session, files: FileStore, plan: Plan) -> str:
    """Return the hash of a plan as it lies in the store now, computed afresh."""
    site = session.get_one(Site, plan.site_id)
    return plan_hash(
        site_hash=_hash_of(session, site),
        request=plan.request,
        verdict=plan.record["verdict"],
        layers={
            name: json.loads(files.path(digest).read_bytes())["features"]
            for name, digest in _layers_of(session, plan.plan_id).items()
        },
    )


def keep_file(
    session: Session,
    kept: Kept,
    *,
    item_id: str,
    role: FileRole,
    name: str,
    position: int = 0,
) -> ItemFile:
    """Give a file that is in the store a name of an item."""
    values = {"digest": kept.digest, "bytes": kept.bytes, "created": now()}
    insert = postgresql.insert if _is_postgres(session) else sqlite.insert
    session.execute(insert(File).values(**values).on_conflict_do_nothing())
    row = ItemFile(
        item_id=item_id,
        role=role,
        name=name,
        position=position,
        digest=kept.digest,
        bytes=kept.bytes,
        media_type=media_type_of(".geojson" if role is FileRole.LAYER else name),
    )
    session.add(row)
    return row


def media_type_of(file_name: str) -> str:
    """Return what a file is, by its ending.

    >>> media_type_of("lines.geojson"), media_type_of("unheard.of")
    ('application/geo+json', 'application/octet-stream')
    """
    ending = "." + file_name.rpartition(".")[2].lower()
    guessed = mimetypes.types_map.get(ending, "application/octet-stream")
    return _MEDIA_TYPES.get(ending, guessed)


def sweep(store: Store, *, older_than_s: float = 86_400.0) -> int:
    """Take away files that no item names; return how many.

    Files that waiting work still reads stay, and so does what is younger than `older_than_s`.
    """
    before = now() - timedelta(seconds=older_than_s)
    named = sa.select(ItemFile.digest)
    with store.database.session() as session:
        unused = sa.delete(File).where(File.digest.not_in(named), File.created < before)
        session.execute(unused)
    with store.database.reading() as session:
        known = wanted_digests(session.connection())
    return store.files.remove_unused(known, older_than_s=older_than_s)


def wanted_digests(connection: sa.Connection) -> set[str]:
    """Return the files that something names: an item, or work that waits."""
    waiting = connection.scalars(sa.select(Job.request).where(Job.state.not_in(FINISHED)))
    wanted = {str(request["digest"]) for request in waiting if "digest" in request}
    return wanted | set(connection.scalars(sa.select(File.digest)))


def _keep_files(
    session: Session, files: FileStore, folder: Path, item_id: str, record: Record
) -> None:
    # A display draws the layers in the order in which the record names them.
    order = {name: place for place, name in enumerate(record.get("layers", ()))}
    for count, left in enumerate(_left_in(folder)):
        kept = files.keep(left.path)
        position = order.get(left.name, count) if left.role is FileRole.LAYER else count
        keep_file(session, kept, item_id=item_id, role=left.role, name=left.name, position=position)


def _left_in(folder: Path) -> Iterator[_Left]:
    for name, role in _FOLDERS.items():
        for path in sorted((folder / name).glob("*")):
            yield _Left(path, role, path.stem if role is FileRole.LAYER else path.name)
    if (folder / ARCHIVE).is_file():
        yield _Left(folder / ARCHIVE, FileRole.ARCHIVE, ARCHIVE)


def _features(folder: Path) -> dict[str, list[Record]]:
    return {
        path.stem: json.loads(path.read_bytes())["features"]
        for path in sorted((folder / "layers").glob("*.geojson"))
    }


def _rows(plan_id: str, layer: str, features: Sequence[Mapping[str, Any]]) -> Iterator[Record]:
    for number, feature in enumerate(features, start=1):
        if feature["geometry"] is not None:
            yield {
                "plan_id": plan_id,
                "layer": layer,
                "number": number,
                "shape": _shape(feature),
                "properties": feature["properties"],
            }


def _shape(feature: Mapping[str, Any]) -> shapely.Geometry:
    return shapely.geometry.shape(feature["geometry"])


def _zone_of(folder: Path) -> shapely.Geometry:
    collection = json.loads((folder / "layers" / f"{_ZONE}.geojson").read_bytes())
    return shapely.union_all([_shape(feature) for feature in collection["features"]])


def _site_of(session: Session, job: Job) -> Site:
    site_id = job.request["site_id"]
    site = session.get(Site, site_id)
    if site is None or site.project_id != job.project_id:
        raise UnknownResourceError(f"site {site_id!r}: nothing under this id in this project")
    return site


def _proposal_of(session: Session, job: Job, site: Site) -> Proposal:
    proposal_id = job.request.get("proposal_id")
    if proposal_id is None:
        proposal = Proposal(
            proposal_id=new_id("proposal"),
            project_id=job.project_id,
            created_by=job.created_by,
            site_id=site.site_id,
            name=job.request.get("name") or site.name,
        )
        session.add(proposal)
        session.flush()
        return proposal
    # Two versions that end in the same moment get their numbers one after the other.
    known = session.get(Proposal, proposal_id, with_for_update=True)
    if known is None or known.project_id != job.project_id:
        raise UnknownResourceError(
            f"proposal {proposal_id!r}: nothing under this id in this project"
        )
    if known.site_id != site.site_id:
        raise ConflictError(f"proposal {proposal_id!r}: is for {known.site_id}, not {site.site_id}")
    return known


def _next_number(session: Session, proposal: Proposal) -> int:
    last = sa.select(sa.func.max(Plan.number)).where(Plan.proposal_id == proposal.proposal_id)
    return (session.scalar(last) or 0) + 1


def _hash_of(session: Session, site: Site) -> str:
    return site_hash(request=site.request, layers=_layers_of(session, site.site_id))


def _layers_of(session: Session, item_id: str) -> dict[str, str]:
    rows = session.execute(
        sa.select(ItemFile.name, ItemFile.digest).where(
            ItemFile.item_id == item_id, ItemFile.role == FileRole.LAYER
        )
    )
    return {row.name: row.digest for row in rows}


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"

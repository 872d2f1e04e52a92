"""A store with something in it: what a worker leaves, kept as jobs keep it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.store import Database, Job, JobKind, Plan, Project, Site, Store, Table, User
from api.store.dump import all_columns
from api.store.results import keep_plan, keep_site

WEST, SOUTH = 24.94, 60.17
SIDE_DEG = 0.001  # 55 m by 111 m


def square(west: float, south: float, side: float = SIDE_DEG) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def point(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def left_by_worker(folder: Path, layers: dict[str, list[dict[str, Any]]], note: str = "") -> Path:
    """Write what a worker leaves: layers of shapes, a data file, two files to take home."""
    for name in ("data", "layers", "files"):
        (folder / name).mkdir(parents=True)
    for name, shapes in layers.items():
        features = [
            {"type": "Feature", "geometry": shape, "properties": {"unit_id": f"u{number}"}}
            for number, shape in enumerate(shapes)
        ]
        collection = {"type": "FeatureCollection", "features": features}
        (folder / "layers" / f"{name}.geojson").write_text(json.dumps(collection))
    (folder / "data" / "site.gpkg").write_text(f"data {note}")
    (folder / "files" / "map.html").write_text(f"<html>{note}</html>")
    (folder / "files" / "summary.txt").write_text(f"summary {note}")
    (folder / "archive.zip").write_text(f"archive {note}")
    return folder


@dataclass(frozen=True)
class Town:
    """Ids of one project with a planner and a site in it."""

    user_id: str
    project_id: str
    site_id: str


def job(session: Session, town: Town, kind: JobKind, result_id: str, /, **request: Any) -> Job:
    row = Job(
        project_id=town.project_id,
        kind=kind,
        result_id=result_id,
        request={"asked": {}, **request},
        created_by=town.user_id,
    )
    session.add(row)
    session.flush()
    return row


def town(store: Store, folder: Path, *, west: float = WEST, south: float = SOUTH) -> Town:
    """Make a project with a site whose zone begins at a corner."""
    left = left_by_worker(folder, {"zone": [square(west, south)]}, note="site")
    with store.database.session() as session:
        user = User(name=f"planner of {folder.name}")
        session.add(user)
        session.flush()
        project = Project(name="Old town", created_by=user.user_id)
        session.add(project)
        session.flush()
        made = Town(user.user_id, project.project_id, _site_id(project.project_id))
        order = job(session, made, JobKind.SITE, made.site_id)
        record = {"name": "Market square", "layers": ["zone"], "crs": "EPSG:25835"}
        site: Site = keep_site(session, store.files, job=order, folder=left, record=record)
        assert site.site_id == made.site_id
    return made


def _site_id(project_id: str) -> str:
    return project_id.replace("project", "site")


def plan(
    store: Store,
    made: Town,
    folder: Path,
    *,
    number: int,
    proposal_id: str | None = None,
    units: int = 3,
    west: float = WEST,
) -> Plan:
    """Keep a plan with a row of bollards, 0.0001 degrees apart from `west` on."""
    bollards = [point(west + 0.0001 * place, SOUTH) for place in range(units)]
    left = left_by_worker(folder, {"units": bollards}, note=f"plan {number}")
    cost = {"low": 1000.0 * number, "high": 3000.0 * number, "currency": "EUR"}
    record = {
        "verdict": {"standing": "holds"},
        "summary": {"cost": cost},
        "layers": ["units"],
    }
    with store.database.session() as session:
        order = job(
            session,
            made,
            JobKind.PLAN,
            f"plan-{number:012x}",
            site_id=made.site_id,
            proposal_id=proposal_id,
        )
        return keep_plan(session, store.files, job=order, folder=left, record=record)


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, with the columns that there are, shapes as text."""
    with database.reading() as session:
        found = {}
        for columns in all_columns(session.connection()):
            table = Table.metadata.tables[columns.table]
            asked = sa.select(*(table.c[name] for name in columns.kinds))
            rows = session.execute(asked.order_by(*table.primary_key)).mappings()
            found[columns.table] = [
                {name: _as_text(value) for name, value in row.items()} for row in rows
            ]
        return found


def _as_text(value: Any) -> Any:
    is_shape = isinstance(value, shapely.Geometry)
    return shapely.to_wkt(value, rounding_precision=-1) if is_shape else value

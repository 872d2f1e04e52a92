"""A small town for editing, where the polygon of the document's examples covers half its street."""

import dataclasses
from pathlib import Path

import geopandas as gpd
import httpx
import shapely
from fastapi import FastAPI

from api.schemas.shapes import SQUARE
from api.store import JobKind
from api.store.results import keep_site
from api.works import SITE_FILE
from sbd.export.geopackage import write_site
from sbd.model.site import Site
from tests.judged import BLOCKS, town
from tests.stored import Town, job, left_by_worker, square

QUICK = {"vehicle": "N2A", "resolution_m": 1.0, "headings": 32}
PLAN = {"vehicles": ["N2A"], "resolution_m": 1.0, "headings": 32, "openable": 0}


def keep_small_town(app: FastAPI, made: Town, folder: Path) -> str:
    """Keep a town that can be solved in a moment; return the id of its site."""
    left = left_by_worker(folder, {"zone": [square(24.94, 60.17)]})
    (left / "data" / SITE_FILE).unlink()
    write_site(_at_the_square(town()), left / "data" / SITE_FILE)
    store = app.state.service.store
    with store.database.session() as session:
        order = job(session, made, JobKind.SITE, "site-0000000000ed")
        record = {"name": "Small town", "layers": ["zone"], "crs": "EPSG:32635"}
        site = keep_site(session, store.files, job=order, folder=left, record=record)
        return str(site.site_id)


def opened(address: str, headers: dict[str, str], site_id: str) -> dict[str, str]:
    """Open a session with a draft; return its id and that of a line."""
    answer = httpx.post(
        f"{address}/api/v1/sites/{site_id}/edit-sessions",
        json={**QUICK, "plan": PLAN},
        headers=headers,
        timeout=120.0,
    )
    assert answer.status_code == 201, answer.text
    line = answer.json()["draft"]["units"]["features"][0]["properties"]["line_id"]
    return {"session_id": answer.json()["session_id"], "line_id": line}


def _at_the_square(site: Site) -> Site:
    square_there = gpd.GeoSeries([shapely.Polygon(SQUARE)], crs=4326).to_crs(site.crs)
    _, south, east, north = square_there.total_bounds
    street_end, rim = BLOCKS[0].bounds[2], 60.0
    offset = east - street_end / 2, (south + north) / 2 - rim / 2
    moved = {
        layer.name: table.set_geometry(table.geometry.translate(*offset))
        for layer in dataclasses.fields(site)
        if isinstance(table := getattr(site, layer.name), gpd.GeoDataFrame)
    }
    return dataclasses.replace(site, **moved)

"""What the editing process does: edits in, answers along the zone's outline out.

It keeps the editors of a few sessions, because a warm field answers in a fraction of the time of a
cold one. What it keeps is worth nothing but time: whoever lost a session opens another.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from api.errors import SessionGoneError
from api.schemas import EditSessionRequest
from api.store import FolderStore, Kind
from api.work import SITE_FILE, heights_file
from sbd import pipeline
from sbd.export.features import features
from sbd.geometry.crs import WGS84
from sbd.pipeline import Answer, Editor
from sbd.sources.store import read_site
from sbd.units import KMH_PER_MPS

MOST_SESSIONS = 2  # each holds a fine and a coarse field
_DECIMALS = 7


@dataclass(slots=True)
class _Session:
    editor: Editor
    waiting: Iterator[Answer]


_sessions: OrderedDict[str, _Session] = OrderedDict()


def open_session(root: Path, session_id: str, site_id: str, asked: dict[str, Any]) -> Any:
    """Solve the fields of a site, and return the answer before any edit."""
    request = EditSessionRequest.model_validate(asked)
    store = FolderStore(root)
    site = read_site(store.folder(Kind.SITE, site_id) / SITE_FILE)
    editor = pipeline.edit(
        site,
        vehicle=request.vehicle,
        entry_speed_kmh=request.entry_speed_kmh,
        resolution_m=request.resolution_m,
        headings=request.headings,
        heights=heights_file(store, request.heights_id),
    )
    _sessions[session_id] = _Session(editor, iter(()))
    while len(_sessions) > MOST_SESSIONS:
        _sessions.popitem(last=False)
    return _said(Answer(pipeline.Stage.FINAL, editor.final, editor))


def begin(session_id: str, add: list[Any], remove: list[Any]) -> Any:
    """Take an edit and return its first answer; the others wait to be asked for.

    Raises SessionGoneError, or InputError for a shape that can't be used; the session then
    stays as it was.
    """
    session = _session(session_id)
    crs = session.editor.final.surface.crs
    answers = session.editor.edited(add=_shapes(add, crs), remove=_shapes(remove, crs))
    session.waiting = answers
    return go_on(session_id)


def go_on(session_id: str) -> Any:
    """Return the next answer of the edit that was taken last; None where all were given."""
    session = _session(session_id)
    answer = next(session.waiting, None)
    if answer is None:
        return None
    session.editor = answer.editor
    return _said(answer)


def close(session_id: str) -> None:
    """Forget a session."""
    _sessions.pop(session_id, None)


def _session(session_id: str) -> _Session:
    session = _sessions.get(session_id)
    if session is None:
        raise SessionGoneError(
            f"editing session {session_id!r}: not there; it was closed, or {MOST_SESSIONS} newer "
            "ones were opened; open another"
        )
    _sessions.move_to_end(session_id)
    return session


def _shapes(polygons: list[Any], crs: Any) -> list[Any]:
    if not polygons:
        return []
    drawn = gpd.GeoSeries([shapely.geometry.shape(shape) for shape in polygons], crs=WGS84)
    return list(drawn.to_crs(crs))


def _said(answer: Answer) -> dict[str, Any]:
    """Return an answer as a client sees it: points along the outline with their speeds."""
    shown = answer.shown
    points, impacts = shown.impacts()
    table = gpd.GeoDataFrame(
        {
            "distance_m": np.round(points.distance_m, 2),
            "speed_kmh": np.round(impacts.speed_mps * KMH_PER_MPS, 2),
            "energy_kj": np.round(impacts.energy_kj, 1),
        },
        geometry=shapely.points(points.place_m),
        crs=shown.surface.crs,
    )
    columns = ["distance_m", "speed_kmh", "energy_kj"]
    rows = list(features(table, decimals=_DECIMALS, columns=columns))
    return {
        "stage": str(answer.stage),
        "exact": shown.exact,
        "resolution_m": shown.terrain.cell_m,
        "perimeter": {"type": "FeatureCollection", "features": rows},
    }

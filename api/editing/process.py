"""What the editing process does: edits in, answers out, the first at once.

It keeps the editors of a few sessions, because a warm place answers in a fraction of the time of a
cold one. What it keeps is worth nothing but time: whoever lost a session opens another.
"""

import gc
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from api.editing.answers import cut_said, draft_said, speeds_said, verdict_said
from api.errors import SessionGoneError
from api.schemas.drafts import AddLine, DraftEdits, DraftSessionRequest, ForbidGround, LineChange
from api.works import assessed, wishes_of
from sbd import pipeline
from sbd.errors import InputError
from sbd.geometry.crs import WGS84
from sbd.pipeline import Answer, Editor
from sbd.pipeline.drafts import Change, Deed, Drafting, State
from sbd.progress import ignore
from sbd.sources.store import read_site

MOST_SESSIONS = 2  # each holds a fine and a coarse field


@dataclass(slots=True)
class _Draft:
    drafting: Drafting
    state: State


@dataclass(slots=True)
class _Session:
    editor: Editor
    draft: _Draft | None
    edit: int = 0
    waiting: Iterator[dict[str, Any]] = field(default_factory=lambda: iter(()))


_sessions: OrderedDict[str, _Session] = OrderedDict()


def open_session(
    session_id: str, inputs: dict[str, Path], asked: dict[str, Any]
) -> list[dict[str, Any]]:
    """Solve the fields of a site, draw its plan where one is asked for, and return what there is.

    The first answer is of the speeds, the second one of the draft.
    """
    request = DraftSessionRequest.model_validate(asked)
    site = read_site(inputs["site"])
    heights = inputs.get("heights")
    editor = pipeline.edit(
        site,
        vehicle=request.vehicle,
        entry_speed_kmh=request.entry_speed_kmh,
        resolution_m=request.resolution_m,
        headings=request.headings,
        heights=heights,
    )
    said = [speeds_said(Answer(pipeline.Stage.FINAL, editor.final, editor))]
    draft = None
    if request.plan is not None:
        drafting = Drafting.of(
            site,
            assessed(site, request.plan, heights, ignore),
            wishes_of(site, request.plan),
            products=pipeline.products_with(inputs.get("catalogue")),
            heights=heights,
        )
        draft = _Draft(drafting, drafting.start)
        said.append(_at_once(draft))
    _sessions[session_id] = _Session(editor, draft)
    while len(_sessions) > MOST_SESSIONS:
        _sessions.popitem(last=False)
    _leave_alone()
    return said


def begin(session_id: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Take an edit and return its number and first answer; the others wait to be asked for.

    Raises SessionGoneError, or InputError for what can't be done; the session then stays as it was.
    """
    session = _session(session_id)
    edits = DraftEdits.model_validate(asked)
    state = _changed(session, edits)
    speeds: Iterator[Answer] = iter(())
    if edits.add or edits.remove:
        crs = session.editor.final.surface.crs
        add = _shapes([shape.model_dump() for shape in edits.add], crs)
        remove = _shapes([shape.model_dump() for shape in edits.remove], crs)
        speeds = session.editor.edited(add=add, remove=remove)
    if session.draft is not None and state is not None:
        session.draft.state = state
    session.edit += 1
    session.waiting = _answers(session, speeds, is_drafted=state is not None)
    return session.edit, next(session.waiting)


def go_on(session_id: str, edit: int) -> dict[str, Any] | None:
    """Return the next answer of an edit; None where all were given or a newer edit was taken."""
    session = _session(session_id)
    return next(session.waiting, None) if session.edit == edit else None


def close(session_id: str) -> None:
    """Forget a session."""
    _sessions.pop(session_id, None)


def _leave_alone() -> None:
    """Keep the collector off what stays: to walk through it takes longer than an answer may."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _session(session_id: str) -> _Session:
    session = _sessions.get(session_id)
    if session is None:
        raise SessionGoneError(
            f"editing session {session_id!r}: not there; it was closed, or {MOST_SESSIONS} newer "
            "ones were opened; open another"
        )
    _sessions.move_to_end(session_id)
    return session


def _answers(
    session: _Session, speeds: Iterator[Answer], *, is_drafted: bool
) -> Iterator[dict[str, Any]]:
    """Yield the quick answers first: the draft at once, the speeds, then what takes seconds."""
    draft = session.draft
    if draft is not None and is_drafted:
        yield _at_once(draft)
    for answer in speeds:
        session.editor = answer.editor
        yield speeds_said(answer)
    if draft is not None and is_drafted:
        started = time.perf_counter()
        verdict = draft.drafting.verdict(draft.state)
        yield verdict_said(verdict, time.perf_counter() - started)
        started = time.perf_counter()
        cut = draft.drafting.cut(draft.state)
        seconds = time.perf_counter() - started
        yield cut_said(cut, draft.drafting.free_cost, draft.state, seconds)


def _at_once(draft: _Draft) -> dict[str, Any]:
    started = time.perf_counter()
    found = draft.drafting.at_once(draft.state)
    seconds = time.perf_counter() - started
    return draft_said(draft.state, found, draft.drafting.free_cost, seconds)


def _changed(session: _Session, edits: DraftEdits) -> State | None:
    """Return the draft after all changes; None where there are none."""
    if not edits.changes:
        return None
    if session.draft is None:
        raise InputError("changes: this session has no draft; open one with `plan`")
    state = session.draft.state
    for change in edits.changes:
        state = session.draft.drafting.changed(state, _change(change, state.footprints.crs))
    return state


def _change(asked: LineChange, crs: Any) -> Change:
    if isinstance(asked, ForbidGround):
        (ground,) = _shapes([asked.ground.model_dump()], crs)
        return Change(Deed.FORBID, ground=ground)
    if isinstance(asked, AddLine):
        units = [unit.model_dump() for unit in asked.units]
        shapes = [unit.pop("footprint") for unit in units]
        table = gpd.GeoDataFrame(units, geometry=_shapes(shapes, crs), crs=crs)
        return Change(Deed.ADD, asked.line_id, units=table)
    return Change(
        Deed(asked.do),
        asked.line_id,
        east_m=getattr(asked, "east_m", 0.0),
        north_m=getattr(asked, "north_m", 0.0),
    )


def _shapes(polygons: list[Any], crs: Any) -> list[Any]:
    if not polygons:
        return []
    drawn = gpd.GeoSeries([shapely.geometry.shape(shape) for shape in polygons], crs=WGS84)
    return list(drawn.to_crs(crs))

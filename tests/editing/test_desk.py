"""Live edits by the process that keeps a place warm: at once first, then in full."""

import asyncio
import os
import shutil
import signal
import sys
import time

import pytest
from shapely.geometry import mapping, shape

from api.editing import EditDesk, process
from api.errors import (
    SessionGoneError,
    TooLongError,
    TooMuchMemoryError,
    UnknownResourceError,
    WorkerLostError,
)
from api.processes import is_alive
from api.schemas.drafts import DraftAnswer, DraftEdits, DraftSessionRequest
from api.settings import EditLimits
from api.works import SITE_FILE
from sbd.errors import InputError
from sbd.export.geopackage import write_site
from tests.judged import town
from tests.queue.desk import PROJECT, SITE, store_in

pytestmark = pytest.mark.slow  # solves a field

ASKED = DraftSessionRequest(
    vehicle="N2A",
    resolution_m=1.0,
    headings=32,
    plan={"vehicles": ["N2A"], "resolution_m": 1.0, "headings": 32, "openable": 0},
).model_dump(mode="json")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    path = tmp_path_factory.mktemp("site") / SITE_FILE
    write_site(town(), path)
    return {"site": path}


@pytest.fixture
def opened(inputs):
    """A session in this process, as the editing process has it."""
    speeds, draft = process.open_session("edit-1", inputs, ASKED)
    yield speeds, draft
    process.close("edit-1")


def edits(*changes, **shapes):
    return DraftEdits.model_validate({"changes": list(changes), **shapes}).model_dump(mode="json")


def answers(*changes, **shapes):
    number, first = process.begin("edit-1", edits(*changes, **shapes))
    rest = iter(lambda: process.go_on("edit-1", number), None)
    return [first, *rest]


def line_of(draft):
    return draft["units"]["features"][0]["properties"]["line_id"]


def test_a_session_edits_lines_and_obstacles(opened):
    speeds, draft = opened
    DraftAnswer.model_validate(draft)
    assert speeds["stage"] == "final"
    assert draft["cut"]["cost_of_rest"] == pytest.approx(draft["cut"]["cost_of_free_plan"])
    line = line_of(draft)

    moved = answers({"do": "move", "line_id": line, "east_m": -1.0, "north_m": 4.0})
    assert [answer["stage"] for answer in moved] == ["draft", "verdict", "cut"]
    first, full, cut = (DraftAnswer.model_validate(answer) for answer in moved)
    assert first.verdict.stage == "preview"
    assert first.verdict.standing == full.verdict.standing == "fails"
    assert first.loads[0].line_id == line
    assert first.loads[0].speed_kmh > 0
    assert "sabotage" in first.verdict.undecided
    assert (first.cut.exact, cut.cut.exact) == (False, True)
    assert {row["who"] for row in first.access} == {"people in wheelchairs"}

    back = answers({"do": "move", "line_id": line, "east_m": 1.0, "north_m": -4.0})
    assert back[0]["verdict"]["standing"] == "not decided"

    pinned = answers({"do": "pin", "line_id": line})
    assert pinned[0]["cut"]["cost_of_rest"] == 0.0

    block = shape(draft["units"]["features"][0]["geometry"])
    both = answers({"do": "remove", "line_id": line}, add=[mapping(block)])
    assert [answer["stage"] for answer in both] == [
        "draft",
        "bound",
        "preview",
        "final",
        "verdict",
        "cut",
    ]
    assert both[0]["units"]["features"] == []
    assert both[0]["verdict"]["standing"] == "fails"


def test_what_can_t_be_done_leaves_the_session_as_it_was(opened):
    _, draft = opened
    with pytest.raises(InputError, match="not in the draft"):
        process.begin("edit-1", edits({"do": "pin", "line_id": "L77"}))
    again = answers({"do": "pin", "line_id": line_of(draft)})
    assert again[0]["units"] == draft["units"]


def test_a_newer_edit_ends_the_answers_to_the_one_before(opened):
    _, draft = opened
    line = line_of(draft)
    old, _ = process.begin("edit-1", edits({"do": "pin", "line_id": line}))
    new, _ = process.begin("edit-1", edits({"do": "release", "line_id": line}))
    assert process.go_on("edit-1", old) is None
    assert process.go_on("edit-1", new)["stage"] == "verdict"


def test_a_session_without_a_plan_has_no_lines(inputs):
    said = process.open_session("edit-2", inputs, {**ASKED, "plan": None})
    assert [answer["stage"] for answer in said] == ["final"]
    with pytest.raises(InputError, match="has no draft"):
        process.begin("edit-2", edits({"do": "pin", "line_id": "L1"}))
    process.close("edit-2")
    with pytest.raises(SessionGoneError):
        process.begin("edit-2", edits({"do": "pin", "line_id": "L1"}))


def _store(folder, inputs):
    def a_town(folder):
        return shutil.copy(inputs["site"], folder / "site.gpkg")

    return store_in(folder / "store", site_file=a_town)


def test_the_desk_keeps_sessions_in_a_process_of_their_own(tmp_path, inputs):
    store = _store(tmp_path, inputs)
    desk = EditDesk(store)

    async def through():
        with pytest.raises(UnknownResourceError):
            await desk.open("project-000000000002", SITE, ASKED)
        session_id, said = await desk.open(PROJECT, SITE, ASKED)
        assert [answer["stage"] for answer in said] == ["final", "draft"]
        assert desk.project_of(session_id) == PROJECT
        change = edits({"do": "pin", "line_id": line_of(said[1])})
        number, first = await desk.first(session_id, change)
        stages = [first["stage"]]
        stages += [answer["stage"] async for answer in desk.others(session_id, number)]
        assert stages == ["draft", "verdict", "cut"]
        assert not (store.scratch / session_id).exists()
        (worker,) = desk.process_ids
        assert worker != os.getpid()
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(WorkerLostError, match="ended from outside"):
            await desk.first(session_id, change)
        # The next session starts the process again.
        with pytest.raises(SessionGoneError):
            await desk.first(session_id, change)
        await desk.close(session_id)
        assert desk.project_of("edit-000000000000") is None

    try:
        asyncio.run(through())
    finally:
        desk.stop()
        store.database.close()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize(
    ("limits", "error", "said"),
    [
        (EditLimits(answer_seconds=0.2), TooLongError, "no answer in 0.2 s.*coarser"),
        (EditLimits(process_bytes=2**20), TooMuchMemoryError, "0.000977 GiB.*coarser"),
    ],
    ids=["time", "memory"],
)
def test_a_session_that_takes_too_much_ends_with_its_process(tmp_path, inputs, limits, error, said):
    store = _store(tmp_path, inputs)
    desk = EditDesk(store, limits)
    seen = []

    async def opened_twice():
        for _ in range(2):  # the second one by a new process
            opening = asyncio.ensure_future(desk.open(PROJECT, SITE, ASKED))
            while not (opening.done() or desk.process_ids):
                await asyncio.sleep(0.01)
            seen.extend(desk.process_ids)
            with pytest.raises(error, match=said):
                await opening
            assert desk.process_ids == []

    try:
        asyncio.run(opened_twice())
        first, second = seen
        assert first != second
        while is_alive(first) or is_alive(second):  # zombies until the pool's thread asks for them
            time.sleep(0.05)
    finally:
        desk.stop()
        store.database.close()

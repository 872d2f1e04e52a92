"""Lists: the same words for all of them, and no question to the database for each row."""

import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.store import (
    Assessment,
    CalendarEvent,
    Comment,
    Comparison,
    Export,
    FileRole,
    Job,
    Plan,
    Project,
    Proposal,
    Scope,
    Site,
    Store,
    Token,
    Upload,
    User,
    now,
)
from api.store.base import Table
from api.store.files import Kept
from api.store.results import keep_file
from tests.api.conftest import BASE, Service, service_over
from tests.stored import plan, town

MOST = 50
REQUESTS = "AnyIO"  # threads that answer them

LISTS: dict[str, type[Table]] = {
    "/users": User,
    "/tokens": Token,
    "/projects": Project,
    "/projects/{project_id}/uploads": Upload,
    "/projects/{project_id}/sites": Site,
    "/projects/{project_id}/proposals": Proposal,
    "/projects/{project_id}/comments": Comment,
    "/projects/{project_id}/events": CalendarEvent,
    "/projects/{project_id}/comparisons": Comparison,
    "/projects/{project_id}/jobs": Job,
    "/sites/{site_id}/assessments": Assessment,
    "/proposals/{proposal_id}/plans": Plan,
    "/plans/{plan_id}/comments": Comment,
    "/plans/{plan_id}/exports": Export,
}

# A log is asked by the number of its rows, from the first one on.
NO_ORDER = {"/audit"}

TOLD = {"attribution": "", "crs": "EPSG:25835", "zone_area_m2": 1.0, "report": []}
JUDGED = {**TOLD, "verdict": {"standing": "holds"}, "summary": {}, "text": ""}
FILES = (
    (FileRole.LAYER, "zone"),
    (FileRole.LAYER, "units"),
    (FileRole.FILE, "map.html"),
    (FileRole.ARCHIVE, "archive.zip"),
    (FileRole.DATA, "city.csv"),
)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, dict[str, str]]]:
    """A service with 50 rows in each list, and the ids of addresses that they are under."""
    folder = tmp_path_factory.mktemp("lists")
    with service_over(folder / "store") as running:
        yield running, _fill(running.store, folder)


def _fill(store: Store, folder: Path) -> dict[str, str]:
    made = town(store, folder / "site")
    first = plan(store, made, folder / "plan", number=1)
    ids = {
        "project_id": made.project_id,
        "site_id": made.site_id,
        "proposal_id": first.proposal_id,
        "plan_id": first.plan_id,
    }
    with store.database.session() as session:
        site = session.get_one(Site, made.site_id)
        site.request, site.record = {"place": "rautatientori"}, TOLD
        session.get_one(Plan, first.plan_id).record = JUDGED
        asker = session.scalars(sa.select(User.user_id).where(User.name == "demo")).one()
        for number in range(MOST):
            for row in _rows(number, ids, asker, first.zone):
                session.add(row)
                session.flush()
                _add_files(session, row)
    return ids


def _rows(number: int, ids: dict[str, str], asker: str, zone: Any) -> list[Table]:
    of_project = {"project_id": ids["project_id"]}
    of_site = {**of_project, "site_id": ids["site_id"]}
    of_plan = {**of_project, "plan_id": ids["plan_id"]}
    content = {"request": {}, "content_hash": "", "zone": zone}
    ends = now() + timedelta(days=1)
    return [
        User(name=f"somebody {number}"),
        Token(user_id=asker, name="", secret_hash=str(number), scope=Scope.READ, expires=ends),
        Project(name=""),
        Upload(**of_project, upload_id=f"upload-{number:012x}", kind="layers", file_name="a"),
        Site(**of_project, name="", request={"place": "rautatientori"}, record=TOLD, zone=zone),
        Proposal(**of_site, name=""),
        Comment(**of_plan, text=""),
        _comparison(ids),
        _event(number, of_project),
        Job(**of_project, kind="site", request={}, result_id=f"site-{number:012x}"),
        Assessment(**of_site, request={}, record={**TOLD, "summary": {}}),
        Plan(
            **of_site,
            **content,
            proposal_id=ids["proposal_id"],
            number=number + 2,
            record=JUDGED,
        ),
        Export(**of_plan, audience="public", label=""),
    ]


def _event(number: int, of_project: dict[str, str]) -> CalendarEvent:
    days = {"date_from": date(2027, 1, 1), "date_to": date(2027, 1, 2)}
    hours = {"opens": "10:00", "closes": "20:00"}
    return CalendarEvent(**of_project, **days, **hours, name="", people=number)


def _comparison(ids: dict[str, str]) -> Comparison:
    between = {"project_id": ids["project_id"], "plan_a": ids["plan_id"], "plan_b": ids["plan_id"]}
    return Comparison(**between, record={"units": {}, "measures": [], "changes": []})


def _add_files(session: Session, row: Table) -> None:
    if not isinstance(row, Upload | Site | Assessment | Plan | Export):
        return
    item_id = sa.inspect(row).identity[0]
    for role, name in FILES:
        keep_file(session, Kept("0" * 64, 7), item_id=item_id, role=role, name=name)


@pytest.fixture
def counted(crowded: tuple[Service, dict[str, str]]) -> Iterator[Callable[[str], tuple[Any, int]]]:
    """What asks for an address; it returns the answer and how many statements it took.

    The queue and the housekeeping ask the same database meanwhile, by threads of their own.
    """
    service, _ = crowded
    engine = service.store.database.engine
    count = 0

    def note(*_: Any) -> None:
        nonlocal count
        count += threading.current_thread().name.startswith(REQUESTS)

    def ask(address: str) -> tuple[Any, int]:
        before = count
        answer = service.client.get(address)
        assert answer.status_code == 200, answer.text
        return answer.json(), count - before

    sa.event.listen(engine, "before_cursor_execute", note)
    yield ask
    sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", LISTS)
def test_a_long_page_asks_no_more_than_a_short_one(
    crowded: tuple[Service, dict[str, str]],
    counted: Callable[[str], tuple[Any, int]],
    path: str,
) -> None:
    address = BASE + path.format(**crowded[1])
    short, few = counted(f"{address}?limit=2")
    long, many = counted(f"{address}?limit={MOST}")
    assert (len(short["items"]), len(long["items"])) == (2, MOST)
    assert 0 < many <= few


@pytest.mark.parametrize("path", LISTS)
def test_the_newest_come_first_where_that_is_asked(
    crowded: tuple[Service, dict[str, str]],
    counted: Callable[[str], tuple[Any, int]],
    path: str,
) -> None:
    address = BASE + path.format(**crowded[1])
    oldest, _ = counted(f"{address}?limit=500")
    assert counted(f"{address}?limit=500&order=oldest")[0] == oldest
    newest: list[Any] = []
    behind: str | None = f"{address}?limit=20&order=newest"
    while behind is not None:
        page, _ = counted(behind)
        newest += page["items"]
        behind = page["next"]
    assert newest == oldest["items"][::-1]
    made = [datetime.fromisoformat(item["created"]) for item in newest if "created" in item]
    assert made == sorted(made, reverse=True)


@pytest.mark.parametrize("path", LISTS)
def test_an_order_that_there_is_not_is_refused(
    crowded: tuple[Service, dict[str, str]], path: str
) -> None:
    service, ids = crowded
    answer = service.get(f"{path.format(**ids)}?order=upwards")
    assert answer.status_code == 422
    assert "'oldest' or 'newest'" in answer.json()["detail"]


def test_every_list_takes_the_same_order(crowded: tuple[Service, dict[str, str]]) -> None:
    document = crowded[0].client.get(f"{BASE}/openapi.json").json()
    orders = {}
    for path, operations in document["paths"].items():
        words = {word["name"]: word for word in operations.get("get", {}).get("parameters", ())}
        if {"after", "limit"} <= set(words):
            orders[path.removeprefix(BASE)] = words.get("order")
    assert {path for path, order in orders.items() if order is None} == NO_ORDER
    assert set(orders) == {*LISTS, *NO_ORDER}
    first = orders["/projects"]
    assert first["description"]
    assert first["schema"]["default"] == "oldest"
    assert all(orders[path] == first for path in LISTS)
    words = document["components"]["schemas"]["Order"]["enum"]
    assert words == ["oldest", "newest"]


def test_each_row_has_its_own_files(
    crowded: tuple[Service, dict[str, str]], counted: Callable[[str], tuple[Any, int]]
) -> None:
    _, ids = crowded
    site, proposal = f"{BASE}/sites/{ids['site_id']}", f"{BASE}/proposals/{ids['proposal_id']}"
    of_site = {"zone": f"{site}/layers/zone"}
    for shown in counted(f"{proposal}/plans?after={ids['plan_id']}")[0]["items"]:
        href = f"{BASE}/plans/{shown['plan_id']}"
        own = {name: f"{href}/layers/{name}" for name in ("zone", "units")}
        assert shown["layers"] == {**of_site, **own}
        assert [file["href"] for file in shown["files"]] == [f"{href}/files/map.html"]
    for shown in counted(f"{site}/assessments")[0]["items"]:
        href = f"{BASE}/assessments/{shown['assessment_id']}"
        assert set(shown["layers"].values()) == {f"{href}/layers/zone", f"{href}/layers/units"}
    for path in (f"/projects/{ids['project_id']}/uploads", f"/plans/{ids['plan_id']}/exports"):
        assert {item["bytes"] for item in counted(BASE + path)[0]["items"]} == {7}

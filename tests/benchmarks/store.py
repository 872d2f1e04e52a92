"""Times of lists and of windows in a store with 10 000 proposals of 300 barriers.

Run with `python -m tests.benchmarks.store`; needs about 1.5 GB of disk for a database at a time.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.ogc import holdings, items, pages
from api.ogc.asked import Asked
from api.present import job_out, proposals_out
from api.rows import Paging, each, page_of
from api.schemas.paging import Order
from api.store import (
    Job,
    Plan,
    PlanFeature,
    Project,
    Proposal,
    Site,
    Store,
    User,
    Window,
    now,
)
from api.store.lists import features_in, within
from tests.postgis import postgis_server

BOUND_MS = 100.0
PROJECT = "project-000000000001"
WEST, SOUTH = 24.0, 60.0
STEP_DEG = 0.002  # from one zone to the next: 110 m by 220 m
SIDE_DEG = 0.001
_AT_ONCE = 100  # proposals of one transaction

# As long as the record of a plan of a real square (Rautatientori: 21 kB): verdict, summary, text.
_CHECK = {"name": "threat", "question": "Does a disc of 1.2 m pass?", "holds": True, "note": "no"}
_VERDICT = {"standing": "holds", "holds": True, "checks": [_CHECK] * 50, "conditions": []}
_SUMMARY = {
    "cost": {"low": 212000.0, "high": 398000.0, "currency": "EUR"},
    "verdict": _VERDICT,
    "report": [{"layer": "walls", "rows": 300, "note": "as they were drawn"}] * 100,
}
_RECORD = {
    "verdict": _VERDICT,
    "summary": _SUMMARY,
    "text": "The plan holds. " * 150,
    "attribution": "nobody",
}


def main() -> None:
    """Fill a store on each database, ask it, and say how long it took."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--proposals", type=int, default=10_000)
    words.add_argument("--barriers", type=int, default=300)
    words.add_argument("--rounds", type=int, default=60)
    words.add_argument("--only", choices=["sqlite", "postgis"])
    asked = words.parse_args()
    slow = 0
    for name in [asked.only] if asked.only else ["sqlite", "postgis"]:
        with tempfile.TemporaryDirectory(prefix="sbd-bench-") as folder:
            slow += _measured(name, Path(folder), asked)
    sys.exit(1 if slow else 0)


def _measured(name: str, folder: Path, asked: argparse.Namespace) -> int:
    if name == "sqlite":
        return _filled_and_asked(Store(folder / "data"), name, asked)
    with postgis_server() as server:
        return _filled_and_asked(Store(folder / "data", server.fresh_url()), name, asked)


def _filled_and_asked(store: Store, name: str, asked: argparse.Namespace) -> int:
    store.open()
    started = time.perf_counter()
    fill(store, proposals=asked.proposals, barriers=asked.barriers)
    filled_s = time.perf_counter() - started
    print(
        f"{name}: {asked.proposals} proposals of {asked.barriers} barriers, "
        f"filled in {filled_s:.0f} s, {_size_mb(store):.0f} MB, load {os.getloadavg()[0]:.1f}"
    )
    slow = 0
    for what, ask in _questions(asked.proposals).items():
        times_ms, cpu_ms = _times_ms(store, ask, asked.rounds)
        p50, p95 = np.percentile(times_ms, [50, 95])
        verdict = "" if p95 <= BOUND_MS else f"  over {BOUND_MS:.0f} ms"
        slow += int(p95 > BOUND_MS)
        beside = f"own CPU p50 {np.percentile(cpu_ms, 50):.1f}, load {os.getloadavg()[0]:.1f}"
        print(
            f"  {what:38s} least {min(times_ms):6.1f}  p50 {p50:6.1f}  p95 {p95:6.1f} ms  "
            f"({beside}){verdict}"
        )
    store.close()
    return slow


# ---------------------------------------------------------------- filling


def fill(store: Store, *, proposals: int, barriers: int) -> None:
    """Put a project with so many sites, each with a proposal of one plan, into an empty store."""
    with store.database.session() as session:
        session.add(User(user_id="user-000000000001", name="planner"))
        session.flush()
        session.add(Project(project_id=PROJECT, name="City"))
    for first in range(0, proposals, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, proposals))
        with store.database.session() as session:
            for kind, row in ((Site, _site), (Proposal, _proposal), (Plan, _plan), (Job, _job)):
                session.execute(sa.insert(kind), [row(number) for number in numbers])
            _add_features(session, numbers, barriers)
    if not store.database.is_sqlite:
        with store.database.engine.connect() as plain:
            plain.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def _corner(number: int) -> tuple[float, float]:
    return WEST + STEP_DEG * (number % 100), SOUTH + STEP_DEG * (number // 100)


def _shared(kind: str, number: int) -> dict[str, object]:
    return {f"{kind}_id": f"{kind}-{number:012x}", "project_id": PROJECT, "created": now()}


def _zone(number: int) -> shapely.Polygon:
    west, south = _corner(number)
    return shapely.box(west, south, west + SIDE_DEG, south + SIDE_DEG)


def _site(number: int) -> dict[str, object]:
    about = {"name": f"Square {number}", "request": {}, "record": {"crs": "EPSG:25835"}}
    return {**_shared("site", number), **about, "zone": _zone(number)}


def _proposal(number: int) -> dict[str, object]:
    about = {"name": f"Square {number}", "site_id": f"site-{number:012x}", "revision": 1}
    return {**_shared("proposal", number), **about}


def _plan(number: int) -> dict[str, object]:
    return {
        **_shared("plan", number),
        "proposal_id": f"proposal-{number:012x}",
        "site_id": f"site-{number:012x}",
        "number": 1,
        "request": {"vehicles": ["N2A"]},
        "record": _RECORD,
        "content_hash": f"{number:064x}",
        "zone": _zone(number),
        "state": "draft",
        "revision": 1,
    }


def _job(number: int) -> dict[str, object]:
    about = {"kind": "plan", "state": "done", "result_id": f"plan-{number:012x}", "attempts": 1}
    return {**_shared("job", number), **about, "request": {"asked": {"vehicles": ["N2A"]}}}


def _add_features(session: Session, numbers: range, barriers: int) -> None:
    connection = session.connection().connection.driver_connection
    rows = _features(numbers, barriers, as_hex=not _is_sqlite(session))
    columns = "(plan_id, layer, number, shape, properties)"
    if _is_sqlite(session):
        connection.executemany(f"INSERT INTO plan_features {columns} VALUES (?,?,?,?,?)", rows)
        return
    with connection.cursor().copy(f"COPY plan_features {columns} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _features(numbers: range, barriers: int, *, as_hex: bool) -> Iterator[tuple[object, ...]]:
    along = np.linspace(0.0, SIDE_DEG, barriers)
    for number in numbers:
        west, south = _corner(number)
        x, y = west + along, np.full(barriers, south)
        ends = np.stack([np.stack([x, y], 1), np.stack([x + SIDE_DEG / barriers, y], 1)], 1)
        lines = shapely.set_srid(shapely.linestrings(ends), 4326)
        shapes = shapely.to_wkb(lines, hex=as_hex, include_srid=True)
        for place, shape in enumerate(shapes, start=1):
            about = json.dumps({"line_id": f"b{place}", "product": "P-100", "cost": 4000.0})
            yield f"plan-{number:012x}", "barriers", place, shape, about


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _size_mb(store: Store) -> float:
    if store.database.is_sqlite:
        return sum(path.stat().st_size for path in store.data.glob("store.sqlite*")) / 1e6
    asked = sa.select(sa.func.pg_database_size(sa.func.current_database()))
    with store.database.reading() as session:
        return float(session.scalar(asked) or 0) / 1e6


# ---------------------------------------------------------------- asking

Ask = Callable[[Session, np.random.Generator], object]


def _questions(proposals: int) -> dict[str, Ask]:
    def any_id(kind: str, rng: np.random.Generator) -> str:
        return f"{kind}-{int(rng.integers(proposals)):012x}"

    def page(session: Session, bbox: str | None = None, **asked: Any) -> object:
        shown, paging = partial(proposals_out, session), Paging(limit=100, **asked)
        found = sa.select(Proposal).where(Proposal.project_id == PROJECT)
        only = None if bbox is None else within(session, bbox)
        return page_of(session, found, shown, path="", paging=paging, only=only)

    def jobs(session: Session, **asked: Any) -> object:
        found, paging = sa.select(Job).where(Job.project_id == PROJECT), Paging(limit=100, **asked)
        return page_of(session, found, each(job_out), path="", paging=paging)

    def box(rng: np.random.Generator, zones: int) -> str:
        west, south = _corner(int(rng.integers(proposals)))
        side = STEP_DEG * zones - SIDE_DEG / 2
        return f"{west:.5f},{south:.5f},{west + side:.5f},{south + side:.5f}"

    def corner_window(rng: np.random.Generator) -> tuple[str, Window]:
        number = int(rng.integers(proposals))
        west, south = _corner(number)
        window = Window(west, south - 1e-4, west + SIDE_DEG / 3, south + 1e-4)
        return f"plan-{number:012x}", window

    return {
        "first page of 100 proposals": lambda s, _: page(s),
        "newest page of 100 proposals": lambda s, _: page(s, order=Order.NEWEST),
        "page behind any proposal": lambda s, rng: page(s, after=any_id("proposal", rng)),
        "newest behind any proposal": lambda s, rng: page(
            s, after=any_id("proposal", rng), order=Order.NEWEST
        ),
        "newest page of 100 jobs": lambda s, _: jobs(s, order=Order.NEWEST),
        "page behind any job": lambda s, rng: jobs(s, after=any_id("job", rng)),
        "proposals in a window of 4 zones": lambda s, rng: page(s, bbox=box(rng, 2)),
        "proposals in a window of 400 zones": lambda s, rng: page(s, bbox=box(rng, 20)),
        "proposals in a window of all zones": lambda s, _: page(s, bbox="20,55,30,65"),
        "all zones, page behind any": lambda s, rng: page(
            s, bbox="20,55,30,65", after=any_id("proposal", rng)
        ),
        "300 barriers of a plan": lambda s, rng: features_in(
            s, any_id("plan", rng), "barriers", limit=300
        ),
        "barriers of a plan in a window": lambda s, rng: _in_corner(s, *corner_window(rng)),
        "/ogc/collections, first page": lambda s, _: _collections(s, 0),
        "/ogc/collections, any page": lambda s, rng: _collections(s, int(rng.integers(proposals))),
        "/ogc plans, first page": lambda s, _: _items(s, "plans", None),
        "/ogc plans in a window of 4 zones": lambda s, rng: _items(s, "plans", box(rng, 2)),
        "/ogc plans in a window of 400 zones": lambda s, rng: _items(s, "plans", box(rng, 20)),
        "/ogc plans in a window of all zones": lambda s, _: _items(s, "plans", "20,55,30,65"),
        "/ogc barriers in a window": lambda s, rng: _items_in_corner(s, *corner_window(rng)),
    }


def _in_corner(session: Session, plan_id: str, window: Window) -> list[PlanFeature]:
    return features_in(session, plan_id, "barriers", window=window, limit=300)


# Of the standard's addresses: what is read, and what is made of it.
_OWN = sa.select(Project.project_id)
_ROOT = "http://127.0.0.1/ogc"


def _collections(session: Session, offset: int) -> object:
    limit = holdings.PLANS_OF_A_PAGE
    layers, _ = holdings.layers_of_newest(session, _OWN, offset=offset, limit=limit)
    wholes = [*(holdings.whole_collections(session, _OWN) if offset == 0 else []), *layers]
    return json.dumps(pages.collections(_ROOT, wholes, []))


def _items(session: Session, name: str, bbox: str | None) -> object:
    window = None if bbox is None else shapely.box(*map(float, bbox.split(",")))
    asked = Asked(window=window)
    whole = holdings.holding(session, _OWN, name, with_bounds=False, with_systems=False)
    rows, matched = items.items(session, _OWN, whole, asked)
    return json.dumps(pages.items(_ROOT, whole, rows, matched, asked, here="", behind=""))


def _items_in_corner(session: Session, plan_id: str, window: Window) -> object:
    bbox = f"{window.west_deg},{window.south_deg},{window.east_deg},{window.north_deg}"
    return _items(session, f"{plan_id}-barriers", bbox)


def _times_ms(store: Store, ask: Ask, rounds: int) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(5)
    times_ms, cpu_ms = [], []
    for _ in range(rounds + 3):
        started, cpu_started = time.perf_counter(), time.process_time()
        with store.database.reading() as session:
            ask(session, rng)
        times_ms.append((time.perf_counter() - started) * 1000)
        cpu_ms.append((time.process_time() - cpu_started) * 1000)
    return times_ms[3:], cpu_ms[3:]  # the first ones find nothing warm


if __name__ == "__main__":
    main()

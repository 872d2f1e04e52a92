"""Many people on one service: 50 who read and comment, two assessments under way.

    python -m tests.benchmarks.service_load SECONDS

The service is a process of its own on loopback; this one is all the people. Prints percentiles of
the answers, errors, and how the service's memory grew. Bounded: a request a person each second.
"""

import asyncio
import random
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from api.store import Member, Plan, Role, Store, User
from tests.api.served import token_for
from tests.started import started
from tests.stored import plan, town

PEOPLE = 50
PAUSE_S = 1.0
BASE = "/api/v1"
ASSESSMENTS = 2


@dataclass
class Load:
    """What the people saw.

    Parameters
    ----------
    reads_ms, writes_ms : list of float
        Until the whole answer was there.
    errors : list of str
        Every answer that was none.
    memory_mb : list of float
        Of the service without its workers, once a second.
    """

    reads_ms: list[float] = field(default_factory=list)
    writes_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        reads = np.percentile(self.reads_ms, [50, 95, 99])
        writes = np.percentile(self.writes_ms, [50, 95])
        third = len(self.memory_mb) // 3
        grown = np.median(self.memory_mb[-third:]) / np.median(self.memory_mb[third : 2 * third])
        return (
            f"{len(self.reads_ms)} reads: p50 {reads[0]:.0f}, p95 {reads[1]:.0f}, p99 "
            f"{reads[2]:.0f} ms; {len(self.writes_ms)} comments: p50 {writes[0]:.0f}, p95 "
            f"{writes[1]:.0f} ms; {len(self.errors)} errors; memory {self.memory_mb[-1]:.0f} MB, "
            f"last third over the middle one {grown:.2f}"
        )


@dataclass(frozen=True)
class Prepared:
    """A store with a plan and its people."""

    folder: Path
    project: str
    plan: str
    secrets: tuple[str, ...]


def prepared(folder: Path) -> Prepared:
    """Fill a store: a drawn plan, and people with tokens."""
    store = Store(folder / "data")
    store.open()
    made = town(store, folder / "town")
    drawn = plan(store, made, folder / "plan", number=1, units=300)
    with store.database.session() as session:
        # What a worker would have told of a real one.
        told = {"summary": {}, "text": "A row of bollards.", "attribution": "nobody"}
        row = session.get_one(Plan, drawn.plan_id)
        row.record = {**row.record, **told}
        secrets = []
        for number in range(PEOPLE):
            user = User(name=f"person-{number}")
            session.add(user)
            session.flush()
            role = Member(project_id=made.project_id, user_id=user.user_id, role=Role.PLANNER)
            session.add(role)
            secrets.append(token_for(session, user.user_id))
    store.close()
    return Prepared(folder / "data", made.project_id, drawn.plan_id, tuple(secrets))


def run(place: Prepared, seconds: float) -> Load:
    """Put the load on a service for some time."""
    load = Load()
    with started(place.folder) as (process, url):
        asyncio.run(_people(url, place, seconds, load, process.pid))
    return load


async def _people(url: str, place: Prepared, seconds: float, load: Load, pid: int) -> None:
    # A little less than the service keeps a quiet connection, which it then closes.
    limits = httpx.Limits(max_connections=2 * PEOPLE, keepalive_expiry=2.0)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        keys = [{"Authorization": f"Bearer {secret}"} for secret in place.secrets]
        site = await _site(client, place, keys[0])
        until_s = time.monotonic() + seconds
        people = [_person(client, place, key, until_s, load) for key in keys]
        work = [_assessing(client, site, keys[0], until_s, load) for _ in range(ASSESSMENTS)]
        await asyncio.gather(*people, *work, _watched(pid, until_s, load))


async def _site(client: httpx.AsyncClient, place: Prepared, key: dict[str, str]) -> str:
    asked = {"place": "rautatientori", "margin_m": 120}
    path = f"{BASE}/projects/{place.project}/sites"
    job = (await client.post(path, json=asked, headers=key)).json()
    return str((await _ended(client, job, key))["result_id"])


async def _ended(
    client: httpx.AsyncClient, job: dict[str, object], key: dict[str, str], until_s: float = np.inf
) -> dict[str, object]:
    path = f"{BASE}/jobs/{job['job_id']}"
    while True:
        now: dict[str, object] = (await client.get(path, headers=key)).json()
        if now["state"] not in ("queued", "running") or time.monotonic() > until_s:
            return now
        await asyncio.sleep(0.5)


async def _assessing(
    client: httpx.AsyncClient, site: str, key: dict[str, str], until_s: float, load: Load
) -> None:
    asked = {"vehicles": ["N2A"], "resolution_m": 0.5, "headings": 64}
    while time.monotonic() < until_s:
        answer = await client.post(f"{BASE}/sites/{site}/assessments", json=asked, headers=key)
        job = await _ended(client, answer.json(), key, until_s)
        if job["state"] == "failed":
            load.errors.append(f"assessment: {job['error']}")
        elif job["state"] != "done":
            await client.delete(f"{BASE}/jobs/{job['job_id']}", headers=key)


async def _person(
    client: httpx.AsyncClient, place: Prepared, key: dict[str, str], until_s: float, load: Load
) -> None:
    rng = random.Random(key["Authorization"])
    reads = (
        f"{BASE}/projects/{place.project}/proposals",
        f"{BASE}/plans/{place.plan}",
        f"{BASE}/plans/{place.plan}/layers/units",
        f"{BASE}/plans/{place.plan}/comments?limit=50",
        f"{BASE}/plans/{place.plan}/reviews",
        f"/ogc/collections/{place.plan}-units/items?limit=100",
    )
    while time.monotonic() < until_s:
        await asyncio.sleep(rng.uniform(0.5, 1.5) * PAUSE_S)
        started_s = time.perf_counter()
        writes = rng.random() < 0.1
        path = f"{BASE}/plans/{place.plan}/comments" if writes else rng.choice(reads)
        body = {"json": {"text": "A remark."}} if writes else {}
        try:
            answer = await client.request("POST" if writes else "GET", path, headers=key, **body)
        except httpx.TransportError as error:
            load.errors.append(f"{path}: {error!r}")
            continue
        times = load.writes_ms if writes else load.reads_ms
        times.append(1000 * (time.perf_counter() - started_s))
        if answer.status_code != (201 if writes else 200):
            load.errors.append(f"{path}: {answer.status_code} {answer.text[:200]}")


async def _watched(pid: int, until_s: float, load: Load) -> None:
    while time.monotonic() < until_s:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        load.memory_mb.append(int(found[1]) / 1024)
        await asyncio.sleep(1.0)


def main() -> None:
    """Run and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    with tempfile.TemporaryDirectory(prefix="sbd-load-") as name:
        load = run(prepared(Path(name)), seconds)
    print(load)
    for error in load.errors[:10]:
        print("  ", error)


if __name__ == "__main__":
    main()

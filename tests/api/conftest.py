"""One service for all tests, over a store of its own, with a real process that computes."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.main import create_app
from api.queue import QueueLimits
from api.settings import Limits
from api.store import JobEvent, Store

BASE = "/api/v1"


class Service:
    """A client of the demo user, in a project of its own, that knows how to wait for a job."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        known = self.get("/projects").json()["items"]
        first = known[0] if known else self.post("/projects", json={"name": "Tests"}).json()
        self.project = first["project_id"]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(BASE + path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.client.post(BASE + path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.client.delete(BASE + path, **options)

    def post_site(self, request: dict[str, Any], **options: Any) -> httpx.Response:
        return self.post(f"/projects/{self.project}/sites", json=request, **options)

    def send(self, kind: str, name: str, content: bytes) -> httpx.Response:
        path = f"/projects/{self.project}/uploads?kind={kind}"
        return self.post(path, files={"file": (name, content)})

    def finished(self, job: dict[str, Any]) -> dict[str, Any]:
        """Wait for the end of a job and return it as it stands then."""
        while (found := self.client.get(f"{BASE}/jobs/{job['job_id']}").json())["state"] in (
            "queued",
            "running",
        ):
            time.sleep(0.05)
        return found

    def until_running(self, job: dict[str, Any]) -> None:
        """Wait until a worker has said something about a job."""
        with self.store.database.reading() as session:
            said = sa.select(JobEvent.number).where(JobEvent.job_id == job["job_id"])
            while not session.scalars(said).first():
                session.rollback()
                time.sleep(0.02)

    @property
    def store(self) -> Store:
        return self.client.app.state.service.store

    def site(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a site that is ready."""
        answer = self.post_site(request)
        assert answer.status_code == 202, answer.text
        job = self.finished(answer.json())
        assert job["error"] is None
        return self.client.get(job["result"]).json()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share a plan on one worker (`--dist loadgroup`): it is made once."""
    for item in items:
        if "service" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("plan"))


@contextmanager
def service_over(folder: Path, **limits: int) -> Iterator[Service]:
    """Run a service with one process over a data folder; whoever asks is the demo user."""
    app = create_app(folder, limits=Limits(queue=QueueLimits(workers=1), **limits), demo=True)
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        yield Service(client)


@pytest.fixture(scope="session")
def open_service() -> Callable[..., AbstractContextManager[Service]]:
    return service_over


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service_over(tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture(scope="session")
def square() -> dict[str, Any]:
    """About 55 m by 50 m in the middle of Rautatientori."""
    west, south, east, north = 24.9437, 60.1711, 24.9447, 60.17155
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture(scope="session")
def asked_site(square: dict[str, Any]) -> dict[str, Any]:
    return {"place": "rautatientori", "zone": square, "margin_m": 120}


@pytest.fixture(scope="session")
def asked_plan() -> dict[str, Any]:
    """As coarse as it goes: these tests ask about the service, not about the plan."""
    return {"vehicles": ["M1"], "resolution_m": 1.0, "headings": 32, "openable": 1}


@pytest.fixture(scope="session")
def site(service: Service, asked_site: dict[str, Any]) -> dict[str, Any]:
    return service.site(asked_site)


@pytest.fixture(scope="session")
def plan_job(service: Service, site: dict[str, Any], asked_plan: dict[str, Any]) -> dict[str, Any]:
    answer = service.post(f"/sites/{site['site_id']}/proposals", json=asked_plan)
    assert answer.status_code == 202, answer.text
    return service.finished(answer.json())


@pytest.fixture(scope="session")
def plan(service: Service, plan_job: dict[str, Any]) -> dict[str, Any]:
    assert plan_job["error"] is None
    return service.client.get(plan_job["result"]).json()

"""One service for all tests, over a store of its own, with a real process that computes."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Limits
from api.store import FolderStore

BASE = "/api/v1"


class Service:
    """A client that knows how to wait for a job."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(BASE + path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.client.post(BASE + path, **options)

    def delete(self, path: str) -> httpx.Response:
        return self.client.delete(BASE + path)

    def finished(self, job: dict[str, Any]) -> dict[str, Any]:
        """Wait for the end of a job and return it as it stands then."""
        while (found := self.client.get(f"{BASE}/jobs/{job['job_id']}").json())["state"] in (
            "queued",
            "running",
        ):
            time.sleep(0.05)
        return found

    @property
    def store(self) -> FolderStore:
        return self.client.app.state.service.store

    def until_running(self, job: dict[str, Any]) -> None:
        """Wait until a worker has said something about a job."""
        events = self.client.app.state.service.jobs.folder(job["job_id"]) / "events.jsonl"
        while not (events.is_file() and events.stat().st_size):
            time.sleep(0.02)

    def site(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return a site that is ready."""
        answer = self.post("/sites", json=request)
        assert answer.status_code == 202, answer.text
        job = self.finished(answer.json())
        assert job["error"] is None
        return self.client.get(job["result"]).json()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share a plan on one worker (`--dist loadgroup`): it is made once."""
    for item in items:
        if {"service", "plan_job"} <= set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("plan"))


@contextmanager
def service_over(folder: Path, **limits: int) -> Iterator[Service]:
    """Run a service with one process over a data folder."""
    app = create_app(folder, limits=Limits(**{"workers": 1, **limits}))
    with TestClient(app, base_url="http://127.0.0.1") as client:
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
    answer = service.post(f"/sites/{site['site_id']}/plans", json=asked_plan)
    assert answer.status_code == 202, answer.text
    return service.finished(answer.json())


@pytest.fixture(scope="session")
def plan(service: Service, plan_job: dict[str, Any]) -> dict[str, Any]:
    assert plan_job["error"] is None
    return service.client.get(plan_job["result"]).json()

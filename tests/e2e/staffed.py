"""A running service with people of several roles in one project, and a plan to talk about."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.started import LINK, started

PASSWORD = "a long quiet river 7"

# About 55 m by 50 m in the middle of Rautatientori, and a plan as coarse as it goes.
_CORNERS = [[24.9437, 60.1711], [24.9447, 60.1711], [24.9447, 60.17155], [24.9437, 60.17155]]
# Its northern half and the ground before it, as far as a line of barriers may be pushed out.
_FRONTAGE = [[24.943, 60.1713], [24.9455, 60.1713], [24.9455, 60.1718], [24.943, 60.1718]]

ROLES: dict[str, dict[str, Any]] = {
    "paula": {"role": "planner"},
    "pekka": {"role": "reviewer", "disciplines": ["police"]},
    "fiona": {"role": "reviewer", "disciplines": ["fire"]},
    "amir": {"role": "approver"},
    "vera": {"role": "viewer"},
    "otto": {
        "role": "private_operator",
        "frontage": {"type": "Polygon", "coordinates": [[*_FRONTAGE, _FRONTAGE[0]]]},
    },
}

_SITE = {
    "place": "rautatientori",
    "zone": {"type": "Polygon", "coordinates": [[*_CORNERS, _CORNERS[0]]]},
    "margin_m": 120,
}
_PLAN = {"vehicles": ["M1"], "resolution_m": 1.0, "headings": 32, "openable": 1}


@dataclass(frozen=True, slots=True)
class Staffed:
    """Where the service is, its project and its site, and a client of each person."""

    address: str
    project_id: str
    site_id: str
    people: dict[str, httpx.Client]

    def get(self, path: str) -> Any:
        """Return what the planner gets."""
        return _answer(self.people["paula"].get(path))

    def post(self, who: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Return what somebody gets for something new."""
        return _answer(self.people[who].post(path, json=body))

    def proposal(self, name: str, **wishes: Any) -> dict[str, Any]:
        """Return the first plan of a new proposal of the planner."""
        job = self.post(
            "paula", f"/sites/{self.site_id}/proposals", {**_PLAN, **wishes, "name": name}
        )
        plan: dict[str, Any] = _answer(self.people["paula"].get(_result(self.people["paula"], job)))
        return plan

    def next_version(self, plan: dict[str, Any], wishes: dict[str, Any]) -> dict[str, Any]:
        """Return a plan of the planner that is the next version of a plan's proposal."""
        job = self.post("paula", f"/proposals/{plan['proposal_id']}/plans", wishes)
        made: dict[str, Any] = _answer(self.people["paula"].get(_result(self.people["paula"], job)))
        return made

    def take_back(self, plan: dict[str, Any]) -> None:
        """Make a plan that is in review a draft again."""
        _answer(self.people["paula"].delete(f"/plans/{plan['plan_id']}/submission"))


@contextmanager
def staffed(folder: Path) -> Iterator[Staffed]:
    """Yield a service over an empty folder, set up by an administrator called anna."""
    with started(folder, LINK) as (_, link):
        address, _, secret = link.partition("/#invitation=")
        anna = _entered(address, secret, name="anna")
        asked = {"name": "Market", "sign_offs": ["police", "fire"]}
        project_id = _answer(anna.post("/projects", json=asked))["project_id"]
        people = {"anna": anna}
        for name, role in ROLES.items():
            user_id = _answer(anna.post("/users", json={"name": name}))["user_id"]
            _answer(anna.put(f"/projects/{project_id}/members/{user_id}", json=role))
            made = _answer(anna.post(f"/users/{user_id}/invitations"))
            people[name] = _entered(address, made["link"].partition("#invitation=")[2])
        job = _answer(people["paula"].post(f"/projects/{project_id}/sites", json=_SITE))
        site_id = _result(people["paula"], job).rpartition("/")[2]
        yield Staffed(address, project_id, site_id, people)
        for client in people.values():
            client.close()


def _entered(address: str, secret: str, **named: str) -> httpx.Client:
    """Return a client that has used a link and is signed in."""
    headers = {"Origin": address}
    client = httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=60.0)
    _answer(client.post(f"/invitations/{secret}", json={"password": PASSWORD, **named}))
    return client


def _result(client: httpx.Client, job: dict[str, Any]) -> str:
    """Wait for a job and return where its result is, below the service's base."""
    while (now := _answer(client.get(f"/jobs/{job['job_id']}")))["state"] in ("queued", "running"):
        time.sleep(0.2)
    assert now["state"] == "done", now["error"]
    return str(now["result"]).removeprefix("/api/v1")


def _answer(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()

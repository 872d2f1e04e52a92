"""Users with a role in a project, each with a token, for tests of a running service."""

from typing import Any

import httpx

from tests.api.conftest import BASE, Service
from tests.api.served import token_for


class Person:
    """A client of one user, who shows a token."""

    def __init__(self, service: Service, user_id: str, secret: str) -> None:
        self._client = service.client
        self.user_id = user_id
        self.headers = {"authorization": f"Bearer {secret}"}

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        where = path if path.startswith(("/api", "/ogc")) else BASE + path
        return self._client.request(method, where, headers=headers, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("POST", path, **options)

    def patch(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("DELETE", path, **options)


def person(service: Service, name: str, project_id: str | None = None, **role: Any) -> Person:
    """Return a new user; with a project and a role a member of it."""
    made = service.post("/users", json={"name": name})
    assert made.status_code == 201, made.text
    user_id = made.json()["user_id"]
    if project_id is not None:
        path = f"{BASE}/projects/{project_id}/members/{user_id}"
        put = service.client.put(path, json=role)
        assert put.status_code == 200, put.text
    with service.store.database.session() as session:
        secret = token_for(session, user_id)
    return Person(service, user_id, secret)

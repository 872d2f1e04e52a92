"""Every role at every address of the service, in the own project and in a foreign one."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from api.auth.gate import Gate
from api.auth.permissions import PERMISSIONS, Need, allowed, check_table, projects_with
from api.auth.principal import Principal
from api.auth.sign_in import begin_session, cookie_name
from api.errors import InternalError
from api.main import create_app
from api.store.base import Table
from api.store.database import Database
from api.store.people import Member, Role, Scope
from tests.auth.everything import (
    ADMINISTRATOR,
    As,
    OneEditSession,
    fill,
    ids_of,
    stub_app,
    user_of_role,
)

# Written out once more, so that a slip in the table shows: who gets through with which need.
EVERY = {*Role, "administrator", "stranger"}

THROUGH = 418  # nothing else answers it

OWN_PAGE = {"Origin": "http://127.0.0.1"}

MAY: dict[Need, set[str]] = {
    Need.NOBODY: {*EVERY, "nobody"},
    Need.SIGNED_IN: EVERY,
    Need.READ: {"administrator", "planner", "reviewer", "approver", "viewer"},
    Need.COMMENT: {"administrator", "planner", "reviewer", "approver", "private_operator"},
    Need.PLAN: {"administrator", "planner"},
    Need.REVIEW: {"reviewer"},
    Need.APPROVE: {"approver"},
    Need.FRONTAGE: {
        "administrator",
        "planner",
        "reviewer",
        "approver",
        "viewer",
        "private_operator",
    },
    Need.ADMINISTRATE: {"administrator"},
}

PRINCIPALS: dict[str, Principal | None] = {
    "nobody": None,
    "stranger": Principal("user-00000000ffff", "stranger", is_administrator=False),
    "administrator": Principal(ADMINISTRATOR, "administrator", is_administrator=True),
    **{role: Principal(user_of_role(role), role, is_administrator=False) for role in Role},
}


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Return method and address of every route of an app, but those of files for everybody."""
    return sorted(
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        if route.path is not None and isinstance(route.original_route, APIRoute)
        for method in set(route.methods or ()) - {"HEAD"}
    )


def expected(who: str, need: Need, path: str, project: str) -> int:
    """Return the status that the table in docs/service.md means; THROUGH for who gets in."""
    if need is Need.NOBODY:
        return THROUGH
    if who == "nobody":
        return 401
    is_member = who in set(Role) and project == "a"
    is_foreign = leads_to_project(path) and who != "administrator" and not is_member
    if is_foreign and need is not Need.SIGNED_IN:
        return 404
    if who == "administrator" and need in (Need.REVIEW, Need.APPROVE):
        return 403  # only as a member
    return THROUGH if who in MAY[need] else 403


def filled(path: str, project: str) -> str:
    """Return an address with the ids of a project in it."""
    ids = {**ids_of(project), "user_id": user_of_role(Role.VIEWER), "secret": "x" * 43}
    return re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], "some"), path)


def stop_inside(app: FastAPI) -> None:
    """Let whoever is let through see THROUGH, and the routes do nothing."""

    def allowed_and_no_further(request: Request) -> None:
        allowed(request)
        raise HTTPException(THROUGH)

    app.dependency_overrides[allowed] = allowed_and_no_further


def faults_of(app: FastAPI, client_of: Callable[[str], httpx.AsyncClient]) -> list[str]:
    """Return every role x route x project whose answer is not that of the table.

    Parameters
    ----------
    client_of : callable
        A client for a role, `administrator`, `stranger` or `nobody`.
    """
    stop_inside(app)
    faults = []

    async def ask_all() -> None:
        for who in ("nobody", *sorted(EVERY)):
            async with client_of(who) as client:
                for method, path in routes_of(app):
                    for project in "ab" if leads_to_project(path) else "a":
                        status = (await client.request(method, filled(path, project))).status_code
                        want = expected(who, PERMISSIONS[(method, path)], path, project)
                        if status != want:
                            faults.append(f"{who} {method} {path} {project}: {status}, not {want}")

    anyio.run(ask_all)
    return faults


def client(app: ASGIApp, **options: Any) -> httpx.AsyncClient:
    """Return a client that waits for no thread between its requests."""
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url=OWN_PAGE["Origin"], **options)


def leads_to_project(path: str) -> bool:
    return any(f"{{{name}}}" in path for name in ids_of("a"))


@pytest.fixture
def app(database: Database) -> FastAPI:
    fill(database)
    return stub_app(database)


def ask(app: FastAPI, who: Principal | None, method: str, path: str) -> httpx.Response:
    return TestClient(As(app, who)).request(method, path)


def test_every_role_gets_at_every_row_of_the_table_what_it_says(app: FastAPI) -> None:
    assert set(routes_of(app)) == set(PERMISSIONS)
    assert faults_of(app, lambda who: client(As(app, PRINCIPALS[who]))) == []


def test_every_role_gets_at_every_route_of_the_service_what_the_table_says(tmp_path: Path) -> None:
    service = create_app(tmp_path)
    gate: Gate = service.state.gate
    Table.metadata.create_all(gate.database.engine)
    fill(gate.database)
    gate.edit_sessions = OneEditSession()

    def client_of(who: str) -> httpx.AsyncClient:
        principal = PRINCIPALS[who]
        cookies = {}
        if principal is not None:
            with gate.database.session() as session:
                secret = begin_session(session, gate, principal.user_id)
            cookies = {cookie_name(gate.settings): secret}
        return client(service, headers=OWN_PAGE, cookies=cookies)

    assert len(routes_of(service)) > 80
    assert faults_of(service, client_of) == []


def test_no_row_is_left_over(tmp_path: Path) -> None:
    # "/" is a route where the page is not built, openapi.json is the framework's own.
    ours = set(PERMISSIONS) - {("GET", "/"), ("GET", "/api/v1/openapi.json")}
    assert ours <= set(routes_of(create_app(tmp_path)))


def test_a_stub_that_is_let_through_knows_project_and_role(app: FastAPI) -> None:
    answer = ask(app, PRINCIPALS["viewer"], "GET", filled("/api/v1/plans/{plan_id}", "a"))
    assert answer.json() == {"project_id": ids_of("a")["project_id"], "role": "viewer"}


@pytest.mark.parametrize("path", ["/plans/{}", "/sites/{}", "/edit-sessions/{}/edits", "/jobs/{}"])
def test_a_foreign_id_reads_like_one_that_is_not_there(app: FastAPI, path: str) -> None:
    kind = {"plans": "plan", "sites": "site", "edit-sessions": "edit", "jobs": "job"}
    method = "POST" if path.endswith("edits") else "GET"
    name = kind[path.split("/")[1]]
    foreign, missing = f"{name}-{'b' * 12}", f"{name}-{'c' * 12}"
    bodies = [
        ask(app, PRINCIPALS["planner"], method, "/api/v1" + path.format(key)).text.replace(key, "")
        for key in (foreign, missing)
    ]
    assert bodies[0] == bodies[1]
    assert "nothing under this id" in bodies[0]


def test_a_read_token_changes_nothing_and_a_project_token_sees_one_project(app: FastAPI) -> None:
    planner = user_of_role(Role.PLANNER)
    reading = Principal(planner, "p", is_administrator=False, scope=Scope.READ, token_id="token-1")
    sites = filled("/api/v1/projects/{project_id}/sites", "a")
    assert ask(app, reading, "GET", sites).status_code == 200
    assert ask(app, reading, "POST", sites).status_code == 403
    bound = Principal(
        ADMINISTRATOR,
        "a",
        is_administrator=True,
        token_id="t",
        token_project=ids_of("b")["project_id"],
    )
    assert ask(app, bound, "GET", sites).status_code == 404
    assert ask(app, bound, "GET", sites.replace("a" * 12, "b" * 12)).status_code == 200
    assert ask(app, bound, "GET", "/api/v1/users").status_code == 403


def test_a_token_makes_no_other_secret(app: FastAPI) -> None:
    token = Principal(ADMINISTRATOR, "a", is_administrator=True, token_id="token-1")
    for method, path in (
        ("POST", "/api/v1/tokens"),
        ("PUT", "/api/v1/me/password"),
        ("POST", f"/api/v1/users/{ADMINISTRATOR}/invitations"),
    ):
        assert ask(app, token, method, path).status_code == 403
        assert ask(app, PRINCIPALS["administrator"], method, path).status_code == 200


def test_only_programs_are_asked_for_basic_sign_in(app: FastAPI) -> None:
    with TestClient(As(app, None)) as client:
        program = client.get("/api/v1/projects")
        page = client.get("/api/v1/projects", headers={"Sec-Fetch-Mode": "cors"})
    assert program.headers["WWW-Authenticate"].startswith('Basic realm="sbd"')
    assert page.status_code == 401
    assert "WWW-Authenticate" not in page.headers


def test_a_member_who_administers_reviews_as_what_he_is(app: FastAPI, database: Database) -> None:
    with database.session() as session:
        session.add(
            Member(project_id=ids_of("a")["project_id"], user_id=ADMINISTRATOR, role=Role.REVIEWER)
        )
    reviews = filled("/api/v1/plans/{plan_id}/reviews", "a")
    assert ask(app, PRINCIPALS["administrator"], "POST", reviews).status_code == 200
    approval = filled("/api/v1/plans/{plan_id}/approval", "a")
    assert ask(app, PRINCIPALS["administrator"], "POST", approval).status_code == 403


def test_the_projects_of_a_list_are_those_that_the_single_ones_open(
    app: FastAPI, database: Database
) -> None:
    def seen(principal: Principal, need: Need) -> set[str]:
        with database.reading() as session:
            return {key[-1] for key in session.scalars(projects_with(principal, need))}

    operator, viewer = PRINCIPALS["private_operator"], PRINCIPALS["viewer"]
    assert operator is not None
    assert viewer is not None
    assert seen(operator, Need.READ) == set()
    assert seen(operator, Need.FRONTAGE) == {"a"}
    assert seen(viewer, Need.READ) == {"a"}
    administrator = Principal(ADMINISTRATOR, "a", is_administrator=True)
    assert seen(administrator, Need.READ) == {"a", "b"}
    assert seen(administrator, Need.APPROVE) == set()


def bare_app(*, guarded: bool = True) -> FastAPI:
    dependencies: list[Any] = [Depends(allowed)] if guarded else []
    return FastAPI(dependencies=dependencies, openapi_url=None, docs_url=None, redoc_url=None)


def nothing() -> None:
    """Answer nothing."""


def test_a_route_without_a_row_stops_the_start() -> None:
    app = bare_app()
    part = APIRouter(prefix="/api/v1")
    part.add_api_route("/weak-points", nothing)
    app.include_router(part)
    with pytest.raises(InternalError, match="GET /api/v1/weak-points: has no row"):
        check_table(app)


def test_a_route_that_does_not_ask_stops_the_start() -> None:
    app = bare_app(guarded=False)
    app.add_api_route("/api/v1/users", nothing)
    with pytest.raises(InternalError, match="does not ask"):
        check_table(app)


def test_mounts_and_sockets_that_no_permission_reaches_stop_the_start() -> None:
    app = bare_app()
    app.mount("/secret", StaticFiles(directory="."))

    @app.websocket("/api/v1/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()

    with pytest.raises(InternalError, match="2 faults"):
        check_table(app)


def test_one_function_at_two_addresses_stops_the_start() -> None:
    app = bare_app()
    app.add_api_route("/api/v1/users", nothing)
    app.add_api_route("/healthz", nothing)
    with pytest.raises(InternalError, match="answers another address too"):
        check_table(app)

"""Two projects with one of everything, a user for every role, and an app of stubs."""

from collections.abc import Callable
from datetime import date
from typing import Any

import shapely
from fastapi import Depends, FastAPI, Request
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from api.auth.gate import Gate
from api.auth.permissions import PERMISSIONS, allowed, check_table
from api.auth.principal import Principal
from api.errors import install_error_handlers
from api.store.base import Table
from api.store.database import Database
from api.store.jobs import Job, JobKind
from api.store.people import Member, Role, User
from api.store.places import (
    Assessment,
    CalendarEvent,
    Comparison,
    Plan,
    Project,
    Proposal,
    Site,
    Upload,
    UploadKind,
)
from api.store.talk import Comment, Export

ZONE = shapely.box(24.94, 60.17, 24.941, 60.171)

ADMINISTRATOR = "user-000000000000"


def user_of_role(role: Role) -> str:
    """Return the id of the one user with a role (in project A)."""
    return f"user-{list(Role).index(role) + 1:012d}"


def ids_of(project: str) -> dict[str, str]:
    """Return the ids of one of everything in project `a` or `b`."""
    kinds = "project upload site assessment proposal plan job comment event comparison export"
    ids = {f"{kind}_id": f"{kind}-{project * 12}" for kind in kinds.split()}
    return {**ids, "session_id": f"edit-{project * 12}"}


class OneEditSession:
    """The editing sessions of both projects."""

    def project_of(self, session_id: str) -> str | None:
        letter = session_id[-1]
        return f"project-{letter * 12}" if session_id == f"edit-{letter * 12}" else None


def fill(database: Database) -> None:
    """Write both projects, and every role as a member of project A."""
    with database.session() as session:
        session.add(User(user_id=ADMINISTRATOR, name="administrator", is_administrator=True))
        session.add_all(User(user_id=user_of_role(role), name=role) for role in Role)
        session.add(User(user_id="user-00000000ffff", name="stranger"))
        session.flush()
        for letter in "ab":
            for rows in _rows_of(ids_of(letter)):
                session.add_all(rows)
                session.flush()
        session.add_all(
            Member(project_id=ids_of("a")["project_id"], user_id=user_of_role(role), role=role)
            for role in Role
        )


def _rows_of(ids: dict[str, str]) -> list[list[Table]]:
    def picked(*names: str) -> dict[str, Any]:
        return {name: ids[name] for name in ("project_id", *names)}

    bare: dict[str, Any] = {"request": {}, "record": {}}
    days = {"date_from": date(2026, 12, 1), "date_to": date(2026, 12, 24)}
    times = {"opens": "10:00", "closes": "20:00", "people": 500}
    return [
        [Project(**picked(), name="square")],
        [
            Upload(**picked("upload_id"), kind=UploadKind.LAYERS, file_name="a.gpkg"),
            Site(**picked("site_id"), **bare, name="square", zone=ZONE),
            Job(**picked("job_id"), kind=JobKind.SITE, request={}, result_id=ids["site_id"]),
            CalendarEvent(**picked("event_id"), **days, **times, name="market"),
        ],
        [
            Assessment(**picked("assessment_id", "site_id"), **bare),
            Proposal(**picked("proposal_id", "site_id"), name="proposal"),
        ],
        [
            Plan(
                **picked("plan_id", "proposal_id", "site_id"),
                **bare,
                number=1,
                content_hash="0" * 64,
                zone=ZONE,
            )
        ],
        [
            Comment(**picked("comment_id", "plan_id"), text="here?"),
            Export(**picked("export_id", "plan_id"), audience="restricted", label="restricted"),
            Comparison(
                **picked("comparison_id"), plan_a=ids["plan_id"], plan_b=ids["plan_id"], record={}
            ),
        ],
    ]


def stub_app(database: Database) -> FastAPI:
    """Return an app that answers 200 wherever the table lets a request through."""
    app = FastAPI(dependencies=[Depends(allowed)], openapi_url=None, docs_url=None, redoc_url=None)
    app.state.gate = Gate(database, edit_sessions=OneEditSession())
    install_error_handlers(app)
    for method, path in PERMISSIONS:
        app.add_api_route(path, _stub(), methods=[method])
    check_table(app)
    return app


def _stub() -> Callable[[Request], dict[str, Any]]:
    def answer(request: Request) -> dict[str, Any]:
        member = request.state.member
        return {
            "project_id": request.state.project_id,
            "role": None if member is None else member.role,
        }

    return answer


class As:
    """ASGI around an app: everybody is the same somebody (or nobody)."""

    def __init__(self, app: ASGIApp, principal: Principal | None) -> None:
        self._app = app
        self._principal = principal

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["principal"] = self._principal
        await self._app(scope, receive, send)

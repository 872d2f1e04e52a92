"""Who may do what, checked for every request against the one table.

`allowed` is put on the whole app, `check_table` refuses an app with a route that has no row.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from sqlalchemy.orm import Session
from starlette.routing import Mount

from api.auth.audit import entry_of
from api.auth.belonging import IDS_IN_PROJECTS, named_item, not_there, project_of_item
from api.auth.gate import Gate, gate_of
from api.auth.limits import Often
from api.auth.principal import Principal, principal_of, sign_in_needed
from api.auth.table import (
    JOBS,
    NEEDS_OF_ADMINISTRATOR,
    NEEDS_OF_ROLE,
    ONLY_IN_PERSON,
    PERMISSIONS,
    UPLOADS,
    Need,
)
from api.errors import InternalError, NotAllowedError
from api.store.people import Member, Role, Scope
from api.store.places import Project

__all__ = [
    "PERMISSIONS",
    "Need",
    "allowed",
    "check_table",
    "demand",
    "enter",
    "may",
    "projects_with",
]

READING = frozenset({"GET", "HEAD"})

# Folders of files that everybody may have: the page itself.
_OPEN_MOUNTS = frozenset({""})

_WITHOUT_PROJECT = frozenset({Need.NOBODY, Need.SIGNED_IN, Need.ADMINISTRATE})


def check_table(app: FastAPI) -> None:
    """Refuse an app with a route that the table does not cover; remember the rows of the others.

    Call it when every route is in. Raises InternalError with all faults at once.
    """
    rows: dict[tuple[Callable[..., Any], str], tuple[str, str]] = {}
    faults: list[str] = []
    for route in iter_route_contexts(app.routes):
        faults += _faults(route)
        for method in _methods(route):
            row = (method, route.path or "")
            if route.endpoint is not None and rows.setdefault((route.endpoint, method), row) != row:
                faults.append(f"{' '.join(row)}: its function answers another address too")
    if faults:
        raise InternalError(f"permissions: {len(faults)} faults: {'; '.join(sorted(faults))}")
    app.state.permission_rows = rows


def allowed(request: Request) -> None:
    """Let a request through that the table allows; `request.state` learns the project.

    Sets `request.state.project_id` (str or None) and `request.state.member` (Member or None).

    Raises SignInNeededError where nobody is signed in, UnknownResourceError for an id that is not
    there and for a foreign project alike, NotAllowedError where the role does not reach,
    TooManyRequestsError for too many uploads or jobs.
    """
    if getattr(request.state, "is_allowed", False):
        return  # `AskedFirst` has asked already
    request.state.project_id, request.state.member = None, None
    row = _row_of(request)
    entry_of(request).row = row
    need = PERMISSIONS[row]
    if need is Need.NOBODY:
        return
    principal = principal_of(request)
    if principal is None:
        raise sign_in_needed(request, "nobody is signed in; sign in first")
    item = named_item(request.path_params)
    if item is not None:
        _enter(request, principal, need, item)
    elif need is not Need.SIGNED_IN:
        _check_service(principal)
    _check_token(principal, row)
    _count(gate_of(request), principal, row)
    request.state.is_allowed = True


def may(request: Request, need: Need) -> bool:
    """Return whether whoever asks may also do this in the project of the address."""
    principal = principal_of(request)
    return principal is not None and need in _needs(principal, request.state.member)


def demand(request: Request, need: Need, *, project_id: str) -> Member | None:
    """Check a need in a project that a body or a query names; return what the asker is there.

    Raises UnknownResourceError for a foreign project, NotAllowedError where the role does not
    reach.
    """
    principal = principal_of(request)
    if principal is None:
        raise sign_in_needed(request, "nobody is signed in; sign in first")
    with gate_of(request).database.reading() as session:
        project_of_item(session, "project_id", project_id, edit_sessions=None)
        member = _member(session, principal, project_id)
    if member is None and not _opens(principal, project_id):
        entry = entry_of(request)
        entry.is_refusal, entry.item_id = True, project_id
        raise not_there("project_id", project_id)
    _check_needs(principal, member, need)
    return member


def enter(request: Request, need: Need, name: str, value: str) -> None:
    """Check a need in the project of an id that a body names, as if the address named it.

    Parameters
    ----------
    name, value : str
        As in an address: `site_id` and the id.

    Raises as `allowed` does.
    """
    principal = principal_of(request)
    if principal is None:
        raise sign_in_needed(request, "nobody is signed in; sign in first")
    _enter(request, principal, need, (name, value))


def projects_with(principal: Principal, need: Need) -> sa.Select[str]:
    """Return a query for the ids of the projects in which somebody may do something.

    `Need.FRONTAGE` is what every member may: it gives all projects of a user.
    """
    if principal.is_administrator and need in NEEDS_OF_ADMINISTRATOR:
        query = sa.select(Project.project_id)
    else:
        roles = [role for role, needs in NEEDS_OF_ROLE.items() if need in needs]
        query = sa.select(Member.project_id).where(
            Member.user_id == principal.user_id, Member.role.in_(roles)
        )
    if principal.token_project is not None:
        query = query.where(query.selected_columns[0] == principal.token_project)
    return query


def _enter(request: Request, principal: Principal, need: Need, item: tuple[str, str]) -> None:
    """Go into the project of an id, if it is one of his."""
    gate = gate_of(request)
    with gate.database.reading() as session:
        project_id = project_of_item(session, *item, edit_sessions=gate.edit_sessions)
        member = _member(session, principal, project_id)
    entry = entry_of(request)
    entry.item_id = item[1]
    if member is None and not _opens(principal, project_id):
        entry.is_refusal = True
        raise not_there(*item)
    request.state.project_id, request.state.member = project_id, member
    entry.project_id = project_id
    _check_needs(principal, member, need)


def _row_of(request: Request) -> tuple[str, str]:
    rows: dict[Any, tuple[str, str]] = request.app.state.permission_rows
    method = "GET" if request.method == "HEAD" else request.method
    row = rows.get((request.scope["endpoint"], method))
    if row is None:
        raise InternalError(f"{request.method}: a route that came after the table was checked")
    return row


def _member(session: Session, principal: Principal, project_id: str) -> Member | None:
    if principal.token_project not in (None, project_id):
        return None
    return session.get(Member, (project_id, principal.user_id))


def _opens(principal: Principal, project_id: str) -> bool:
    return principal.is_administrator and principal.token_project in (None, project_id)


def _needs(principal: Principal, member: Member | None) -> frozenset[Need]:
    own = NEEDS_OF_ROLE[Role(member.role)] if member is not None else frozenset()
    return own | NEEDS_OF_ADMINISTRATOR if principal.is_administrator else own


def _check_service(principal: Principal) -> None:
    if not principal.is_administrator:
        raise NotAllowedError("you do not administer the service; ask who does")
    if principal.token_project is not None:
        raise NotAllowedError(
            f"token: opens project {principal.token_project!r} only; use one without a project"
        )


def _check_needs(principal: Principal, member: Member | None, need: Need) -> None:
    if need is Need.SIGNED_IN or need in _needs(principal, member):
        return
    role = "no member" if member is None else f"a {member.role.replace('_', ' ')}"
    raise NotAllowedError(
        f"you are {role} of this project, which does not allow to {need}; ask for a role"
    )


def _check_token(principal: Principal, row: tuple[str, str]) -> None:
    if principal.token_id is None:
        return
    if row in ONLY_IN_PERSON:
        raise NotAllowedError("token: passwords, tokens and users take a person; sign in instead")
    if principal.scope is Scope.READ and row[0] not in READING:
        raise NotAllowedError("token: its scope is read; use one whose scope is write")


def _count(gate: Gate, principal: Principal, row: tuple[str, str]) -> None:
    if row in UPLOADS:
        gate.limits.take(Often.UPLOAD, principal.user_id)
    if row in JOBS:
        gate.limits.take(Often.JOB, principal.user_id)


def _methods(route: RouteContext) -> set[str]:
    # Starlette answers HEAD wherever it answers GET.
    return set(route.methods or ()) - {"HEAD"}


def _faults(route: RouteContext) -> list[str]:
    if isinstance(route.original_route, Mount):
        is_open = route.path in _OPEN_MOUNTS
        return [] if is_open else [f"{route.path}: a mount, which no permission reaches"]
    if not route.methods:
        return [f"{route.path}: no HTTP route, which no permission reaches"]
    return [
        f"{method} {route.path}: {fault}"
        for method in sorted(_methods(route))
        if (fault := _fault(route, method)) is not None
    ]


def _fault(route: RouteContext, method: str) -> str | None:
    need = PERMISSIONS.get((method, route.path or ""))
    if need is None:
        return "has no row in PERMISSIONS"
    if need is Need.NOBODY:
        return None
    if not isinstance(route.original_route, APIRoute) or not _asks(route):
        return "does not ask `allowed`; put it on the whole app"
    if need not in _WITHOUT_PROJECT and not _leads_to_project(route.path or ""):
        return f"needs to {need}, but no id in it leads to a project"
    return None


def _asks(route: RouteContext) -> bool:
    return any(part.dependency is allowed for part in route.dependencies)


def _leads_to_project(path: str) -> bool:
    return any(f"{{{name}}}" in path for name in IDS_IN_PROJECTS)

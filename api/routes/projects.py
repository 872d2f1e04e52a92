"""Projects and their members."""

import sqlalchemy as sa
from fastapi import APIRouter, Response, status
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from api.auth.permissions import Need, projects_with
from api.deps import Asker, Running
from api.errors import UnknownResourceError
from api.once import OnlyOnce
from api.present import BASE
from api.routes import problems
from api.rows import IfMatch, Paged, changed, check_match, each, found, page_of, tagged
from api.schemas import (
    Id,
    MemberIn,
    MemberOut,
    MultiPolygon,
    Page,
    Polygon,
    ProjectIn,
    ProjectOut,
    ProjectPatch,
)
from api.store import Discipline, Member, Project, Role, User

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("", summary="Your projects", responses=problems(401, 404))
def get_projects(service: Running, asker: Asker, paging: Paged) -> Page[ProjectOut]:
    """Those that you are a member of; an administrator sees all."""
    with service.store.database.reading() as session:
        # Every member may see his frontage, so this names every project of the asker.
        mine = projects_with(asker, Need.FRONTAGE)
        asked = sa.select(Project).where(Project.project_id.in_(mine))
        roles = _roles(session, asker.user_id)
        return page_of(
            session,
            asked,
            each(lambda project: _shown(project, roles.get(project.project_id))),
            path=f"{BASE}/projects",
            paging=paging,
        )


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Make a project",
    responses=problems(401, 403, 409, 422),
)
def post_project(
    service: Running, asker: Asker, once: OnlyOnce, asked: ProjectIn, response: Response
) -> ProjectOut:
    """Make a place where some people plan together."""
    with service.store.database.session() as session:
        project = Project(
            name=asked.name,
            description=asked.description,
            sign_offs=list(asked.sign_offs),
            created_by=asker.user_id,
        )
        session.add(project)
        session.flush()
        shown = _shown(project, None)
        location = f"{BASE}/projects/{project.project_id}"
        once.remember(session, status.HTTP_201_CREATED, shown, location)
    response.headers["Location"] = location
    tagged(response, project)
    return shown


@router.get("/{project_id}", summary="A project", responses=problems(401, 404))
def get_project(service: Running, asker: Asker, project_id: Id, response: Response) -> ProjectOut:
    """Its name, and which disciplines must sign before a plan is approved."""
    with service.store.database.reading() as session:
        project = found(session, Project, project_id)
        tagged(response, project)
        return _shown(project, _roles(session, asker.user_id).get(project_id))


@router.patch(
    "/{project_id}",
    summary="Change a project",
    responses=problems(401, 403, 404, 412, 422, 428),
)
def patch_project(  # FastAPI reads the arguments
    service: Running,
    asker: Asker,
    project_id: Id,
    asked: ProjectPatch,
    response: Response,
    if_match: IfMatch = None,
) -> ProjectOut:
    """Change what is given; what is left out stays."""
    with service.store.database.session() as session:
        project = found(session, Project, project_id)
        check_match(project, if_match)
        changed(project, asked.model_dump(exclude_none=True, mode="json"))
        shown = _shown(project, _roles(session, asker.user_id).get(project_id))
    tagged(response, project)
    return shown


@router.get("/{project_id}/members", summary="Who is in it", responses=problems(401, 404))
def get_members(service: Running, project_id: Id) -> list[MemberOut]:
    """Everyone with a role, by name."""
    with service.store.database.reading() as session:
        rows = session.execute(
            sa.select(Member, User.name)
            .join(User, User.user_id == Member.user_id)
            .where(Member.project_id == project_id)
            .order_by(User.name)
        )
        return [_member(member, name) for member, name in rows]


@router.put(
    "/{project_id}/members/{user_id}",
    summary="Give a user a role",
    responses=problems(401, 403, 404, 422),
)
def put_member(
    service: Running, asker: Asker, project_id: Id, user_id: Id, asked: MemberIn
) -> MemberOut:
    """One user has one role in a project; a new one takes the place of the old one."""
    with service.store.database.session() as session:
        found(session, Project, project_id)
        user = found(session, User, user_id)
        member = session.get(Member, (project_id, user_id))
        if member is None:
            member = Member(project_id=project_id, user_id=user_id, created_by=asker.user_id)
            session.add(member)
        member.role = asked.role
        member.disciplines = list(asked.disciplines)
        member.frontage = _ground(asked.frontage)
        return _member(member, user.name)


@router.delete(
    "/{project_id}/members/{user_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Take a user's role away",
    responses=problems(401, 403, 404),
)
def delete_member(service: Running, project_id: Id, user_id: Id) -> None:
    """Nothing of what he did is lost; he only sees the project no more."""
    with service.store.database.session() as session:
        member = session.get(Member, (project_id, user_id))
        if member is None:
            raise UnknownResourceError(f"{user_id!r}: no member of {project_id!r}")
        session.delete(member)


def _roles(session: Session, user_id: str) -> dict[str, Role]:
    rows = session.execute(
        sa.select(Member.project_id, Member.role).where(Member.user_id == user_id)
    )
    return {project_id: Role(role) for project_id, role in rows}


def _shown(project: Project, role: Role | None) -> ProjectOut:
    return ProjectOut(
        project_id=project.project_id,
        name=project.name,
        description=project.description,
        sign_offs=[Discipline(name) for name in project.sign_offs],
        role=role,
        created=project.created,
        created_by=project.created_by,
        revision=project.revision,
    )


def _ground(zone: Polygon | MultiPolygon | None) -> BaseGeometry | None:
    """Return a frontage as a shape."""
    return None if zone is None else shape(zone.model_dump())


def _member(member: Member, name: str) -> MemberOut:
    return MemberOut(
        user_id=member.user_id,
        name=name,
        role=Role(member.role),
        disciplines=[Discipline(each) for each in member.disciplines],
        frontage=None if member.frontage is None else mapping(member.frontage),
    )

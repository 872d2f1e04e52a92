"""Users, for who administers the service: let in, shut out, invite."""

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response, status
from sqlalchemy.orm import Session

from api.auth.audit import entry_of
from api.auth.gate import Door
from api.auth.invitations import invite, link_of
from api.auth.sign_in import end_sessions_of
from api.errors import ConflictError
from api.once import OnlyOnce, no_key
from api.present import BASE
from api.routes import problems
from api.rows import IfMatch, Paged, changed, check_match, each, found, page_of, tagged
from api.schemas.paging import Page
from api.schemas.people import InvitationOut, UserIn, UserOut, UserPatch
from api.schemas.shapes import Id
from api.store.people import User

router = APIRouter(prefix="/users", tags=["users"])


@router.get("", summary="Every user", responses=problems(401, 403, 404, 422))
def get_users(gate: Door, paging: Paged) -> Page[UserOut]:
    """Those that are shut out among them."""
    with gate.database.reading() as session:
        return page_of(session, sa.select(User), each(_shown), path=f"{BASE}/users", paging=paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Make a user",
    responses=problems(401, 403, 409, 422),
)
def post_user(
    gate: Door, once: OnlyOnce, request: Request, asked: UserIn, response: Response
) -> UserOut:
    """Somebody who can't sign in yet: an invitation lets him."""
    with gate.database.session() as session:
        if session.scalar(sa.select(User).where(User.name == asked.name)) is not None:
            raise ConflictError("name: there is somebody of this name; take another")
        user = User(name=asked.name, is_administrator=asked.is_administrator)
        session.add(user)
        session.flush()
        shown = _shown(user)
        location = f"{BASE}/users/{user.user_id}"
        once.remember(session, status.HTTP_201_CREATED, shown, location)
    entry_of(request).item_id = user.user_id
    response.headers["Location"] = location
    tagged(response, user)
    return shown


@router.get("/{user_id}", summary="A user", responses=problems(401, 403, 404, 422))
def get_user(gate: Door, user_id: Id, response: Response) -> UserOut:
    """How he comes in, and whether he may."""
    with gate.database.reading() as session:
        user = found(session, User, user_id)
        tagged(response, user)
        return _shown(user)


@router.patch(
    "/{user_id}",
    summary="Change a user",
    responses=problems(401, 403, 404, 409, 412, 422, 428),
)
def patch_user(  # FastAPI reads the arguments
    gate: Door,
    request: Request,
    user_id: Id,
    asked: UserPatch,
    response: Response,
    if_match: IfMatch = None,
) -> UserOut:
    """Shut out ends his sessions at once, and his tokens count no more while he is."""
    with gate.database.session() as session:
        user = found(session, User, user_id)
        check_match(user, if_match)
        changed(user, asked.model_dump(exclude_none=True))
        session.flush()
        if not _administrators(session):
            raise ConflictError(
                f"{user_id}: is the last who administers the service; name another first"
            )
        if not user.is_active:
            end_sessions_of(session, user_id)
        shown = _shown(user)
    entry = entry_of(request)
    entry.item_id, entry.about = user_id, asked.model_dump(exclude_none=True)
    tagged(response, user)
    return shown


@router.post(
    "/{user_id}/invitations",
    status_code=status.HTTP_201_CREATED,
    summary="Invite a user, or let him set a new password",
    dependencies=[Depends(no_key)],
    responses=problems(401, 403, 404, 409, 422),
)
def post_invitation(gate: Door, request: Request, user_id: Id) -> InvitationOut:
    """Make a link that works once, for a week; one from before stops to work.

    Until it is used, the user comes in as before. It is shown this once, so an `Idempotency-Key`
    is refused: who lost the answer makes another, which ends this one.
    """
    with gate.database.session() as session:
        user = found(session, User, user_id)
        secret, expires = invite(session, user, now=gate.clock())
    entry_of(request).item_id = user_id
    base_url = gate.settings.base_url or str(request.base_url)
    return InvitationOut(link=link_of(base_url, secret), expires=expires)


def _administrators(session: Session) -> int:
    counted = sa.select(sa.func.count()).where(User.is_administrator, User.is_active)
    return session.scalar(counted) or 0


def _shown(user: User) -> UserOut:
    return UserOut(
        user_id=user.user_id,
        name=user.name,
        is_administrator=user.is_administrator,
        is_active=user.is_active,
        has_password=user.password_hash is not None,
        has_provider=user.oidc_subject is not None,
        locked_until=user.locked_until,
        created=user.created,
        revision=user.revision,
    )

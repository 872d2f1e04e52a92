"""Coming in and going out: passwords, a provider, links that work once, one's own account."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response, status
from fastapi.responses import RedirectResponse

from api.auth.audit import entry_of
from api.auth.flow import FLOW_LASTS
from api.auth.gate import Door, Gate
from api.auth.invitations import accept, invited
from api.auth.known import signed_in_by_provider
from api.auth.limits import Often, address_key
from api.auth.passwords import check_password
from api.auth.principal import Asking, principal_of
from api.auth.sign_in import (
    begin_session,
    check_password_of,
    clear_cookie,
    cookie_name,
    end_session,
    end_sessions_of,
    require_same_password,
    set_cookie,
    signed_in_by_password,
)
from api.errors import ConflictError, UnknownResourceError
from api.present import BASE
from api.routes import problems
from api.routes.tokens import token_out
from api.schemas.people import (
    ChosenIn,
    InvitedOut,
    MeOut,
    PasswordIn,
    SessionOut,
    SignInIn,
    UserBrief,
)
from api.store.people import Token, User

if TYPE_CHECKING:
    from api.auth.oidc import OidcProvider

router = APIRouter(tags=["session"])

_OIDC = f"{BASE}/session/oidc"

Secret = Annotated[
    str, Path(max_length=200, description="What stands behind `#invitation=` in the link.")
]


@router.get("/session", summary="Who is signed in")
def get_session(gate: Door, request: Request) -> SessionOut:
    """Nobody, too: then the ways to sign in are what counts."""
    principal = principal_of(request)
    user = None
    if principal is not None:
        user = UserBrief(
            user_id=principal.user_id,
            name=principal.name,
            is_administrator=principal.is_administrator,
        )
    return _session(gate, request, user)


@router.post("/session", summary="Sign in", responses=problems(401, 403, 422, 429))
def post_session(gate: Door, request: Request, asked: SignInIn, response: Response) -> SessionOut:
    """Sign in with name and password; the answer sets a cookie that no script can read."""
    user, secret = signed_in_by_password(
        gate,
        asked.name,
        asked.password.get_secret_value(),
        address=_address(request),
        entry=entry_of(request),
    )
    _enter(gate, request, response, secret)
    return _session(gate, request, _brief(user))


@router.delete("/session", status_code=status.HTTP_204_NO_CONTENT, summary="Sign out")
def delete_session(gate: Door, request: Request, response: Response) -> None:
    """End this browser's session; without one nothing happens."""
    secret = request.cookies.get(cookie_name(gate.settings))
    if secret is not None:
        end_session(gate, secret)
        clear_cookie(response, gate.settings)


@router.get(
    "/session/oidc",
    summary="Sign in through the provider",
    status_code=status.HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
    responses=problems(404, 429, 502),
)
def get_oidc(gate: Door, request: Request) -> RedirectResponse:
    """Send the browser to the provider; it comes back to `/session/oidc/return`."""
    provider = _provider(gate)
    gate.limits.take(Often.SIGN_IN, address_key(_address(request)))
    address, secret = provider.begin(f"{_base_url(gate, request)}{_OIDC}/return")
    answer = RedirectResponse(address, status.HTTP_303_SEE_OTHER)
    answer.set_cookie(
        _flow_cookie(gate),
        secret,
        max_age=int(FLOW_LASTS.total_seconds()),
        path="/",
        secure=gate.settings.secure_cookies,
        httponly=True,
        samesite="lax",  # the way back from the provider is a link from another site
    )
    return answer


@router.get(
    "/session/oidc/return",
    summary="Back from the provider",
    status_code=status.HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
    responses=problems(401, 403, 404, 429, 502),
)
def get_oidc_return(gate: Door, request: Request) -> RedirectResponse:
    """Check what the provider says, and sign in; its query is the provider's (RFC 6749, 4.1.2)."""
    provider = _provider(gate)
    # Each answer is a row of the log, and a wrong one costs whoever sends it nothing.
    gate.limits.take(Often.SIGN_IN, address_key(_address(request)))
    name = _flow_cookie(gate)
    person = provider.finish(request.cookies.get(name), dict(request.query_params))
    _, secret = signed_in_by_provider(gate, person, entry=entry_of(request))
    answer = RedirectResponse("/", status.HTTP_303_SEE_OTHER)
    answer.delete_cookie(name, path="/", secure=gate.settings.secure_cookies, httponly=True)
    _enter(gate, request, answer, secret)
    return answer


@router.get("/invitations/{secret}", summary="What a link is for", responses=problems(404, 422))
def get_invitation(gate: Door, secret: Secret) -> InvitedOut:
    """Show whom it is for; that does not use it up."""
    found = invited(gate, secret)
    return InvitedOut(name=found.name, expires=found.expires)


@router.post(
    "/invitations/{secret}",
    summary="Use a link: choose a password",
    responses=problems(403, 404, 409, 422, 429),
)
def post_invitation(
    gate: Door, request: Request, secret: Secret, asked: ChosenIn, response: Response
) -> SessionOut:
    """Set the password and sign in; sessions and tokens of before end, and the link with them."""
    user, session_secret = accept(
        gate, secret, name=asked.name, password=asked.password.get_secret_value()
    )
    entry_of(request).user_id = user.user_id
    _enter(gate, request, response, session_secret)
    return _session(gate, request, _brief(user))


@router.get("/me", summary="Who you are", responses=problems(401))
def get_me(gate: Door, asker: Asking) -> MeOut:
    """Your account, and the token that you showed."""
    with gate.database.reading() as session:
        user = session.get_one(User, asker.user_id)
        token = session.get(Token, asker.token_id) if asker.token_id is not None else None
        return MeOut(
            user_id=user.user_id,
            name=user.name,
            is_administrator=user.is_administrator,
            has_password=user.password_hash is not None,
            has_provider=user.oidc_subject is not None,
            token=token_out(token) if token is not None else None,
        )


@router.put(
    "/me/password",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Choose another password",
    responses=problems(401, 403, 409, 422, 429),
)
def put_password(
    gate: Door, asker: Asking, request: Request, asked: PasswordIn, response: Response
) -> None:
    """Every other browser is signed out; your tokens stay."""
    with gate.database.reading() as session:
        if session.get_one(User, asker.user_id).password_hash is None:
            raise ConflictError(
                "you have no password; ask whoever administers the service for a link"
            )
    new = asked.new.get_secret_value()
    check_password(new, name=asker.name)
    entry = entry_of(request)
    user = check_password_of(
        gate, asker.name, asked.current.get_secret_value(), address=_address(request), entry=entry
    )
    with gate.passwords.turn():
        kept = gate.passwords.hash(new)
    with gate.database.session() as session:
        changed = require_same_password(session, user)
        changed.password_hash = kept
        changed.revision += 1
        end_sessions_of(session, user.user_id)
        secret = begin_session(session, gate, user.user_id)
    set_cookie(response, gate.settings, secret)


def _enter(gate: Gate, request: Request, response: Response, secret: str) -> None:
    """Give a browser its new session; the one that it had before ends."""
    before = request.cookies.get(cookie_name(gate.settings))
    if before is not None:
        end_session(gate, before)
    set_cookie(response, gate.settings, secret)


def _session(gate: Gate, request: Request, user: UserBrief | None) -> SessionOut:
    return SessionOut(
        user=user,
        oidc=_OIDC if gate.oidc is not None else None,
        is_demo=getattr(request.state, "is_demo", False),
    )


def _brief(user: User) -> UserBrief:
    return UserBrief(user_id=user.user_id, name=user.name, is_administrator=user.is_administrator)


def _provider(gate: Gate) -> "OidcProvider":
    if gate.oidc is None:
        raise UnknownResourceError("sign-in provider: none is set; sign in with a password")
    return gate.oidc


def _flow_cookie(gate: Gate) -> str:
    return f"{cookie_name(gate.settings)}-oidc"


def _base_url(gate: Gate, request: Request) -> str:
    return gate.settings.base_url or str(request.base_url).rstrip("/")


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""

"""Name and password -> a browser session: a secret in a cookie, its hash in the store."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.auth.audit import Entry
from api.auth.gate import Gate
from api.auth.limits import ACCOUNT_BACKOFF, FORGOTTEN_AFTER, Often, address_key, wait_error
from api.auth.names import plain_name
from api.auth.secret import hash_of, new_secret
from api.auth.settings import AuthSettings
from api.errors import SignInNeededError, TooManyRequestsError
from api.store.people import SignIn, User

_COOKIE = "sbd"


def cookie_name(settings: AuthSettings) -> str:
    """Return the name of the cookie.

    A browser takes `__Host-` from this host over TLS only, so that no neighbour can plant one.

    >>> cookie_name(AuthSettings()), cookie_name(AuthSettings(secure_cookies=False))
    ('__Host-sbd', 'sbd')
    """
    return f"__Host-{_COOKIE}" if settings.secure_cookies else _COOKIE


def set_cookie(response: Response, settings: AuthSettings, secret: str) -> None:
    """Put a session's secret on an answer; no script reads it, no form elsewhere sends it."""
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=int(settings.longest.total_seconds()),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response, settings: AuthSettings) -> None:
    """Take the cookie away."""
    response.delete_cookie(
        cookie_name(settings),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def signed_in_by_password(
    gate: Gate, name: str, password: str, *, address: str, entry: Entry
) -> tuple[User, str]:
    """Return the user and the secret of a new session.

    Raises SignInNeededError where name and password don't fit (which of them, nobody is told),
    TooManyRequestsError where it has to wait.
    """
    user = check_password_of(gate, name, password, address=address, entry=entry)
    with gate.database.session() as session:
        require_same_password(session, user)
        return user, begin_session(session, gate, user.user_id)


def check_password_of(gate: Gate, name: str, password: str, *, address: str, entry: Entry) -> User:
    """Return the user of a name whose password this is; attempts are counted first.

    Raises as `signed_in_by_password` does.
    """
    key = address_key(address)
    gate.limits.take(Often.SIGN_IN, key)
    with gate.passwords.turn():
        if (until := gate.failures_by_address.begin(key)) is not None:
            raise wait_error(gate.clock(), until)
        try:
            user = _begin_attempt(gate, plain_name(name), entry)
        except TooManyRequestsError:
            # Nothing was tried: who is impatient must not make the whole office wait.
            gate.failures_by_address.take_back(key)
            raise
        kept = user.password_hash if user is not None and user.is_active else None
        if not gate.passwords.matches(kept, password) or user is None:
            raise SignInNeededError("sign-in: name or password is wrong; try again")
        gate.failures_by_address.take_back(key)
        _end_attempts(gate, user, password)
    return user


def require_same_password(session: Session, seen: User) -> User:
    """Return the user as he is now, kept from others while the transaction lasts.

    To check a password takes its time, and a link that is used meanwhile must end what the old
    one opens. Raises SignInNeededError where it was changed since, or its user shut out.
    """
    user = session.get(User, seen.user_id, with_for_update=True)
    if user is None or not user.is_active or user.password_hash != seen.password_hash:
        raise SignInNeededError("sign-in: the password was changed a moment ago; try again")
    return user


def require_session(session: Session, gate: Gate, connection: HTTPConnection) -> None:
    """Refuse what a session vouched for that has ended since; its user is kept from others.

    Raises SignInNeededError.
    """
    if connection.state.is_demo:
        return
    secret = connection.cookies.get(cookie_name(gate.settings), "")
    found = find_session(session, gate, secret)
    if found is not None:
        session.refresh(found[1], with_for_update=True)
    if found is None or find_session(session, gate, secret) is None:
        raise SignInNeededError("sign-in: this session has ended; sign in again")


def _end_attempts(gate: Gate, user: User, password: str) -> None:
    """Forget the wrong passwords of a user who knew the right one; keep it as is done today."""
    values: dict[str, Any] = {"failed_sign_ins": 0, "locked_until": None}
    if user.password_hash is not None and gate.passwords.is_outdated(user.password_hash):
        values["password_hash"] = gate.passwords.hash(password)
    with gate.database.session() as session:
        require_same_password(session, user)
        session.execute(sa.update(User).where(User.user_id == user.user_id).values(values))
    user.password_hash = values.get("password_hash", user.password_hash)


def _begin_attempt(gate: Gate, name: str, entry: Entry) -> User | None:
    """Count an attempt as wrong before it is looked at; return whose it is."""
    now = gate.clock()
    with gate.database.session() as session:
        # Locked on PostgreSQL, too, so that attempts at the same time are counted one by one.
        user = session.scalar(sa.select(User).where(User.name == name).with_for_update())
        if user is not None:
            entry.user_id = user.user_id
            if user.locked_until is not None and user.locked_until > now:
                raise wait_error(now, user.locked_until)
            user.failed_sign_ins = _remembered(user, now) + 1
            # Without a wait it still tells when the last attempt was.
            wait_s = ACCOUNT_BACKOFF.wait_s(user.failed_sign_ins)
            user.locked_until = now + timedelta(seconds=wait_s)
    # A name that nobody has waits as long, or else the waiting would tell which names there are.
    if user is None and (until := gate.failures_by_nobody.begin(name)) is not None:
        raise wait_error(now, until)
    return user


def _remembered(user: User, now: datetime) -> int:
    """Return how many wrong passwords of a user still count; those of nobody count as long."""
    if user.locked_until is None:
        return 0
    last = user.locked_until - timedelta(seconds=ACCOUNT_BACKOFF.wait_s(user.failed_sign_ins))
    return 0 if now - last > FORGOTTEN_AFTER else user.failed_sign_ins


def begin_session(session: Session, gate: Gate, user_id: str) -> str:
    """Write a new session of a user; return its secret, which nobody sees again."""
    secret, now = new_secret(), gate.clock()
    session.execute(sa.delete(SignIn).where(SignIn.expires <= now))
    session.add(
        SignIn(
            secret_hash=hash_of(secret),
            user_id=user_id,
            created=now,
            last_seen=now,
            expires=now + gate.settings.longest,
        )
    )
    return secret


def end_session(gate: Gate, secret: str) -> None:
    """End the session of a secret; one that is not there is no fault."""
    with gate.database.session() as session:
        session.execute(sa.delete(SignIn).where(SignIn.secret_hash == hash_of(secret)))


def end_sessions_of(session: Session, user_id: str) -> None:
    """End every session of a user."""
    session.execute(sa.delete(SignIn).where(SignIn.user_id == user_id))


def find_session(session: Session, gate: Gate, secret: str) -> tuple[SignIn, User] | None:
    """Return a session that counts and its user, None where there is none."""
    found = session.execute(
        sa.select(SignIn, User)
        .join(User, User.user_id == SignIn.user_id)
        .where(SignIn.secret_hash == hash_of(secret))
    ).one_or_none()
    if found is None:
        return None
    signed_in, user = found
    return (signed_in, user) if user.is_active and _counts(signed_in, gate) else None


def _counts(signed_in: SignIn, gate: Gate) -> bool:
    now: datetime = gate.clock()
    return now < signed_in.expires and now - signed_in.last_seen <= gate.settings.idle

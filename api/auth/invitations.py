"""Links that work once: to set the service up, to join it, to set a new password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.auth.audit import Entry, note
from api.auth.gate import Gate
from api.auth.names import plain_name
from api.auth.passwords import check_password
from api.auth.secret import hash_of, new_secret
from api.auth.sign_in import begin_session, end_sessions_of
from api.auth.tokens import revoke_tokens_of
from api.errors import ConflictError, UnknownResourceError
from api.store.base import now as present
from api.store.database import Database
from api.store.people import Invitation, User

LASTS = timedelta(days=7)
SET_UP_LASTS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Invited:
    """What a link is for; without a name it sets the service up."""

    name: str | None
    expires: datetime


def set_up_link(database: Database, base_url: str) -> str | None:
    """Return a link that makes the first administrator, None where there is one already.

    There is no default password: whoever starts the service reads this link off the terminal.
    A link that was given out before stops to work.
    """
    now = present()
    with database.session() as session:
        if _administrators(session):
            return None
        session.execute(sa.delete(Invitation).where(Invitation.user_id.is_(None)))
        secret = _written(session, None, now + SET_UP_LASTS, now)
        note(session, "set-up link given out")
    return link_of(base_url, secret)


def admin_link(database: Database, base_url: str, *, name: str | None = None) -> tuple[str, str]:
    """Return the name of an administrator and a link by which he sets a new password.

    For whoever can read the data folder, when nobody who administers the service comes in any
    more. His sessions end at once, and links that were given out before stop to work.

    Parameters
    ----------
    name : str, optional
        Whose; where one alone administers the service, his.

    Raises UnknownResourceError where nobody who administers the service has this name, and where
    it takes one to say who is meant.
    """
    now = present()
    with database.session() as session:
        user = _administrator(session, name)
        _end_links_of(session, user.user_id)
        end_sessions_of(session, user.user_id)
        secret = _written(session, user.user_id, now + SET_UP_LASTS, now)
        entry = Entry(item_id=user.user_id)
        note(session, "link for an administrator given out", entry=entry)
        return user.name, link_of(base_url, secret)


def link_of(base_url: str, secret: str) -> str:
    """Return the address for a browser; what stands behind `#` reaches no log and no other site.

    >>> link_of("https://plans.example.org", "s")
    'https://plans.example.org/#invitation=s'
    """
    return f"{base_url.rstrip('/')}/#invitation={secret}"


def invite(session: Session, user: User, *, now: datetime) -> tuple[str, datetime]:
    """Return the secret and the end of a link for a user; his earlier links stop to work.

    Raises ConflictError for a user who is shut out.
    """
    if not user.is_active:
        raise ConflictError(f"{user.user_id}: is shut out; let him in again first")
    _end_links_of(session, user.user_id)
    expires = now + LASTS
    return _written(session, user.user_id, expires, now), expires


def invited(gate: Gate, secret: str) -> Invited:
    """Return what a link is for, without using it.

    Raises UnknownResourceError for one that is used, past, or was never given out.
    """
    with gate.database.reading() as session:
        found = _open(session, secret, gate.clock())
        user = session.get(User, found.user_id) if found.user_id is not None else None
        return Invited(user.name if user is not None else None, found.expires)


def accept(gate: Gate, secret: str, *, name: str | None, password: str) -> tuple[User, str]:
    """Use a link: set the password and sign in; return the user and the session's secret.

    Whoever had the account before is out: its sessions and tokens end, its waiting times too.

    Parameters
    ----------
    name : str, optional
        The name of the first administrator; a link for somebody has the name already.

    Raises UnknownResourceError for a link that does not work (any more), PasswordError,
    TooManyRequestsError where too many choose one at once, ConflictError for a set-up that needs a
    name or came second.
    """
    wanted = invited(gate, secret)
    own_name = wanted.name or name
    if own_name is None:
        raise ConflictError("set-up: no name; choose the one that you will sign in with")
    check_password(password, name=own_name)
    with gate.passwords.turn():
        kept = gate.passwords.hash(password)
    now = gate.clock()
    with gate.database.session() as session:
        found = _open(session, secret, now)
        _use(session, found, now)
        user = _user_of(session, found, own_name)
        user.password_hash = kept
        user.failed_sign_ins, user.locked_until = 0, None
        user.revision += 1
        _end_links_of(session, user.user_id)
        end_sessions_of(session, user.user_id)
        revoke_tokens_of(session, user.user_id)
        return user, begin_session(session, gate, user.user_id)


def use_open_invitation(session: Session, user: User, *, now: datetime) -> bool:
    """Use the open invitation of a user who came another way; return whether there was one."""
    found = session.scalar(
        sa.select(Invitation).where(
            Invitation.user_id == user.user_id,
            Invitation.used.is_(None),
            Invitation.expires > now,
        )
    )
    if found is None:
        return False
    _use(session, found, now)
    _end_links_of(session, user.user_id)
    return True


def _written(session: Session, user_id: str | None, expires: datetime, now: datetime) -> str:
    secret = new_secret()
    session.add(
        Invitation(secret_hash=hash_of(secret), user_id=user_id, created=now, expires=expires)
    )
    return secret


def _open(session: Session, secret: str, now: datetime) -> Invitation:
    found = session.get(Invitation, hash_of(secret))
    if found is None or found.used is not None or found.expires <= now:
        raise UnknownResourceError(
            "link: used, past or never given out; ask whoever administers the service for another"
        )
    return found


def _use(session: Session, found: Invitation, now: datetime) -> None:
    # One statement decides who of two comes first, on every database.
    taken = session.execute(
        sa.update(Invitation)
        .where(Invitation.secret_hash == found.secret_hash, Invitation.used.is_(None))
        .values(used=now)
        .returning(Invitation.secret_hash)
    ).one_or_none()
    if taken is None:
        raise ConflictError("link: was used a moment ago; ask for another")


def _end_links_of(session: Session, user_id: str) -> None:
    session.execute(
        sa.delete(Invitation).where(Invitation.user_id == user_id, Invitation.used.is_(None))
    )


def _user_of(session: Session, found: Invitation, own_name: str) -> User:
    if found.user_id is None:
        return _first_administrator(session, own_name)
    return _user(session, found.user_id)


def _first_administrator(session: Session, name: str) -> User:
    if _administrators(session):
        raise ConflictError("set-up: somebody administers the service already; ask to be invited")
    user = User(name=name, is_administrator=True)
    session.add(user)
    session.flush()
    return user


def _user(session: Session, user_id: str) -> User:
    user = session.get(User, user_id, with_for_update=True)
    if user is None or not user.is_active:
        raise ConflictError("link: its user is shut out; ask whoever administers the service")
    return user


def _administrator(session: Session, name: str | None) -> User:
    asked = sa.select(User).where(User.is_administrator, User.is_active).order_by(User.name)
    known = {user.name: user for user in session.scalars(asked)}
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if (user := known.get(plain_name(name or ""))) is not None:
        return user
    what = "several administer the service" if name is None else f"{name[:80]!r} is none of them"
    raise UnknownResourceError(
        f"administrator: {what}; give one of {', '.join(known)}"
        if known
        else "administrator: there is none; start the service, which prints a link to set it up"
    )


def _administrators(session: Session) -> int:
    counted = sa.select(sa.func.count()).where(User.is_administrator, User.is_active)
    return session.scalar(counted) or 0

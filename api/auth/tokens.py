"""Tokens: secrets for programs (QGIS, GDAL, scripts), with a scope and an end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.auth.secret import TOKEN_PREFIX, hash_of, new_secret
from api.errors import ConflictError, UnknownResourceError
from api.store.people import Scope, Token, User
from sbd.errors import InputError

LONGEST = timedelta(days=366)

MOST_TOKENS = 50  # of one user that still count


def make_token(
    session: Session,
    *,
    user_id: str,
    name: str,
    scope: Scope,
    project_id: str | None,
    expires: datetime,
    now: datetime,
) -> tuple[Token, str]:
    """Write a token; return it with its secret, which nobody sees again.

    Raises InputError for an end that is past or too far away, ConflictError for too many tokens.
    """
    if not now < expires <= now + LONGEST:
        raise InputError(
            f"expires {expires:%Y-%m-%d %H:%M}: take a time within the next {LONGEST.days} days"
        )
    if len([token for token in tokens_of(session, user_id) if counts(token, now)]) >= MOST_TOKENS:
        raise ConflictError(f"tokens: you have {MOST_TOKENS}, the most there can be; revoke some")
    secret = TOKEN_PREFIX + new_secret()
    token = Token(
        user_id=user_id,
        name=name,
        secret_hash=hash_of(secret),
        scope=scope,
        project_id=project_id,
        created=now,
        expires=expires,
    )
    session.add(token)
    session.flush()
    return token, secret


def tokens_of(session: Session, user_id: str) -> Sequence[Token]:
    """Return the tokens of a user, oldest first, those that no longer count among them."""
    return session.scalars(
        sa.select(Token).where(Token.user_id == user_id).order_by(Token.created, Token.token_id)
    ).all()


def revoke_token(session: Session, token_id: str, *, user_id: str) -> Token:
    """End a token of a user for good.

    Raises UnknownResourceError where he has none of this id.
    """
    token = session.get(Token, token_id)
    if token is None or token.user_id != user_id:
        raise UnknownResourceError(f"token {token_id!r}: nothing under this id")
    token.revoked = True
    return token


def revoke_tokens_of(session: Session, user_id: str) -> None:
    """End every token of a user."""
    session.execute(sa.update(Token).where(Token.user_id == user_id).values(revoked=True))


def find_token(session: Session, secret: str, now: datetime) -> tuple[Token, User] | None:
    """Return a token that counts and its user, None where there is none."""
    found = session.execute(
        sa.select(Token, User)
        .join(User, User.user_id == Token.user_id)
        .where(Token.secret_hash == hash_of(secret))
    ).one_or_none()
    if found is None:
        return None
    token, user = found
    return (token, user) if user.is_active and counts(token, now) else None


def counts(token: Token, now: datetime) -> bool:
    """Return whether a token still opens anything."""
    return not token.revoked and now < token.expires

"""Who may come in: users, how they are signed in, what they are in a project, what they did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.store.base import Geometry, Made, Table, Versioned, new_id, now


class Role(StrEnum):
    """What a member is in a project."""

    VIEWER = "viewer"
    PLANNER = "planner"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    PRIVATE_OPERATOR = "private_operator"


class Discipline(StrEnum):
    """Whose own sign-off a reviewer gives."""

    POLICE = "police"
    FIRE = "fire"
    ACCESSIBILITY = "accessibility"
    HERITAGE = "heritage"


class Scope(StrEnum):
    """What a token allows, of what its owner may do."""

    READ = "read"
    WRITE = "write"


class User(Versioned, Table):
    """A person. Without a password hash only another way of signing in leads in."""

    __tablename__ = "users"
    __table_args__ = (sa.UniqueConstraint("oidc_issuer", "oidc_subject"),)

    user_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("user"))
    name: Mapped[str] = mapped_column(unique=True)  # what is typed to sign in
    is_administrator: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    oidc_issuer: Mapped[str | None]
    oidc_subject: Mapped[str | None]
    created: Mapped[datetime] = mapped_column(default=now)


class SignIn(Table):
    """A browser that is signed in; what it holds is known here only as a hash."""

    __tablename__ = "sign_ins"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.user_id"), index=True)
    created: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime]


class Token(Table):
    """A secret for a program; known here only as a hash."""

    __tablename__ = "tokens"

    token_id: Mapped[str] = mapped_column(primary_key=True, default=lambda: new_id("token"))
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.user_id"), index=True)
    name: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]  # a Scope
    project_id: Mapped[str | None] = mapped_column(sa.ForeignKey("projects.project_id"))
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime]
    last_used: Mapped[datetime | None]
    revoked: Mapped[bool] = mapped_column(default=False)


class Invitation(Table):
    """A link that works once: to set up the service, to join it, to set a new password."""

    __tablename__ = "invitations"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str | None] = mapped_column(sa.ForeignKey("users.user_id"))  # None: set-up
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime]
    used: Mapped[datetime | None]


class Member(Made, Table):
    """What a user is in a project."""

    __tablename__ = "members"

    project_id: Mapped[str] = mapped_column(sa.ForeignKey("projects.project_id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        sa.ForeignKey("users.user_id"), primary_key=True, index=True
    )
    role: Mapped[str]  # a Role
    disciplines: Mapped[list[str]] = mapped_column(default=list)  # of a reviewer
    frontage: Mapped[Any | None] = mapped_column(Geometry)  # all that a private operator sees


class Audit(Table):
    """One thing that somebody did; rows are only ever added."""

    __tablename__ = "audit"

    audit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    user_id: Mapped[str | None] = mapped_column(index=True)
    token_id: Mapped[str | None]
    action: Mapped[str]  # method and route, or sign-in, download, ...
    project_id: Mapped[str | None] = mapped_column(index=True)
    item_id: Mapped[str | None]
    status: Mapped[int]
    request_id: Mapped[str]
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)

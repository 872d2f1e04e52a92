"""Who comes in: sessions, links, tokens, users, and what they did."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from api.auth.names import chosen_name, plain_name
from api.auth.passwords import LEAST_LETTERS, MOST_LETTERS
from api.schemas.shapes import AS_WRITTEN, ONE_LINE, Id, Model, Moment
from api.store.people import Scope
from sbd.errors import InputError


def _readable(secret: SecretStr) -> SecretStr:
    """Return a secret; raises ValueError for halves of characters, which are no text."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("holds half of a character, which is no text") from None
    return secret


def _chosen(name: str) -> str:
    try:
        return chosen_name(name)
    except InputError as error:
        raise ValueError(str(error).removeprefix("name: ")) from None


# What is typed to sign in may be anything that can be typed; what is kept is plainer.
TypedName = Annotated[
    str,
    Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", examples=["anna@example.org"]),
    AfterValidator(plain_name),
]
UserName = Annotated[
    str,
    Field(pattern=r"^[\w.@+-]{2,200}$", examples=["anna@example.org"]),
    AfterValidator(_chosen),
]
Typed = Annotated[
    SecretStr, Field(min_length=1, max_length=4 * MOST_LETTERS), AfterValidator(_readable)
]
Chosen = Annotated[
    SecretStr,
    Field(
        min_length=1,
        max_length=4 * MOST_LETTERS,
        description=f"{LEAST_LETTERS} to {MOST_LETTERS} characters, none of the commonest.",
        examples=["correct horse battery"],
    ),
    AfterValidator(_readable),
]
TokenName = Annotated[str, Field(max_length=100, pattern=ONE_LINE, examples=["QGIS on my desk"])]


class UserBrief(BaseModel):
    """A user, to whom it may concern."""

    user_id: Id
    name: str
    is_administrator: bool


class SessionOut(BaseModel):
    """Who is signed in, and how one can."""

    user: Annotated[UserBrief | None, Field(description="null: nobody is signed in.")]
    oidc: Annotated[
        str | None,
        Field(
            description="Address that signs in through the provider; null: there is none.",
            examples=["/api/v1/session/oidc"],
        ),
    ]
    is_demo: Annotated[bool, Field(description="Whether everybody on this machine is signed in.")]


class SignInIn(Model):
    """Name and password."""

    name: TypedName
    password: Typed

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "anna@example.org", "password": "correct horse battery"}]
        },
    )


class InvitedOut(BaseModel):
    """What a link is for."""

    name: Annotated[
        str | None, Field(description="Whom it is for; null: it makes the first administrator.")
    ]
    expires: datetime


class ChosenIn(Model):
    """A password for a link; a name where the link has none."""

    password: Chosen
    name: Annotated[UserName | None, Field(description="Of the first administrator.")] = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"password": "correct horse battery"},
                {"password": "correct horse battery", "name": "anna@example.org"},
            ]
        }
    )


class MeOut(UserBrief):
    """Whoever asks."""

    has_password: bool
    has_provider: Annotated[bool, Field(description="Whether a provider signs this user in.")]
    token: Annotated[
        "TokenOut | None", Field(description="The token that was shown; null: none was.")
    ] = None


class PasswordIn(Model):
    """A new password, and the one until now."""

    current: Typed
    new: Chosen

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"current": "correct horse battery", "new": "another horse of yours"}]
        }
    )


class TokenIn(Model):
    """A token to make."""

    name: TokenName
    scope: Annotated[Scope, AS_WRITTEN] = Scope.READ
    project_id: Annotated[Id | None, Field(description="The only project it opens.")] = None
    expires: Annotated[
        Moment,
        Field(description="At most 366 days from now.", examples=["2027-06-30T00:00:00Z"]),
    ]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "QGIS on my desk", "scope": "read", "expires": "2027-06-30T00:00:00Z"}
            ]
        }
    )


class TokenOut(BaseModel):
    """A token, without its secret."""

    token_id: Id
    name: str
    scope: Scope
    project_id: Id | None
    created: datetime
    expires: datetime
    last_used: datetime | None
    revoked: bool


class TokenMade(TokenOut):
    """A new token with its secret, which is shown this once."""

    secret: Annotated[
        str,
        Field(
            description="After `Authorization: Bearer`, or as the password of HTTP Basic.",
            examples=["sbd_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
        ),
    ]


class UserIn(Model):
    """A user to make; an invitation lets him in."""

    name: UserName
    is_administrator: bool = False

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "anna@example.org"}]})


class UserPatch(Model):
    """What of a user is to change; what is left out stays."""

    is_administrator: bool | None = None
    is_active: Annotated[bool | None, Field(description="false: shut out, nothing is lost.")] = None

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_active": False}]})


class UserOut(UserBrief):
    """A user, for who administers the service."""

    is_active: bool
    has_password: bool
    has_provider: bool
    locked_until: Annotated[
        datetime | None,
        Field(description="Wait after wrong passwords; null or past: none."),
    ]
    created: datetime
    revision: int


class InvitationOut(BaseModel):
    """A link that works once, which is shown this once: pass it on by a way that you trust."""

    link: Annotated[str, Field(examples=["https://plans.example.org/#invitation=3q2-7w"])]
    expires: datetime


class AuditOut(BaseModel):
    """One thing that somebody did."""

    audit_id: int
    at: datetime
    user_id: str | None
    token_id: str | None
    action: Annotated[str, Field(examples=["POST /api/v1/plans/{plan_id}/approval"])]
    project_id: str | None
    item_id: str | None
    status: int
    request_id: str
    about: dict[str, Any]

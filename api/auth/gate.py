"""What signing in and permissions work with in one running service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.auth.belonging import EditSessions
from api.auth.limits import (
    ACCOUNT_BACKOFF,
    ADDRESS_BACKOFF,
    Failures,
    RateLimits,
)
from api.auth.lookings import Lookings
from api.auth.passwords import Passwords
from api.auth.settings import AuthSettings, OidcSettings
from api.store.base import now
from api.store.database import Database

if TYPE_CHECKING:
    from api.auth.oidc import OidcProvider


@dataclass(slots=True)
class Gate:
    """What stands between a request and the store; kept as `app.state.gate`.

    Parameters
    ----------
    database : Database
        Where people, sessions, tokens and the audit log are.
    settings : AuthSettings
        How people sign in.
    edit_sessions : EditSessions, optional
        Who knows to which project an editing session belongs.
    limits : RateLimits
        How often somebody may ask.
    clock : callable
        The time; tests turn it on.
    """

    database: Database
    settings: AuthSettings = field(default_factory=AuthSettings)
    edit_sessions: EditSessions | None = None
    limits: RateLimits = field(default_factory=RateLimits)
    passwords: Passwords = field(default_factory=Passwords)
    clock: Callable[[], datetime] = now
    lookings: Lookings = field(default_factory=Lookings)
    oidc: "OidcProvider | None" = field(init=False)
    failures_by_address: Failures = field(init=False)
    failures_by_nobody: Failures = field(init=False)  # names that nobody has

    def __post_init__(self) -> None:
        self.oidc = _provider(self.settings.oidc, self.clock)
        self.failures_by_address = Failures(ADDRESS_BACKOFF, clock=self.clock)
        self.failures_by_nobody = Failures(ACCOUNT_BACKOFF, clock=self.clock)


def gate_of(connection: HTTPConnection) -> Gate:
    """Return the gate of the service that a request came to."""
    gate: Gate = connection.app.state.gate
    return gate


def _provider(asked: OidcSettings | None, clock: Callable[[], datetime]) -> "OidcProvider | None":
    if asked is None:
        return None
    # Its libraries take long to load, and most services start without a provider.
    from api.auth.oidc import OidcProvider  # noqa: PLC0415

    return OidcProvider(asked, clock=clock)


Door = Annotated[Gate, Depends(gate_of)]
"""The gate, for a route that lets in or out."""

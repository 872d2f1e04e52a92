"""Who asks: what a request brought -> a user, and what of his rights counts for it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from api.errors import SignInNeededError
from api.store.people import Scope


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    Parameters
    ----------
    user_id, name : str
        The user; the name is what is typed to sign in.
    is_administrator : bool
        Whether the user administers the service.
    scope : Scope
        What of the user's rights counts: all of them, or those to read.
    token_id : str, optional
        The token that was shown; None for a person in front of a browser.
    token_project : str, optional
        The only project that the token opens; None for every project of the user.
    """

    user_id: str
    name: str
    is_administrator: bool
    scope: Scope = Scope.WRITE
    token_id: str | None = None
    token_project: str | None = None


def principal_of(connection: HTTPConnection) -> Principal | None:
    """Return who asks, None where nobody is signed in."""
    found: Principal | None = getattr(connection.state, "principal", None)
    return found


def is_browser(connection: HTTPConnection) -> bool:
    """Return whether a page asks: it shows a form of its own when signing in is needed.

    QGIS names itself a browser in `User-Agent`, so that name says nothing here.
    """
    headers = connection.headers
    return "sec-fetch-mode" in headers or "text/html" in headers.get("accept", "")


def sign_in_needed(connection: HTTPConnection, message: str) -> SignInNeededError:
    """Return the refusal that fits who asks: programs are told how to sign in (RFC 7617)."""
    return SignInNeededError(message, challenge=not is_browser(connection))


def _asking(request: Request) -> Principal:
    found = principal_of(request)
    if found is None:
        raise sign_in_needed(request, "nobody is signed in; sign in first")
    return found


Asking = Annotated[Principal, Depends(_asking)]
"""Who asks, for a route that needs somebody."""

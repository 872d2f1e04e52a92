"""A sign-in with a provider, from the first redirect to the person who comes back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FLOW_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sign-in that has begun; what the provider's answer must fit."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Who the provider says it is.

    Parameters
    ----------
    issuer, subject : str
        What never changes and is never given to somebody else.
    name : str, optional
        The name that an invitation would be under; None where the provider can't vouch for it.
    """

    issuer: str
    subject: str
    name: str | None

"""Settings of signing in, from SBD_* variables."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from api.loopback import is_loopback
from sbd.errors import InputError

NAME_CLAIMS = ("email", "preferred_username")

# Less would lose what happened before anybody asks; a century is longer than any plan.
LEAST_DAYS, MOST_DAYS = 30, 36_500


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """A provider that signs people in (OpenID Connect).

    Parameters
    ----------
    issuer : str
        Address of the provider, as it names itself in its tokens (`SBD_OIDC_ISSUER`).
    client_id, client_secret : str
        What the provider knows this service by (`SBD_OIDC_CLIENT_ID`, `SBD_OIDC_CLIENT_SECRET`).
    name_claim : str
        What of a person's claims is the name here: `email` (counts only where the provider has
        verified it) or `preferred_username` (`SBD_OIDC_NAME_CLAIM`).

    Raises InputError for an issuer whose answers anybody on the way could change.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name_claim: str = "email"

    def __post_init__(self) -> None:
        require_https(self.issuer, "SBD_OIDC_ISSUER")
        if self.name_claim not in NAME_CLAIMS:
            raise InputError(
                f"SBD_OIDC_NAME_CLAIM {self.name_claim!r}: not known; "
                f"take one of {', '.join(NAME_CLAIMS)}"
            )


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """How people sign in.

    Parameters
    ----------
    secure_cookies : bool
        Whether cookies travel over TLS only; off on plain loopback alone, where there is none.
    base_url : str, optional
        Address of the service as people see it (`SBD_URL`); by default that of the request.
    oidc : OidcSettings, optional
        A provider that signs people in besides the passwords here.
    idle, longest : timedelta
        How long a browser stays signed in without a request, and in all: a working day.
    audit_kept : timedelta
        How long rows of the audit log stay (`SBD_AUDIT_DAYS`): a year, and some weeks to look back
        over it.
    """

    secure_cookies: bool = True
    base_url: str | None = None
    oidc: OidcSettings | None = None
    idle: timedelta = timedelta(hours=2)
    longest: timedelta = timedelta(hours=12)
    audit_kept: timedelta = timedelta(days=400)

    @classmethod
    def from_environment(cls, *, secure_cookies: bool = True) -> "AuthSettings":
        """Read the variables; without an issuer there is no provider.

        Raises InputError for a provider that is named by half, and for days that are no number.
        """
        get = os.environ.get
        return cls(
            secure_cookies=secure_cookies,
            base_url=(get("SBD_URL") or "").rstrip("/") or None,
            oidc=_oidc_from_environment(),
            audit_kept=_audit_kept(get("SBD_AUDIT_DAYS") or "400"),
        )


def require_https(url: str, what: str) -> None:
    """Refuse an address without TLS, except on loopback.

    >>> require_https("http://a.org", "SBD_OIDC_ISSUER")
    Traceback (most recent call last):
    ...
    sbd.errors.InputError: SBD_OIDC_ISSUER 'http://a.org': no https; give an https address
    >>> require_https("http://127.0.0.1:9000/realm", "SBD_OIDC_ISSUER")
    """
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    )
    if not is_safe or not parts.hostname:
        raise InputError(f"{what} {url[:200]!r}: no https; give an https address")


def _audit_kept(days: str) -> timedelta:
    if not (days.isascii() and days.isdigit() and LEAST_DAYS <= int(days) <= MOST_DAYS):
        raise InputError(
            f"SBD_AUDIT_DAYS {days[:20]!r}: give whole days, {LEAST_DAYS} to {MOST_DAYS:,}"
        )
    return timedelta(days=int(days))


def _oidc_from_environment() -> OidcSettings | None:
    names = ("SBD_OIDC_ISSUER", "SBD_OIDC_CLIENT_ID", "SBD_OIDC_CLIENT_SECRET")
    issuer, client_id, client_secret = (os.environ.get(name, "") for name in names)
    if not (issuer or client_id or client_secret):
        return None
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise InputError(f"{', '.join(missing)}: not set; a provider needs {', '.join(names)}")
    claim = os.environ.get("SBD_OIDC_NAME_CLAIM", "email")
    return OidcSettings(issuer, client_id, client_secret, name_claim=claim)

"""Secrets that open something: 256 random bits, of which the store knows a hash only."""

import hashlib
import secrets

_BYTES = 32

TOKEN_PREFIX = "sbd_"  # so that scanners for leaked secrets know one when they see it


def new_secret() -> str:
    """Return a secret that nobody can guess, as 43 letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(secret: str) -> str:
    """Return what the store keeps of a secret.

    One round of SHA-256 is enough: 256 random bits can't be tried out, unlike a password.

    >>> hash_of("x")[:8]
    '2d711642'
    """
    return hashlib.sha256(secret.encode()).hexdigest()

"""Passwords: which are taken, and how they are kept (argon2id)."""

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.errors import TooManyRequestsError
from sbd.errors import InputError

LEAST_LETTERS = 12
MOST_LETTERS = 256

_LEAST_DIFFERENT = 5

_LEAST_BESIDES = 8  # characters beside the own name

# 64 MiB, three passes, four lanes: the second recommended option of RFC 9106, section 4, for
# machines without 2 GiB to spare for one password. About 0.2 s of one core: people sign in once
# a day, whoever tries a stolen table out needs as much for every guess.
_MEMORY_KIB = 65_536
_PASSES = 3
_LANES = 4

# A flood of sign-ins must take neither all memory nor every core nor every thread that answers:
# 2 x 64 MiB at once, the others of these wait, and who comes then is told to come again.
_AT_ONCE = 2
_MOST_THERE = 16
_COME_AGAIN_S = 2

# Stems of what people take most, as they stand in every list that attackers begin with.
_COMMON_WORDS = (
    "password passwort motdepasse contrasena salasana welcome willkommen bienvenue letmein "
    "qwerty qwertyuiop qwertzuiop azerty azertyuiop asdfghjkl zxcvbnm iloveyou "
    "administrator admin changeme secret trustno football baseball princess sunshine "
    "dragon monkey master superman starwars computer internet summer winter spring autumn "
    "security securitybydesign"
)
_COMMON = frozenset(_COMMON_WORDS.split())

_RUNS = ("0123456789012345678901234567890", "abcdefghijklmnopqrstuvwxyzabcdefgh")


class PasswordError(InputError):
    """A password that is too easy to guess."""


class Passwords:
    """Hashes passwords and checks them, a few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(_PASSES, _MEMORY_KIB, _LANES)
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._lock = threading.Lock()
        self._there = 0
        self._nobodys: str | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn to hash or check a password, and have it while the block runs.

        Raises TooManyRequestsError where too many wait already.
        """
        with self._lock:
            if self._there >= _MOST_THERE:
                raise TooManyRequestsError(
                    f"sign-in: {_MOST_THERE} people at once; try again in {_COME_AGAIN_S} s",
                    retry_after_s=_COME_AGAIN_S,
                )
            self._there += 1
        try:
            with self._slots:
                yield
        finally:
            with self._lock:
                self._there -= 1

    def hash(self, password: str) -> str:
        """Return what the store keeps of a password; in a `turn`."""
        return self._hasher.hash(_normal(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Return whether a password is the one that was kept; in a `turn`.

        Where nothing is kept (nobody of this name, nobody with a password) as much is computed,
        so that the time tells nothing.
        """
        if self._nobodys is None:
            self._nobodys = self._hasher.hash("nobody's")
        try:
            self._hasher.verify(kept or self._nobodys, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Return whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)


def check_password(password: str, *, name: str) -> None:
    """Refuse a password that is easy to guess.

    Length is what counts; no kinds of characters are asked for (NIST SP 800-63B, 3.1.1).

    Raises PasswordError.

    >>> check_password("correct horse battery", name="anna")
    >>> check_password("Password2026!", name="anna")
    Traceback (most recent call last):
    ...
    api.auth.passwords.PasswordError: password: one of the commonest; take a few unrelated words
    """
    text = _normal(password)
    if not LEAST_LETTERS <= len(text) <= MOST_LETTERS:
        raise PasswordError(
            f"password: {len(text)} characters; take {LEAST_LETTERS} to {MOST_LETTERS}, "
            "such as a few unrelated words"
        )
    lower = text.casefold()
    if _leans_on(lower, name.casefold()):
        raise PasswordError("password: hardly more than your own name; take a few unrelated words")
    if len(set(lower)) < _LEAST_DIFFERENT or _is_common(lower):
        raise PasswordError("password: one of the commonest; take a few unrelated words")


def _normal(password: str) -> str:
    # The same letters come as different bytes from different keyboards.
    return unicodedata.normalize("NFKC", password)


def _leans_on(password: str, name: str) -> bool:
    parts = {part for part in (name, name.partition("@")[0]) if len(part) >= 3}
    rests = (password.replace(part, "") for part in parts if part in password)
    return any(len(rest) < _LEAST_BESIDES for rest in rests)


def _is_common(password: str) -> bool:
    if any(password in run or password in run[::-1] for run in _RUNS):
        return True
    letters = rest = re.sub(r"[\W\d_]", "", password)
    for word in sorted(_COMMON, key=len, reverse=True):
        rest = rest.replace(word, "")
    # Digits and signs around a common word are soon tried; what is left is what had to be guessed.
    return len(rest) < 3 <= len(letters)

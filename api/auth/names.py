"""A name as it is typed or vouched for -> the one form in which it is kept and compared."""

import unicodedata
from string import ascii_lowercase, ascii_uppercase

from sbd.errors import InputError

LEAST_LETTERS, MOST_LETTERS = 2, 200

_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)

_SIGNS = frozenset("._@+-")

# Letters and marks that nothing is drawn for: with them one name could be had many times.
_INVISIBLE = frozenset(
    (
        0x034F,
        *range(0x115F, 0x1161),
        *range(0x17B4, 0x17B6),
        *range(0x180B, 0x1810),
        0x3164,
        *range(0xFE00, 0xFE10),
        0xFFA0,
        *range(0xE0100, 0xE01F0),
    )
)


def plain_name(name: str) -> str:
    """Return a name as it is kept: without blanks around it, in small letters of one form.

    Letters that only differ in case, width, style or in how an accent is written are the same
    (NFKC and case folding, twice: one may undo what the other has done).

    >>> plain_name(" Anna@Example.org "), plain_name("ａｎｎａ@example.org")
    ('anna@example.org', 'anna@example.org')
    """
    for _ in range(2):
        name = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", name).strip()


def chosen_name(name: str) -> str:
    r"""Return the plain form of a name for a new user.

    Raises InputError for one that holds what can't be seen, or anything but letters, digits and
    a few signs.

    >>> chosen_name("Anna\u200d")
    Traceback (most recent call last):
    ...
    sbd.errors.InputError: name: U+200D in it; take letters, digits and . _ @ + - only
    """
    plain = plain_name(name)
    strange = next((letter for letter in plain if not _is_seen(letter)), None)
    if strange is not None:
        raise InputError(
            f"name: U+{ord(strange):04X} in it; take letters, digits and . _ @ + - only"
        )
    if not LEAST_LETTERS <= len(plain) <= MOST_LETTERS:
        raise InputError(f"name: {len(plain)} characters; take {LEAST_LETTERS} to {MOST_LETTERS}")
    return plain


def vouched_name(claimed: str) -> str | None:
    r"""Return the plain form of a name that a provider vouches for, None where it can't count.

    What is one name here may be two people there: it must be as it is kept, but for capitals of
    ASCII.

    >>> vouched_name("Anna@Example.org")
    'anna@example.org'
    >>> vouched_name("\u212aarl@example.org")  # begins with the sign for kelvin
    >>> vouched_name("weiß@example.org")  # another mailbox than weiss@
    """
    plain = plain_name(claimed)
    return plain if claimed.translate(_SMALL) == plain else None


def _is_seen(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return letter in _SIGNS or (kind[0] in "LMN" and ord(letter) not in _INVISIBLE)

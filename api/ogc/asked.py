"""The words of a query in, what is asked for out; anything else is refused."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

import shapely
from starlette.datastructures import QueryParams

from api.errors import QueryError
from api.ogc.systems import CRS84, window

LIMIT, MOST = 100, 10_000

Interval = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a collection.

    Parameters
    ----------
    window : Geometry or None
        In longitude and latitude; None: everywhere.
    interval : (from, to) or None
        None: at any time; an end that is None is open.
    """

    limit: int = LIMIT
    offset: int = 0
    window: shapely.Geometry | None = None
    interval: Interval | None = None
    system: str = CRS84


def check_words(query: QueryParams, known: Iterable[str]) -> None:
    """Raise QueryError for a word that means nothing here, or comes twice, or asks for no JSON."""
    allowed = {*known, "f"}
    for word in query:
        if word not in allowed:
            raise QueryError(
                f"query word {word[:40]!r}: not known here; there are {', '.join(sorted(allowed))}"
            )
        if len(query.getlist(word)) > 1:
            raise QueryError(f"query word {word!r}: comes more than once; give it once")
    if query.get("f", "json") != "json":
        raise QueryError(f"f={query['f'][:20]!r}: there is only json")


def part_asked(
    query: QueryParams, *words: str, usual: int = LIMIT, most: int = MOST
) -> tuple[int, int]:
    """Return how many rows of a list are asked for, and how many are left out first.

    Raises QueryError, also for a word that is neither for that nor one of `words`.
    """
    check_words(query, ("limit", "offset", *words))
    limit = min(_count(query, "limit", usual, at_least=1), most)
    return limit, _count(query, "offset", 0, at_least=0)


def items_asked(query: QueryParams, systems: tuple[str, ...]) -> Asked:
    """Return what is asked of the items of a collection; raises QueryError."""
    check_words(query, ("limit", "offset", "bbox", "bbox-crs", "crs", "datetime"))
    boxed = _system(query, "bbox-crs", systems)
    return Asked(
        limit=min(_count(query, "limit", LIMIT, at_least=1), MOST),
        offset=_count(query, "offset", 0, at_least=0),
        window=window(_corners(query["bbox"]), boxed) if "bbox" in query else None,
        interval=_interval(query["datetime"]) if "datetime" in query else None,
        system=_system(query, "crs", systems),
    )


def item_asked(query: QueryParams, systems: tuple[str, ...]) -> Asked:
    """Return what is asked of one item; raises QueryError."""
    check_words(query, ("crs",))
    return Asked(system=_system(query, "crs", systems))


def _count(query: QueryParams, word: str, otherwise: int, *, at_least: int) -> int:
    text = query.get(word)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= at_least):
        raise QueryError(f"{word}={text[:20]!r}: give a whole number, {at_least} or more")
    return int(text)


def _system(query: QueryParams, word: str, systems: tuple[str, ...]) -> str:
    address = query.get(word, CRS84)
    if address not in systems:
        raise QueryError(
            f"{word}={address[:80]!r}: not a system of this collection; "
            f"there are {', '.join(systems)}"
        )
    return address


def _corners(text: str) -> tuple[float, float, float, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise QueryError(f"bbox={text[:80]!r}: give four numbers, or six with heights")
    # Everything lies on the ground: heights take nothing away.
    per_corner = len(numbers) // 2
    return numbers[0], numbers[1], numbers[per_corner], numbers[per_corner + 1]


def _interval(text: str) -> Interval:
    parts = text.split("/")
    if len(parts) > 2 or all(part in ("", "..") for part in parts):
        raise QueryError(f"datetime={text[:60]!r}: give a time, or two with / between")
    start = None if parts[0] in ("", "..") else _moment(parts[0], text, last=False)
    end = None if parts[-1] in ("", "..") else _moment(parts[-1], text, last=True)
    if start is not None and end is not None and start > end:
        raise QueryError(f"datetime={text[:60]!r}: it ends before it starts")
    return start, end


def _moment(part: str, text: str, *, last: bool) -> datetime:
    try:
        at = datetime.fromisoformat(part)
    except ValueError:
        raise QueryError(
            f"datetime={text[:60]!r}: {part[:30]!r} is no time; write 2026-05-01T12:00:00Z"
        ) from None
    if len(part) == len("2026-05-01"):
        at = datetime.combine(at.date(), time.max if last else time.min)
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise QueryError(f"datetime={text[:60]!r}: {part[:30]!r} is out of range") from None

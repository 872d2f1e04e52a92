"""Times of day as text -> minutes, and what two daily windows share."""

import re

from sbd.errors import InputError

DAY_MIN = 24 * 60

_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")


def clock_min(text: str) -> int | None:
    """Return a time of day in minutes from midnight; None where the text is no time.

    >>> clock_min("08:30"), clock_min("24:00"), clock_min("24:30"), clock_min("8 am")
    (510, 1440, None, None)
    """
    found = _CLOCK.fullmatch(text.strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found else DAY_MIN + 1
    return minutes if minutes <= DAY_MIN else None


def window_min(opens: str, closes: str) -> tuple[int, int]:
    """Return the first and the last minute of a daily window; the last may be past midnight.

    Raises InputError where a text is no time.

    >>> window_min("22:00", "02:00"), window_min("00:00", "00:00")
    ((1320, 1560), (0, 1440))
    """
    start, end = clock_min(opens), clock_min(closes)
    if start is None or end is None:
        raise InputError(f"hours {opens!r} to {closes!r}: not understood; give HH:MM")
    return start, end if end > start else end + DAY_MIN


def overlap_min(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Return the minutes that two daily windows share, past midnight too.

    >>> overlap_min((600, 720), (660, 780)), overlap_min((1320, 1560), (60, 300))
    (60, 60)
    """
    shifts = (-DAY_MIN, 0, DAY_MIN)
    shared = sum(max(0, min(one[1], other[1] + s) - max(one[0], other[0] + s)) for s in shifts)
    return min(shared, one[1] - one[0])

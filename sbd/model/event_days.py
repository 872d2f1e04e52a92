"""Days, hours and people of an event in, what is wrong with them out: one rule for every door."""

from collections.abc import Iterable
from datetime import date

from sbd.model.hours import clock_min

# A calendar is one year as it comes back every year; a leap year has a day more.
YEAR_DAYS = 366


def event_faults(
    *, date_from: date, date_to: date, opens: str, closes: str, people: int
) -> list[str]:
    """Return every fault of an event with what it may be; none for a good one.

    >>> day = date(2026, 5, 2)
    >>> event_faults(date_from=day, date_to=day, opens="22:00", closes="24:59", people=9)
    ["closes '24:59'; give HH:MM, 00:00 to 24:00"]
    """
    faults = [
        f"{name} {time!r}; give HH:MM, 00:00 to 24:00"
        for name, time in (("opens", opens), ("closes", closes))
        if clock_min(time) is None
    ]
    if date_to < date_from:
        faults.append(f"date_to {date_to} before date_from {date_from}; give that day or a later")
    else:
        faults += year_faults([(date_from, date_to)])
    if people < 0:
        faults.append(f"people {people}; give 0 or more")
    return faults


def year_faults(days: Iterable[tuple[date, date]]) -> list[str]:
    """Return the fault of first and last days that one year does not hold; none where it does.

    >>> year_faults([(date(2026, 5, 2), date(2026, 5, 3)), (date(2027, 6, 1), date(2027, 6, 1))])
    ['2026-05-02 to 2027-06-01 is more than a year (366 days); give the days of one year']
    """
    both = list(days)
    if not both:
        return []
    first, last = min(start for start, _ in both), max(end for _, end in both)
    if (last - first).days < YEAR_DAYS:
        return []
    return [f"{first} to {last} is more than a year ({YEAR_DAYS} days); give the days of one year"]

"""Rows of an event list -> a calendar of a year: which days, which hours, how many people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sbd.errors import InputError, LayerError
from sbd.model.event_days import event_faults, year_faults
from sbd.model.hours import DAY_MIN, window_min

COLUMNS = ("event_id", "name", "date_from", "date_to", "opens", "closes", "people")

DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Event:
    """Days on which more people than usual stand on the place.

    Parameters
    ----------
    date_from, date_to : date
        First and last day, both counted.
    opens, closes : str
        HH:MM, local time, each day anew; `closes` before `opens` goes past midnight, the same time
        twice is the whole day.
    people : int
        Most at one time.
    """

    event_id: str
    name: str
    date_from: date
    date_to: date
    opens: str
    closes: str
    people: int

    def __post_init__(self) -> None:
        faults = event_faults(
            date_from=self.date_from,
            date_to=self.date_to,
            opens=self.opens,
            closes=self.closes,
            people=self.people,
        )
        if not self.event_id:
            faults.append("event_id is empty; give each event one of its own")
        if faults:
            raise InputError(f"event {self.event_id!r}: {'; '.join(faults)}")

    @property
    def dates(self) -> tuple[date, ...]:
        """Every day of it."""
        count = (self.date_to - self.date_from).days + 1
        return tuple(self.date_from + timedelta(days=n) for n in range(count))

    @property
    def window_min(self) -> tuple[int, int]:
        """First and last minute of its hours, counted from midnight; the last may be past 1440."""
        return window_min(self.opens, self.closes)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A year of events that comes back every year; days of no event are ordinary days.

    Raises LayerError with every fault at once: an id twice, more than a year from the first to the
    last day.
    """

    events: tuple[Event, ...] = field(default=())

    def __post_init__(self) -> None:
        ids = [event.event_id for event in self.events]
        faults = [
            f"event_id {name!r} is there twice"
            for name in sorted({name for name in ids if ids.count(name) > 1})
        ]
        faults += year_faults((event.date_from, event.date_to) for event in self.events)
        if faults:
            raise LayerError("calendar", faults)

    @property
    def dates(self) -> tuple[date, ...]:
        """Every day with an event, once each, in order."""
        return tuple(sorted({day for event in self.events for day in event.dates}))

    @property
    def hours(self) -> tuple[tuple[str, str], ...]:
        """The hours of its events, opens and closes, each once."""
        return tuple(dict.fromkeys((event.opens, event.closes) for event in self.events))

    @property
    def days(self) -> int:
        """How many days a year have an event."""
        return len(self.dates)

    @property
    def set_ups(self) -> int:
        """How often a year something temporary is placed: once for days that follow each other."""
        return len(runs(self.dates))

    def on(self, day: date) -> tuple[Event, ...]:
        """Return the events of a day."""
        return tuple(e for e in self.events if e.date_from <= day <= e.date_to)

    def only(self, event_ids: Iterable[str]) -> "Calendar":
        """Return the calendar of some of the events."""
        wanted = set(event_ids)
        return Calendar(tuple(event for event in self.events if event.event_id in wanted))

    def busy_hours(self, windows_min: Sequence[tuple[int, int]] = ()) -> float:
        """Return the hours a year that lie in an event or, on its days, in one of the windows.

        Hours that overlap count once. Hours past midnight count to the day that they began on.

        Examples
        --------
        >>> market = Event("m", "Market", date(2026, 5, 2), date(2026, 5, 3), "10:00", "18:00", 900)
        >>> Calendar((market,)).busy_hours(), Calendar((market,)).busy_hours([(360, 660)])
        (16.0, 24.0)
        """
        return sum(
            covered_hours([*(event.window_min for event in self.on(day)), *windows_min])
            for day in self.dates
        )


def parse_calendar(rows: Iterable[Mapping[str, str]], *, name: str) -> Calendar:
    """Return the calendar of rows of text with the columns of `COLUMNS`.

    Dates are YYYY-MM-DD, times HH:MM.

    Raises
    ------
    LayerError
        Every fault of the list at once, by line; the header is line 1.
    """
    faults: list[str] = []
    events: list[Event] = []
    for line, row in enumerate(rows, start=2):
        missing = [column for column in COLUMNS if column not in row]
        if missing:
            raise LayerError(name, [f"column {column} is missing" for column in missing])
        wrong, values = _values(row)
        if wrong:
            faults.append(f"line {line}: {'; '.join(wrong)}")
            continue
        try:
            events.append(Event(**values))  # type: ignore[arg-type]  # each by its type, below
        except InputError as error:
            faults.append(f"line {line}: {error}")
    if not events and not faults:
        faults.append("no event; add at least one row")
    try:
        calendar = Calendar(tuple(events))
    except LayerError as error:
        faults += error.faults
    if faults:
        raise LayerError(name, faults)
    return calendar


def covered_hours(windows: Iterable[tuple[int, int]]) -> float:
    """Return the hours that any of the windows covers.

    >>> covered_hours([(600, 720), (660, 780), (900, 960)])
    4.0
    """
    covered, reached = 0, 0
    for start, end in sorted(windows):
        covered += max(end - max(start, reached), 0)
        reached = max(reached, end)
    return min(covered, DAY_MIN) / 60


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Return the first and the last day of each stretch of days that follow each other.

    >>> [(a.day, b.day) for a, b in runs([date(2026, 5, d) for d in (1, 2, 3, 7)])]
    [(1, 3), (7, 7)]
    """
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _values(row: Mapping[str, str]) -> tuple[list[str], dict[str, object]]:
    """Return what can't be understood, and the values of what can."""
    wrong: list[str] = []
    values: dict[str, object] = {}
    for column, text in _texts(row):
        try:
            values[column] = _value(column, text)
        except ValueError:
            wrong.append(f"{column} {text!r} is not understood; give {_FORMS[column]}")
    return wrong, values


_FORMS = {"date_from": "YYYY-MM-DD", "date_to": "YYYY-MM-DD", "people": "a whole number"}


def _texts(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        yield column, (row[column] or "").strip()


def _value(column: str, text: str) -> object:
    if column in ("date_from", "date_to"):
        return date.fromisoformat(text)
    return int(text) if column == "people" else text

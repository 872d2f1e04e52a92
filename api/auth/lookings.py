"""Layers that somebody looks at: a person, what he reads and the day in, whether it is news out."""

import threading
from datetime import date

# A person who opens hundreds of plans a day reads some thousand layers.
_MOST = 100_000

Look = tuple[str, str]


class Lookings:
    """What was written down today, in memory: after a restart a row comes once more.

    The page reads every layer each time a plan is opened. One row a person, layer and day says who
    had it when, and keeps the log readable.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day = date.min
        self._known: set[Look] = set()

    def is_news(self, look: Look, day: date) -> bool:
        """Return whether a look (user, address) was not written down on this day."""
        with self._lock:
            return day != self._day or look not in self._known

    def remember(self, look: Look, day: date) -> None:
        """Keep a look that was written down; what is from the day before goes, and too many do."""
        with self._lock:
            if day != self._day or len(self._known) >= _MOST:
                self._day, self._known = day, set()
            self._known.add(look)

"""A job and the last event that was seen -> the events that follow, as they come."""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial

import anyio.to_thread

from api.queue.events import END, Event, events_after
from api.store import Database

KEEP_ALIVE_S = 15.0

# Events of jobs that another process runs are found by looking.
_LOOK_EVERY_S = 1.0
# Many readers of one job shall not ask the database ten times a second each.
_REST_S = 0.2
_READERS_AT_ONCE = 4


class Bell:
    """Wakes the readers of a job in this process, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = (
            defaultdict(set)
        )

    def ring(self, job_id: str) -> None:
        """Wake the readers of one job."""
        with self._lock:
            waiting = list(self._waiting.get(job_id, ()))
        _wake(waiting)

    def ring_all(self) -> None:
        """Wake every reader."""
        with self._lock:
            waiting = [one for many in self._waiting.values() for one in many]
        _wake(waiting)

    @contextmanager
    def heard(self, job_id: str) -> Iterator[asyncio.Event]:
        """Yield what is set whenever the bell of a job rings."""
        entry = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._waiting[job_id].add(entry)
        try:
            yield entry[1]
        finally:
            with self._lock:
                self._waiting[job_id].discard(entry)
                if not self._waiting[job_id]:
                    del self._waiting[job_id]


def _wake(waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    for loop, woken in waiting:
        # A loop that was closed has no readers left.
        if not loop.is_closed():
            loop.call_soon_threadsafe(woken.set)


class Follower:
    """Reads the events of jobs for those who follow them."""

    def __init__(self, database: Database, bell: Bell, stopping: threading.Event) -> None:
        self._database, self._bell, self._stopping = database, bell, stopping
        self._limiter: anyio.CapacityLimiter | None = None

    async def follow(
        self, job_id: str, after: int = 0, *, keep_alive_s: float = KEEP_ALIVE_S
    ) -> AsyncIterator[Event | None]:
        """Yield the events of a job behind `after`, and None where it was quiet for long.

        Ends behind the last event of a job that has ended, and when the service stops.
        """
        told_s = time.monotonic()
        with self._bell.heard(job_id) as woken:
            while not self._stopping.is_set():
                woken.clear()
                events, is_all = await self._read(job_id, after)
                for event in events:
                    yield event
                    after, told_s = event.number, time.monotonic()
                    if event.name == END:
                        return
                if is_all:
                    return
                if time.monotonic() - told_s >= keep_alive_s:
                    yield None
                    told_s = time.monotonic()
                await self._rest(woken, min(_LOOK_EVERY_S, keep_alive_s))

    async def _rest(self, woken: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(min(_REST_S, seconds))
        if not self._stopping.is_set():
            try:
                await asyncio.wait_for(woken.wait(), seconds)
            except TimeoutError:
                return

    async def _read(self, job_id: str, after: int) -> tuple[list[Event], bool]:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_READERS_AT_ONCE)
        return await anyio.to_thread.run_sync(
            partial(self._look, job_id, after), limiter=self._limiter
        )

    def _look(self, job_id: str, after: int) -> tuple[list[Event], bool]:
        with self._database.reading() as session:
            return events_after(session, job_id, after)

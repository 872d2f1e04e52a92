"""Editing sessions: one process that keeps solved fields, and what requests ask of it."""

import secrets
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import anyio.to_thread

from api import edit_work
from api.errors import WorkerLostError
from api.jobs import Jobs
from api.store import FolderStore


class EditDesk:
    """The process of the editing sessions; started with the first of them.

    Requests wait for it one after the other, between the answers to an edit, not behind them all.
    """

    def __init__(self, store: FolderStore, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def stop(self) -> None:
        """End the process; what it kept is lost."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None

    async def open(self, site_id: str, asked: dict[str, Any]) -> tuple[str, Any]:
        """Return the id of a new session and the answer before any edit."""
        session_id = f"edit-{secrets.token_hex(6)}"
        answer = await self._ask(
            edit_work.open_session, self._store.root, session_id, site_id, asked
        )
        return session_id, answer

    async def first(self, session_id: str, add: list[Any], remove: list[Any]) -> Any:
        """Take an edit, and return its first answer."""
        return await self._ask(edit_work.begin, session_id, add, remove)

    async def others(self, session_id: str) -> AsyncIterator[Any]:
        """Yield the answers that follow, as they come."""
        while (answer := await self._ask(edit_work.go_on, session_id)) is not None:
            yield answer

    async def close(self, session_id: str) -> None:
        """Forget a session; one that is not there is no fault."""
        await self._ask(edit_work.close, session_id)

    async def _ask(self, work: Any, *arguments: Any) -> Any:
        return await anyio.to_thread.run_sync(self._answer, work, *arguments)

    def _answer(self, work: Any, *arguments: Any) -> Any:
        with self._lock:
            pool = self._pool = self._pool or self._jobs.new_pool()
        try:
            return pool.submit(work, *arguments).result()
        except BrokenProcessPool as error:
            self.stop()
            raise WorkerLostError(
                "editing: the process was ended from outside (most often for want of memory); "
                "open another session, with a coarser resolution"
            ) from error

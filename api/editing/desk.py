"""Editing sessions: the process that keeps them, and what requests ask of it."""

import os
import secrets
import shutil
import signal
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any

import anyio.to_thread

from api.errors import WorkerLostError
from api.named import Named
from api.processes import new_pool
from api.queue.inputs import inputs_of, lay_out
from api.queue.jobs import Kept
from api.store import JobKind

_OPEN = Named("api.editing.process:open_session")
_BEGIN = Named("api.editing.process:begin")
_GO_ON = Named("api.editing.process:go_on")
_CLOSE = Named("api.editing.process:close")

# Of more sessions than the process keeps, so that whoever lost one is told to open another.
_MOST_KNOWN = 100


class EditDesk:
    """The process of the editing sessions; started with the first of them.

    Requests wait for it one after the other, between the answers to an edit, not behind them all.
    """

    def __init__(self, store: Kept) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._projects: OrderedDict[str, str] = OrderedDict()  # session -> its project
        self.process_ids: list[int] = []

    def stop(self) -> None:
        """End the process; what it kept is lost."""
        with self._lock:
            pool, self._pool = self._pool, None
            self._end_process()
        if pool is not None:
            for worker in list((pool._processes or {}).values()):  # no public way
                worker.kill()
            pool.shutdown(wait=False, cancel_futures=True)

    def _end_process(self) -> None:
        # A verdict under way would go on for seconds after the service has stopped.
        for process_id in self.process_ids:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process_id, signal.SIGTERM)
        self.process_ids = []

    def project_of(self, session_id: str) -> str | None:
        """Return the project of a session, also of one that is closed; None for any other."""
        with self._lock:
            return self._projects.get(session_id)

    async def open(
        self, project_id: str, site_id: str, asked: dict[str, Any]
    ) -> tuple[str, list[dict[str, Any]]]:
        """Return the id of a new session and what there is before any edit: speeds, maybe a draft.

        Parameters
        ----------
        asked : dict
            A `DraftSessionRequest`.

        Raises
        ------
        UnknownResourceError
            The site, heights or products are not in the project.
        """
        session_id = f"edit-{secrets.token_hex(6)}"
        said = await anyio.to_thread.run_sync(self._open, session_id, project_id, site_id, asked)
        with self._lock:
            self._projects[session_id] = project_id
            while len(self._projects) > _MOST_KNOWN:
                self._projects.popitem(last=False)
        return session_id, said

    async def first(self, session_id: str, edits: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Take an edit (`DraftEdits`), and return its number and first answer."""
        found: tuple[int, dict[str, Any]] = await self._ask(_BEGIN, session_id, edits)
        return found

    async def others(self, session_id: str, edit: int) -> AsyncIterator[dict[str, Any]]:
        """Yield the answers that follow, as they come; they end where a newer edit is taken."""
        while (answer := await self._ask(_GO_ON, session_id, edit)) is not None:
            yield answer

    async def close(self, session_id: str) -> None:
        """Forget a session; one that is not there is no fault."""
        if self._pool is not None:
            await self._ask(_CLOSE, session_id)

    def _open(
        self, session_id: str, project_id: str, site_id: str, asked: dict[str, Any]
    ) -> list[dict[str, Any]]:
        plan = asked.get("plan") or {}
        ids = {
            "heights_id": asked.get("heights_id") or plan.get("heights_id"),
            "catalogue_id": plan.get("catalogue_id"),
        }
        with self._store.database.reading() as session:
            request = {"asked": ids, "site_id": site_id}
            inputs = inputs_of(session, project_id, JobKind.PLAN, request)
        folder = self._store.scratch / session_id
        try:
            placed = lay_out(inputs, self._store.files, folder)
            said: list[dict[str, Any]] = self._answer(_OPEN, session_id, placed, asked)
            return said
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def _ask(self, work: Any, *arguments: Any) -> Any:
        return await anyio.to_thread.run_sync(self._answer, work, *arguments)

    def _answer(self, work: Any, *arguments: Any) -> Any:
        with self._lock:
            pool = self._pool = self._pool or new_pool()
            if not self.process_ids:
                self.process_ids = [pool.submit(os.getpid).result()]
        try:
            return pool.submit(work, *arguments).result()
        except (BrokenProcessPool, RuntimeError) as error:
            if not isinstance(error, BrokenProcessPool) and self._pool is pool:
                raise
            self.stop()
            raise WorkerLostError(
                "editing: the process was ended from outside (most often for want of memory); "
                "open another session, with a coarser resolution"
            ) from error

"""Editing sessions: the process that keeps them, and what requests ask of it."""

import os
import secrets
import shutil
import signal
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any

import anyio.to_thread

from api.errors import TooLongError, TooMuchMemoryError, WorkerLostError
from api.named import Named
from api.processes import GIBIBYTE, new_pool, resident_bytes
from api.queue.inputs import inputs_of, lay_out
from api.queue.jobs import Kept
from api.settings import EditLimits
from api.store import JobKind

_OPEN = Named("api.editing.process:open_session")
_BEGIN = Named("api.editing.process:begin")
_GO_ON = Named("api.editing.process:go_on")
_CLOSE = Named("api.editing.process:close")

_LOOK_EVERY_S = 0.1

# Of more sessions than the process keeps, so that whoever lost one is told to open another.
_MOST_KNOWN = 100


class EditDesk:
    """The process of the editing sessions; started with the first of them.

    Requests wait for it one after the other, between the answers to an edit, not behind them all.
    """

    def __init__(self, store: Kept, limits: EditLimits | None = None) -> None:
        self._store, self._limits = store, limits or EditLimits()
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._projects: OrderedDict[str, str] = OrderedDict()  # session -> its project
        self.process_ids: list[int] = []

    def stop(self) -> None:
        """End the process; what it kept is lost."""
        self._end(self._pool)

    def _end(self, pool: ProcessPoolExecutor | None) -> None:
        """End the process of a pool, unless that was done and there is a newer one."""
        with self._lock:
            if pool is None or pool is not self._pool:
                return
            self._pool = None
            self._end_process()
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

    def _answer(self, work: Named, *arguments: Any) -> Any:
        pool, process_id = self._running()
        try:
            answer = pool.submit(work, *arguments)
        except RuntimeError as error:  # it ended a moment ago
            raise self._lost(pool) from error
        self._wait(pool, answer, process_id)
        try:
            return answer.result()
        except (BrokenProcessPool, CancelledError) as error:
            raise self._lost(pool) from error

    def _lost(self, pool: ProcessPoolExecutor) -> WorkerLostError:
        self._end(pool)
        return WorkerLostError(
            "editing: the process was ended from outside (most often for want of memory); open "
            "another session, with a coarser resolution"
        )

    def _running(self) -> tuple[ProcessPoolExecutor, int]:
        with self._lock:
            pool = self._pool = self._pool or new_pool()
            if not self.process_ids:
                self.process_ids = [pool.submit(os.getpid).result()]
            return pool, self.process_ids[0]

    def _wait(self, pool: ProcessPoolExecutor, answer: "Future[Any]", process_id: int) -> None:
        """Wait for an answer; ends what takes too long, or holds too much memory, and raises."""
        limits, end_s = self._limits, time.monotonic() + self._limits.answer_seconds
        while not wait([answer], timeout=_LOOK_EVERY_S).done:
            if time.monotonic() > end_s:
                self._end(pool)
                raise TooLongError(
                    f"editing: no answer in {limits.answer_seconds:g} s, the most it may take; "
                    "open another session, with a coarser resolution"
                )
            if resident_bytes(process_id) > limits.process_bytes:
                self._end(pool)
                raise TooMuchMemoryError(
                    f"editing: its process held more than {limits.process_bytes / GIBIBYTE:.3g} "
                    "GiB of memory, the most it may; open another session, with a coarser "
                    "resolution"
                )

"""What a slot hands a task to, and the one that is always there: a warm process of its own.

A process has its own pool of one, so when it is killed only its own job is lost and the pool is
made again.
"""

import contextlib
import json
import logging
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Protocol

from api.processes import BEHIND_REQUESTS, is_alive, new_pool, resident_bytes
from api.queue.tasks import Outcome, Record, Reporter, Task, perform

log = logging.getLogger(__name__)

OUT = "out"
_REPORTS = "reports.jsonl"
_STOP = "stop"


class LostError(Exception):
    """The process that computed was ended from outside."""


class NotTakenError(LostError):
    """Nothing was there that could compute: the task was not begun."""


class Run(Protocol):
    """A task that is being computed."""

    future: "Future[Outcome]"  # NotTakenError, LostError, or any other, where there is no outcome

    def reports(self) -> list[Record]:
        """Return what the work told since the last call."""

    def memory_bytes(self) -> int:
        """Return what the process holds; 0 where that can't be known."""

    def ask_to_stop(self) -> None:
        """Let the work stop at its next step."""

    def end(self) -> None:
        """End the work wherever it is."""

    def collect(self, out: Path) -> None:
        """Have what an ended task left in `out`; raises LostError where it is gone."""


class Engine(Protocol):
    """Where the tasks of one slot are computed, one at a time."""

    process_id: int  # 0 where it is none of ours

    def ready(self) -> None:
        """Make it ready for a task; quick where it is. Raises where that can't be done now."""

    def run(self, task: Task, scratch: Path) -> Run:
        """Start a task; `scratch` is an empty folder of this machine that is its own."""

    def close(self) -> None:
        """Give everything back, whatever runs."""


class LocalEngine:
    """A process of this machine."""

    def __init__(self, warm: Callable[[], None]) -> None:
        self._warm = warm
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self.process_id = 0

    def ready(self) -> None:
        """Start the process where there is none; raises LostError where none can be started."""
        if self.process_id and is_alive(self.process_id):
            return
        self._shut_pool()
        pool = new_pool(niceness=BEHIND_REQUESTS)
        try:
            process_id = pool.submit(os.getpid).result()
        except (BrokenProcessPool, OSError, EOFError) as error:
            pool.shutdown(wait=False)
            raise LostError(f"no process could be started ({error})") from error
        with self._lock:
            self._pool, self.process_id = pool, process_id
            if self._is_closed:
                self._end_process()
        with contextlib.suppress(BrokenProcessPool):
            pool.submit(self._warm).add_done_callback(_log_cold_worker)

    def run(self, task: Task, scratch: Path) -> "LocalRun":
        """Start a task in the process."""
        (scratch / OUT).mkdir()
        future: Future[Outcome] = Future()
        with self._lock:
            pool = self._pool
        if pool is None:
            future.set_exception(NotTakenError("no process could be started"))
        else:
            try:
                future = pool.submit(run_here, task, scratch)
            except RuntimeError as error:  # also of a pool that is broken or shut
                future.set_exception(LostError(str(error)))
        return LocalRun(self, future, scratch)

    def end_process(self) -> None:
        """End the process, whatever it does."""
        with self._lock:
            self._end_process()

    def close(self) -> None:
        """End the process for good."""
        with self._lock:
            self._is_closed = True
            self._end_process()
        self._shut_pool()

    def _end_process(self) -> None:
        if self.process_id:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.process_id, getattr(signal, "SIGKILL", signal.SIGTERM))
            self.process_id = 0

    def _shut_pool(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


class LocalRun:
    """A task in a process of this machine; what it tells comes through a file."""

    def __init__(self, engine: LocalEngine, future: "Future[Outcome]", scratch: Path) -> None:
        self.future = future
        self._engine, self._scratch = engine, scratch
        self._process_id = engine.process_id
        self._offset = 0

    def reports(self) -> list[Record]:
        """Return what the work told since the last call; a line that is not whole yet waits."""
        try:
            with (self._scratch / _REPORTS).open("rb") as stream:
                stream.seek(self._offset)
                block = stream.read()
        except FileNotFoundError:
            return []
        whole = block[: block.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def memory_bytes(self) -> int:
        """Return the resident memory of the process."""
        return resident_bytes(self._process_id)

    def ask_to_stop(self) -> None:
        """Leave a note that the work finds at its next step."""
        with contextlib.suppress(OSError):
            (self._scratch / _STOP).touch()

    def end(self) -> None:
        """End the process."""
        if self._engine.process_id == self._process_id:
            self._engine.end_process()

    def collect(self, out: Path) -> None:
        """Do nothing: the work wrote its files where they are read."""


def run_here(task: Task, scratch: Path) -> Outcome:
    """Do a task in this process, in its folder."""
    with (scratch / _REPORTS).open("ab", buffering=0) as stream:

        def tell(report: Record) -> None:
            stream.write(json.dumps(report, ensure_ascii=False).encode() + b"\n")

        progress = Reporter(tell, (scratch / _STOP).exists)
        return perform(task, scratch / OUT, progress, folders=(scratch / OUT, *folders_of(task)))


def folders_of(task: Task) -> tuple[Path, ...]:
    """Return the folders that the input files of a task lie in."""
    return tuple({path.parent for path in task.inputs.values()})


def _log_cold_worker(warm: "Future[None]") -> None:
    if not warm.cancelled() and (error := warm.exception()) is not None:
        log.warning("a worker could not be made ready: %s", error)

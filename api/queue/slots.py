"""A slot: one thread that takes one job after the other and watches over its work."""

import logging
import threading
import time
from concurrent.futures import wait
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from api.queue.engines import OUT, Engine, LostError, NotTakenError, Run
from api.queue.limits import QueueLimits
from api.queue.tasks import Outcome, Record, Task, fault_of

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.1
# A wish to stop that another process wrote down is found by looking.
_ASK_EVERY_S = 1.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0


class Why(StrEnum):
    """Why a work that went on was ended, or one was not begun."""

    CANCELLED = "cancelled"
    TIME = "time"
    MEMORY = "memory"
    STOPPING = "stopping"
    NOT_TAKEN = "not taken"


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that was marked as running for a slot, with what its slot needs to know."""

    job_id: str
    kind: str
    result_id: str
    attempt: int

    @property
    def label(self) -> str:
        """What is made, for messages."""
        return f"{self.kind} {self.result_id}"


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended; without an outcome its process was lost, or ended because of `why`."""

    outcome: Outcome | None
    why: Why | None
    words: str = ""


class Desk(Protocol):
    """What a slot asks of the queue."""

    limits: QueueLimits
    stopping: threading.Event

    def next_job(self) -> Claim | None:
        """Wait for a job; None when the service stops."""

    def task_of(self, claim: Claim, scratch: Path) -> Task | Record:
        """Return the task of a job, or the problem for which there is none."""

    def scratch_of(self, claim: Claim) -> Path:
        """Return where a job may have a folder; nothing is there."""

    def tell(self, claim: Claim, reports: list[Record]) -> None:
        """Write down what the work told."""

    def was_asked_here(self, job_id: str) -> bool:
        """Return whether somebody asked a job to stop, as far as this process knows; quick."""

    def is_cancelled(self, job_id: str) -> bool:
        """Return whether somebody asked a job to stop, by the database."""

    def settle(self, claim: Claim, ending: Ending, out: Path) -> None:
        """Write down how an attempt ended."""

    def clear(self, scratch: Path) -> None:
        """Take a folder away."""


class Slot(threading.Thread):
    """One engine and the thread that feeds it."""

    def __init__(self, number: int, desk: Desk, engine: Engine) -> None:
        super().__init__(name=f"sbd-slot-{number}", daemon=True)
        self._desk, self.engine = desk, engine
        self.is_ready = False

    def run(self) -> None:
        """Work until the service stops."""
        while self._is_made_ready() and (claim := self._desk.next_job()) is not None:
            try:
                self._attend(claim)
            except Exception:  # the job stays marked as running, so that the next start takes it up
                log.exception("job %s: its slot went wrong", claim.job_id)
        self.engine.close()

    def _is_made_ready(self) -> bool:
        """Wait until there is something to compute with; False where the service stops before.

        A job that is taken without would be lost twice in a moment; in the queue it can wait.
        """
        self.is_ready = False
        pause_s = _FIRST_PAUSE_S
        while not self._desk.stopping.is_set():
            try:
                self.engine.ready()
            except Exception as error:  # whatever a system or a cluster raises
                if self._desk.stopping.is_set():  # who stops the service may end its processes, too
                    break
                log.warning(
                    "jobs wait: nothing to compute with (%s: %s)", type(error).__name__, error
                )
                self._desk.stopping.wait(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            else:
                self.is_ready = True
                return True
        return False

    def _attend(self, claim: Claim) -> None:
        scratch = self._desk.scratch_of(claim)
        try:
            ending = self._attempt(claim, scratch)
            self._desk.settle(claim, ending, scratch / OUT)
        finally:
            self._desk.clear(scratch)

    def _attempt(self, claim: Claim, scratch: Path) -> Ending:
        run: Run | None = None
        try:
            scratch.mkdir(parents=True)
            task = self._desk.task_of(claim, scratch)
            if isinstance(task, dict):
                return Ending(Outcome(problem=task), None)
            run = self.engine.run(task, scratch)
            ending = _Watch(self._desk, claim, run).until_over()
            if ending.outcome is not None:
                return _collected(run, ending, scratch / OUT)
            run.end()  # what is left of a process that was lost
            return ending
        except Exception as error:  # such as a full disk; the job ends and the slot goes on
            if run is not None and not run.future.done():
                run.end()
            return Ending(fault_of(claim.label, error), None)


def _collected(run: Run, ending: Ending, out: Path) -> Ending:
    try:
        run.collect(out)
    except LostError as error:
        return Ending(None, ending.why, str(error))
    return ending


class _Watch:
    """Looks after a running task: its reports, its limits, and wishes to stop it."""

    def __init__(self, desk: Desk, claim: Claim, run: Run) -> None:
        self._desk, self._claim, self._run = desk, claim, run
        self._started_s = self._asked_s = time.monotonic()
        self._why: Why | None = None
        self._end_at_s = float("inf")
        self._is_ended = False

    def until_over(self) -> Ending:
        """Return how it ended."""
        is_over = False
        while not is_over:
            is_over = bool(wait([self._run.future], timeout=_LOOK_EVERY_S).done)
            if reports := self._run.reports():
                self._desk.tell(self._claim, reports)
            if not is_over:
                self._look_after()
                is_over = self._is_ended
        return self._ending()

    def _ending(self) -> Ending:
        future = self._run.future
        if not future.done():
            # What was ended says so within moments; who does not is left behind.
            wait([future], timeout=5.0)
        if not future.done() or future.cancelled():
            return Ending(None, self._why, "it was given up")
        error = future.exception()
        if isinstance(error, NotTakenError):
            return Ending(None, self._why or Why.NOT_TAKEN, str(error))
        if error is not None:
            return Ending(None, self._why, f"{type(error).__name__}: {error}")
        return Ending(future.result(), self._why)

    def _look_after(self) -> None:
        now_s = time.monotonic()
        limits = self._desk.limits
        if self._desk.stopping.is_set():
            if self._why is not Why.STOPPING:
                self._stop(Why.STOPPING, grace_s=0.0)
        elif self._why is None and self._run.memory_bytes() > limits.job_bytes:
            self._stop(Why.MEMORY, grace_s=0.0)
        elif self._why is None and now_s - self._started_s > limits.job_seconds:
            self._stop(Why.TIME, grace_s=limits.cancel_grace_s)
        elif self._why is None and self._was_cancelled(now_s):
            self._stop(Why.CANCELLED, grace_s=limits.cancel_grace_s)
        if time.monotonic() >= self._end_at_s:
            if self._why is not Why.STOPPING:
                log.warning("job %s: its process is ended (%s)", self._claim.job_id, self._why)
            self._run.end()
            self._is_ended = True

    def _stop(self, why: Why, *, grace_s: float) -> None:
        self._why = why
        self._end_at_s = time.monotonic() + grace_s
        self._run.ask_to_stop()

    def _was_cancelled(self, now_s: float) -> bool:
        if self._desk.was_asked_here(self._claim.job_id):
            return True
        if now_s - self._asked_s < _ASK_EVERY_S:
            return False
        self._asked_s = now_s
        return self._desk.is_cancelled(self._claim.job_id)

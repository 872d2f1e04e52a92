"""Work aside: a function by its name in, what it returns out, done in a process of its own.

What needs heavy libraries, or reads what somebody sent in, is not done where requests are answered.
Each call has a fresh process, so whatever a file does to its reader is over with the answer.
"""

import io
import logging
import math
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from api.errors import (
    InternalError,
    ServiceStoppedError,
    TooLongError,
    TooManyRequestsError,
    TooMuchMemoryError,
    WorkerBrokeError,
    WorkerLostError,
)
from api.named import Named
from api.processes import BEHIND_REQUESTS, GIBIBYTE, context, make_ready, resident_bytes
from sbd.errors import SbdError

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.1
_COME_AGAIN_S = 5
# Less than a stop of the service waits for answers.
_LAST_S = 2.0
# A process whose service is gone, and that can't even see it, ends this long after its limit.
_LEFT_ALONE_S = 5
_ENDED_FROM_OUTSIDE = frozenset(
    -getattr(signal, name) for name in ("SIGKILL", "SIGTERM", "SIGINT") if hasattr(signal, name)
)
_ERRORS = frozenset({"sbd.errors", "api.errors"})


@dataclass(frozen=True, slots=True)
class AsideLimits:
    """What calls may take.

    Parameters
    ----------
    at_once : int
        Calls at a time, each in a process of its own.
    waiting : int
        Calls that may wait for their turn; each holds one of the threads that answer requests.
    call_seconds : float
        Longest time that one call may take.
    call_bytes : int
        Most memory that its process may hold.
    """

    at_once: int = 2
    waiting: int = 16
    call_seconds: float = 120.0
    call_bytes: int = 2 * GIBIBYTE


class Aside:
    """Calls functions in processes of their own, a few at a time."""

    def __init__(self, limits: AsideLimits | None = None) -> None:
        self.limits = limits or AsideLimits()
        self._changed = threading.Condition()
        self._there = self._running = 0
        self._ends_s = math.inf  # when calls are ended, by the clock of the process

    def call(self, work: Named, *arguments: Any, label: str) -> Any:
        """Return what a function returns: plain values, nothing of a class.

        Parameters
        ----------
        arguments : tuple
            Whatever can be pickled.
        label : str
            What is done, for messages.

        Raises
        ------
        SbdError
            What the function raised, in its own words; any other error is an InternalError.
        TooLongError, TooMuchMemoryError
            It went over a limit.
        WorkerLostError, WorkerBrokeError
            Its process was ended from outside, or broke down.
        TooManyRequestsError, ServiceStoppedError
            Too many wait already, or the service stops.
        """
        with self._turn(label), closing(_Call(work, arguments, label, self.limits)) as call:
            while not call.is_answered(_LOOK_EVERY_S):
                call.check()
                if time.monotonic() >= self._ends_s:
                    raise _stopped(label)
            return call.answer()

    def end_soon(self) -> None:
        """Take no other call, and end those under way in a moment; quick, for signals too."""
        self._ends_s = min(self._ends_s, time.monotonic() + _LAST_S)

    def stop(self) -> None:
        """End all calls, and take no other. Returns when their processes are gone."""
        with self._changed:
            self._ends_s = 0.0
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._there == 0)

    @contextmanager
    def _turn(self, label: str) -> Iterator[None]:
        with self._changed:
            most = self.limits.at_once + self.limits.waiting
            if self._there >= most:
                raise TooManyRequestsError(
                    f"{label}: {most} requests of such work at once; try again in "
                    f"{_COME_AGAIN_S} s",
                    retry_after_s=_COME_AGAIN_S,
                )
            self._there += 1
        try:
            with self._place(label):
                yield
        finally:
            with self._changed:
                self._there -= 1
                self._changed.notify_all()

    @contextmanager
    def _place(self, label: str) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._is_ending or self._running < self.limits.at_once)
            if self._is_ending:
                raise _stopped(label)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1

    @property
    def _is_ending(self) -> bool:
        return self._ends_s < math.inf


class _Call:
    """One call and its process."""

    def __init__(
        self, work: Named, arguments: tuple[Any, ...], label: str, limits: AsideLimits
    ) -> None:
        self._label, self._limits = label, limits
        forking = context()
        self._answer, theirs = forking.Pipe(duplex=False)
        task = (theirs, limits.call_seconds, label, work, arguments)
        self._process = forking.Process(target=_do, args=task, daemon=True, name="sbd-aside")
        try:
            self._process.start()
        except (OSError, EOFError) as error:
            self._answer.close()
            raise WorkerLostError(f"{label}: no process could be started; try again") from error
        finally:
            theirs.close()
        self._end_s = time.monotonic() + limits.call_seconds

    def is_answered(self, timeout_s: float) -> bool:
        """Wait a moment for the answer, or the end of the process."""
        return self._answer.poll(timeout_s)

    def check(self) -> None:
        """Raise TooLongError or TooMuchMemoryError where the process goes over a limit."""
        if time.monotonic() > self._end_s:
            raise TooLongError(
                f"{self._label}: not done in {self._limits.call_seconds:g} s, the most it may "
                "take; ask for less, or try again when less is going on"
            )
        if resident_bytes(self._process.pid or 0) > self._limits.call_bytes:
            raise TooMuchMemoryError(
                f"{self._label}: it needed more than "
                f"{self._limits.call_bytes / GIBIBYTE:.3g} GiB of memory, the most it may hold; "
                "ask for less"
            )

    def answer(self) -> Any:
        """Return what the function returned; raises what it raised, or why there is no answer."""
        try:
            fault, found = _Plain(io.BytesIO(self._answer.recv_bytes())).load()
        except (EOFError, OSError) as error:
            raise self._lost() from error
        except pickle.UnpicklingError as error:
            raise WorkerBrokeError(f"{self._label}: no plain answer ({error})") from error
        if fault:
            log.error("%s: a fault of the program\n%s", self._label, fault)
        if isinstance(found, SbdError):
            raise found
        return found

    def close(self) -> None:
        """End the process, whatever it does."""
        self._answer.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.join()
        self._process.close()

    def _lost(self) -> SbdError:
        self._process.join()
        code = self._process.exitcode or 0
        if code in _ENDED_FROM_OUTSIDE:
            return WorkerLostError(
                f"{self._label}: its process was ended from outside (most often for want of "
                "memory); try again"
            )
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return WorkerBrokeError(
            f"{self._label}: its process broke down ({how}); a fault of the program, the log has "
            "more"
        )


def _stopped(label: str) -> ServiceStoppedError:
    return ServiceStoppedError(f"{label}: the service stops; ask again when it is back")


class _Plain(pickle.Unpickler):
    """Takes plain values and deliberate errors: no process can make this one run anything."""

    def find_class(self, module: str, name: str) -> type[SbdError]:
        found = getattr(sys.modules[module], name, None) if module in _ERRORS else None
        if isinstance(found, type) and issubclass(found, SbdError):
            return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def _do(
    answer: Connection, seconds: float, label: str, work: Named, arguments: tuple[Any, ...]
) -> None:
    """Call the function in this process, and send what comes of it."""
    make_ready(BEHIND_REQUESTS)
    if hasattr(signal, "alarm"):
        signal.alarm(math.ceil(seconds) + _LEFT_ALONE_S)
    answer.send(_done(label, work, arguments))


def _done(label: str, work: Named, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    """Return the trace of a fault of the program, if any, and what the function returned."""
    try:
        return "", work(*arguments)
    except SbdError as error:
        return "", error
    except MemoryError:
        return "", TooMuchMemoryError(f"{label}: the system gave no more memory; try again")
    except Exception as error:  # whatever it is, it is told and not pickled
        words = f"{label}: {type(error).__name__}; a fault of the program, the log has more"
        return traceback.format_exc(), InternalError(words)

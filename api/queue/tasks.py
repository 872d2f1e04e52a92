"""A task in, its outcome out: what any process does for a job, here or on a cluster.

Nothing here knows of a database. Whatever happens comes back as an `Outcome` of plain values,
because an error that can't be pickled would take the whole process with it.
"""

import errno
import logging
import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from api.errors import InternalError, TooMuchMemoryError, problem_of
from sbd.errors import CancelledError, OutputError, SbdError
from sbd.progress import Progress

log = logging.getLogger(__name__)

Record: TypeAlias = dict[str, Any]
Inputs: TypeAlias = Mapping[str, Path]
# request, input files by name, empty folder to fill, progress -> record of the result
Work: TypeAlias = Callable[[Record, Inputs, Path, Progress], Record]

# People don't read faster, and a stage may report thousands of steps.
SHORTEST_INTERVAL_S = 0.1

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be computed: all that a process needs to know.

    Parameters
    ----------
    work : callable
        At the top of a module, so that another process finds it by name; or a `Named`.
    label : str
        What is made, for messages.
    inputs : mapping of name to path
        Files that are there before the work starts; each lies in a folder of its own under the
        name that it was sent in with.
    """

    work: Work
    label: str
    request: Record
    inputs: dict[str, Path]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended: with a record, with a problem (RFC 9457), or stopped because of a wish.

    `fault` holds the trace where the problem is a fault of the program; it is for the log only.
    """

    record: Record | None = None
    problem: Record | None = None
    fault: str = ""

    @property
    def stopped(self) -> bool:
        """Whether the work stopped because it was asked to."""
        return self.record is None and self.problem is None


class Reporter:
    """A `sbd.progress.Progress` that tells at most ten reports a second, and stops where asked to.

    Parameters
    ----------
    tell : callable
        Takes each report: stage, share, note, seconds.
    is_stopped : callable
        Whether somebody asked the work to stop.
    """

    def __init__(self, tell: Callable[[Record], None], is_stopped: Callable[[], bool]) -> None:
        self._tell, self._is_stopped = tell, is_stopped
        self._started_s = time.monotonic()
        self._last_s = -SHORTEST_INTERVAL_S
        self._share = -1.0

    def __call__(self, stage: str, share: float, note: str) -> None:
        """Report; raises CancelledError where the work is to stop."""
        if self._is_stopped():
            raise CancelledError(f"{stage}: stopped because it was asked to")
        now_s = time.monotonic() - self._started_s
        # The end is always told; it comes once.
        ended = share >= 1.0 > self._share
        if now_s - self._last_s < SHORTEST_INTERVAL_S and not ended:
            return
        self._last_s = now_s
        self._share = max(self._share, min(max(share, 0.0), 1.0))
        self._tell(
            {
                "stage": stage,
                "share": round(self._share, 4),
                "note": note,
                "seconds": round(now_s, 1),
            }
        )


def perform(task: Task, out: Path, progress: Progress, *, folders: tuple[Path, ...]) -> Outcome:
    """Do the work of a task into the empty folder `out`.

    Parameters
    ----------
    folders : tuple of path
        Where its files are; messages name files without them.
    """
    try:
        done = Outcome(record=task.work(task.request, task.inputs, out, progress))
    except CancelledError:
        return Outcome()
    except SbdError as error:
        done = Outcome(problem=problem_of(error))
    except MemoryError:
        words = f"{task.label}: the system gave no more memory; {SMALLER}"
        done = Outcome(problem=problem_of(TooMuchMemoryError(words)))
    except Exception as error:  # whatever it is, the job ends and the process goes on
        done = fault_of(task.label, error)
    return Outcome(
        record=_without(done.record, folders),
        problem=_without(done.problem, folders),
        fault=done.fault,
    )


SMALLER = "ask again, with a smaller margin, a coarser resolution or fewer vehicles"


def fault_of(label: str, error: Exception) -> Outcome:
    """Return what a job ends with where something went wrong that nobody meant to say."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        words = f"{label}: {error.strerror}; make room in the data folder and ask again"
        return Outcome(problem=problem_of(OutputError(words)))
    words = f"{label}: {type(error).__name__}: {error}; a fault of the program, the log has more"
    trace = "".join(traceback.format_exception(error))
    return Outcome(problem=problem_of(InternalError(words)), fault=trace)


def _without(value: Any, folders: tuple[Path, ...]) -> Any:
    """Return JSON values in which no text names one of the folders."""
    if isinstance(value, str):
        for folder in folders:
            for name in {str(folder), str(folder.resolve())}:
                value = value.replace(name + os.sep, "").replace(name, "")
        return value
    if isinstance(value, dict):
        return {key: _without(inner, folders) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without(inner, folders) for inner in value]
    return value

"""Processes of our own: forked from one that is warm, behind the requests, ended with this one.

The first takes as long as its libraries; every other some hundredths of a second.
"""

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # not every system has both
    from multiprocessing.context import ForkServerContext, SpawnContext

# Whoever reads or comments shall not wait for cores that long work has taken.
BEHIND_REQUESTS = 10
GIBIBYTE = 1024**3

_PRELOADED = ["api.works"]


def context() -> "ForkServerContext | SpawnContext":
    """Return how processes are started here."""
    # The service has threads, and a process with threads must not be forked.
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    forking = multiprocessing.get_context("forkserver")
    # The libraries are imported once, by the server that forks, and not by every worker.
    forking.set_forkserver_preload(_PRELOADED)
    return forking


def new_pool(*, niceness: int = 0) -> ProcessPoolExecutor:
    """Return a pool of one process that ends with this one; a nice one lets others go first."""
    return ProcessPoolExecutor(
        1, mp_context=context(), initializer=make_ready, initargs=(niceness,)
    )


def make_ready(niceness: int) -> None:
    """Let this process go behind others, leave Ctrl-C alone, and end with its parent."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's, which ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()


def is_alive(process_id: int) -> bool:
    """Return whether a process of ours is there."""
    try:
        os.kill(process_id, 0)
    except OSError:
        return False
    return True


def resident_bytes(process_id: int) -> int:
    """Return the resident memory of a process; 0 where the system does not say.

    Pages that are shared with other processes count in full: on the safe side of a limit. What the
    system swapped out does not.
    """
    try:
        pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def can_watch_memory() -> bool:
    """Return whether this system says how much memory a process holds."""
    return sys.platform == "linux"


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

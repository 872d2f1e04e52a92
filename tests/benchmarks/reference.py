"""The reference kernel, the clock and the memory meter that every benchmark shares."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, order=True)
class Spent:
    """What a piece of work took: seconds of all processors together, and on the clock.

    On a busy machine the clock says more of the others than of the work.
    """

    cpu_s: float
    wall_s: float


def reference_kernel_s() -> float:
    """Return the seconds of a fixed piece of work on the clock: sorting ten million numbers."""
    return reference_kernel().wall_s


def reference_kernel() -> Spent:
    """Return what a fixed piece of work takes: sorting ten million numbers."""
    numbers = np.random.default_rng(7).random(10_000_000)
    return spent_on(lambda: np.sort(numbers))


def spent_on(work: Callable[[], object]) -> Spent:
    """Return what a piece of work takes."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.process_time() - cpu, time.perf_counter() - clock)


def best_of(work: Callable[[], object], runs: int) -> Spent:
    """Return the cheapest of some runs."""
    return min(spent_on(work) for _ in range(runs))


def held_bytes() -> int:
    """Return the memory that this process holds now, and forget its peak, where Linux tells."""
    forget = Path("/proc/self/clear_refs")
    if not forget.is_file():
        return peak_bytes()
    forget.write_text("5", encoding="ascii")
    return peak_bytes()


def peak_bytes() -> int:
    """Return the most memory that this process has held."""
    status = Path("/proc/self/status")
    if status.is_file():  # what `resource` says there counts the parent before the start, too
        lines = status.read_text(encoding="ascii").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    import resource  # noqa: PLC0415 - Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

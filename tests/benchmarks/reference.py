"""The reference kernel, the clock and the memory meter that every benchmark shares."""

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

Answer = TypeVar("Answer")


def reference_kernel_s() -> float:
    """Return the seconds of a fixed piece of work: sorting ten million numbers."""
    numbers = np.random.default_rng(7).random(10_000_000)
    started = time.perf_counter()
    np.sort(numbers)
    return time.perf_counter() - started


def timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Return the seconds of a piece of work and its answer."""
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


def peak_bytes() -> int:
    """Return the most memory that this process has held."""
    import resource  # noqa: PLC0415 - Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

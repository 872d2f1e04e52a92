"""How long work tells where it is, and how it is stopped.

Every stage that may take more than a second takes `progress: Progress = ignore` and calls it
between steps. To stop the work the callee raises `CancelledError`: it travels up like any error,
so nothing half done is kept.
"""

from collections.abc import Callable

# stage name, done share 0..1, what is being done in words
Progress = Callable[[str, float, str], None]


def ignore(stage: str, share: float, note: str) -> None:
    """Take a report and do nothing with it."""


def part_of(progress: Progress, start: float, stop: float) -> Progress:
    """Return a progress whose 0..1 covers `start`..`stop` of the given one.

    >>> seen = []
    >>> part_of(lambda stage, share, note: seen.append(share), 0.5, 1.0)("speed", 0.5, "")
    >>> seen
    [0.75]
    """

    def report(stage: str, share: float, note: str) -> None:
        progress(stage, start + (stop - start) * share, note)

    return report

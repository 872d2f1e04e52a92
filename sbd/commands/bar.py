"""The progress of a command, drawn on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

import rich.progress
from rich.console import Console

from sbd.progress import Progress


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Yield a progress that draws a bar on stderr while it is a terminal."""
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with rich.progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)

        def report(stage: str, share: float, note: str) -> None:
            bar.update(task, completed=share, description=f"{stage}: {note}")

        yield report

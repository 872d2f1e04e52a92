"""The events of a job: one JSON line each, written by the worker, followed by all who ask.

The number of a line is the id of its event, so a reader that lost its connection goes on where it
was, also after a restart of the service.
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sbd.errors import CancelledError

EVENTS = "events.jsonl"
CANCEL_FLAG = "cancel"
END = "end"

# People don't read faster, and a stage may report thousands of steps.
SHORTEST_INTERVAL_S = 0.1


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a job.

    Parameters
    ----------
    number : int
        From 1; ascending without a hole.
    name : str
        progress, or end.
    data : str
        JSON.
    """

    number: int
    name: str
    data: str


def append_event(folder: Path, name: str, data: dict[str, Any]) -> None:
    """Write one event behind the others in one stroke."""
    line = json.dumps({"event": name, "data": data}, ensure_ascii=False) + "\n"
    descriptor = os.open(folder / EVENTS, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        # A process that was killed in the middle of a line must not swallow the next one.
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (("\n" if torn else "") + line).encode())
    finally:
        os.close(descriptor)


class EventReader:
    """Follows the events of one job from the start of its file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / EVENTS
        self._offset = 0
        self._number = 0

    def new_events(self) -> Iterator[Event]:
        """Yield what was written since the last call; a line that is not whole yet waits."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                block = stream.read()
        except FileNotFoundError:
            return
        whole = block[: block.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            self._number += 1
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # torn by a kill; its number stays taken
            yield Event(self._number, entry["event"], json.dumps(entry["data"], ensure_ascii=False))


class JobProgress:
    """A `sbd.progress.Progress` that writes events and stops the work where that was asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started_s = time.monotonic()
        self._last_s = -SHORTEST_INTERVAL_S
        self._stage = ""

    def __call__(self, stage: str, share: float, note: str) -> None:
        """Report; raises CancelledError where the job was cancelled."""
        if (self._folder / CANCEL_FLAG).exists():
            raise CancelledError(f"{stage}: stopped because it was asked to")
        now_s = time.monotonic() - self._started_s
        if stage == self._stage and now_s - self._last_s < SHORTEST_INTERVAL_S:
            return
        self._stage, self._last_s = stage, now_s
        report = {
            "stage": stage,
            "share": round(min(max(share, 0.0), 1.0), 4),
            "note": note,
            "seconds": round(now_s, 1),
        }
        append_event(self._folder, "progress", report)

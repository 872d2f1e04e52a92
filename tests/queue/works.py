"""Cheap work for jobs of tests; found by other processes under its name."""

import os
import signal
import time
from pathlib import Path

from api.errors import UnknownResourceError
from sbd.errors import LayerError

STEP_S = 0.02


def warm() -> None:
    """There is nothing to load."""


def steps(request, inputs, out, progress):
    """Take `steps` steps; each is reported."""
    count = request["asked"].get("steps", 3)
    for number in range(count):
        progress("steps", number / count, f"step {number}")
        time.sleep(request["asked"].get("step_s", STEP_S))
    (out / "files").mkdir()
    (out / "files" / "made.txt").write_text("made")
    progress("steps", 1.0, "ready")
    return {"pid": os.getpid(), "steps": count}


def dies(request, inputs, out, progress):
    """End the process as often as asked, then do the work; what counts survives in a file."""
    counted = Path(request["asked"]["counter"])
    deaths = int(counted.read_text()) if counted.exists() else 0
    progress("dies", 0.5, f"death {deaths}")
    if deaths < request["asked"]["times"]:
        counted.write_text(str(deaths + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return {"deaths": deaths}


def hoards(request, inputs, out, progress):
    """Hold more and more memory."""
    held = []
    for number in range(10_000):
        progress("hoards", 0.1, f"{number} pieces")
        held.append(bytearray(os.urandom(1024)) * (16 * 1024))
        time.sleep(0.02)
    return {"held": len(held)}


def deaf(request, inputs, out, progress):
    """Go on without a step at which it could be stopped."""
    progress("deaf", 0.0, "begins")
    time.sleep(60.0)
    return {}


def reads(request, inputs, out, progress):
    """Return what the inputs hold and how they are called."""
    return {name: [path.name, path.read_text()] for name, path in inputs.items()}


def refuses(request, inputs, out, progress):
    """Say no, naming the input by its path as a library does."""
    path = next(iter(inputs.values()))
    raise LayerError("layers", [f"{path}: row 3: no width", f"{path.parent}: odd"])


def unknown(request, inputs, out, progress):
    """Say no in words of the service."""
    raise UnknownResourceError("place 'x': nothing there")


def broken(request, inputs, out, progress):
    """Fail as no work should."""
    return {}["nothing"]


WORKS = {
    work.__name__: work for work in (steps, dies, hoards, deaf, reads, refuses, unknown, broken)
}


def any_of_them(request, inputs, out, progress):
    """Do what the request names."""
    return WORKS[request["asked"]["do"]](request, inputs, out, progress)

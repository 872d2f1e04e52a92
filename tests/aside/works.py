"""Good and hostile work for processes of tests; found by them under its name."""

import ctypes
import os
import resource
import time
from pathlib import Path

from api.errors import UploadKindError
from sbd.errors import InfeasiblePlanError, InputError, LayerError

ERRORS = [
    InputError("zone: too small; draw a larger one"),
    UploadKindError("a.tif: no GeoTIFF inside"),
    LayerError("layers a.gpkg", ["row 1: no kind", "row 2: no shape"]),
    InfeasiblePlanError("no plan"),
]


def who(*arguments):
    """Say which process this is, and what it was given."""
    return {"pid": os.getpid(), "given": list(arguments)}


def spans():
    """Say from when to when it was done."""
    start_s = time.monotonic()
    time.sleep(0.05)
    return start_s, time.monotonic()


def refuses(number):
    """Raise a deliberate error."""
    raise ERRORS[number]


def goes_wrong():
    """Raise what nobody meant to."""
    raise KeyError("/secret/folder")


def breaks(*_):
    """End as a reader does that writes where it may not."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.abort()


def hangs(told, *_):
    """Say which process this is, then do nothing for long."""
    _tell(told)
    time.sleep(600)


def hangs_deaf(told):
    """Do the same inside of a library that lets no thread of Python run."""
    _tell(told)
    ctypes.PyDLL(None).sleep(600)


def grows(told):
    """Take more memory than anybody may."""
    _tell(told)
    taken = bytearray(b"x") * 2**30
    time.sleep(600)
    return len(taken)


def takes_over(path):
    """Answer with what would run a program in the process that reads it."""
    return _Evil(path)


def hangs_beside(path, *_):
    """Hang over a file that is sent in; say so in the folder of the store."""
    hangs(str(Path(path).parents[2] / "told"))


def _tell(told):
    made = Path(f"{told}.draft")
    made.write_text(str(os.getpid()))
    made.replace(told)


class _Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (Path(self.path),))

"""The service as a process of its own, as `sbd serve` starts it."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS = r"open (http\S+)/ in"
LINK = r"(http\S+#\S+)"

_SCRIPT = """
import sys
from pathlib import Path
exec(sys.argv[2])
from api.serving import Serving, serve
folder = sys.argv[1]
serve(Serving(port=0, data=Path(folder) if folder else None, demo=not folder))
"""


@contextmanager
def started(
    folder: Path | None, pattern: str = ADDRESS, *, first: str = ""
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Yield the running service and what it says of its address; without a folder the demo.

    What stands in `first` is run in its process before it starts.

    What it says goes to a file: a pipe that nobody reads would stop it once it is full.
    """
    command = [sys.executable, "-c", _SCRIPT, "" if folder is None else str(folder), first]
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stderr=said) as process:
        try:
            yield process, _found(process, said.fileno(), pattern)
        finally:
            process.terminate()


def _found(process: subprocess.Popen[bytes], said: int, pattern: str) -> str:
    text = Path(f"/dev/fd/{said}")
    while True:
        words = text.read_text(encoding="utf-8")
        if match := re.search(pattern, words):
            return match[1]
        assert process.poll() is None, words
        time.sleep(0.05)

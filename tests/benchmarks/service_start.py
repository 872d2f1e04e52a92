"""How long `sbd serve` takes from the start of its process until `/readyz` answers 200.

    python -m tests.benchmarks.service_start [TIMES]

Of a demo, and of a data folder at its first start and at every later one; the median counts. Beside
the clock stand the seconds of the processors, of the service without its workers.
"""

import os
import socket
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TIMES = 5
LONGEST_S = 60.0

_ASK_EVERY_S = 0.01
_COMMAND = Path(sysconfig.get_path("scripts")) / "sbd"


@dataclass(frozen=True)
class Start:
    """What a start took until the service was ready."""

    clock_s: float
    processor_s: float


def start(*options: str) -> Start:
    """Start the service, wait until it is ready, and stop it."""
    port = _free_port()
    command = [str(_COMMAND), "serve", "--port", str(port), *options]
    started_s = time.perf_counter()
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stderr=said) as process:
        try:
            while not _is_ready(port):
                waited_s = time.perf_counter() - started_s
                if process.poll() is not None or waited_s > LONGEST_S:
                    said.seek(0)
                    raise RuntimeError(f"not ready after {waited_s:.1f} s: {said.read()!r}")
                time.sleep(_ASK_EVERY_S)
            return Start(time.perf_counter() - started_s, _processor_s(process.pid))
        finally:
            process.terminate()


def told(name: str, starts: Sequence[Start]) -> str:
    """Return a line about several starts."""
    clock_s = [start.clock_s for start in starts]
    processor_s = statistics.median(start.processor_s for start in starts)
    return (
        f"start to ready, {name}: median {statistics.median(clock_s):.2f} s, {min(clock_s):.2f} to "
        f"{max(clock_s):.2f} s of {len(starts)}; {processor_s:.2f} s of the processors"
    )


def _processor_s(process_id: int) -> float:
    # Behind the name in brackets, which may hold anything, the 12th and 13th are user and system.
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def main() -> None:
    """Measure and print."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    print(told("demo", [start("--demo") for _ in range(times)]))
    with tempfile.TemporaryDirectory(prefix="sbd-start-") as name:
        fresh = [start("--data", f"{name}/{number}") for number in range(times)]
        print(told("new data folder", fresh))
        known = [start("--data", f"{name}/0") for _ in range(times)]
        print(told("data folder that is there", known))


if __name__ == "__main__":
    main()

"""Measure the speed field, its edits and its bounds beside baselines and outside judges.

    python tests/benchmarks/speed_field.py [--out docs/benchmarks.md] [--places PLACE ...]
        [--part PART ...] [--seconds LIMIT]

Prints a page in Markdown, ratios first. toppra and ompl come with the extra `bench`; without them
their tables say so. Parts measured before stay on
the page that --out names, each with its date and machine. No new part is begun once the limit of
seconds is used up.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

import sbd
from tests.benchmarks import comparisons, measures
from tests.benchmarks.reference import reference_kernel
from tests.places import PLACES

HEAD = (
    "# Benchmarks of the speed field\n\n"
    "Made by `python tests/benchmarks/speed_field.py --out docs/benchmarks.md`; nothing here is "
    "written by\nhand. Seconds differ between machines and hours by a factor of two, so each "
    "stands beside its ratio to\na reference kernel (sorting ten million numbers) in the same run, "
    "in seconds of the processors.\nThe clock also counts what else the machine was doing: see the "
    "load.\n"
)
TOWNS = ["munich", "porto", "helsinki"]
PARTS = {
    "Cold chain": measures.cold_chains,
    "First answer": measures.first_answer,
    "Beside a queue": measures.beside_a_queue,
    "Edits": measures.edits,
    "Accuracy on drawn ground": comparisons.accuracy,
    "Bounds on real outlines": comparisons.bounds,
    "Short cuts on real outlines": comparisons.short_cuts,
    "Speed profiles beside toppra": comparisons.profiles,
    "A sampling planner, ompl": comparisons.planner,
}


def main() -> None:
    """Read the words, run the parts, print and write the page."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--out", type=Path)
    words.add_argument("--places", nargs="*", default=TOWNS, choices=list(PLACES))
    words.add_argument("--seconds", type=float, default=1500.0)
    words.add_argument("--part", nargs="*", default=list(PARTS), metavar="PART")
    words.add_argument("--memory-of", metavar="SITE", help=argparse.SUPPRESS)
    options = words.parse_args()
    if options.memory_of:
        print(measures.memory_of(options.memory_of))
        return

    started = time.monotonic()
    sbd.warm_up()
    found = read_parts(options.out)
    places = [name for name in options.places if PLACES[name].path.is_file()]
    for title in options.part:
        if time.monotonic() - started > options.seconds:
            print(f"> left out, the seconds are used up: {title}", file=sys.stderr, flush=True)
            continue
        print(f"> {title}", file=sys.stderr, flush=True)
        machine = stamp()
        found[title] = f"{PARTS[title](places)}\n{machine}\n"
        if options.out is not None:  # so that a run that is stopped leaves what it measured
            options.out.write_text(page(found), encoding="utf-8")
    print(page(found))


def read_parts(path: Path | None) -> dict[str, str]:
    """Return the parts of a page that is there; those measured again take their place."""
    if path is None or not path.is_file():
        return {}
    parts = path.read_text(encoding="utf-8").split("\n## ")[1:]
    pairs = (part.split("\n", 1) for part in parts)
    return {title: text.strip() + "\n" for title, text in pairs}


def page(found: dict[str, str]) -> str:
    """Return the page of the parts that were measured, in their order."""
    parts = [f"## {title}\n\n{found[title]}" for title in PARTS if title in found]
    return "\n".join([HEAD, *parts])


def stamp() -> str:
    """Return when, what and on what kind of machine a part is measured."""
    today = datetime.datetime.now(tz=datetime.UTC).date()
    kernel = min(reference_kernel() for _ in range(3))
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{today}, sbd {version('sbd')}, commit {commit()}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors,\nload {load} at "
        f"the start; reference kernel {kernel.cpu_s:.2f} s of the processors, "
        f"{kernel.wall_s:.2f} s on the clock."
    )


def commit() -> str:
    """Return the short name of the commit that was measured."""
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()

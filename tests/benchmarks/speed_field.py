"""Measure the speed field, its edits and its bounds beside baselines and outside judges.

    python3 dev.py bench speed [--out docs/benchmarks.md] [--places PLACE ...] [--seconds LIMIT]

Prints a page in Markdown, ratios first. toppra and ompl come with the extra `bench`; without them
their tables say so. No new part is begun once the limit of seconds is used up.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

import sbd
from tests.benchmarks import comparisons, measures
from tests.benchmarks.reference import reference_kernel
from tests.places import PLACES

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
    page = [head(), ""]
    places = [name for name in options.places if PLACES[name].path.is_file()]
    for title in options.part:
        used = time.monotonic() - started
        if used > options.seconds:
            page.append(
                f"## {title}\n\nLeft out: the limit of {options.seconds:.0f} s was used up.\n"
            )
            continue
        print(f"> {title}", file=sys.stderr, flush=True)
        page.append(f"## {title}\n\n{PARTS[title](places)}")
        if options.out is not None:  # so that a run that is stopped leaves what it measured
            options.out.write_text("\n".join(page), encoding="utf-8")
    page.append(f"Measured in {time.monotonic() - started:.0f} s.\n")
    print("\n".join(page))
    if options.out is not None:
        options.out.write_text("\n".join(page), encoding="utf-8")


def head() -> str:
    """Return what the page is, and on what kind of machine it was measured."""
    today = datetime.datetime.now(tz=datetime.UTC).date()
    kernel = [reference_kernel() for _ in range(3)]
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        "# Benchmarks of the speed field\n\n"
        "Made by `python3 dev.py bench speed --out docs/benchmarks.md`; nothing here is written by "
        "hand.\nSeconds differ between machines and hours by a factor of two, so each stands "
        "beside its ratio to\na reference kernel (sorting ten million numbers) in the same run, in "
        "seconds of the processors.\nThe clock also counts what else the machine was doing: see "
        "the load.\n\n"
        f"{today}, sbd {sbd_version()}, commit {commit()}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors,\nload {load} at "
        f"the start; reference kernel {min(kernel).cpu_s:.2f} processor seconds, "
        f"{min(kernel).wall_s:.2f} s on the clock."
    )


def sbd_version() -> str:
    """Return the version of the library."""
    from importlib.metadata import version  # noqa: PLC0415 - only here

    return version("sbd")


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

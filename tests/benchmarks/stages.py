"""Print the seconds of each stage and the verdict of the shared places, from their extracts.

    python3 dev.py bench [PLACE ...] [--vehicle CLASS ...] [--layout LAYOUT] [--out DIR]

Beside the seconds stands their ratio to a reference kernel timed in the same run, because these
figures are compared between machines and between busy and quiet hours.
"""

import argparse
import sys
import time
from pathlib import Path

from sbd import pipeline
from sbd.catalogue.vehicles import DEFAULT_VEHICLES
from sbd.errors import SbdError
from sbd.model.request import PlanRequest
from sbd.model.words import DEFAULT_OPENABLE
from sbd.site import ZoneRequest

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.benchmarks.reference import peak_bytes, reference_kernel_s
from tests.places import PLACES, Place


def plan(place: Place, options: argparse.Namespace, folder: Path | None) -> tuple[dict, str]:
    """Return the seconds of each stage of one place and its verdict in a line."""
    started = time.perf_counter()
    request = ZoneRequest(center=place.center, radius_m=place.radius_m)
    site = pipeline.site_from_extract(place.path, request)
    seconds = {"site": time.perf_counter() - started}
    try:
        wanted = PlanRequest(layout=options.layout, openable=options.openable)
        proposal = pipeline.propose(site, request=wanted, vehicles=options.vehicle)
    except SbdError as error:
        return seconds, f"{type(error).__name__}: {error}"
    seconds |= proposal.meta["seconds"]
    if folder is not None:
        pipeline.export(proposal, folder)
    lines = len(proposal.barriers)
    cost = proposal.barriers[["cost_low", "cost_high"]].sum() / 1000
    return seconds, (
        f"{proposal.verdict.standing}; {lines} lines, {len(proposal.units)} units, "
        f"{cost.cost_low:.0f}-{cost.cost_high:.0f} k{proposal.barriers['currency'].iloc[0]}, "
        f"gap to the proven bound {proposal.gap_share:.1%}"
    )


def main() -> None:
    """Read the words, run the places, print the table."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("places", nargs="*", default=list(PLACES), metavar="PLACE")
    words.add_argument("--vehicle", nargs="+", default=list(DEFAULT_VEHICLES))
    words.add_argument("--layout", default="permanent")
    words.add_argument("--openable", type=int, default=DEFAULT_OPENABLE)
    words.add_argument("--out", type=Path)
    options = words.parse_args()

    pipeline.warm_up()
    for name in options.places:
        reference = reference_kernel_s()
        folder = None if options.out is None else options.out / name
        seconds, verdict = plan(PLACES[name], options, folder)
        total = sum(seconds.values())
        print(f"{name}: {verdict}")
        print("   " + "  ".join(f"{stage} {value:.1f}" for stage, value in seconds.items()))
        print(f"   total {total:.1f} s, {total / reference:.0f} x the reference kernel", flush=True)
    print(f"peak memory {peak_bytes() / 1e9:.2f} GB")


if __name__ == "__main__":
    main()

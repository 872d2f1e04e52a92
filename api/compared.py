"""Two files of plans in, what differs between them out."""

from pathlib import Path

from api.queue import Record
from sbd import pipeline
from sbd.export.jsontext import plain
from sbd.sources.store import read_proposal


def compared(before: Path, after: Path) -> Record:
    """Return units by what became of them, every measure side by side, and each change."""
    found = pipeline.compare(read_proposal(before), read_proposal(after))
    return {
        "units": found.counts,
        "measures": plain(found.measures.to_dict("records")),
        "changes": plain(found.units.drop(columns="geometry").to_dict("records")),
    }

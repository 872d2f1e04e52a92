"""Two files of plans in, what differs between them out."""

import json
from pathlib import Path

from api.queue import Record
from sbd import pipeline
from sbd.export.jsontext import to_json
from sbd.sources.store import read_proposal


def compared(before: Path, after: Path) -> Record:
    """Return units by what became of them, every measure side by side, and each change."""
    found = pipeline.compare(read_proposal(before), read_proposal(after))
    told = {
        "units": found.counts,
        "measures": found.measures.to_dict("records"),
        "changes": found.units.drop(columns="geometry").to_dict("records"),
    }
    # Through the text, because words of a list are not yet plain ones.
    record: Record = json.loads(to_json(told))
    return record

"""The summary of a proposal in, summary.json and summary.txt out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sbd.export.atomic import write_text
from sbd.export.jsontext import to_json


def write_summary(summary: Mapping[str, Any], text: str, folder: Path) -> list[Path]:
    """Write the summary for machines and for people, each whole or not at all.

    Parameters
    ----------
    summary : mapping
        What `to_json` takes; a number that is not finite becomes null.
    text : str
        The same in plain words.
    """
    machine = to_json(summary, indent=2) + "\n"
    folder = Path(folder)
    return [
        write_text(folder / "summary.json", machine),
        write_text(folder / "summary.txt", text.rstrip("\n") + "\n"),
    ]

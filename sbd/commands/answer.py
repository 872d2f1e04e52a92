"""What commands share: the shape of an answer, where it may be written, which vehicles."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sbd.catalogue.vehicles import read_vehicles
from sbd.errors import OutputError
from sbd.model.vehicle import Vehicle


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says: for machines, for people, and whether the answer is yes."""

    data: dict[str, Any]
    text: str
    yes: bool = True


def writable_file(path: Path) -> Path:
    """Return `path` if a file can be written there; found out before any long work."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; give a file name in it")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: its folder {path.parent} does not exist; make it first")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"{path}: its folder {path.parent} can't be written to; take another")
    return path


def writable_folder(path: Path) -> Path:
    """Return `path` as a folder that is there and can be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: can't be a folder ({error.strerror}); take another") from error
    if not os.access(path, os.W_OK):
        raise OutputError(f"{path}: can't be written to; take another folder")
    return path


def vehicles_of(options: argparse.Namespace) -> list[str | Vehicle] | None:
    """Return the vehicles named and those of a city's own file; None where none were."""
    own: list[Vehicle] = read_vehicles(options.vehicles) if options.vehicles else []
    named: list[str] = options.vehicle or []
    return [*named, *own] or None


def table(rows: pd.DataFrame) -> str:
    """Return rows as lines of text, figures with one decimal."""
    return rows.to_string(index=False, float_format=lambda value: f"{value:.1f}")


def rounded(seconds: dict[str, float]) -> dict[str, float]:
    """Return how long each stage took, to a hundredth."""
    return {stage: round(value, 2) for stage, value in seconds.items()}

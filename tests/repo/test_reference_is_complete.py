"""The reference names every command, option, setting, error, layer and column that exists."""

import argparse
import dataclasses
import inspect
import re
from pathlib import Path

import pytest

import sbd.errors
from sbd.cli import parser
from sbd.model import tables
from sbd.model.site import Site

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def commands() -> dict[str, argparse.ArgumentParser]:
    (subparsers,) = (
        action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    return dict(subparsers.choices)


@pytest.mark.parametrize("command", commands())
def test_every_command_and_its_options_are_documented(command: str) -> None:
    options = {
        word
        for action in commands()[command]._actions
        for word in action.option_strings
        if word.startswith("--") and word not in ("--help", "--output")
    }
    missing = {word for word in options if f"`{word}`" not in REFERENCE}
    assert f"`sbd {command}`" in REFERENCE
    assert not missing


def test_every_error_is_documented_with_its_exit_code() -> None:
    errors = [
        error
        for _, error in inspect.getmembers(sbd.errors, inspect.isclass)
        if issubclass(error, sbd.errors.SbdError)
    ]
    rows = dict(re.findall(r"^\| `(\w+Error)` \|.*\| (\d+) \|$", REFERENCE, re.MULTILINE))
    assert rows == {error.__name__: str(error.exit_code) for error in errors}


def test_every_setting_is_documented() -> None:
    sources = [path for folder in ("sbd", "api") for path in (ROOT / folder).rglob("*.py")]
    read = {
        name
        for path in sources
        for name in re.findall(r'"(SBD_[A-Z_]+[A-Z])"', path.read_text(encoding="utf-8"))
    }
    rows = re.findall(r"^\| (`SBD_[^|]*)\|", REFERENCE, re.MULTILINE)
    assert read == {name for row in rows for name in re.findall(r"SBD_[A-Z_]+", row)}
    assert len(read) > 10


@pytest.mark.parametrize(
    ("layer", "schema"),
    [
        ("zone", tables.ZONE),
        ("solids", tables.SOLIDS),
        ("furniture", tables.FURNITURE),
        ("ground", tables.GROUND),
        ("steps", tables.STEPS),
        ("streets", tables.STREETS),
        ("entries", tables.ENTRIES),
        ("demands", tables.DEMANDS),
        ("place_rules", tables.PLACE_RULES),
        ("desire_lines", tables.DESIRE_LINES),
        ("deliveries", tables.DELIVERIES),
        ("crowds", tables.CROWDS),
        ("study_area", tables.STUDY_AREA),
        ("perimeter", tables.PERIMETER),
        ("corridors", tables.CORRIDORS),
        ("measure_first", tables.MEASURE_FIRST),
        ("gaps", tables.GAPS),
        ("closures", tables.CLOSURES),
    ],
)
def test_every_column_of_a_layer_is_documented(layer: str, schema: object) -> None:
    (row,) = re.findall(rf"^\| `{layer}` \|(.*)$", REFERENCE, re.MULTILINE)
    assert {name for name in schema.columns if name != "geometry"} <= set(
        re.findall(r"`(\w+)`", row)
    )


def test_the_layers_of_a_site_file_are_the_ones_of_a_site() -> None:
    listed = re.search(r"\*\*SITE\.gpkg\*\*(.*?)\*\*ASSESSMENT", REFERENCE, re.DOTALL)
    assert listed is not None
    names = re.findall(r"^\| `(\w+)` \|", listed[1], re.MULTILINE)
    assert set(names) == {field.name for field in dataclasses.fields(Site)} - {
        "name",
        "attribution",
        "report",
    }

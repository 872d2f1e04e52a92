"""What starts often, or answers requests, loads none of the libraries that only work needs."""

import subprocess
import sys

import pytest

HEAVY = {
    "alembic",
    "authlib",
    "folium",
    "geopandas",
    "highspy",
    "matplotlib",
    "numba",
    "ortools",
    "osmnx",
    "pandas",
    "pandera",
    "pyogrio",
    "rasterio",
    "scipy",
}
LIGHTER = {"numpy", "pydantic", "rich", "shapely", "sqlalchemy"}


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after a statement."""
    script = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import sbd; sbd.InputError",
        "from sbd.cli import parser; parser()",
        "import sbd.catalogue.vehicles; sbd.catalogue.vehicles.load_vehicles()",
    ],
    ids=["package", "words", "catalogue"],
)
def test_the_package_and_its_words_need_no_library(statement: str) -> None:
    assert loaded_by(statement) & (HEAVY | LIGHTER) == set()


@pytest.mark.parametrize("statement", ["import api.main", "import api.serving"])
def test_the_service_loads_nothing_that_its_workers_do(statement: str) -> None:
    assert loaded_by(statement) & HEAVY == set()


def test_a_store_of_this_version_opens_without_migrations(tmp_path) -> None:
    opened = (
        "from pathlib import Path; from api.store import Store\n"
        f"store = Store(Path({str(tmp_path)!r})); store.open(); store.close()"
    )
    assert "alembic" in loaded_by(opened)
    assert "alembic" not in loaded_by(opened)

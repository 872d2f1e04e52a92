"""Two workers must collect the same tests, or none of them runs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_later_collection_with_another_hash_seed_names_the_same_tests(request) -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "20", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    again = set(printed.splitlines())
    here = [item.nodeid for item in request.session.items]
    assert [name for name in here if name not in again] == []

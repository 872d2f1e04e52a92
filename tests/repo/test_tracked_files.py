"""What may stand in a tracked file, and what may not."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Pieces, so that this file does not hold the words it looks for.
HOSTS = ("py" + r"pi\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs")
FOLDERS = ("ho" + "me", "ro" + "ot", "wo" + "rk", "Us" + "ers")
REGISTRY_HOST = re.compile("|".join(HOSTS))
MACHINE_PATH = re.compile(r"(?<![\w./])/(?:" + "|".join(FOLDERS) + r")/\w")
SECRET = re.compile("-----BEGIN" + r"[A-Z ]*PRIVATE KEY")


def tracked_texts() -> dict[str, str]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    texts = {}
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data:
                texts[name] = data.decode("utf-8")
    return texts


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are tracked")
    found = tracked_texts()
    assert "pyproject.toml" in found
    return found


@pytest.mark.parametrize(
    "pattern", [REGISTRY_HOST, MACHINE_PATH, SECRET], ids=["host", "path", "secret"]
)
def test_no_tracked_file_names_a_registry_a_machine_path_or_a_key(
    texts: dict[str, str], pattern: re.Pattern[str]
) -> None:
    found = {name: match[0] for name, text in texts.items() if (match := pattern.search(text))}
    assert found == {}


def test_every_dependency_has_a_reason(texts: dict[str, str]) -> None:
    project = texts["pyproject.toml"]
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    assert block is not None
    names = re.findall(r'"([A-Za-z0-9_-]+)', block[1])
    reasons = texts["docs/decisions/dependencies.md"]
    assert [name for name in names if name.lower() not in reasons.lower()] == []

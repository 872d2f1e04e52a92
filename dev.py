#!/usr/bin/env python3
"""The one door for people who work on sbd: `python3 dev.py WORD`, standard library only.

Every word first makes `.venv` if what defines it has changed, then says what it runs.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "sbd-stamp"
OLDEST_PYTHON = (3, 11)


def main(arguments: list[str]) -> int:
    """Run one word; return its exit code."""
    if sys.version_info < OLDEST_PYTHON:
        say(f"Python {sys.version.split()[0]} is too old: sbd needs 3.11 or newer")
        return 2
    word = arguments[0] if arguments else "help"
    if word not in WORDS:
        print(help_text())
        return 0 if word in ("help", "-h", "--help") else 2
    set_up()
    try:
        WORDS[word](arguments[1:])
    except subprocess.CalledProcessError as error:
        print(f"dev.py {word}: stopped, exit {error.returncode}", file=sys.stderr)
        return error.returncode
    return 0


def help_text() -> str:
    """Return a line a word."""
    lines = [f"  {word:<14} {(job.__doc__ or '').splitlines()[0]}" for word, job in WORDS.items()]
    return "python3 dev.py WORD\n\n" + "\n".join(lines)


# ---------------------------------------------------------------- set-up


def set_up() -> None:
    """Make .venv and the web page afresh where what defines them has changed."""
    wanted = f"{digest(environment_files())} {digest(web_files())}"
    have = STAMP.read_text() if STAMP.is_file() else ""
    if have == wanted:
        return
    started = time.monotonic()
    if have.partition(" ")[2] != wanted.partition(" ")[2]:
        # The build hook keeps a page that is there, so an old one has to go.
        shutil.rmtree(ROOT / "web" / "dist", ignore_errors=True)
    if have.partition(" ")[0] != wanted.partition(" ")[0] or not PYTHON.is_file():
        say("set-up: making .venv (once; some minutes with cold caches)")
        venv.create(VENV, clear=True, with_pip=True)
    install(["-c", "constraints.txt", "-e", ".[dev]"])
    run("-c", "import sbd; sbd.warm_up()")
    STAMP.write_text(wanted)
    say(f"set-up: done in {time.monotonic() - started:.0f} s")


def install(what: list[str]) -> None:
    """Install with uv, which is fast, or with pip where uv can't be had."""
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "uv"], cwd=ROOT, check=False).returncode == 0:
        # Without bytecode every process that starts would compile all libraries again.
        command = [str(BIN / "uv"), "pip", "install", "--quiet", "--compile-bytecode", *what]
        environment = {**os.environ, "VIRTUAL_ENV": str(VENV)}
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0:
            return
    subprocess.run([*pip, *what], cwd=ROOT, check=True)


def environment_files() -> Iterator[Path]:
    """Yield the files that say what is installed."""
    yield from (ROOT / "pyproject.toml", ROOT / "constraints.txt")


def web_files() -> Iterator[Path]:
    """Yield the files that the page is built from."""
    web = ROOT / "web"
    yield from sorted(
        path
        for path in web.rglob("*")
        if path.is_file() and not {"node_modules", "dist"} & set(path.relative_to(web).parts)
    )


def digest(paths: Iterator[Path]) -> str:
    """Return one hash of the files, their names and this Python."""
    total = hashlib.sha256(sys.version.encode())
    for path in paths:
        if path.is_file():
            total.update(path.relative_to(ROOT).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()


# ---------------------------------------------------------------- words


def demo(arguments: list[str]) -> None:
    """Plan the shipped place, write its files to out/demo, print the summary."""
    run("-m", "sbd", "demo", "--out", "out/demo", *arguments)


def test(arguments: list[str]) -> None:
    """Every test that needs no extra server; browser tests say why they were skipped."""
    pytest(*arguments)


def fast(arguments: list[str]) -> None:
    """Run unit, drawn, laws and doctests: what you run after each change."""
    pytest("-q", "-m", "not slow and not browser", *arguments)


def lint(_: list[str]) -> None:
    """Format, lint, import contracts, spelling."""
    run("-m", "ruff", "format", "--check", ".")
    run("-m", "ruff", "check", ".")
    run_tool("lint-imports")
    run_tool("codespell", "sbd", "api", "docs", "tests", "web/src", "README.md", "CHANGELOG.md")


def types(_: list[str]) -> None:
    """Strict types of the Python packages and of the page."""
    run("-m", "mypy")
    npm = shutil.which("npm")
    if npm and (ROOT / "web" / "node_modules").is_dir():
        say("npm run check")
        subprocess.run([npm, "run", "--silent", "check"], cwd=ROOT / "web", check=True)


def check(_: list[str]) -> None:
    """All of these and the notebooks: exactly what CI runs."""
    lint([])
    types([])
    test([])
    notebooks([])


def notebooks(_: list[str]) -> None:
    """Run every notebook from top to bottom."""
    run("-m", "pytest", "-q", "--nbmake", "--nbmake-timeout=600", "-o", "addopts=", "notebooks")


def golden_accept(_: list[str]) -> None:
    """Store the golden maps anew, after you have looked at them."""
    os.environ["SBD_GOLDEN_ACCEPT"] = "1"
    run("-m", "pytest", "-q", "tests/golden")


def bench(arguments: list[str]) -> None:
    """Print how long each stage takes; `bench field`, `placement`, `store`, `service`: of those."""
    if arguments[:1] == ["field"]:
        install(["-c", "constraints.txt", "-e", ".[dev,bench]"])
        run("tests/benchmarks/speed_field.py", *arguments[1:])
    elif arguments[:1] == ["placement"]:
        run("tests/benchmarks/placement.py", *arguments[1:])
    elif arguments[:1] == ["store"]:
        run("-m", "tests.benchmarks.store", *arguments[1:])
    elif arguments[:1] == ["service"]:
        run("-m", "tests.benchmarks.service_start")
        run("-m", "tests.benchmarks.service_load", *arguments[1:])
    else:
        run("tests/benchmarks/stages.py", *arguments)


def serve(arguments: list[str]) -> None:
    """Start the service and the page on this machine."""
    run("-m", "sbd", "serve", *arguments)


def lock(_: list[str]) -> None:
    """Write constraints.txt anew: versions only, for every platform, no host names."""
    run_tool(
        "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
        "--all-extras", "--no-header", "--no-annotate", "pyproject.toml", "-o", "constraints.txt",
    )  # fmt: skip


WORDS: dict[str, Callable[[list[str]], None]] = {
    "demo": demo,
    "test": test,
    "fast": fast,
    "lint": lint,
    "types": types,
    "check": check,
    "notebooks": notebooks,
    "golden-accept": golden_accept,
    "bench": bench,
    "serve": serve,
    "lock": lock,
}


# ---------------------------------------------------------------- running


def run(*arguments: str) -> None:
    """Run Python of .venv with `arguments` at the top of the checkout."""
    say("python " + " ".join(arguments))
    subprocess.run([str(PYTHON), *arguments], cwd=ROOT, check=True)


def pytest(*arguments: str) -> None:
    """Run pytest on two processes; tests that share a costly fixture stay on one."""
    run("-m", "pytest", "-n", "2", "--dist", "loadgroup", *arguments)


def run_tool(name: str, *arguments: str) -> None:
    """Run a command that .venv installed."""
    say(" ".join((name, *arguments)))
    subprocess.run([str(BIN / name), *arguments], cwd=ROOT, check=True)


def say(line: str) -> None:
    """Tell what happens next."""
    print(f"> {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

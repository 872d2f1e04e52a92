"""A PostGIS server of our own for a test run: loopback only, its own folder, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

REQUIRED = os.environ.get("SBD_REQUIRE_POSTGIS") == "1"

_TEMPLATE = "sbd_template"


class PostgisServer:
    """A running server that gives out fresh databases."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._count = 0

    def fresh_url(self, *, like: str | None = None) -> str:
        """Return the URL of a new database: a copy of another, or PostGIS and nothing else."""
        self._count += 1
        name = f"sbd_{os.getpid()}_{self._count}"
        template = _TEMPLATE if like is None else _name_of(like)
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Take a database away, whoever is still connected."""
        self.run(f"DROP DATABASE {_name_of(url)} WITH (FORCE)")

    def run(self, statement: str, *, database: str = "postgres") -> None:
        """Run a statement outside of any transaction."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True
        ) as connection:
            connection.execute(statement)


@contextmanager
def postgis_server() -> Iterator[PostgisServer]:
    """Run a server while the block runs.

    Skips the test where PostgreSQL or PostGIS is missing, or fails it with SBD_REQUIRE_POSTGIS=1.
    """
    binaries = _binaries()
    if binaries is None:
        reason = "no PostgreSQL with PostGIS on this machine (Debian: postgresql-15-postgis-3)"
        pytest.fail(reason) if REQUIRED else pytest.skip(reason)
    # Not below pytest's own folder, which only its user may enter; in memory where there is some,
    # because a database is a thousand small files.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="sbd-postgis-", dir=memory if memory.is_dir() else None
    ) as name:
        if os.geteuid() == 0:
            shutil.chown(name, "postgres", "postgres")
        with _running(binaries, Path(name)) as server:
            yield server


@contextmanager
def _running(binaries: Path, folder: Path) -> Iterator[PostgisServer]:
    cluster, port = folder / "cluster", _free_port()
    _run(binaries / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "--no-sync")
    # What it is told about durability holds for tests only: nobody cuts the power here.
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    control = (binaries / "pg_ctl", "-D", cluster, "-w", "-l", folder / "log")
    _run(*control, "-o", settings, "start")
    try:
        server = PostgisServer(port)
        server.run(f"CREATE DATABASE {_TEMPLATE}")
        server.run("CREATE EXTENSION postgis", database=_TEMPLATE)
        yield server
    finally:
        _run(*control, "-m", "immediate", "stop")


def _name_of(url: str) -> str:
    return url.rpartition("/")[2]


def _binaries() -> Path | None:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        version = folder.parent.name
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").is_file():
            return folder
    found = shutil.which("pg_ctl")
    return Path(found).parent if found else None


def _run(*words: object) -> None:
    # The server refuses to run as root.
    head = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*head, *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr.decode(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

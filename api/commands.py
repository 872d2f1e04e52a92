"""The words of the command line that belong to the service: serve, backup, restore."""

import argparse
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from sbd.settings import Settings

if TYPE_CHECKING:
    from api.store.backup import Summary


def run_serve(options: argparse.Namespace) -> str:
    """Run the service until it is told to stop."""
    # Nothing that is loaded at the start is garbage; `serve` looks for it again once all is there.
    gc.disable()
    from api.serving import Serving, serve  # noqa: PLC0415  # the others need no web server

    serve(
        Serving(
            host=options.host,
            port=options.port,
            data=options.data,
            demo=options.demo,
            certificate=options.certificate,
            key=options.key,
            proxy=options.proxy,
            names=tuple(options.name),
        )
    )
    return ""


def run_backup(options: argparse.Namespace) -> str:
    """Copy the whole store into one archive, while a service runs on it or not."""
    from api.store import Store  # noqa: PLC0415  # as above
    from api.store.backup import backup  # noqa: PLC0415

    data, url = _where(options.data)
    done = backup(Store(data, url), options.output)
    return f"{_in_words(done)} of {data} are in {options.output}"


def run_restore(options: argparse.Namespace) -> str:
    """Fill an empty store from an archive, or leave it empty."""
    from api.store.backup import restore  # noqa: PLC0415  # as above

    data, url = _where(options.data)
    done = restore(options.backup, data, url)
    return f"{_in_words(done)} of {options.backup} are in {data}"


def _where(data: Path | None) -> tuple[Path, str | None]:
    settings = Settings.from_environment()
    return data or settings.data, settings.database


def _in_words(done: "Summary") -> str:
    return f"{done.rows:,} rows and {done.files:,} files"

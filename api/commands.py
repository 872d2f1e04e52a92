"""The words of the command line that belong to the service: serve, backup, restore, admin-link."""

import argparse
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from sbd.settings import Settings

# Where `sbd serve` listens unless it is told otherwise.
_HERE = "http://127.0.0.1:8000"

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
    """Fill an empty store from an archive, or leave it empty; or only look the archive through."""
    from api.store.backup import restore, verify_backup  # noqa: PLC0415  # as above

    if options.check:
        found = verify_backup(options.backup)
        return f"{_in_words(found)} are in {options.backup}, whole; made {found.made}"
    data, url = _where(options.data)
    done = restore(options.backup, data, url)
    return f"{_in_words(done)} of {options.backup} are in {data}"


def run_admin_link(options: argparse.Namespace) -> str:
    """Make a link by which an administrator sets a new password, while a service runs or not."""
    from api.auth.invitations import admin_link  # noqa: PLC0415  # as above
    from api.auth.settings import AuthSettings  # noqa: PLC0415
    from api.errors import StoreUnavailableError  # noqa: PLC0415
    from api.store import Store  # noqa: PLC0415
    from api.store.backup import require_store  # noqa: PLC0415
    from api.store.faults import database_faults  # noqa: PLC0415
    from api.store.migrating import current, revisions  # noqa: PLC0415

    data, url = _where(options.data)
    store = Store(data, url)
    require_store(store)
    if current(store.database) != revisions()[-1]:
        raise StoreUnavailableError(
            f"data folder {data}: its tables are of another version of sbd; start the service "
            "once with this one"
        )
    address = options.url or AuthSettings.from_environment().base_url or _HERE
    with database_faults():
        name, link = admin_link(store.database, address, name=options.user)
    return f"{name} sets a new password, once and within a day, at {link}"


def _where(data: Path | None) -> tuple[Path, str | None]:
    settings = Settings.from_environment()
    return data or settings.data, settings.database


def _in_words(done: "Summary") -> str:
    return f"{done.rows:,} rows and {done.files:,} files"

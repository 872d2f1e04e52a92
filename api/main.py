"""The service as a whole: `create_app` for any ASGI server, `serve` for the command line."""

import logging
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api import work
from api.deps import Running, Service
from api.edits import EditDesk
from api.errors import install_error_handlers
from api.guard import Guard
from api.jobs import Jobs
from api.page import install_page
from api.present import BASE
from api.routes import catalogue, edits, extracts, heights, jobs, plans, sites
from api.schemas import Health
from api.settings import Limits
from api.store import FolderStore
from sbd.errors import InputError
from sbd.settings import Settings

VERSION = version("sbd")

log = logging.getLogger(__name__)

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

_SHUTDOWN_S = 3

_DESCRIPTION = """Plan the protection of a public square against vehicle attacks.

Make a site ready (`POST /sites`), plan it (`POST /sites/{site_id}/plans`), follow the job's events,
then read the plan. Everything here is restricted: speeds, gaps and ratings are weak points.
Map data: © OpenStreetMap contributors, ODbL 1.0."""


def create_app(
    data: Path, *, limits: Limits | None = None, hosts: Iterable[str] | None = LOOPBACK_NAMES
) -> FastAPI:
    """Return the service over one data folder.

    Parameters
    ----------
    data : Path
        Where everything is kept; made where it is not there.
    hosts : iterable of str, or None
        Host names that requests may name; None takes any.
    """
    limits = limits or Limits()
    store = FolderStore(data)
    queue = Jobs(store, limits, run=work.run, warm=work.warm)
    desk = EditDesk(store, queue)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        store.open()
        queue.start()
        yield
        desk.stop()
        queue.stop()

    app = FastAPI(
        title="sbd",
        version=VERSION,
        description=_DESCRIPTION,
        openapi_url=f"{BASE}/openapi.json",
        # The usual pages of the framework load their scripts from outside.
        docs_url=None,
        redoc_url=None,
        lifespan=life,
    )
    app.state.service = Service(store, queue, desk, limits)
    app.add_middleware(GZipMiddleware, minimum_size=2_000)
    app.add_middleware(Guard, limits=limits, hosts=hosts)
    install_error_handlers(app)
    versioned = APIRouter(prefix=BASE)
    for part in (catalogue, extracts, heights, sites, plans, jobs, edits):
        versioned.include_router(part.router)
    app.include_router(versioned)
    app.add_api_route("/healthz", _health, tags=["service"], summary="Whether the service is up")
    install_page(app)
    return app


def serve(
    host: str = "127.0.0.1", port: int = 8000, data: Path | None = None, *, demo: bool = False
) -> None:
    """Run the service until it is told to stop.

    Parameters
    ----------
    host, port : str, int
        Where to listen; port 0 takes any free one.
    data : Path, optional
        Where plans are kept; by default `SBD_DATA`, or `sbd-data` here.
    demo : bool
        Keep everything in a throw-away folder.

    Raises InputError where the address can't be used.
    """
    _log_to_stderr()
    with ExitStack() as stack:
        if demo:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sbd-demo-")))
        else:
            folder = data or Settings.from_environment().data
        listener = stack.enter_context(_listen(host, port))
        app = create_app(folder, hosts=_served_names(host))
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=_SHUTDOWN_S
        )
        log.info("plans are kept in %s", folder.resolve())
        log.info("open http://%s:%d/ in a browser; stop with Ctrl-C", *_address(listener))
        _Server(config, app.state.service.jobs).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells the streams to end before it waits for them, and returns when it has stopped."""

    def __init__(self, config: uvicorn.Config, queue: Jobs) -> None:
        super().__init__(config)
        self._queue = queue

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # uvicorn's
        self._queue.stopping.set()
        # Uvicorn's own would raise the signal again at the end and skip what comes after `run`.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _health(service: Running) -> Health:
    """Answer as long as the service takes requests."""
    return Health(
        status="ok",
        version=VERSION,
        workers=service.jobs.workers,
        queued=service.jobs.queued,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise InputError(
            f"address {host}:{port}: {error}; choose another with --host and --port"
        ) from error


def _served_names(host: str) -> tuple[str, ...] | None:
    if _is_loopback(host):
        return LOOPBACK_NAMES
    log.warning(
        "%s is not loopback: whoever reaches it can read every plan; there is no login", host
    )
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _address(listener: socket.socket) -> tuple[str, int]:
    name, port = listener.getsockname()[:2]
    return (f"[{name}]" if ":" in name else name), port


def _log_to_stderr() -> None:
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )

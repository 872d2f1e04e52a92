"""`sbd serve`: an address, a data folder and a way to be reached -> the service, until stopped."""

import ctypes
import gc
import os
import signal
import socket
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

import sbd
from api.auth.invitations import set_up_link
from api.auth.settings import AuthSettings
from api.deps import Service
from api.fence import fence_gdal
from api.loopback import LOOPBACK_NAMES, is_loopback
from api.main import create_app
from api.observe import log_to_stderr
from api.patience import Impatient, allow_many_connections
from api.queue import ClusterAddress
from api.reach import address_of, check_pair, check_proxies
from sbd.errors import InputError
from sbd.settings import Settings

_SHUTDOWN_S = 3
# How long a thread may keep the interpreter while another waits for it. Requests are many short
# turns: with Python's own 5 ms each waits for several others (docs/decisions/service.md).
_SWITCH_S = 0.001
# Of glibc: by default eight for each processor, and each keeps what its busiest moment took.
_ARENAS = 2
_M_ARENA_MAX = -8  # mallopt(3)


@dataclass(frozen=True, slots=True)
class Serving:
    """Where and how to listen.

    Parameters
    ----------
    host, port : str, int
        Address; port 0 takes any free one.
    data : Path, optional
        Where plans are kept; by default `SBD_DATA`, or `sbd-data` here.
    demo : bool
        Keep everything in a throw-away folder and sign everybody on this machine in.
    certificate, key : Path, optional
        PEM files for TLS.
    proxy : str, optional
        Address (or network, or several with commas) of the proxy that ends TLS in front of the
        service; what it says of the client and of the scheme is believed.
    names : tuple of str
        Host names that browsers use for it, the one for links first; off loopback without any
        every name is served.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    data: Path | None = None
    demo: bool = False
    certificate: Path | None = None
    key: Path | None = None
    proxy: str | None = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise InputError("TLS: give both --certificate and --key")
        if self.demo and self.data is not None:
            raise InputError(
                f"--data {self.data}: a demo keeps nothing; leave out --demo to work there, or "
                "--data to look around"
            )
        if self.proxy is not None:
            check_proxies(self.proxy)
        if is_loopback(self.host):
            return
        if self.demo:
            raise InputError(
                f"host {self.host}: a demo signs everybody in and stays on this machine; "
                "take 127.0.0.1"
            )
        if self.certificate is None and self.proxy is None:
            raise InputError(
                f"host {self.host}: others would read passwords and plans on the way; give "
                "--certificate and --key, or --proxy ADDRESS where a proxy ends TLS"
            )

    @property
    def is_encrypted(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.certificate is not None or self.proxy is not None

    @property
    def served_names(self) -> tuple[str, ...] | None:
        """Host names that requests may name; None takes any."""
        if self.names:
            return (*self.names, *LOOPBACK_NAMES)
        return LOOPBACK_NAMES if is_loopback(self.host) else None


def serve(options: Serving) -> None:
    """Run the service until it is told to stop.

    Raises InputError where the address can't be used, OutputError where the folder can't be.
    """
    if options.certificate is not None and options.key is not None:
        check_pair(options.certificate, options.key)
    log_to_stderr()
    keep_memory_together()
    allow_many_connections()
    trust_no_folder()
    with ExitStack() as stack:
        if options.demo:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sbd-demo-")))
        else:
            folder = options.data or Settings.from_environment().data
        keep_compiled_code(folder)
        listener = stack.enter_context(_listen(options.host, options.port))
        # Workers inherit it: whatever file is sent in, GDAL reads that file and nothing else.
        fence_gdal()
        auth = AuthSettings.from_environment(secure_cookies=options.is_encrypted)
        app = create_app(
            folder,
            url=None if options.demo else Settings.from_environment().database,
            hosts=options.served_names,
            cluster=ClusterAddress.from_environment(os.environ),
            demo=options.demo,
            auth=auth,
        )
        _greet(app, options, auth.base_url or _address(options, listener))
        # What was loaded stays: looking through it again and again would hold requests up.
        gc.freeze()
        gc.enable()
        sys.setswitchinterval(_SWITCH_S)
        _Server(_config(app, options), app).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells streams and calls to end before it waits for them, and returns when it has stopped."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._service: Service = app.state.service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # uvicorn's
        self._service.jobs.end_streams()
        self._service.aside.end_soon()
        # Uvicorn's own would raise the signal again at the end and skip what comes after `run`.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def keep_memory_together() -> None:
    """Let all threads take memory from few places, so that a long load doesn't grow the process."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None:  # glibc; other C libraries have no such arenas
        mallopt(_M_ARENA_MAX, _ARENAS)


def trust_no_folder() -> None:
    """Let workers load what is installed, and nothing that lies where the service was started."""
    # Python puts the folder it starts in before all others where it is given its program by `-c`,
    # as the process is that workers are forked from. Who may write there is anybody's guess.
    os.environ["PYTHONSAFEPATH"] = "1"


def keep_compiled_code(folder: Path) -> None:
    """Have compiled code kept in the data folder where there is no other place for it.

    A program that belongs to somebody else, run by a user without a home, as services are: numba
    finds no place to write to then, and compiles nothing.
    """
    places = (Path(sbd.__file__).parent, Path(os.path.expanduser("~")))  # noqa: PTH111  # raises nothing
    if not any(os.access(place, os.W_OK) for place in places):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(folder.resolve() / "compiled"))


def _config(app: FastAPI, options: Serving) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Impatient,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        proxy_headers=options.proxy is not None,
        forwarded_allow_ips=options.proxy,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
        server_header=False,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise InputError(
            f"address {host}:{port}: {error}; choose another with --host and --port"
        ) from error


def _greet(app: FastAPI, options: Serving, address: str) -> None:
    store = app.state.service.store
    store.open()  # the lifespan finds it open
    print(f"plans are kept in {store.data}", file=sys.stderr)  # noqa: T201  # for a person
    link = None if options.demo else set_up_link(store.database, address)
    if link is not None:
        print(  # noqa: T201
            f"nobody can sign in yet: set up the service, once, at {link}", file=sys.stderr
        )
    print(f"open {address}/ in a browser; stop with Ctrl-C", file=sys.stderr, flush=True)  # noqa: T201


def _address(options: Serving, listener: socket.socket) -> str:
    return address_of(
        listener,
        names=options.names,
        is_tls=options.certificate is not None,
        is_behind_proxy=options.proxy is not None,
    )

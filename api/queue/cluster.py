"""An address of a Dask cluster -> an engine whose tasks run there, files and all.

The workers see neither the store nor its folders: input files go as bytes, results come back as an
archive, reports as events of the scheduler. Dask's ports run what is sent to them and ask nobody's
name, so off this machine only TLS with certificates on both sides is taken.
"""

import contextlib
import io
import logging
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from api.errors import InternalError, problem_of
from api.loopback import is_loopback
from api.queue.engines import OUT, LostError, NotTakenError, folders_of
from api.queue.tasks import Outcome, Record, Reporter, Task, Work, perform
from sbd.errors import CancelledError, InputError

log = logging.getLogger(__name__)

ADDRESS = "SBD_CLUSTER"
# Of the authority that signed all certificates, and the service's own with its key.
CERTIFICATES = ("SBD_CLUSTER_CA", "SBD_CLUSTER_CERT", "SBD_CLUSTER_KEY")

VERSION = version("sbd")

_CONNECT_S = 10.0
_ASK_EVERY_S = 1.0

Parcel: TypeAlias = dict[str, tuple[str, bytes]]  # name -> file name, content


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """Where the scheduler of a cluster is, and who we are to it.

    Parameters
    ----------
    address : str
        `tcp://HOST:PORT` on this machine, `tls://HOST:PORT` anywhere.
    authority, certificate, key : Path or None
        PEM files; all of them for TLS.

    Raises InputError for any other address, and where a file is missing.
    """

    address: str
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        files = (self.authority, self.certificate, self.key)
        if parts.scheme not in ("tcp", "tls") or not parts.hostname:
            raise InputError(
                f"{ADDRESS} {self.address!r}: not an address of a Dask scheduler; write "
                "tcp://127.0.0.1:8786 or tls://HOST:8786"
            )
        if parts.scheme == "tcp" and not is_loopback(parts.hostname):
            raise InputError(
                f"{ADDRESS} {self.address}: {parts.hostname} is not this machine, and over tcp a "
                "scheduler runs what anybody sends; start the cluster with TLS, write tls:// and "
                f"set {', '.join(CERTIFICATES)}"
            )
        if parts.scheme == "tls":
            for name, file in zip(CERTIFICATES, files, strict=True):
                if file is None or not file.is_file():
                    raise InputError(
                        f"{ADDRESS} {self.address}: {name} is {file or 'not set'}; TLS needs the "
                        "files of the authority, of our certificate and of its key"
                    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "ClusterAddress | None":
        """Return what `SBD_CLUSTER` and its certificates say; None where there is no cluster."""
        if not (address := environment.get(ADDRESS, "")):
            return None
        files = [Path(text) if (text := environment.get(name)) else None for name in CERTIFICATES]
        return cls(address, *files)

    def client(self) -> Any:
        """Return a connection; raises InputError where nobody answers or Dask is not installed."""
        try:
            dask: Any = import_module("distributed")  # an extra of its own
        except ImportError as error:
            raise InputError(f"{ADDRESS}: needs Dask; install sbd[cluster]") from error
        security = None
        if urlsplit(self.address).scheme == "tls":
            security = dask.Security(
                tls_ca_file=str(self.authority),
                tls_client_cert=str(self.certificate),
                tls_client_key=str(self.key),
                require_encryption=True,
            )
        try:
            return dask.Client(
                self.address, security=security, timeout=_CONNECT_S, set_as_default=False
            )
        except (OSError, TimeoutError) as error:
            raise InputError(
                f"{ADDRESS} {self.address}: no scheduler answers in {_CONNECT_S:g} s; start it, or "
                f"unset {ADDRESS} to compute on this machine"
            ) from error


class ClusterEngine:
    """A share of a cluster: one task at a time. Memory is the workers' own to limit.

    A task can be asked to stop, but not ended from here: what does not listen is left behind, and
    what it makes is dropped.
    """

    process_id = 0

    def __init__(self, address: ClusterAddress) -> None:
        self._address = address
        self._client: Any = None

    def ready(self) -> None:
        """Connect where there is no connection; raises LostError where no worker is there."""
        if self._client is not None and self._client.status != "running":
            self.close()
        if self._client is None:
            self._client = self._address.client()
        if not self._client.nthreads():
            raise LostError(f"{ADDRESS} {self._address.address}: no worker has joined; start one")

    def run(self, task: Task, scratch: Path) -> "ClusterRun":
        """Send a task with its files."""
        try:
            self.ready()
            return ClusterRun(self._client, task, scratch.name)
        except Exception as error:  # whatever Dask raises, the task was not taken
            log.warning("cluster: %s", error)
            return ClusterRun(None, task, f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Give the connection back."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                client.close(timeout=2)


class ClusterRun:
    """A task on a cluster. Without a client it is not taken, for the reason given."""

    def __init__(self, client: Any, task: Task, name: str) -> None:
        self.future: Future[Outcome] = Future()
        self._client, self._name = client, f"sbd-{name}"
        self._lock = threading.Lock()
        self._told: list[Record] = []
        self._archive = b""
        if client is None:
            self.future.set_exception(NotTakenError(name))
            return
        parcel = {key: (path.name, path.read_bytes()) for key, path in task.inputs.items()}
        client.subscribe_topic(self._name, self._hear)
        executor = client.get_executor(pure=False, retries=0)
        self._remote: Future[tuple[Outcome, bytes]] = executor.submit(
            run_there,
            task.work,
            task.label,
            task.request,
            client.scatter(parcel, hash=False),
            self._name,
            VERSION,
        )
        self._remote.add_done_callback(self._take)

    def reports(self) -> list[Record]:
        """Return what the work told since the last call."""
        with self._lock:
            told, self._told = self._told, []
        return told

    def memory_bytes(self) -> int:
        """Return 0: a worker of the cluster has a limit of its own."""
        return 0

    def ask_to_stop(self) -> None:
        """Let the work stop when it looks next."""
        with contextlib.suppress(Exception):
            self._event().set()

    def end(self) -> None:
        """Give the task up."""
        with contextlib.suppress(Exception):
            self._remote.cancel()
        self._forget()

    def collect(self, out: Path) -> None:
        """Unpack the files of a task that was done into `out`."""
        try:
            if self.future.result().record is not None:
                out.mkdir(exist_ok=True)
                with zipfile.ZipFile(io.BytesIO(self._archive)) as archive:
                    archive.extractall(out)  # leaves out what would lead elsewhere
        except zipfile.BadZipFile as error:
            raise LostError("the files came back torn") from error
        finally:
            self._archive = b""
            self._forget()

    def _hear(self, event: tuple[float, Record]) -> None:
        with self._lock:
            self._told.append(event[1])

    def _take(self, remote: "Future[tuple[Outcome, bytes]]") -> None:
        if self.future.done():
            return
        if remote.cancelled():
            self.future.set_exception(LostError("the cluster gave it up"))
        elif (error := remote.exception()) is not None:
            self.future.set_exception(LostError(f"{type(error).__name__}: {error}"))
        else:
            outcome, self._archive = remote.result()
            self.future.set_result(outcome)

    def _event(self) -> Any:
        dask: Any = import_module("distributed")
        return dask.Event(self._name, client=self._client)

    def _forget(self) -> None:
        with contextlib.suppress(Exception):
            self._client.unsubscribe_topic(self._name)


def run_there(
    work: Work, label: str, request: Record, parcel: Parcel, name: str, asked_version: str
) -> tuple[Outcome, bytes]:
    """Do a task on a worker of a cluster; return its outcome and its files as an archive."""
    if asked_version != VERSION:
        words = (
            f"{label}: the service is sbd {asked_version}, a worker of the cluster sbd {VERSION}; "
            "install the same version on both"
        )
        return Outcome(problem=problem_of(InternalError(words))), b""
    dask: Any = import_module("distributed")
    worker = dask.get_worker()
    is_stopped = _now_and_then(lambda: bool(dask.Event(name).is_set()))
    with tempfile.TemporaryDirectory(prefix="sbd-") as place:
        folder = Path(place)
        (folder / OUT).mkdir()
        task = Task(work, label, request, _unpacked(parcel, folder / "in"))
        progress = Reporter(lambda report: worker.log_event(name, report), is_stopped)
        outcome = perform(task, folder / OUT, progress, folders=(folder / OUT, *folders_of(task)))
        return outcome, _packed(folder / OUT) if outcome.record is not None else b""


def _unpacked(parcel: Parcel, folder: Path) -> dict[str, Path]:
    placed = {}
    for name, (file_name, content) in parcel.items():
        (folder / name).mkdir(parents=True)
        placed[name] = folder / name / file_name
        placed[name].write_bytes(content)
    return placed


def _packed(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()


def _now_and_then(ask: Callable[[], bool]) -> Callable[[], bool]:
    """Return a question that is asked over the network once a second, and is over once it was yes.

    A scheduler that does not answer any more has nobody who waits for the work.
    """
    last_s, said = time.monotonic(), False

    def answer() -> bool:
        nonlocal last_s, said
        if not said and time.monotonic() - last_s >= _ASK_EVERY_S:
            last_s = time.monotonic()
            try:
                said = ask()
            except Exception as error:  # whatever Dask raises
                raise CancelledError("the scheduler of the cluster is gone") from error
        return said

    return answer

"""How outside map services are asked: through osmnx, bounded in time and tries, with a way out."""

import json
import logging
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from sbd.errors import OutputError, SourceError
from sbd.progress import Progress
from sbd.settings import Settings

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

WAY_OUT = "give an extract with --extract FILE"
USER_AGENT = "sbd, security by design for public squares (plans vehicle barriers)"

# Waits before the second, third and fourth try; a service may ask for more, up to the longest.
PAUSES_S = (5.0, 15.0, 45.0)
LONGEST_PAUSE_S = 60.0

# osmnx keeps its settings in a module, so only one thread at a time may change them.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class MapService:
    """Which services to ask, and how patiently.

    Parameters
    ----------
    cache : Path
        Folder in which answers are kept.
    cache_only : bool
        Ask nobody; only the cache.
    overpass_url, nominatim_url : str
        Addresses without the part that names the request.
    timeout_s : float
        How long one request may wait for its answer, and again for the answer to arrive.
    pauses_s : tuple of float
        Waits between tries while a service is busy; one more try than there are waits.
    """

    cache: Path
    cache_only: bool
    overpass_url: str
    nominatim_url: str
    timeout_s: float
    pauses_s: tuple[float, ...] = PAUSES_S

    @classmethod
    def from_settings(cls, settings: Settings) -> "MapService":
        """Return what the settings say."""
        return cls(
            cache=settings.cache,
            cache_only=settings.cache_only,
            overpass_url=settings.overpass_url,
            nominatim_url=settings.nominatim_url,
            timeout_s=settings.timeout_s,
        )

    def require_network(self, what: str) -> None:
        """Raise SourceError where only the cache may be asked and `what` is not in it."""
        if self.cache_only:
            raise SourceError(
                f"{what}: not in the cache {self.cache}, and SBD_CACHE_ONLY forbids to ask a map "
                f"service; {WAY_OUT}"
            )


class _Busy(Exception):  # noqa: N818  # a state of the service, never seen by a caller
    """The service asks to come back later, or its answer broke off."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class _Refused(Exception):  # noqa: N818  # as above
    """The service will not answer this request, however often it is asked."""


def ask(request: Callable[[], Answer], url: str, service: MapService, tell: Progress) -> Answer:
    """Return the answer to a request; while the service is busy, wait and try again.

    Raises SourceError with the way out where no answer comes within the tries.
    """
    host = urlsplit(url).netloc
    for count, pause_s in enumerate((*service.pauses_s, None), start=1):
        try:
            return request()
        except _Busy as busy:
            reason, wait_s = str(busy), busy.wait_s
        except (_Refused, requests.RequestException) as error:
            raise SourceError(f"{host}: {_in_words(error, service)}; {WAY_OUT}") from error
        if pause_s is None:
            raise SourceError(f"{host}: {reason}, {count} tries; try later or {WAY_OUT}")
        _wait(min(max(pause_s, wait_s), LONGEST_PAUSE_S), f"{host}: {reason}", tell)
    raise AssertionError("the last try returns or raises")


def _in_words(error: Exception, service: MapService) -> str:
    if isinstance(error, requests.Timeout):
        return f"no answer within {service.timeout_s:g} s (SBD_TIMEOUT_S)"
    if isinstance(error, requests.ConnectionError):
        return "can't be reached; check the network"
    return str(error)


def _wait(seconds: float, reason: str, tell: Progress) -> None:
    """Wait in slices, so that whoever listens can stop the work in between."""
    log.info("%s; next try in %.0f s", reason, seconds)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        tell("read", 0.0, f"{reason}; next try in {math.ceil(left)} s")
        time.sleep(min(left, 1.0))


def post(url: str, query: str, service: MapService) -> dict[str, Any]:
    """Return the answer of Overpass to a query of our own; raises as a request of `ask` may."""
    response = requests.post(
        url,
        data={"data": query},
        timeout=service.timeout_s,
        headers={"User-Agent": USER_AGENT},
        hooks={"response": _check_of(service)},
    )
    answer: dict[str, Any] = response.json()
    return answer


@contextmanager
def osmnx_session(service: MapService, folder: Path) -> Iterator[ModuleType]:
    """Give osmnx set up for one service, with its raw answers kept in `folder`.

    Its settings, and the name look-up of this process that it replaces, are put back in the end.
    Its own patience is switched off: it sleeps as long as a server says and tries for ever.
    """
    import osmnx  # noqa: PLC0415  # takes a second, and most runs never ask a service

    seconds = max(1, math.ceil(service.timeout_s))
    wanted = {
        "cache_folder": str(folder),
        "cache_only_mode": True,  # in its words: keep the answers, build nothing from them
        "doh_url_template": None,
        "http_user_agent": USER_AGENT,
        "nominatim_url": service.nominatim_url,
        "overpass_rate_limit": False,
        "overpass_settings": f"[out:json][timeout:{seconds}]{{maxsize}}",
        "overpass_url": service.overpass_url,
        "requests_kwargs": {"hooks": {"response": _check_of(service)}},
        "requests_timeout": service.timeout_s,
        "use_cache": True,
    }
    with _ONE_AT_A_TIME:
        before = {name: getattr(osmnx.settings, name) for name in wanted}
        look_up = socket.getaddrinfo
        try:
            for name, value in wanted.items():
                setattr(osmnx.settings, name, value)
            yield osmnx
        finally:
            for name, value in before.items():
                setattr(osmnx.settings, name, value)
            socket.getaddrinfo = look_up


def _check_of(service: MapService) -> Callable[..., None]:
    """Return a look at every response before anyone uses it.

    requests limits the wait for each byte, not for all of them: an answer that drips would hang
    for ever, so the connection is shut when the time is up.
    """

    def check(response: requests.Response, *_: object, **__: object) -> None:
        if response.is_redirect:
            return
        closer = threading.Timer(service.timeout_s, response.raw.shutdown)
        closer.daemon = True
        closer.start()
        try:
            body = response.content
        except requests.RequestException as error:
            raise _Busy("the answer broke off") from error
        finally:
            closer.cancel()
        _check_status(response)
        _check_body(body)

    return check


def _check_status(response: requests.Response) -> None:
    status = f"answers {response.status_code} {response.reason}"
    if response.status_code == 429 or response.status_code >= 500:
        wait = response.headers.get("Retry-After", "")
        raise _Busy(status, float(wait) if wait.isdigit() else 0.0)
    if not response.ok:
        raise _Refused(status)


def _check_body(body: bytes) -> None:
    try:
        answer = json.loads(body)
    except ValueError:
        raise _Busy("the answer broke off or is no map data") from None
    remark = str(answer.get("remark", "")) if isinstance(answer, dict) else ""
    if "error" in remark:
        # Overpass says 200 and sends what it had when its own time or memory was used up.
        raise _Busy(f"the answer is not complete ({remark[:120]})")


@contextmanager
def kept_whole(folder: Path) -> Iterator[Path]:
    """Give a folder to fill; it becomes `folder` when all went well, and nothing is left if not.

    Raises OutputError where the cache can't be written.
    """
    draft = folder.with_name(f".{folder.name}.{threading.get_ident()}.part")
    try:
        draft.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder.parent}: the cache can't be written ({error.strerror}); set SBD_CACHE"
        ) from error
    try:
        yield draft
        if not folder.exists():  # else another process was faster, with the same answer
            draft.rename(folder)
    finally:
        for path in draft.glob("*") if draft.exists() else ():
            path.unlink()
        if draft.exists():
            draft.rmdir()

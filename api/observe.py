"""What the service tells of itself: a log line and figures for each request, without its secrets.

A line names the route and never the address, which may hold the secret of an invitation; of people
it holds the user's id and nothing else.
"""

import logging
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.audit import told_method

REQUEST_ID = "X-Request-ID"

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)

log = structlog.get_logger("sbd.request")


class Figures:
    """Counts of one service, in the text form that Prometheus reads.

    Parameters
    ----------
    jobs : callable
        How many jobs there are in each state.
    workers, ready_workers : callable
        How many are computed at a time, and how many of these have something to compute with.
    data : Path
        Folder whose disk must not fill up.
    """

    def __init__(
        self,
        *,
        jobs: Callable[[], Mapping[str, int]],
        workers: Callable[[], int],
        ready_workers: Callable[[], int],
        data: Path,
    ) -> None:
        # One service, one registry: tests run several in one process.
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "sbd_requests", "Requests answered", ["method", "route", "status"],
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "sbd_request_seconds", "Until the answer began", ["route"], buckets=_SECONDS,
            registry=self._registry,
        )  # fmt: skip
        slots = Gauge("sbd_job_workers", "Jobs computed at a time", registry=self._registry)
        slots.set_function(workers)
        ready = Gauge(
            "sbd_job_workers_ready", "Workers with something to compute with",
            registry=self._registry,
        )  # fmt: skip
        ready.set_function(ready_workers)
        free = Gauge(
            "sbd_data_free_bytes", "Room on the disk of the data folder", registry=self._registry
        )
        free.set_function(lambda: shutil.disk_usage(data).free)
        self._registry.register(_JobCounts(jobs))
        ProcessCollector(registry=self._registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return all figures."""
        return generate_latest(self._registry)


class _JobCounts(Collector):
    """All jobs that were ever asked for, by the state that they are in."""

    def __init__(self, jobs: Callable[[], Mapping[str, int]]) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[Metric]:
        """Count them."""
        family = GaugeMetricFamily("sbd_jobs", "Jobs in each state", labels=["state"])
        for state, count in self._jobs().items():
            family.add_metric([state], count)
        yield family

    def describe(self) -> Iterator[Metric]:
        """Name the figure without looking: the store is not open yet."""
        yield GaugeMetricFamily("sbd_jobs", "Jobs in each state", labels=["state"])


class Observed:
    """ASGI middleware around everything else: an id for each request, a line and a count."""

    def __init__(self, app: ASGIApp, *, figures: Figures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and say how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Made here, never taken over: a log must not hold what a stranger wrote.
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started_s = time.perf_counter()
        status, until_answer_s = 500, None

        async def noted(message: Message) -> None:
            nonlocal status, until_answer_s
            if message["type"] == "http.response.start":
                status, until_answer_s = message["status"], time.perf_counter() - started_s
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noted)
            finally:
                seconds = until_answer_s or time.perf_counter() - started_s
                self._tell(scope, status, seconds)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        # What the table of permissions calls it; a route knows only what follows its prefix.
        _, route = getattr(scope["state"].get("audit"), "row", None) or ("", "(none)")
        principal = scope["state"].get("principal")
        method = told_method(scope["method"])
        self._figures.count(method, route, status, seconds)
        log.info(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(1000 * seconds, 1),
            user_id=getattr(principal, "user_id", None),
        )


def log_to_stderr() -> None:
    """Write one line for each thing: JSON, or for a person at a terminal in colours."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    is_person = sys.stderr.isatty()
    last: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if is_person else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            last,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    # What it says at each start is of use to nobody.
    logging.getLogger("alembic").setLevel(logging.WARNING)

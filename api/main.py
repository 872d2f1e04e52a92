"""The service as a whole: `create_app` for any ASGI server."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.aside import Aside
from api.auth.demo import DemoSignIn
from api.auth.doorman import Doorman
from api.auth.gate import Gate
from api.auth.permissions import allowed, check_table
from api.auth.settings import AuthSettings
from api.deps import Service
from api.editing import EditDesk
from api.errors import install_error_handlers
from api.faults import install_store_faults
from api.guard import Guard
from api.housekeeping import Sweeper
from api.kinds import KEEPS, WARM, WORKS
from api.loopback import LOOPBACK_NAMES
from api.observe import Figures, Observed
from api.ogc.router import router as features
from api.once import install_repeats
from api.openapi import install_openapi
from api.page import install_page
from api.present import BASE
from api.queue import ClusterAddress, ClusterEngine, Jobs
from api.routes import (
    assessments,
    audit,
    calendar,
    catalogue,
    comments,
    comparisons,
    edits,
    exports,
    frontage,
    jobs,
    plans,
    projects,
    proposals,
    reviews,
    service,
    session,
    sites,
    tokens,
    uploads,
    users,
)
from api.settings import Limits
from api.store import Store

VERSION = version("sbd")

_VERSIONED = (
    session,
    users,
    tokens,
    audit,
    projects,
    uploads,
    sites,
    assessments,
    proposals,
    plans,
    reviews,
    exports,
    comments,
    calendar,
    comparisons,
    frontage,
    jobs,
    edits,
    catalogue,
)

_DESCRIPTION = """Plan the protection of a public square against vehicle attacks.

Sign in, make a project, make a site ready in it (`POST /projects/{project_id}/sites`), plan it
(`POST /sites/{site_id}/proposals`), follow the job's events, then read the plan. Everything here is
restricted: speeds, gaps and ratings are weak points.
Map data: © OpenStreetMap contributors, ODbL 1.0."""


def create_app(
    data: Path,
    *,
    url: str | None = None,
    limits: Limits | None = None,
    hosts: Iterable[str] | None = LOOPBACK_NAMES,
    auth: AuthSettings | None = None,
    cluster: ClusterAddress | None = None,
    demo: bool = False,
) -> FastAPI:
    """Return the service over one data folder.

    Parameters
    ----------
    data : Path
        Where everything is kept; made where it is not there.
    url : str, optional
        Of a PostgreSQL database with PostGIS; by default the tables are in the folder.
    hosts : iterable of str, or None
        Host names that requests may name; None takes any.
    auth : AuthSettings, optional
        How people sign in; by default with passwords, over plain loopback.
    cluster : ClusterAddress, optional
        Where jobs are computed; by default in processes of this machine.
    demo : bool
        Whoever asks from this machine is signed in.
    """
    limits = limits or Limits()
    store = Store(data, url)
    engine = None if cluster is None else lambda: ClusterEngine(cluster)
    queue = Jobs(store, limits.queue, works=WORKS, keeps=KEEPS, warm=WARM, engine=engine)
    desk = EditDesk(store, limits.edits)
    aside = Aside(limits.aside)
    figures = Figures(
        jobs=lambda: queue.counts,
        workers=lambda: queue.workers,
        ready_workers=lambda: queue.ready_workers,
        data=store.data,
    )
    gate = Gate(store.database, auth or AuthSettings(secure_cookies=False), edit_sessions=desk)
    demo_sign_in = DemoSignIn(store.database) if demo else None

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        store.open()
        if demo_sign_in is not None:
            demo_sign_in.open()
        queue.start()
        sweeper = Sweeper(store, audit_kept=gate.settings.audit_kept)
        sweeper.start()
        yield
        sweeper.stop()
        desk.stop()
        aside.stop()
        queue.stop()
        store.close()

    app = FastAPI(
        title="sbd",
        version=VERSION,
        description=_DESCRIPTION,
        openapi_url=f"{BASE}/openapi.json",
        # The usual pages of the framework load their scripts from outside.
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        dependencies=[Depends(allowed)],
    )
    app.state.service = Service(store, queue, desk, aside, limits, figures)
    app.state.gate = gate
    # The last one added is the first one that a request passes.
    app.add_middleware(GZipMiddleware, minimum_size=2_000)
    app.add_middleware(Doorman, gate=gate, demo=demo_sign_in)
    app.add_middleware(Guard, limits=limits, hosts=hosts)
    app.add_middleware(Observed, figures=figures)
    install_error_handlers(app)
    install_store_faults(app)
    install_repeats(app)
    _install_routes(app)
    install_openapi(app)
    check_table(app)
    return app


def _install_routes(app: FastAPI) -> None:
    # One by one: a router of routers would be built once for itself and once for the app.
    for part in _VERSIONED:
        app.include_router(part.router, prefix=BASE)
    for router in (service.router, plans.maps, exports.public, features):
        app.include_router(router)
    install_page(app)

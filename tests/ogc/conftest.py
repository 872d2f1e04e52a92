"""A store with a drawn plan behind a real server, and two people: one sees it, one does not."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import httpx
import pandas as pd
import pytest
import shapely

from api.store.base import new_id
from api.store.people import Member, Role, User
from api.store.places import Plan, PlanFeature, Project, Proposal, Site
from api.store.store import Store
from sbd.export.features import to_wgs84
from sbd.export.jsontext import plain
from tests.unit.export.conftest import build_proposal

ROOT = Path(__file__).parents[2]
LAYERS = ("barriers", "units", "footprints", "corridors", "perimeter")


def add_project(session, name, member_id, role):
    project = Project(project_id=new_id("project"), name=name)
    session.add(project)
    session.flush()
    session.add(Member(project_id=project.project_id, user_id=member_id, role=role))
    return project.project_id


def add_plan(session, project_id, proposal, *, number=1, proposal_id=None, site_id=None):
    """Put a drawn proposal into the store, as a job would; return its ids."""
    zone = to_wgs84(proposal.site.zone, decimals=7)[0]
    if site_id is None:
        site_id = new_id("site")
        record = {"crs": proposal.crs.to_string(), "zone_area_m2": 2000.0}
        about = {"name": proposal.site.name, "request": {}, "record": record, "zone": zone}
        session.add(Site(site_id=site_id, project_id=project_id, **about))
        session.flush()
    if proposal_id is None:
        proposal_id = new_id("proposal")
        named = {"project_id": project_id, "site_id": site_id, "name": "Posts"}
        session.add(Proposal(proposal_id=proposal_id, **named))
        session.flush()
    plan_id = new_id("plan")
    session.add(
        Plan(
            plan_id=plan_id,
            project_id=project_id,
            proposal_id=proposal_id,
            site_id=site_id,
            number=number,
            request={},
            record={"verdict": proposal.verdict.as_dict()},
            content_hash="0" * 64,
            zone=zone,
        )
    )
    session.flush()
    for layer in LAYERS:
        table = getattr(proposal, layer, None)
        table = getattr(proposal.assessment, layer) if table is None else table
        rows = pd.DataFrame(table.drop(columns="geometry")).to_dict("records")
        shapes = to_wgs84(table, decimals=7)
        session.add_all(
            PlanFeature(plan_id=plan_id, layer=layer, number=n, shape=shape, properties=plain(row))
            for n, (shape, row) in enumerate(zip(shapes, rows, strict=True), start=1)
        )
    return SimpleNamespace(
        plan_id=plan_id, proposal_id=proposal_id, site_id=site_id, project_id=project_id
    )


@pytest.fixture(scope="session")
def drawn():
    return build_proposal()


@pytest.fixture(scope="session")
def served(tmp_path_factory, drawn):
    store = Store(tmp_path_factory.mktemp("ogc"))
    store.open()
    with store.database.session() as session:
        people = [User(user_id=new_id("user"), name=name) for name in ("ann", "bob", "shop")]
        session.add_all(people)
        session.flush()
        ann, bob, shop = (person.user_id for person in people)
        own = add_project(session, "Square", ann, Role.VIEWER)
        foreign = add_project(session, "Harbour", bob, Role.PLANNER)
        session.add(Member(project_id=own, user_id=shop, role=Role.PRIVATE_OPERATOR))
        first = add_plan(session, own, drawn)
        second = add_plan(
            session, own, drawn, number=2, proposal_id=first.proposal_id, site_id=first.site_id
        )
        other = add_plan(session, foreign, drawn)
    store.close()
    people = json.dumps({"ann-token": ann, "bob-token": bob, "shop-token": shop})
    # In a process of its own: GDAL, in this one, lets no other thread run while it waits.
    command = [sys.executable, "-m", "tests.ogc.serving", str(store.data), people]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        port = server.stdout.readline().strip()
        root = f"http://127.0.0.1:{port}/ogc"
        yield SimpleNamespace(root=root, first=first, newest=second, foreign=other, drawn=drawn)
        server.terminate()


@pytest.fixture(scope="session")
def get(served):
    """Ask for an address below the root as somebody."""
    with httpx.Client() as client:

        def asked(path, who="ann", **options):
            address = path if path.startswith("http") else served.root + path
            return client.get(address, auth=("token", f"{who}-token") if who else None, **options)

        yield asked


@pytest.fixture
def square_of(served):
    """The zone of the drawn plan in longitude and latitude."""
    return shapely.box(*to_wgs84(served.drawn.site.zone, decimals=7)[0].bounds)

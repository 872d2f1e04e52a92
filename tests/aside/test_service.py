"""The service has its heavy and hostile work done aside: nothing of it is in its own process."""

import io
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
import rasterio

from api.named import Named
from api.processes import is_alive
from api.store import FileRole, Role, Store, User
from api.store.results import keep_file
from sbd.export.geopackage import write_proposal
from tests.api.conftest import service_over
from tests.api.served import token_for
from tests.ogc.conftest import add_plan, add_project
from tests.repo.test_light_imports import HEAVY
from tests.started import started
from tests.unit.export.conftest import build_proposal

pytestmark = pytest.mark.slow  # starts the service


def heights(size=20):
    about = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": 32635}
    about["transform"] = rasterio.transform.from_origin(385_900, 6_671_900, 1, 1)
    out = io.BytesIO()
    with rasterio.open(out, "w", width=size, height=size, **about) as raster:
        raster.write(np.zeros((1, size, size), dtype="float32"))
    return out.getvalue()


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The folder of a store with a plan in it, a project, and who may plan there."""
    folder = tmp_path_factory.mktemp("town")
    proposal = build_proposal()
    file = folder / "proposal.gpkg"
    write_proposal(proposal, file)
    store = Store(folder / "store")
    store.open()
    with store.database.session() as session:
        user = User(name="ann")
        session.add(user)
        session.flush()
        project_id = add_project(session, "Square", user.user_id, Role.PLANNER)
        plan = add_plan(session, project_id, proposal)
        entry = store.files.keep(file)
        about = {"item_id": plan.plan_id, "role": FileRole.FILE, "name": file.name}
        keep_file(session, entry, **about)
        secret = token_for(session, user.user_id)
    store.close()
    return folder / "store", project_id, plan.plan_id, secret


def libraries_in(process_id):
    """Return which of the heavy libraries a process has loaded compiled parts of."""
    mapped = Path(f"/proc/{process_id}/maps").read_text()
    return HEAVY & set(re.findall(r"site-packages/([a-z]+)", mapped))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the system does not tell")
def test_comparing_copying_and_looking_into_heights_load_nothing_here(town):
    folder, project_id, plan_id, secret = town
    assert libraries_in(os.getpid())  # here they are
    with started(folder) as (service, url):
        client = httpx.Client(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {secret}"}, timeout=120
        )
        asked = {"plan_a": plan_id, "plan_b": plan_id}
        made = client.post(f"/projects/{project_id}/comparisons", json=asked)
        assert made.status_code == 201, made.text
        assert made.json()["units"] == {"same": 12}
        copied = client.post(f"/plans/{plan_id}/exports", json={"audience": "public"})
        assert copied.status_code == 201, copied.text
        path = f"/projects/{project_id}/uploads?kind=heights"
        sent = client.post(path, files={"file": ("a.tif", heights())})
        assert sent.status_code == 202, sent.text
        assert libraries_in(service.pid) == set()


def test_heights_that_break_their_reader_are_refused_and_the_service_goes_on(tmp_path, monkeypatch):
    with service_over(tmp_path / "store") as service:
        with monkeypatch.context() as patch:
            patch.setattr("api.uploads._CHECK", Named("tests.aside.works:breaks"))
            refused = service.send("heights", "a.tif", heights())
        assert refused.status_code == 415
        assert "a.tif: a damaged raster of heights" in refused.json()["detail"]
        assert service.get(f"/projects/{service.project}/uploads").json()["items"] == []
        assert service.send("heights", "a.tif", heights()).status_code == 202
        assert list((service.store.scratch).glob("upload-*")) == []


_HANGING = """
import api.uploads
from api.named import Named
api.uploads._CHECK = Named("tests.aside.works:hangs_beside")
"""


def test_a_stop_does_not_wait_for_what_hangs(town):
    folder, project_id, _, secret = town
    told = folder / "told"
    with started(folder, first=_HANGING) as (service, url), ThreadPoolExecutor(1) as asking:
        asked = asking.submit(
            httpx.post,
            f"{url}/api/v1/projects/{project_id}/uploads?kind=heights",
            files={"file": ("a.tif", heights())},
            headers={"Authorization": f"Bearer {secret}"},
            timeout=120,
        )
        while not told.exists():
            time.sleep(0.05)
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=60) == 0
        assert asked.result().status_code == 503
        assert "a.tif: the service stops" in asked.result().json()["detail"]
    assert not is_alive(int(told.read_text()))

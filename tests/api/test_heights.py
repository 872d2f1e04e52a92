"""Heights of the ground over the API: kept once, used by plans, refused with the reason."""

import io

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from api.store import Kind

pytestmark = pytest.mark.slow  # real plans


def raster(west, north, *, cells=200, cell_deg=0.0002, fall=0.0):
    """Return a GeoTIFF in degrees whose heights fall to the east."""
    height = np.tile(50.0 - fall * np.arange(cells), (cells, 1)).astype("float32")
    corner = from_origin(west, north, cell_deg, cell_deg / 2)
    file = io.BytesIO()
    with rasterio.open(
        file, "w", "GTiff", cells, cells, 1, crs="EPSG:4326", transform=corner, dtype="float32"
    ) as target:
        target.write(height, 1)
    return file.getvalue()


HELSINKI = raster(24.925, 60.181, fall=0.1)


def send(service, name, content):
    return service.post("/heights", files={"file": (name, content)})


def test_a_plan_is_made_with_the_heights_that_were_sent(service, site, asked_plan):
    sent = send(service, "dem.tif", HELSINKI)
    assert sent.status_code == 201, sent.text
    again = send(service, "other.tif", HELSINKI).json()
    assert again["heights_id"] == sent.json()["heights_id"]
    assert list((service.store.root / Kind.UPLOAD).iterdir()) == []
    asked = {**asked_plan, "heights_id": sent.json()["heights_id"]}
    job = service.finished(service.post(f"/sites/{site['site_id']}/plans", json=asked).json())
    assert job["error"] is None
    plan = service.client.get(job["result"]).json()
    assert "dem.tif" in plan["summary"]["heights"]


def test_heights_of_another_place_fail_the_plan_with_the_reason(service, site, asked_plan):
    far = send(service, "far.tif", raster(10.0, 50.0)).json()
    asked = {**asked_plan, "heights_id": far["heights_id"]}
    job = service.finished(service.post(f"/sites/{site['site_id']}/plans", json=asked).json())
    assert job["state"] == "failed"
    assert "far.tif" in job["error"]["detail"]
    assert str(service.store.root) not in job["error"]["detail"]


def test_unknown_heights_and_files_of_another_kind_are_refused_at_once(service, site, asked_plan):
    asked = {**asked_plan, "heights_id": "heights-000000000000"}
    assert service.post(f"/sites/{site['site_id']}/plans", json=asked).status_code == 404
    assert send(service, "dem.png", b"x").status_code == 415
    assert send(service, "dem.tif", b"").status_code == 422

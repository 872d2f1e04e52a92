"""Files that are sent in: read as a job, kept once, refused with the reason."""

import io

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from api.store import UploadKind
from api.uploads import ENDINGS, stored_name
from sbd.sources.shipped import shipped_extract
from tests.api.people import person

pytestmark = pytest.mark.slow  # real sites and plans

HELSINKI = shipped_extract().read_bytes()


def uploads_of(service):
    return service.get(f"/projects/{service.project}/uploads").json()["items"]


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


def test_an_extract_is_read_and_a_site_made_of_it(service, square):
    job = service.finished(service.send("extract", "helsinki.osm.pbf", HELSINKI).json())
    assert job["state"] == "done", job
    extract = service.client.get(job["result"]).json()
    assert extract["file_name"] == "helsinki.osm.pbf"
    assert extract["bytes"] == len(HELSINKI)
    assert extract["record"]["date"] == "2019-04-21"
    west, south = extract["record"]["covered"]["coordinates"][0][0][:2]
    assert (west, south) == pytest.approx((24.94, 60.17), abs=0.02)
    site = service.site({"extract_id": extract["upload_id"], "zone": square, "margin_m": 120})
    assert site["zone_area_m2"] > 2000


def test_the_same_file_is_kept_once(service):
    first = service.finished(service.send("extract", "one.osm.pbf", HELSINKI).json())
    before = len(uploads_of(service))
    second = service.finished(service.send("extract", "two.osm.pbf", HELSINKI).json())
    assert first["result_id"] == second["result_id"]
    assert len(uploads_of(service)) == before


@pytest.mark.parametrize("name", ["plan.pdf", "city.osm.zip", "osm", "x.osm.pbf.exe"])
def test_a_file_of_another_kind_is_refused_by_name(service, name):
    answer = service.send("extract", name, b"x")
    assert answer.status_code == 415
    assert name in answer.json()["detail"]


def test_an_empty_file_is_refused(service):
    answer = service.send("extract", "empty.osm.pbf", b"")
    assert answer.status_code == 422
    assert "0 bytes" in answer.json()["detail"]


def test_a_torn_file_fails_with_its_name_and_is_no_upload(service):
    before = len(uploads_of(service))
    job = service.finished(service.send("extract", "torn.osm.pbf", HELSINKI[:100_000]).json())
    assert job["state"] == "failed"
    assert job["error"]["detail"].startswith("torn.osm.pbf: ")
    assert service.client.get(job["result"]).status_code == 404
    assert len(uploads_of(service)) == before


def test_content_that_is_not_what_its_name_says_is_refused(service):
    assert service.send("extract", "torn.osm.pbf", b"not a map at all").status_code in (415, 422)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/cron.osm", "cron.osm"),
        ("..\\..\\boot.osm.gz", "boot.osm.gz"),
        ("/abs/olute.osm.bz2", "olute.osm.bz2"),
        (".osm", "file.osm"),
        ("a b/ö\0x.osm", "__x.osm"),
    ],
)
def test_a_sent_name_never_leads_out_of_its_folder(sent, kept):
    assert stored_name(sent, ENDINGS[UploadKind.EXTRACT], kind="map extract") == kept


def test_a_file_above_the_limit_is_refused_before_it_is_read(tmp_path, open_service):
    with open_service(tmp_path, upload_bytes=1000) as service:
        answer = service.send("extract", "big.osm.pbf", bytes(2000))
        assert answer.status_code == 413
        assert "1,000 bytes" in answer.json()["detail"]
        assert uploads_of(service) == []


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), (None, 404)], ids=str)
def test_nothing_is_read_of_what_somebody_sends_who_may_not(service, role, status):
    project = () if role is None else (service.project,)
    sender = person(service, f"sends.as.{role}", *project, **({"role": role} if role else {}))
    reads, told = 0, []

    async def receive():
        nonlocal reads
        reads += 1
        return {"type": "http.request", "body": bytes(1000), "more_body": reads < 100}

    async def send(message):
        told.append(message)

    path = f"/api/v1/projects/{service.project}/uploads"
    headers = {"host": "127.0.0.1", "content-type": "multipart/form-data; boundary=x"}
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"kind=extract",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "headers": [
            (name.encode(), word.encode()) for name, word in {**headers, **sender.headers}.items()
        ],
    }
    service.client.portal.call(service.client.app, scope, receive, send)
    assert told[0]["status"] == status
    assert reads == 0


def test_a_body_that_hides_its_length_is_cut_off_at_the_limit(tmp_path, open_service):
    def body():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.osm"\r\n\r\n'
        for _ in range(10):
            yield bytes(500)

    with open_service(tmp_path, upload_bytes=1000) as service:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        path = f"/projects/{service.project}/uploads?kind=extract"
        answer = service.post(path, content=body(), headers=kind)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_plan_is_made_with_the_heights_that_were_sent(service, site, asked_plan):
    job = service.finished(
        service.send("heights", "dem.tif", raster(24.925, 60.181, fall=0.1)).json()
    )
    assert job["state"] == "done", job
    asked = {**asked_plan, "heights_id": job["result_id"]}
    made = service.finished(service.post(f"/sites/{site['site_id']}/proposals", json=asked).json())
    assert made["error"] is None
    plan = service.client.get(made["result"]).json()
    assert "dem.tif" in plan["summary"]["heights"]


def test_heights_of_another_place_fail_the_plan_with_the_reason(service, site, asked_plan):
    far = service.finished(service.send("heights", "far.tif", raster(10.0, 50.0)).json())
    asked = {**asked_plan, "heights_id": far["result_id"]}
    job = service.finished(service.post(f"/sites/{site['site_id']}/proposals", json=asked).json())
    assert job["state"] == "failed"
    assert "far.tif" in job["error"]["detail"]
    assert str(service.store.data) not in job["error"]["detail"]


def test_a_file_counts_for_what_it_was_sent_in_for(service, site, asked_plan):
    sent = service.finished(service.send("heights", "a.tif", raster(24.925, 60.181)).json())
    asked = {**asked_plan, "catalogue_id": sent["result_id"]}
    answer = service.post(f"/sites/{site['site_id']}/proposals", json=asked)
    assert answer.status_code == 409
    assert "catalogue is needed" in answer.json()["detail"]


def test_a_product_list_with_faults_says_each_of_them(service):
    faulty = b"product_id,cost_low\nx,-5\n"
    job = service.finished(service.send("catalogue", "own.csv", faulty).json())
    assert job["state"] == "failed"
    assert "own.csv" in job["error"]["detail"]


def test_unknown_heights_are_refused_at_once(service, site, asked_plan):
    asked = {**asked_plan, "heights_id": "upload-000000000000"}
    answer = service.post(f"/sites/{site['site_id']}/proposals", json=asked)
    assert answer.status_code == 404
    assert service.send("heights", "dem.png", b"x").status_code == 415

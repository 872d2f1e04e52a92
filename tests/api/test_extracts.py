import pytest

from api.routes.extracts import ENDINGS
from api.store import Kind
from api.uploads import stored_name
from sbd.sources.shipped import shipped_extract

pytestmark = pytest.mark.slow  # real sites and plans

HELSINKI = shipped_extract().read_bytes()


def send(service, name, content):
    return service.post("/extracts", files={"file": (name, content)})


def test_an_extract_is_read_and_a_site_made_of_it(service, square):
    job = service.finished(send(service, "helsinki.osm.pbf", HELSINKI).json())
    assert job["state"] == "done", job
    extract = service.client.get(job["result"]).json()
    assert extract["file_name"] == "helsinki.osm.pbf"
    assert extract["bytes"] == len(HELSINKI)
    assert extract["date"] == "2019-04-21"
    west, south = extract["covered"]["coordinates"][0][0][:2]
    assert (west, south) == pytest.approx((24.94, 60.17), abs=0.02)
    site = service.site({"extract_id": extract["extract_id"], "zone": square, "margin_m": 120})
    assert site["zone_area_m2"] > 2000


def test_the_same_file_is_kept_once(service):
    first = service.finished(send(service, "one.osm.pbf", HELSINKI).json())
    second = service.finished(send(service, "two.osm.pbf", HELSINKI).json())
    assert first["result_id"] == second["result_id"]
    uploads = service.store.root / Kind.UPLOAD
    assert list(uploads.iterdir()) == []


@pytest.mark.parametrize("name", ["plan.pdf", "city.osm.zip", "osm", "x.osm.pbf.exe"])
def test_a_file_of_another_kind_is_refused_by_name(service, name):
    answer = send(service, name, b"x")
    assert answer.status_code == 415
    assert name in answer.json()["detail"]


def test_an_empty_file_is_refused(service):
    answer = send(service, "empty.osm.pbf", b"")
    assert answer.status_code == 422
    assert "0 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("content", [HELSINKI[:100_000], b"not a map at all"])
def test_a_torn_file_fails_with_its_name_and_nothing_is_kept(service, content):
    job = service.finished(send(service, "torn.osm.pbf", content).json())
    assert job["state"] == "failed"
    assert job["error"]["detail"].startswith("torn.osm.pbf: ")
    assert service.client.get(job["result"]).status_code == 404
    uploads = service.store.root / Kind.UPLOAD
    assert list(uploads.iterdir()) == []


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
    assert stored_name(sent, ENDINGS, kind="map extract") == kept


def test_a_file_above_the_limit_is_refused_before_it_is_read(tmp_path, open_service):
    with open_service(tmp_path, upload_bytes=1000) as service:
        answer = service.post("/extracts", files={"file": ("big.osm.pbf", bytes(2000))})
        assert answer.status_code == 413
        assert "1,000 bytes" in answer.json()["detail"]
        assert list((tmp_path / Kind.UPLOAD).iterdir()) == []


def test_a_body_that_hides_its_length_is_cut_off_at_the_limit(tmp_path, open_service):
    def body():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.osm"\r\n\r\n'
        for _ in range(10):
            yield bytes(500)

    with open_service(tmp_path, upload_bytes=1000) as service:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = service.post("/extracts", content=body(), headers=kind)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"

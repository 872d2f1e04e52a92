"""The whole service under hostile requests: whatever they name, it asks no other machine."""

import sys

import pytest

from tests.api.conftest import service_over
from tests.checks.test_outside import Trap, layers
from tests.checks.test_uploads import BOMB, OUTSIDE

pytestmark = pytest.mark.slow  # starts the service and a process that computes

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")

_asked = []
_watching = False


def _watch(event, arguments):
    if not _watching:
        return
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        _asked.append(arguments[0])
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        _asked.append(arguments[1])


# A hook can't be taken off again, so it looks whether it is meant.
sys.addaudithook(_watch)


@pytest.fixture(scope="module")
def trap():
    made = Trap()
    yield made
    made.listener.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory, trap):
    with pytest.MonkeyPatch.context() as patch:
        # whoever goes out by HTTP, here or in the process that computes, comes by the trap
        for name in PROXIES:
            patch.setenv(name, trap.address)
        with service_over(tmp_path_factory.mktemp("hostile")) as running:
            yield running


@pytest.fixture
def silent(trap):
    """Watch while a test runs; at its end nobody has been asked for anything."""
    global _watching  # noqa: PLW0603  # the hook has no other way to know
    _asked.clear()
    _watching = True
    yield
    _watching = False
    assert _asked == []
    assert trap.visits == 0


def addresses(trap):
    return [
        trap.address,
        f"/vsicurl/{trap.address}",
        "//127.0.0.1/share/x",
        "file:///etc/passwd",
        "../../etc/passwd",
        "Rautatientori, Helsinki",
        "Place de la Concorde, Paris",
    ]


@pytest.mark.parametrize("number", range(7))
def test_a_place_is_looked_up_among_the_shipped_ones_only(service, trap, silent, number):
    answer = service.post_site({"place": addresses(trap)[number]})
    assert answer.status_code in (404, 422), answer.text
    assert "place" in answer.json()["detail"]


@pytest.mark.parametrize("field", ["extract_id", "layers_id", "url", "source", "heights"])
def test_no_field_of_a_site_takes_an_address(service, trap, silent, field):
    for address in addresses(trap):
        answer = service.post_site({"place": "rautatientori", field: address})
        assert answer.status_code == 422, answer.text


def test_an_address_in_a_text_stays_a_text(service, trap, silent):
    address = addresses(trap)[0]
    created = service.post("/projects", json={"name": address, "description": address})
    assert created.status_code == 201
    answer = service.post(f"/projects/{service.project}/comments", json={"text": f"see {address}"})
    assert answer.status_code == 201
    assert answer.json()["text"] == f"see {address}"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("layers", "a.geojson"),
        ("layers", "a.gpkg"),
        ("heights", "a.tif"),
        ("extract", "a.osm"),
        ("extract", "a.osm.pbf"),
        ("catalogue", "a.xlsx"),
        ("catalogue", "a.csv"),
    ],
)
def test_a_list_of_other_files_is_refused_under_every_name(service, trap, silent, kind, name):
    content = layers("zone", f"/vsicurl/{trap.address}.geojson").encode()
    answer = service.send(kind, name, content)
    assert answer.status_code == 415, answer.text


@pytest.mark.parametrize("content", [BOMB, OUTSIDE], ids=["entities", "outside"])
def test_a_document_type_is_refused(service, silent, content):
    answer = service.send("extract", "a.osm", content)
    assert answer.status_code == 422
    assert "document type" in answer.json()["detail"]


@pytest.mark.parametrize(
    "name", ["../../../x.geojson", "..\\..\\x.geojson", "/etc/x.geojson", "C:\\x.geojson"]
)
def test_a_name_that_leads_out_is_no_path(service, silent, name):
    content = b'{"type": "FeatureCollection", "features": []}'
    answer = service.send("layers", name, content)
    assert answer.status_code in (202, 422)
    data = service.store.data
    assert not list(data.parent.glob("x.geojson"))
    assert all(data in path.resolve().parents for path in data.rglob("*.geojson"))


@pytest.mark.parametrize("word", ["bbox-crs", "crs"])
def test_an_address_of_a_system_is_compared_and_not_fetched(service, trap, silent, word):
    answer = service.client.get(
        "/ogc/collections/sites/items", params={word: trap.address, "bbox": "0,0,1,1"}
    )
    assert answer.status_code == 400

"""Against a small server on this machine that answers like Overpass and Nominatim."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import osmnx
import pytest
import shapely

from sbd.errors import CancelledError, InputError, OutputError, SourceError
from sbd.settings import Settings
from sbd.sources.overpass import MapService, fetch_area, geocode

# A town of 0.004 x 0.002 degrees around 48.137, 11.576.
WEST, SOUTH, EAST, NORTH = 11.574, 48.136, 11.578, 48.138
AREA = shapely.box(WEST, SOUTH, EAST, NORTH)
CORNERS = [(WEST, SOUTH), (EAST, SOUTH), (EAST, NORTH), (WEST, NORTH)]

NODES = [
    {"type": "node", "id": i, "lon": lon, "lat": lat}
    for i, (lon, lat) in enumerate(CORNERS, start=1)
]
FEATURES = {
    "osm3s": {"timestamp_osm_base": "2026-03-04T05:06:07Z"},
    "elements": [
        *NODES,
        {"type": "node", "id": 9, "lon": 11.576, "lat": 48.137, "tags": {"barrier": "bollard"}},
        {"type": "way", "id": 10, "nodes": [1, 2, 3, 4, 1], "tags": {"building": "yes"}},
        {"type": "way", "id": 11, "nodes": [1, 3], "tags": {"highway": "tertiary"}},
        {"type": "way", "id": 12, "nodes": [1, 77], "tags": {"highway": "service"}},
    ],
}
ROUTES = {
    "elements": [
        {
            "type": "relation",
            "id": 20,
            "tags": {"type": "route", "route": "tram"},
            "members": [{"type": "way", "ref": 11, "role": ""}],
        }
    ]
}
SQUARE = {
    "display_name": "Marienplatz, München",
    "lat": "48.137",
    "lon": "11.576",
    "importance": 0.7,
    "boundingbox": ["48.136", "48.138", "11.574", "11.578"],
    "geojson": {"type": "Polygon", "coordinates": [[*CORNERS, CORNERS[0]]]},
}

Reply = Callable[[BaseHTTPRequestHandler], None]


def answer(content: object, status: int = 200, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def torn(content: object) -> Reply:
    """Promise more than is sent, then hang up."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps(content).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    return reply


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then, so that no single wait is long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


@dataclass
class Town:
    """The server: replies by kind of request, the last one for ever; and what it was asked."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    awake: threading.Event = field(default_factory=threading.Event)

    def take(self, kind: str, query: str, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append((kind, query))
        self.agents.add(handler.headers["User-Agent"])
        replies = self.replies[kind]
        (replies.pop(0) if len(replies) > 1 else replies[0])(handler)

    def hang(self, handler: BaseHTTPRequestHandler) -> None:
        self.awake.wait(20)

    def count(self, kind: str) -> int:
        return sum(asked == kind for asked, _ in self.asked)


@pytest.fixture
def town(monkeypatch) -> Iterator[tuple[Town, str]]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    state = Town(
        {
            "features": [answer(FEATURES)],
            "routes": [answer(ROUTES)],
            "search": [answer([SQUARE])],
        }
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            query = parse_qs(self.rfile.read(length).decode())["data"][0]
            kind = "routes" if 'relation["type"="route"]' in query else "features"
            state.take(kind, query, self)

        def do_GET(self) -> None:
            state.take("search", parse_qs(urlsplit(self.path).query)["q"][0], self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield state, f"http://127.0.0.1:{server.server_address[1]}"
    state.awake.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def service(town, tmp_path) -> MapService:
    _, url = town
    return MapService(
        cache=tmp_path / "cache",
        cache_only=False,
        overpass_url=f"{url}/api",
        nominatim_url=url,
        timeout_s=5.0,
        pauses_s=(0.01,),
    )


def folders_in(service: MapService) -> list[str]:
    return [path.name for path in service.cache.glob("*/*")]


def test_an_area_comes_with_its_barriers_its_routes_its_date_and_its_repairs(service):
    layers = fetch_area(AREA, service=service)

    features = layers.features.set_index("osm_id")
    assert features.loc["way/10"].geometry.geom_type == "Polygon"
    assert features.loc["node/9", "tags"] == {"barrier": "bollard"}
    assert features.loc["way/11", "routes"] == "tram"
    assert layers.date == "2026-03-04"
    assert layers.covered.covers(AREA)
    assert "ways with fewer than two known nodes" in set(layers.repairs["item"])
    assert layers.attribution.startswith("© OpenStreetMap contributors")


def test_the_request_names_the_tags_that_osmnx_leaves_out_by_itself(town, service):
    fetch_area(AREA, service=service)

    query = next(query for kind, query in town[0].asked if kind == "features")
    for key in ("barrier", "kerb", "building", "highway", "natural", "traffic_calming"):
        assert f"['{key}']" in query
    assert "['place'='square']" in query
    assert "[timeout:5]" in query


def test_the_services_are_told_who_asks(town, service):
    fetch_area(AREA, service=service)
    geocode("Marienplatz", service=service)

    assert len(town[0].agents) == 1
    assert town[0].agents.pop().startswith("sbd")


def test_a_kept_answer_needs_no_second_request_and_no_network(town, service):
    state, _ = town
    first = fetch_area(AREA, service=service)
    count = len(state.asked)

    nobody = replace(service, cache_only=True, overpass_url="http://127.0.0.1:9/api")
    again = fetch_area(AREA, service=nobody)

    assert len(state.asked) == count
    assert again.features["osm_id"].tolist() == first.features["osm_id"].tolist()
    assert again.date == first.date


def test_a_zone_redrawn_in_the_same_box_needs_no_second_request(town, service):
    fetch_area(AREA.buffer(-0.0001), service=service)
    count = len(town[0].asked)

    fetch_area(AREA.buffer(-0.0002), service=service)

    assert len(town[0].asked) == count


def test_cache_only_without_the_answer_asks_nobody_and_tells_the_way_out(town, service):
    quiet = replace(service, cache_only=True)

    with pytest.raises(SourceError, match=r"not in the cache.*--extract FILE"):
        fetch_area(AREA, service=quiet)
    with pytest.raises(SourceError, match=r"'Marienplatz'.*not in the cache.*--extract FILE"):
        geocode("Marienplatz", service=quiet)

    assert town[0].asked == []


@pytest.mark.parametrize("status", [429, 502, 504])
def test_a_busy_service_is_asked_again(town, service, status):
    town[0].replies["features"].insert(0, answer(b"busy", status))

    layers = fetch_area(AREA, service=service)

    assert len(layers.features) == 3
    assert town[0].count("features") == 2


@pytest.mark.parametrize(
    ("kind", "reply", "words"),
    [
        ("features", answer(b"busy", 504), "answers 504"),
        ("features", answer(b"slow down", 429), "answers 429"),
        ("features", torn(FEATURES), "broke off"),
        ("features", answer(b"<html>too busy</html>"), "broke off or is no map data"),
        ("features", answer({**FEATURES, "remark": "runtime error: timed out"}), "not complete"),
        ("routes", answer(b"busy", 504), "answers 504"),
        ("routes", torn(ROUTES), "broke off"),
    ],
)
def test_a_service_that_never_answers_well_is_given_up_and_nothing_is_kept(
    town, service, kind, reply, words
):
    town[0].replies[kind] = [reply]

    with pytest.raises(SourceError, match=rf"{words}.*2 tries.*--extract FILE") as caught:
        fetch_area(AREA, service=service)

    assert "\n" not in str(caught.value)
    assert town[0].count(kind) == 2  # one wait, two tries
    assert folders_in(service) == []


def test_a_torn_answer_is_asked_for_again(town, service):
    town[0].replies["features"].insert(0, torn(FEATURES))

    assert len(fetch_area(AREA, service=service).features) == 3


def test_a_refusal_is_not_repeated(town, service):
    town[0].replies["features"] = [answer(b"Bad Request", 400)]

    with pytest.raises(SourceError, match="answers 400"):
        fetch_area(AREA, service=service)

    assert town[0].count("features") == 1


@pytest.mark.parametrize("kind", ["features", "routes"])
def test_a_hang_ends_at_the_time_out(town, service, kind):
    town[0].replies[kind] = [town[0].hang]

    with pytest.raises(SourceError, match=r"no answer within 0.3 s \(SBD_TIMEOUT_S\).*--extract"):
        fetch_area(AREA, service=replace(service, timeout_s=0.3))

    assert town[0].count(kind) == 1


def test_an_answer_that_drips_ends_at_the_time_out(town, service):
    town[0].replies["features"] = [drip]

    with pytest.raises(SourceError, match="broke off"):
        fetch_area(AREA, service=replace(service, timeout_s=0.3, pauses_s=()))


def test_a_service_may_ask_for_a_longer_wait_than_ours(town, service):
    town[0].replies["features"].insert(0, answer(b"busy", 429, Retry_After="1"))
    notes = []

    fetch_area(AREA, service=service, progress=lambda stage, share, note: notes.append(note))

    assert any("429" in note and "next try in 1 s" in note for note in notes)


def test_waiting_can_be_stopped(town, service):
    town[0].replies["features"] = [answer(b"busy", 504)]

    def stop(stage: str, share: float, note: str) -> None:
        if "next try" in note:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        fetch_area(AREA, service=replace(service, pauses_s=(60.0,)), progress=stop)

    assert folders_in(service) == []


def test_without_a_network_the_message_names_the_host_and_the_way_out(service):
    nobody = replace(service, overpass_url="http://127.0.0.1:9/api")

    with pytest.raises(SourceError, match=r"127\.0\.0\.1:9: can't be reached.*--extract FILE"):
        fetch_area(AREA, service=nobody)


def test_an_empty_map_is_told_as_such_and_not_kept(town, service):
    town[0].replies["features"] = [answer({"elements": []})]

    with pytest.raises(InputError, match="nothing is mapped there"):
        fetch_area(AREA, service=service)

    assert folders_in(service) == []


@pytest.mark.parametrize("content", [["no", "map"], {"version": 0.6}])
def test_an_answer_that_is_no_map_is_refused_and_not_kept(town, service, content):
    town[0].replies["features"] = [answer(content)]

    with pytest.raises(SourceError, match="no map data"):
        fetch_area(AREA, service=service)

    assert folders_in(service) == []


def test_a_city_is_too_large_to_ask_for(town, service):
    with pytest.raises(InputError, match=r"km2.*up to 25 km2.*--extract"):
        fetch_area(shapely.box(11.4, 48.0, 11.7, 48.2), service=service)

    assert town[0].asked == []


def test_a_damaged_cache_says_what_to_delete(service):
    fetch_area(AREA, service=service)
    next(service.cache.glob("overpass/*/routes.json")).write_text('{"elements": [')

    with pytest.raises(SourceError, match="delete the folder"):
        fetch_area(AREA, service=service)


def test_a_cache_that_cannot_be_written_says_so(service, tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(OutputError, match="SBD_CACHE"):
        fetch_area(AREA, service=replace(service, cache=tmp_path / "file"))


@pytest.mark.parametrize("fails", [False, True])
def test_osmnx_and_the_name_look_up_are_left_as_they_were(town, service, fails):
    if fails:
        town[0].replies["features"] = [answer(b"busy", 504)]
    before = {k: v for k, v in vars(osmnx.settings).items() if not k.startswith("__")}
    look_up = socket.getaddrinfo

    try:
        fetch_area(AREA, service=service)
    except SourceError:
        assert fails

    after = {k: v for k, v in vars(osmnx.settings).items() if not k.startswith("__")}
    assert after == before
    assert socket.getaddrinfo is look_up


def test_a_name_gives_its_outline(service):
    found = geocode("Marienplatz", service=service)

    assert found.name == "Marienplatz, München"
    assert (found.latitude_deg, found.longitude_deg) == (48.137, 11.576)
    assert found.outline.equals(AREA)


def test_a_name_is_asked_for_once(town, service):
    geocode("Marienplatz", service=service)

    again = geocode("Marienplatz", service=replace(service, cache_only=True))

    assert again.outline.equals(AREA)
    assert town[0].count("search") == 1


def test_a_place_that_is_only_a_point_has_no_outline(town, service):
    point = {"type": "Point", "coordinates": [11.576, 48.137]}
    town[0].replies["search"] = [answer([{**SQUARE, "geojson": point}])]

    assert geocode("Marienplatz", service=service).outline is None


def test_a_name_that_nobody_knows_is_the_users_to_correct(town, service):
    town[0].replies["search"] = [answer([])]

    with pytest.raises(InputError, match=r"'Marienplaz'.*no such name.*--center LAT,LON"):
        geocode("Marienplaz", service=service)

    assert folders_in(service) == []


def test_an_empty_name_is_refused_before_anyone_is_asked(town, service):
    with pytest.raises(InputError, match="name is empty"):
        geocode("  ", service=service)

    assert town[0].asked == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer(b"busy", 504), "answers 504.*2 tries"),
        (answer({"error": "over quota"}), "no list of places"),
        (answer(b"forbidden", 403), "answers 403"),
    ],
)
def test_a_name_service_that_fails_is_given_up(town, service, reply, words):
    town[0].replies["search"] = [reply]

    with pytest.raises(SourceError, match=rf"{words}.*--extract FILE"):
        geocode("Marienplatz", service=service)


def test_a_service_is_what_the_settings_say(tmp_path):
    settings = Settings(tmp_path, True, "http://a.test/api", "http://b.test", 7.0, tmp_path)

    service = MapService.from_settings(settings)

    assert (service.cache, service.cache_only) == (tmp_path, True)
    assert (service.overpass_url, service.nominatim_url) == ("http://a.test/api", "http://b.test")
    assert service.timeout_s == 7.0

import dataclasses
import json
import re
from html.parser import HTMLParser

import folium
import pytest
from folium.plugins import MarkerCluster

from sbd.errors import OutputError
from sbd.export.map import render_assessment_map, render_map, review_map
from sbd.export.map_layers import LOOKS
from sbd.export.page import OfflineMap, render_page
from tests.browser import chromium

ATTACK = (
    '<img src=x onerror="window.attacked=1"></script><script>window.attacked=1</script>\'"&amp;'
)
FETCHING = {"src", "srcset", "href", "data", "poster", "action", "background", "cite", "formaction"}


class Links(HTMLParser):
    """Everything in a page that a browser would fetch by itself."""

    def __init__(self):
        super().__init__()
        self.fetched, self.styles, self.tags, self._inside = [], [], [], None

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self._inside = tag
        for name, value in attributes:
            if name in FETCHING and not (tag == "a" and name == "href"):
                self.fetched.append(value)
            if name == "style":
                self.styles.append(value)

    def handle_data(self, data):
        if self._inside == "style":
            self.styles.append(data)


def links_of(page):
    parser = Links()
    parser.feed(page)
    found = list(parser.fetched)
    for style in parser.styles:
        found += re.findall(r"url\(\s*['\"]?([^'\")]+)", style)
        found += re.findall(r"@import\s+['\"]?([^'\";]+)", style)
    return found, parser.tags


def features_in(page):
    """Return every GeoJSON feature that the page gives to Leaflet."""
    collections = re.findall(r"_add\((\{.*\})\);", page)
    return [feature for text in collections for feature in json.loads(text)["features"]]


@pytest.fixture(scope="module")
def page(proposal):
    return render_map(proposal)


@pytest.fixture(scope="module")
def hostile(richer):
    """A plan in which every text that comes from outside tries to run a script."""
    plan = richer
    site = dataclasses.replace(
        plan.site,
        crowds=plan.site.crowds.assign(name=ATTACK, crowd_id=ATTACK),
        desire_lines=plan.site.desire_lines.assign(name=ATTACK),
        deliveries=plan.site.deliveries.assign(name=ATTACK, delivery_id=ATTACK),
        name=ATTACK,
        attribution=ATTACK,
        zone=plan.site.zone.assign(name=ATTACK),
        streets=plan.site.streets.assign(name=ATTACK, reason=ATTACK),
        furniture=plan.site.furniture.assign(kind=ATTACK, standing=ATTACK),
        entries=plan.site.entries.assign(street=ATTACK),
    )
    vehicle = dataclasses.replace(plan.assessment.vehicles[0], name=ATTACK)
    assessment = dataclasses.replace(
        plan.assessment,
        vehicles=(vehicle,),
        perimeter=plan.assessment.perimeter.assign(
            vehicle=ATTACK, corridor_id=ATTACK, inputs=ATTACK
        ),
        corridors=plan.assessment.corridors.assign(vehicle=ATTACK, street=ATTACK, surface=ATTACK),
        fields=(dataclasses.replace(plan.assessment.fields[0], vehicle=vehicle),),
    )
    words = {"kind": ATTACK, "product_id": ATTACK, "source": ATTACK, "vehicle": ATTACK}
    return dataclasses.replace(
        plan,
        site=site,
        assessment=assessment,
        barriers=plan.barriers.assign(**words, rated_vehicle=ATTACK),
        footprints=plan.footprints.assign(**words),
        closures=plan.closures.assign(name=ATTACK, highway=ATTACK),
        run_out=plan.run_out.assign(product_id=ATTACK, evidence=ATTACK),
        failures=plan.failures.assign(what=ATTACK, vehicle=ATTACK),
        why=plan.why.assign(demand=ATTACK, held_by=ATTACK, without_it=ATTACK),
        verdict=dataclasses.replace(
            plan.verdict,
            checks=tuple(
                dataclasses.replace(check, question=ATTACK, note=ATTACK)
                for check in plan.verdict.checks
            ),
            gaps=plan.verdict.gaps.assign(
                gap_id=[f"{ATTACK}{i}" for i in range(14)], between=ATTACK
            ),
            conditions=(ATTACK,),
        ),
    )


def test_nothing_in_the_page_is_fetched(page):
    fetched, _ = links_of(page)
    assert [link for link in fetched if not link.startswith(("data:", "#"))] == []


def test_the_page_brings_leaflet_and_its_pictures_along(page):
    assert "Leaflet 1.9" in page
    assert "url(data:image/png;base64," in page
    assert "sourceMappingURL" not in page


def test_the_same_plan_gives_the_same_page(proposal, page):
    assert render_map(proposal) == page


def test_a_plugin_that_links_elsewhere_is_refused(proposal):
    page_map = review_map(proposal)
    MarkerCluster().add_to(page_map)
    with pytest.raises(OutputError, match="the link 'markerclusterjs' to https://"):
        render_page(page_map)


def test_other_maps_of_folium_keep_their_links():
    OfflineMap(location=[60.0, 25.0])
    assert all(url.startswith("https://") for _, url in folium.Map.default_js)


def test_every_look_that_a_feature_names_exists(page):
    assert {feature["properties"]["look"] for feature in features_in(page)} <= LOOKS.keys()


def test_units_are_drawn_as_they_are_and_openable_ones_differ(page):
    looks = [feature["properties"]["look"] for feature in features_in(page)]
    assert looks.count("fixed unit") == looks.count("openable unit") == 6
    assert LOOKS["fixed line"]["color"] != LOOKS["openable line"]["color"]
    assert "dashArray" in LOOKS["openable line"]
    assert "dashArray" not in LOOKS["fixed line"]
    assert page.count('"badge": "gate"') == 1


def test_a_barrier_says_what_it_must_stop(page):
    cards = [feature["properties"] for feature in features_in(page)]
    line = next(card for card in cards if card.get("title", "").startswith("Line L1"))
    assert ["Must stop", "N2A of 7200 kg at 48 km/h"] in line["rows"]
    assert ["Run-out behind it", "0.8 m"] in line["rows"]


def test_a_line_says_why_it_stands_and_what_it_takes(richer):
    cards = [feature["properties"] for feature in features_in(render_map(richer))]
    line = next(card for card in cards if card.get("title", "").startswith("Line L1"))
    rows = dict(line["rows"])
    assert rows["Ground lost behind"] == "92 m²"
    assert rows["Answers"] == "keeps West Street out"
    assert rows["Next best plan"] == "4 200 EUR more"
    gate = next(card for card in cards if card.get("title") == "Openable crossing in line L2")
    assert dict(gate["rows"])["Next best plan"] == "none"


def test_what_a_place_asks_for_has_layers_and_legend_of_its_own(richer, page):
    full = render_map(richer)
    words = {
        "Where the crowd stands": "where the crowd stands",
        "Ground rules for units": "a unit here costs more",
        "Where people walk and cycle": "where people cycle",
        "Ground lost behind the lines": "keep clear: run-out of a vehicle",
        "What one failure lets in": "reached if one thing fails",
    }
    for layer, legend in words.items():
        assert layer in full
        assert layer not in page
        assert f"</svg>{legend}</li>" in full
        assert f"</svg>{legend}</li>" not in page
    tips = [feature["properties"].get("tip") for feature in features_in(full)]
    assert "Stage: up to 4 000 people" in tips
    assert "tree root: a unit here costs 1 500 more" in tips
    assert "People walk here: to the station" in tips


def test_a_corridor_brings_its_speed_over_the_way(page):
    cards = [feature["properties"] for feature in features_in(page)]
    card = next(card for card in cards if card.get("title", "").startswith("Approach 1: N1"))
    assert card["profile"] == [
        [0.0, 30.0, "entry"],
        [60.0, 36.0, "bend radius"],
        [100.0, 60.0, "engine"],
    ]
    assert ["Arrives at", "60 km/h (57 to 63)"] in card["rows"]
    assert ["Held by", "bend"] in card["rows"]
    assert ["Surface", "sett 60 %, unknown 40 %"] in card["rows"]


def test_the_edge_says_how_sure_its_speed_is(page):
    # 60 km/h at the west mouth, attained 5 % less, at most 5 % more
    cards = [feature["properties"] for feature in features_in(page)]
    card = next(card for card in cards if card.get("title") == "N1 arrives at 60 km/h")
    assert card["tip"] == "60 km/h (57 to 63)"
    rows = dict(card["rows"])
    assert rows["Range"].startswith("57 to 63 km/h")
    assert rows["Held by"] == "acceleration"
    assert rows["Hangs on"].startswith("acceleration_mps2: assumed; obstacle positions")


def test_the_plan_in_figures_stands_above_the_map(page):
    # two lines at 12 000 to 30 000 EUR each
    facts = "2 barrier lines · 12 units · 1 openable crossing · 2 streets no longer open to all"
    assert f"permanent layout · {facts} · widest gap 1200 mm · 24,000 to 60,000 EUR" in page


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"conditions": ()}, "HOLDS"),
        ({}, "HOLDS ON CONDITION"),
        ({"breached": True}, "FAILS"),
    ],
)
def test_the_verdict_stands_in_words_above_the_map(build_proposal, build_verdict, options, word):
    page = render_map(build_proposal(verdict=build_verdict(**options)))
    assert f"<strong>{word}</strong>" in page
    assert ("✖ fails" in page) == (word == "FAILS")


def test_a_page_of_an_assessment_shows_speeds_and_no_plan(proposal):
    page = render_assessment_map(proposal.site, proposal.assessment)
    assert "Approach corridors, N2A" in page
    assert "Openable crossings" not in page
    assert "barrier line" not in page


def test_a_plan_without_barriers_or_speeds_has_a_page_too(proposal):
    bare = dataclasses.replace(
        proposal,
        barriers=proposal.barriers.iloc[:0],
        units=proposal.units.iloc[:0],
        footprints=proposal.footprints.iloc[:0],
        closures=proposal.closures.iloc[:0],
        assessment=dataclasses.replace(
            proposal.assessment,
            perimeter=proposal.assessment.perimeter.iloc[:0],
            corridors=proposal.assessment.corridors.iloc[:0],
            fields=(),
        ),
        verdict=dataclasses.replace(proposal.verdict, gaps=proposal.verdict.gaps.iloc[:0]),
    )
    assert "Openable crossings" not in render_map(bare)


def test_text_from_outside_stays_text(hostile):
    page = render_map(hostile)
    fetched, tags = links_of(page)
    assert "x" not in fetched
    assert "img" not in tags
    assert "<script>window.attacked" not in page


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def opened(browser, tmp_path):
    """Open pages from a file and keep what they asked for and complained of."""
    context = browser.new_context(viewport={"width": 1300, "height": 850}, offline=True)

    def open_page(text):
        path = tmp_path / "map.html"
        path.write_text(text, encoding="utf-8")
        tab = context.new_page()
        tab.asked, tab.complaints = [], []
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.on("console", lambda message: tab.complaints.append(message.text))
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.goto(path.as_uri())
        return tab

    yield open_page
    context.close()


@pytest.mark.browser
def test_a_browser_shows_the_plan_and_asks_for_nothing(opened, page):
    tab = opened(page)
    for words in ("HOLDS ON CONDITION", "RESTRICTED", "48 to 64 km/h", "openable crossing"):
        tab.get_by_text(words, exact=False).first.wait_for(timeout=5000)
    for layer in ("Barrier lines", "Units", "Clear gaps (mm)", "Approach corridors, N2A"):
        assert tab.get_by_label(layer).is_checked()
    assert not tab.get_by_label("Speed everywhere, N1").is_checked()
    assert tab.get_by_text("OpenStreetMap contributors").is_visible()
    assert [url for url in tab.asked if not url.startswith(("file:", "data:"))] == []
    assert tab.complaints == []


@pytest.mark.browser
def test_ground_rules_and_failures_are_there_on_asking(opened, richer):
    tab = opened(render_map(richer))
    for name in ("Where the crowd stands", "Where people walk", "Ground lost behind the lines"):
        assert tab.get_by_label(name).is_checked()
    for name in ("Ground rules for units", "What one failure lets in"):
        box = tab.get_by_label(name)
        assert not box.is_checked()
        box.check()
    assert tab.complaints == []


@pytest.mark.browser
def test_a_click_on_an_approach_opens_its_figures(opened, page):
    tab = opened(page)
    tab.locator(".sbd-rank", has_text="1").click()
    card = tab.locator(".sbd-card")
    card.wait_for(timeout=5000)
    assert "48 km/h" in card.inner_text()
    assert "West Street" in card.inner_text()
    # the engine, then a bend, then the engine again
    assert card.locator("svg polyline").count() == 3
    assert card.locator(".sbd-key").inner_text().split() == ["engine", "bend", "or", "gap"]
    assert tab.complaints == []


@pytest.mark.browser
def test_layers_go_and_come_and_keep_their_order(opened, page):
    tab = opened(page)
    units = tab.get_by_label("Units")
    for layer in ("Speed everywhere, N2A", "Furniture"):
        tab.get_by_label(layer).check()
    units.uncheck()
    units.check()
    names = tab.locator(".leaflet-control-layers-overlays label").all_inner_texts()
    assert [name.strip() for name in names][:4] == [
        "Units",
        "Clear gaps (mm)",
        "Openable crossings",
        "Barrier lines",
    ]
    assert tab.locator("img.leaflet-image-layer").count() == 1
    assert tab.complaints == []


@pytest.mark.browser
def test_a_street_name_with_a_script_in_it_does_nothing(opened, hostile):
    tab = opened(render_map(hostile))
    # Names as long as these make the list as wide as it gets, and it hides what lies below.
    tab.locator(".leaflet-control-layers summary").click()
    tab.locator(".sbd-rank").last.click()
    tab.locator(".sbd-card").wait_for(timeout=5000)
    assert tab.evaluate("window.attacked") is None
    assert tab.locator("img[src=x]").count() == 0
    assert ATTACK in tab.locator(".sbd-card").inner_text()
    assert tab.complaints == []

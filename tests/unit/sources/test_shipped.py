import hashlib
import importlib.util
import re
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
import shapely

from sbd.errors import ExtractError
from sbd.sources import shipped
from sbd.sources.extract import read_extract
from sbd.sources.shipped import SHIPPED_PLACES, shipped_extract

CACHE = Path(__file__).parents[3] / "data" / "osm_cache"


@pytest.fixture(scope="module")
def helsinki():
    return read_extract(shipped_extract())


@pytest.fixture(scope="module")
def make_helsinki():
    spec = importlib.util.spec_from_file_location("make_helsinki", CACHE / "make_helsinki.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_note_beside_the_file_tells_its_checksum_size_date_and_licence(helsinki):
    note = (CACHE / "README.md").read_text(encoding="utf-8")
    content = shipped_extract().read_bytes()

    assert hashlib.sha256(content).hexdigest() in note
    assert str(len(content)) in note
    assert helsinki.date in note
    assert "ODbL" in note
    assert "© OpenStreetMap contributors" in note


def test_the_shipped_file_refers_to_nothing_that_it_lacks_and_names_nobody():
    here = {"n": set(), "w": set(), "r": set()}
    referred = {"n": set(), "w": set()}
    for thing in osmium.FileProcessor(shipped_extract()):
        here[thing.type_str()].add(thing.id)
        assert (thing.user, thing.uid, thing.changeset) == ("", 0, 0)
        if thing.type_str() == "w":
            referred["n"].update(node.ref for node in thing.nodes)
        elif thing.type_str() == "r":
            for member in thing.members:
                referred[member.type].add(member.ref)

    assert referred["n"] <= here["n"]
    assert referred["w"] <= here["w"]


@pytest.mark.parametrize("place", SHIPPED_PLACES)
def test_a_shipped_place_lies_in_its_square_with_room_for_a_run_up(helsinki, place):
    latitude, longitude = SHIPPED_PLACES[place].center
    point = shapely.Point(longitude, latitude)

    around = helsinki.features[helsinki.features.contains(point)]

    named = [tags["name"] for tags in around["tags"] if "name" in tags]
    assert SHIPPED_PLACES[place].name.split(",")[0] in " ".join(named)
    metric = gpd.GeoSeries([point, helsinki.covered.exterior], crs=4326).to_crs(32635)
    assert metric.iloc[0].distance(metric.iloc[1]) >= 300


def test_an_installation_without_the_file_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(shipped, "_FOLDERS", (tmp_path,))

    with pytest.raises(ExtractError, match="install sbd again"):
        shipped_extract()


def test_cleaning_shortens_ways_and_leaves_out_multipolygons_that_lost_a_side(
    make_helsinki, draw, tmp_path
):
    raw = draw.file(
        draw.square(1, 1, 1, 4),
        draw.node(50, 9, 9),
        draw.way(10, [1, 2, 3, 4, 1], building="yes"),
        draw.way(11, [1, 77, 2, 3], highway="service"),
        draw.way(12, [1, 78], highway="service"),
        draw.way(13, [79, 1, 2, 79], barrier="fence"),
        draw.relation(20, [(10, "outer"), (99, "inner")], type="multipolygon", building="yes"),
        draw.relation(21, [(11, ""), (12, "")], type="route", route="bus"),
        draw.relation(22, [(11, "from")], type="restriction"),
    )
    target = tmp_path / "clean.osm.pbf"

    counts = make_helsinki.clean(raw, target)

    ways = {w.id: [n.ref for n in w.nodes] for w in osmium.FileProcessor(target, osmium.osm.WAY)}
    assert ways == {10: [1, 2, 3, 4, 1], 11: [2, 3], 13: [1, 2]}
    relations = {
        r.id: [m.ref for m in r.members] for r in osmium.FileProcessor(target, osmium.osm.RELATION)
    }
    assert relations == {21: [11]}
    assert counts["ways shortened"] == 2
    assert counts["ways left out"] == 1
    # node 50 carries no tag and no way needs it
    assert 50 not in {n.id for n in osmium.FileProcessor(target, osmium.osm.NODE)}


def test_making_the_shipped_file_refuses_another_source(make_helsinki, draw, capsys):
    raw = draw.file(draw.square(1, 1, 1, 4), draw.way(10, [1, 2], highway="service"))

    with pytest.raises(SystemExit):
        make_helsinki.main([str(raw)])

    assert re.search(r"sha256 [0-9a-f]{16}", capsys.readouterr().err)

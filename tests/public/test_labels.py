"""The label on a copy for members: inside each file that has a place for it."""

import json
import sqlite3
from contextlib import closing

import geopandas as gpd
import pytest
from matplotlib.image import imread, imsave
from shapely import Point

from api.public.labels import LABEL_FILE, label, stamp_folder
from api.store.talk import Audience
from sbd.export.geopackage import write_site
from sbd.sources.store import read_site
from tests.unit.export.conftest import build_site

WORDS = label(Audience.RESTRICTED)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "plan.json").write_text('{"plan": 1}')
    (tmp_path / "rows.json").write_text("[1, 2]")
    (tmp_path / "certificate.json").write_text('{"sha256": "00"}')
    (tmp_path / "map.html").write_text("<html><head></head><body>Map</body></html>")
    (tmp_path / "summary.txt").write_text("12 units")
    (tmp_path / "list.csv").write_text("a,b\n1,2\n")
    imsave(tmp_path / "plan.png", [[0.0, 1.0]])
    points = gpd.GeoDataFrame({"name": ["x"]}, geometry=[Point(25, 60)], crs=4326)
    points.to_file(tmp_path / "points.gpkg", layer="points")
    return tmp_path


def test_each_form_carries_the_label_and_still_reads(folder):
    stamp_folder(folder, Audience.RESTRICTED)
    assert (folder / LABEL_FILE).read_text() == f"{WORDS}\n"
    assert json.loads((folder / "plan.json").read_text()) == {"sensitivity": WORDS, "plan": 1}
    page = (folder / "map.html").read_text()
    assert page.count(WORDS) == 2
    assert page.endswith("</div></body></html>")
    assert (folder / "summary.txt").read_text() == f"{WORDS}\n\n12 units"
    assert WORDS.encode() in (folder / "plan.png").read_bytes()
    assert imread(folder / "plan.png").shape[:2] == (1, 2)


def test_a_geopackage_carries_the_label_in_its_metadata(folder):
    stamp_folder(folder, Audience.RESTRICTED)
    with closing(sqlite3.connect(folder / "points.gpkg")) as connection:
        asked = (
            "SELECT metadata, reference_scope FROM gpkg_metadata "
            "JOIN gpkg_metadata_reference ON md_file_id = gpkg_metadata.id"
        )
        assert connection.execute(asked).fetchall() == [(WORDS, "geopackage")]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert gpd.read_file(folder / "points.gpkg", layer="points")["name"].tolist() == ["x"]


def test_the_site_s_own_geopackage_is_read_as_before(tmp_path):
    site = build_site()
    write_site(site, tmp_path / "site.gpkg")
    stamp_folder(tmp_path, Audience.RESTRICTED)
    assert read_site(tmp_path / "site.gpkg").name == site.name
    assert len(read_site(tmp_path / "site.gpkg").solids) == len(site.solids)


def test_what_is_sealed_or_has_no_place_stays_as_it_was(folder):
    kept = {name: (folder / name).read_bytes() for name in ("certificate.json", "list.csv")}
    stamp_folder(folder, Audience.RESTRICTED)
    assert {name: (folder / name).read_bytes() for name in kept} == kept
    assert json.loads((folder / "rows.json").read_text()) == [1, 2]

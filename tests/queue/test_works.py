"""What a worker leaves for each kind of job, without a store around it."""

import zipfile
from importlib.resources import files
from pkgutil import resolve_name

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from api.kinds import KEEPS, WARM, WORKS
from api.store import JobKind
from api.works import SITE_FILE, make_assessment, make_site, read_upload, warm
from sbd.catalogue.products import load_products
from sbd.errors import InputError, SbdError
from sbd.export.geopackage import write_site
from sbd.progress import ignore
from tests.judged import town

SHIPPED = files("sbd.catalogue") / "products.csv"


def heights(path, crs):
    transform = from_origin(500_000, 6_600_000, 10, 10)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=4,
        height=3,
        count=1,
        dtype="float32",
        crs=crs,
        transform=transform,
    ) as raster:
        raster.write(np.zeros((1, 3, 4), dtype=np.float32))
    return path


def read(kind, path, tmp_path):
    return read_upload({"kind": kind}, {"upload": path}, tmp_path, ignore)


@pytest.mark.parametrize("kind", JobKind)
def test_each_kind_of_job_has_its_work_and_what_keeps_its_result(kind):
    assert resolve_name(WORKS[kind].name).__module__ == "api.works"
    assert kind in KEEPS


def test_what_warms_a_worker_is_there():
    assert resolve_name(WARM.name) is warm


def test_a_product_list_tells_what_is_in_it(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes(SHIPPED.read_bytes())
    found = read("catalogue", path, tmp_path)["products"]
    assert set(found) == {product.product_id for product in load_products()}


def test_heights_tell_where_they_speak(tmp_path):
    found = read("heights", heights(tmp_path / "h.tif", "EPSG:32635"), tmp_path)
    assert found["cells"] == [4, 3]
    # 500 000 m east is the middle of zone 35, at 27 degrees.
    west, south = np.min(found["covered"]["coordinates"][0], axis=0)
    assert west == pytest.approx(27.0, abs=0.01)
    assert 59.0 < south < 60.0


@pytest.mark.parametrize("content", [None, b"no raster at all"])
def test_heights_that_can_t_be_read_are_refused_by_name(tmp_path, content):
    path = tmp_path / "h.tif"
    if content is None:
        heights(path, None)
    else:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"heights h\.tif"):
        read("heights", path, tmp_path)


def test_layers_without_any_of_ours_are_refused(tmp_path):
    path = tmp_path / "mine.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(SbdError, match="layer"):
        read("layers", path, tmp_path)


@pytest.mark.slow
def test_an_assessment_leaves_layers_rasters_and_figures(tmp_path):
    write_site(town(), tmp_path / SITE_FILE)
    out = tmp_path / "out"
    out.mkdir()
    shares = []
    asked = {"vehicles": ["N2A"], "resolution_m": 1.0, "headings": 32}
    record = make_assessment(
        {"asked": asked, "site_id": "site-1"},
        {"site": tmp_path / SITE_FILE},
        out,
        lambda stage, share, note: shares.append(share),
    )
    assert record["layers"] == ["perimeter", "corridors"]
    assert {path.name for path in (out / "layers").iterdir()} == {
        "perimeter.geojson",
        "corridors.geojson",
    }
    names = {path.name for path in (out / "files").iterdir()}
    assert names == set(record["files"])
    assert "assessment.gpkg" in names
    assert any(name.endswith(".tif") for name in names)
    assert set(zipfile.ZipFile(out / "archive.zip").namelist()) == names
    (vehicle,) = record["summary"]["vehicles"]
    assert vehicle["vehicle"] == "N2A"
    assert vehicle["speed_lower_kmh"] <= vehicle["speed_kmh"] <= vehicle["speed_upper_kmh"]
    assert shares[-1] == 1.0


@pytest.mark.slow
def test_a_site_takes_own_layers(tmp_path):
    place = {"place": "rautatientori", "margin_m": 60}
    square = [24.9437, 60.1711], [24.9447, 60.1711], [24.9447, 60.17155], [24.9437, 60.1711]
    own = tmp_path / "deliveries.geojson"
    own.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
        '{"name": "market hall", "width_m": 2.5, "opens": "06:00", "closes": "10:00"}, '
        '"geometry": {"type": "Point", "coordinates": [24.9440, 60.1712]}}]}'
    )
    out = tmp_path / "out"
    out.mkdir()
    asked = {**place, "zone": {"type": "Polygon", "coordinates": [square]}}
    record = make_site({"asked": asked}, {"layers": own}, out, ignore)
    assert "market hall" in (out / "layers" / "deliveries.geojson").read_text()
    assert (out / "data" / SITE_FILE).is_file()
    assert "zone" in record["layers"]

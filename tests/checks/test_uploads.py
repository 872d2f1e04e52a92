"""Files that do harm, one by one, and the harmless ones beside them."""

import bz2
import gzip
import io
import sqlite3
import struct
import zipfile
import zlib

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import rasterio
from shapely import Point

from api.checks import check_upload_content
from api.checks.bounds import Bounds
from api.errors import UploadKindError
from api.store.places import UploadKind
from sbd.errors import InputError
from sbd.sources.shipped import shipped_extract

OSM = b"<?xml version='1.0'?><osm version='0.6'><node id='1' lat='1' lon='2'/></osm>"
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<osm version="0.6"><node id="1" lat="1" lon="2"><tag k="name" v="&b;"/></node></osm>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE osm SYSTEM "http://127.0.0.1:9/x.dtd"><osm/>"""
VRT = b"""<OGRVRTDataSource><OGRVRTLayer name="zone">
<SrcDataSource>/vsicurl/http://127.0.0.1:9/x.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
GEOJSON = b'{"type": "FeatureCollection", "features": []}'
SMALL = Bounds(unpacked_bytes=3_000_000, members=10, pixels=10_000, block_bytes=100_000)


def check(tmp_path, name, content, kind, bounds=SMALL):
    path = tmp_path / name
    path.write_bytes(content)
    check_upload_content(path, kind, bounds)


def zipped(members, **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, **options)
    return out.getvalue()


def workbook(**extra):
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["product_id", "rating"])
    book.save(out)
    if extra:
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
            for name, content in extra.items():
                archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.osm", OSM, UploadKind.EXTRACT),
        ("a.osm.gz", gzip.compress(OSM), UploadKind.EXTRACT),
        ("a.osm.bz2", bz2.compress(OSM), UploadKind.EXTRACT),
        ("a.geojson", b"\xef\xbb\xbf \n" + GEOJSON, UploadKind.LAYERS),
        ("a.csv", b"product_id;rating\nx;IWA 14", UploadKind.CATALOGUE),
        ("a.csv", "product_id\trating".encode("utf-16"), UploadKind.CATALOGUE),
        ("a.xlsx", workbook(), UploadKind.CATALOGUE),
    ],
    ids=["osm", "gz", "bz2", "geojson", "csv", "utf-16", "xlsx"],
)
def test_what_is_what_it_says_passes(tmp_path, name, content, kind):
    check(tmp_path, name, content, kind)


def test_the_shipped_extract_passes():
    check_upload_content(shipped_extract(), UploadKind.EXTRACT)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.osm", GEOJSON, UploadKind.EXTRACT),
        ("a.osm", b"<html><body/></html>", UploadKind.EXTRACT),
        ("a.osm", b"<!-- " + b"x" * 70_000 + b" --><osm/>", UploadKind.EXTRACT),
        ("a.osm.pbf", OSM, UploadKind.EXTRACT),
        ("a.osm.gz", OSM, UploadKind.EXTRACT),
        ("a.osm.gz", gzip.compress(OSM)[:-6], UploadKind.EXTRACT),
        ("a.osm.bz2", gzip.compress(OSM), UploadKind.EXTRACT),
        ("a.geojson", VRT, UploadKind.LAYERS),
        ("a.geojson", b"/vsicurl/http://127.0.0.1:9/x", UploadKind.LAYERS),
        ("a.gpkg", VRT, UploadKind.LAYERS),
        ("a.gpkg", GEOJSON, UploadKind.LAYERS),
        ("a.tif", b"<VRTDataset rasterXSize='1' rasterYSize='1'/>", UploadKind.HEIGHTS),
        ("a.tif", b"II*\0" + b"\xff" * 40, UploadKind.HEIGHTS),
        ("a.csv", workbook(), UploadKind.CATALOGUE),
        ("a.csv", b"<html>", UploadKind.CATALOGUE),
        ("a.csv", b"a,b\0c", UploadKind.CATALOGUE),
        ("a.xlsx", b"product_id,rating", UploadKind.CATALOGUE),
        ("a.xlsx", zipped([("readme.txt", b"no book")]), UploadKind.CATALOGUE),
        ("a.vrt", VRT, UploadKind.LAYERS),
        ("a.geojson", GEOJSON, UploadKind.HEIGHTS),
    ],
)
def test_content_that_its_name_does_not_say_is_refused(tmp_path, name, content, kind):
    with pytest.raises(UploadKindError, match=r"a\."):
        check(tmp_path, name, content, kind)


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, BOMB.decode().encode("utf-16")])
@pytest.mark.parametrize("squeeze", [bytes, gzip.compress, bz2.compress])
def test_a_document_type_in_map_data_is_refused(tmp_path, content, squeeze):
    ending = {bytes: "", gzip.compress: ".gz", bz2.compress: ".bz2"}[squeeze]
    if content.startswith(b"\xff\xfe"):
        content = content.replace(
            "?>".encode("utf-16le"), ' encoding="utf-16"?>'.encode("utf-16le")
        )
    with pytest.raises(InputError, match="document type"):
        check(tmp_path, f"a.osm{ending}", squeeze(content), UploadKind.EXTRACT)


@pytest.mark.parametrize(("squeeze", "ending"), [(gzip.compress, "gz"), (bz2.compress, "bz2")])
def test_a_compressed_bomb_is_refused_before_it_is_unpacked_whole(tmp_path, squeeze, ending):
    # 4 MB of one letter pack to some kilobytes; 3 MB may be unpacked here
    content = squeeze(OSM + b"<!--" + b"a" * 4_000_000)
    with pytest.raises(InputError, match="holds more than"):
        check(tmp_path, f"a.osm.{ending}", content, UploadKind.EXTRACT)


def test_every_stream_of_a_compressed_file_counts(tmp_path):
    # each alone is below the bounds
    content = gzip.compress(OSM + b" " * 1_500_000) + gzip.compress(b" " * 2_000_000)
    with pytest.raises(InputError, match="holds more than"):
        check(tmp_path, "a.osm.gz", content, UploadKind.EXTRACT)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("../../etc/cron.d/x", b"")], "leads out"),
        ([("/etc/passwd", b"")], "leads out"),
        ([("..\\x", b"")], "leads out"),
        ([("C:/x", b"")], "leads out"),
        ([("a/../../x", b"")], "leads out"),
        ([("a\nb", b"")], "no file name"),
        ([("inner.zip", zipped([("x", b"")]))], "archive itself"),
        ([("A.csv", b"1"), ("a.csv", b"2")], "twice"),
        ([(f"{number}.txt", b"") for number in range(11)], "11 files"),
        ([("zeros", bytes(4_000_000))], "holds more than"),
        ([(f"{number}", bytes(1_000_000)) for number in range(5)], "holds more than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_workbook_whose_archive_does_harm_is_refused(tmp_path, members, reason):
    with pytest.raises(InputError, match=reason):
        check(tmp_path, "a.xlsx", zipped(members), UploadKind.CATALOGUE)


def test_a_link_in_an_archive_is_refused(tmp_path):
    entry = zipfile.ZipInfo("link")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(InputError, match="link"):
        check_upload_content(tmp_path / "a.xlsx", UploadKind.CATALOGUE, SMALL)


def test_sizes_that_an_archive_states_are_not_believed(tmp_path):
    # the directory says 10 bytes where four million are
    content = bytearray(zipped([("zeros", bytes(4_000_000))]))
    real = struct.pack("<I", 4_000_000)
    content = content.replace(real, struct.pack("<I", 10))
    with pytest.raises((InputError, UploadKindError), match=r"holds more than|damaged"):
        check(tmp_path, "a.xlsx", bytes(content), UploadKind.CATALOGUE)


def test_entities_in_a_workbook_are_refused(tmp_path):
    content = workbook(**{"xl/evil.xml": BOMB})
    with pytest.raises(InputError, match=r"evil\.xml.*document type"):
        check(tmp_path, "a.xlsx", content, UploadKind.CATALOGUE)


@pytest.fixture
def geopackage(tmp_path):
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[Point(25, 60)], crs=4326).to_file(
        path, layer="zone"
    )
    return path


def change(path, *statements):
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_a_geopackage_of_a_gis_passes(geopackage):
    check_upload_content(geopackage, UploadKind.LAYERS)


def test_a_trigger_in_a_geopackage_never_runs(geopackage):
    change(
        geopackage,
        "CREATE TRIGGER evil AFTER INSERT ON gpkg_contents BEGIN DELETE FROM zone; END",
    )
    before = geopackage.read_bytes()
    check_upload_content(geopackage, UploadKind.LAYERS)
    assert gpd.read_file(geopackage, layer="zone")["name"].tolist() == ["x"]
    assert geopackage.read_bytes() == before
    assert [path.name for path in geopackage.parent.iterdir()] == ["a.gpkg"]


def test_a_view_in_a_geopackage_is_refused(geopackage):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    change(geopackage, f"CREATE VIEW evil AS {endless}")
    with pytest.raises(InputError, match="view 'evil'"):
        check_upload_content(geopackage, UploadKind.LAYERS)


def test_a_virtual_table_in_a_geopackage_is_refused(geopackage):
    statement = "CREATE VIRTUAL TABLE evil USING VirtualOGR('/vsicurl/http://127.0.0.1:9/x')"
    with sqlite3.connect(geopackage) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "INSERT INTO sqlite_master VALUES ('table', 'evil', 'evil', 0, ?)", (statement,)
        )
    connection.close()
    with pytest.raises(InputError, match="virtual table 'evil'"):
        check_upload_content(geopackage, UploadKind.LAYERS)


def test_another_sqlite_file_is_no_geopackage(tmp_path):
    path = tmp_path / "a.gpkg"
    change(path, "CREATE TABLE gpkg_contents (x)")
    with pytest.raises(UploadKindError, match="no GeoPackage"):
        check_upload_content(path, UploadKind.LAYERS)


def test_a_torn_geopackage_is_refused(geopackage):
    content = geopackage.read_bytes()
    geopackage.write_bytes(content[:100] + bytes(4000) + content[4100:])
    with pytest.raises(UploadKindError, match=r"a\.gpkg"):
        check_upload_content(geopackage, UploadKind.LAYERS)


def raster(path, size, **options):
    about = {"driver": "GTiff", "count": 1, "dtype": "float32", "crs": 32635, **options}
    about["transform"] = rasterio.transform.from_origin(0, 0, 1, 1)
    with rasterio.open(path, "w", width=size, height=size, **about) as out:
        if not options.get("sparse_ok"):
            out.write(np.zeros((1, size, size), dtype="float32"))


def test_heights_of_a_site_pass(tmp_path):
    raster(tmp_path / "a.tif", 100)
    check_upload_content(tmp_path / "a.tif", UploadKind.HEIGHTS, SMALL)


def test_a_small_file_with_absurd_dimensions_is_refused(tmp_path):
    # sparse: the cells are nowhere in the file
    path = tmp_path / "a.tif"
    raster(path, 30_000, sparse_ok=True, tiled=True, blockxsize=256, blockysize=256)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match="900,000,000 cells"):
        check_upload_content(path, UploadKind.HEIGHTS)


def test_a_raster_of_one_huge_block_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    raster(path, 10_000, sparse_ok=True, tiled=True, blockxsize=9_984, blockysize=9_984)
    with pytest.raises(InputError, match="blocks of"):
        check_upload_content(path, UploadKind.HEIGHTS)


def test_a_deflated_bomb_in_a_chunk_of_zlib_is_no_gzip(tmp_path):
    with pytest.raises(UploadKindError):
        check(tmp_path, "a.osm.gz", zlib.compress(OSM), UploadKind.EXTRACT)

"""Bad input on the command line: one clear line, exit 2, and no file left behind."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely import Polygon, box

from sbd.cli import main
from sbd.sources.shipped import shipped_extract

# The middle of Rautatientori, in the shipped extract (box 24.935..24.953 E, 60.164..60.179 N).
INSIDE = (24.9442, 60.1713)


def zone_file(folder: Path, shape: shapely.Geometry, crs: str | None = "EPSG:4326") -> Path:
    path = folder / "zone.gpkg"
    gpd.GeoDataFrame({"name": ["zone"]}, geometry=[shape], crs=crs).to_file(path)
    return path


def square(lon: float, lat: float, half_deg: float = 0.0005) -> Polygon:
    return box(lon - half_deg, lat - half_deg / 2, lon + half_deg, lat + half_deg / 2)


def osm_xml(folder: Path, body: str) -> Path:
    path = folder / "town.osm.gz"
    path.write_bytes(gzip.compress(f'<osm version="0.6" generator="test">{body}</osm>'.encode()))
    return path


# A street of 400 m and nothing else.
STREET_ONLY = """
<bounds minlon="24.940" minlat="60.169" maxlon="24.950" maxlat="60.174"/>
<node id="1" lon="24.941" lat="60.1713" version="1"/>
<node id="2" lon="24.949" lat="60.1713" version="1"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/>
<tag k="highway" v="residential"/><tag k="name" v="Only Street"/></way>
"""

# One building beside the zone and no street at all.
BUILDING_ONLY = """
<bounds minlon="24.940" minlat="60.169" maxlon="24.950" maxlat="60.174"/>
<node id="1" lon="24.9465" lat="60.1710" version="1"/>
<node id="2" lon="24.9470" lat="60.1710" version="1"/>
<node id="3" lon="24.9470" lat="60.1714" version="1"/>
<node id="4" lon="24.9465" lat="60.1714" version="1"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
<tag k="building" v="yes"/></way>
"""


def with_zone(folder: Path, shape: shapely.Geometry, crs: str | None = "EPSG:4326") -> list[str]:
    return ["--extract", str(shipped_extract()), "--zone", str(zone_file(folder, shape, crs))]


def empty_zone(folder: Path) -> list[str]:
    path = folder / "zone.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    return ["--extract", str(shipped_extract()), "--zone", str(path)]


def truncated_pbf(folder: Path) -> list[str]:
    path = folder / "torn.osm.pbf"
    whole = shipped_extract().read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return ["--extract", str(path), "--center", "60.1713,24.9442", "--radius", "60"]


def zero_bytes(folder: Path) -> list[str]:
    path = folder / "empty.osm.pbf"
    path.touch()
    return ["--extract", str(path), "--center", "60.1713,24.9442", "--radius", "60"]


SITE_CASES: dict[str, tuple[Callable[[Path], list[str]], list[str]]] = {
    "empty zone": (empty_zone, ["zone"]),
    "zone outside the data": (lambda f: with_zone(f, square(25.2, 60.3)), ["nothing", "covers"]),
    "zone covering everything": (lambda f: with_zone(f, box(24.9, 60.1, 25.0, 60.2)), ["zone"]),
    "self-crossing polygon": (
        lambda f: with_zone(
            f,
            Polygon([(24.943, 60.171), (24.945, 60.172), (24.945, 60.171), (24.943, 60.172)]),
        ),
        ["cross"],
    ),
    "CRS missing": (lambda f: with_zone(f, square(*INSIDE), None), ["reference system"]),
    "degrees taken for metres": (
        lambda f: with_zone(f, square(*INSIDE), "EPSG:32635"),
        ["degrees"],
    ),
    "extract without buildings": (
        lambda f: ["--extract", str(osm_xml(f, STREET_ONLY)), "--center", "60.1713,24.9450",
                   "--radius", "30", "--margin", "100"],
        ["building"],
    ),
    "truncated PBF": (truncated_pbf, ["torn.osm.pbf"]),
    "0-byte file": (zero_bytes, ["empty.osm.pbf", "0 bytes"]),
    "zone 5 m from the data's edge": (
        # 0.0000901 degrees of longitude are 5 m at this latitude.
        lambda f: with_zone(f, box(24.9352 + 0.00009, 60.1712, 24.9365, 60.1716)),
        ["edge"],
    ),
    "zone with no street": (
        lambda f: ["--extract", str(osm_xml(f, BUILDING_ONLY)), "--center", "60.1713,24.9450",
                   "--radius", "30", "--margin", "100"],
        ["street"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SITE_CASES)
def test_a_site_that_cannot_be_made_says_why_and_leaves_nothing(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, words = SITE_CASES[case]
    given = tmp_path / "given"
    given.mkdir()
    results = tmp_path / "results"
    results.mkdir()

    code = main(["site", *arguments(given), "--json", "-o", str(results / "site.gpkg")])

    printed = capsys.readouterr()
    line = printed.err.strip()
    assert code == 2
    assert len(line.splitlines()) == 1
    assert all(word.lower() in line.lower() for word in words)
    assert json.loads(printed.out)["ok"] is False
    assert list(results.iterdir()) == []


@pytest.fixture(scope="module")
def site_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("site") / "site.gpkg"
    place = ["--center", "60.1713,24.9442", "--radius", "40", "--margin", "60"]
    assert main(["site", "--extract", str(shipped_extract()), *place, "-o", str(path)]) == 0
    return path


def test_an_unknown_vehicle_class_lists_the_known_ones(
    site_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["assess", str(site_file), "--vehicle", "N9", "-o", str(tmp_path / "a.gpkg")])
    line = capsys.readouterr().err.strip()
    assert code == 2
    assert "N9" in line
    assert "N2A" in line
    assert list(tmp_path.iterdir()) == []


def test_a_negative_mass_is_refused_by_name_and_value(
    site_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "vehicle,mass_kg,width_m,length_m,wheelbase_m,min_turning_radius_m,top_speed_kmh,"
        "acceleration_mps2,power_w,friction\nvan,-3500,2.0,6,3.5,5,130,2,,0.9\n"
    )
    target = tmp_path / "a.gpkg"
    code = main(["assess", str(site_file), "--vehicles", str(own), "-o", str(target)])
    line = capsys.readouterr().err.strip()
    assert code == 2
    assert "mass_kg" in line
    assert "-3500" in line
    assert not target.exists()


@pytest.mark.parametrize("command", ["site", "assess", "propose"])
def test_an_unwritable_output_is_found_before_any_work(
    command: str, site_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "no such folder" / "out.gpkg"
    source = (
        ["--extract", str(shipped_extract()), "--center", "60.1713,24.9442", "--radius", "40"]
        if command == "site"
        else [str(site_file)]
    )
    assert main([command, *source, "-o", str(target)]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert main(["demo", "--out", str(blocked / "plan")]) == 2
    assert "plan" in capsys.readouterr().err
    assert blocked.read_text() == "in the way"


def test_no_raster_comes_from_a_file_that_holds_no_speeds(tmp_path, capsys):
    words = ["export", "PROPOSAL.gpkg", "--format", "map", "--format", "raster"]
    assert main([*words, "-o", str(tmp_path / "out")]) == 2
    assert "sbd assess SITE.gpkg --rasters DIR" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

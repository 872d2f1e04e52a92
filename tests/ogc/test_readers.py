"""The readers that people use on it: GDAL through pyogrio, and the tools that Debian ships."""

import json
import os
import shutil
import subprocess

import numpy as np
import pyogrio
import pytest
import shapely
from pyogrio.errors import DataSourceError

from sbd.export.features import to_wgs84


def gdal_tool(name):
    found = shutil.which(name)
    if found is None:
        reason = f"{name} is not installed (Debian: gdal-bin)"
        if os.environ.get("SBD_REQUIRE_GDAL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def read(served, layer, token="ann-token", **options):
    return pyogrio.read_dataframe(
        f"OAPIF:{served.root}", layer=layer, USERPWD=f"anything:{token}", **options
    )


def test_gdal_lists_what_the_token_may_read(served):
    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": "x:bob-token"})
    try:
        names = [name for name, _ in pyogrio.list_layers(f"OAPIF:{served.root}")]
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": None})
    assert {"sites", "plans", f"{served.foreign.plan_id}-units"} <= set(names)
    assert not any(served.newest.plan_id in name for name in names)


@pytest.mark.parametrize("size", [5, 12, 100])
def test_gdal_reads_every_page(served, size):
    layer = f"{served.newest.plan_id}-units"
    found = read(served, layer, PAGE_SIZE=str(size))
    assert len(found) == 12
    there = to_wgs84(served.drawn.units, decimals=7)
    assert np.allclose(found.total_bounds, shapely.total_bounds(there), atol=1e-7)
    assert sorted(found["unit_id"]) == sorted(served.drawn.units["unit_id"])


def test_gdal_reads_a_window(served):
    drawn = served.drawn.footprints
    l2 = to_wgs84(drawn[drawn["line_id"] == "L2"], decimals=7)
    found = read(
        served, f"{served.newest.plan_id}-footprints", bbox=tuple(shapely.total_bounds(l2))
    )
    assert set(found["line_id"]) == {"L2"}
    assert len(found) == 6


def test_gdal_reads_in_the_site_s_own_system(served):
    found = read(served, f"{served.newest.plan_id}-units", CRS="EPSG:32635")
    assert found.crs.to_epsg() == 32635
    assert np.allclose(found.total_bounds, served.drawn.units.total_bounds, atol=0.02)


@pytest.mark.parametrize("token", ["wrong", "bob-token"])
def test_gdal_gets_nothing_that_the_token_does_not_open(served, token):
    with pytest.raises((DataSourceError, pyogrio.errors.DataLayerError)):
        read(served, f"{served.newest.plan_id}-units", token)


def test_ogrinfo_tells_count_and_extent(served):
    tool = gdal_tool("ogrinfo")
    options = ("-ro", "-so", "-json") if _speaks_json(tool) else ("-ro", "-so")
    told = run(tool, *options, "-oo", "USERPWD=x:ann-token", f"OAPIF:{served.root}", "plans")
    assert "Feature Count: 2" in told or '"featureCount": 2' in told.replace('":2', '": 2')


def test_ogr2ogr_copies_a_window(served, tmp_path):
    tool = gdal_tool("ogr2ogr")
    drawn = served.drawn.units
    l1 = shapely.total_bounds(to_wgs84(drawn[drawn["line_id"] == "L1"], decimals=7))
    out = tmp_path / "copy.geojson"
    run(
        tool,
        *("-oo", "USERPWD=x:ann-token", "-oo", "PAGE_SIZE=4", "-spat", *map(str, l1)),
        *(str(out), f"OAPIF:{served.root}", f"{served.newest.plan_id}-units"),
    )
    copied = json.loads(out.read_text())["features"]
    assert len(copied) == 6
    assert {item["properties"]["line_id"] for item in copied} == {"L1"}


def test_ogrinfo_is_refused_with_a_wrong_token(served):
    tool = gdal_tool("ogrinfo")
    done = subprocess.run(
        [tool, "-ro", "-so", "-oo", "USERPWD=x:wrong", f"OAPIF:{served.root}", "plans"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "401" in done.stdout + done.stderr


def _speaks_json(tool):
    return "-json" in subprocess.run([tool], capture_output=True, text=True, check=False).stdout


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout

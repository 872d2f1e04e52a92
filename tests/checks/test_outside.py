"""Nothing that is sent in leads the service, or what reads for it, to another machine or file."""

import json
import socket
import subprocess
import sys
import threading

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import Point

from sbd.errors import ExtractError
from sbd.sources.extract import read_extract
from tests.checks.test_uploads import BOMB, OUTSIDE

# Reads files the way layers and heights are read; tells which could be read.
READ = """
import json, sys
if sys.argv[1] == "fenced":
    from api.fence import fence_gdal
    fence_gdal()
import pyogrio, rasterio

def tried(read):
    try:
        return read()
    except Exception as error:
        return type(error).__name__

def columns(raster):
    with raster:
        return raster.read(1).shape[1]

told = {
    path: [
        tried(lambda: len(pyogrio.read_dataframe(path))),
        tried(lambda: columns(rasterio.open(path))),
    ]
    for path in sys.argv[2:]
}
print(json.dumps(told))
"""


class Trap:
    """Listens on loopback and counts who comes."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}/x"
        self.visits = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        while True:
            try:
                visitor, _ = self.listener.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()


@pytest.fixture(scope="module")
def trap():
    made = Trap()
    yield made
    made.listener.close()


def layers(name, source):
    return (
        f"<OGRVRTDataSource><OGRVRTLayer name='{name}'><SrcDataSource>{source}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


def heights(source):
    return (
        "<VRTDataset rasterXSize='4' rasterYSize='4'><VRTRasterBand dataType='Float32' band='1'>"
        f"<SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )


def read(how, paths):
    done = subprocess.run(
        [sys.executable, "-c", READ, how, *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "Unable to find driver" not in done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, trap):
    """Files that lead elsewhere, and addresses in the place of files, by what they are."""
    folder = tmp_path_factory.mktemp("hostile")
    own = gpd.GeoDataFrame({"name": ["x"]}, geometry=[Point(25, 60)], crs=4326)
    own.to_file(folder / "secret.geojson")
    written = {
        "layers that are elsewhere": layers("x", f"/vsicurl/{trap.address}.geojson"),
        "heights that are elsewhere": heights(f"/vsicurl/{trap.address}.tif"),
        "layers of another file": layers("secret", folder / "secret.geojson"),
    }
    paths = {"address": f"{trap.address}.geojson", "curl": f"/vsicurl/{trap.address}.tif"}
    for number, (what, content) in enumerate(written.items()):
        paths[what] = folder / f"{number}.geojson"
        paths[what].write_text(content)
    return {what: str(path) for what, path in paths.items()}


@pytest.fixture(scope="module")
def harmless(tmp_path_factory):
    """A city's own files, one of each form."""
    folder = tmp_path_factory.mktemp("harmless")
    own = gpd.GeoDataFrame({"name": ["x"]}, geometry=[Point(25, 60)], crs=4326)
    own.to_file(folder / "own.geojson")
    own.to_file(folder / "own.gpkg")
    about = {"driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "float32"}
    transform = rasterio.transform.from_origin(0, 0, 1, 1)
    with rasterio.open(folder / "own.tif", "w", crs=32635, transform=transform, **about) as out:
        out.write(np.zeros((1, 4, 4), dtype="float32"))
    return {path.suffix: str(path) for path in folder.iterdir()}


def test_behind_the_fence_gdal_is_led_nowhere_and_reads_a_city_s_own_files(trap, hostile, harmless):
    told = read("fenced", [*hostile.values(), *harmless.values()])
    assert trap.visits == 0
    for what, path in hostile.items():
        assert all(isinstance(answer, str) for answer in told[path]), what
    assert told[harmless[".geojson"]][0] == told[harmless[".gpkg"]][0] == 1
    assert told[harmless[".tif"]][1] == 4


def test_without_the_fence_it_would_be_led(trap, hostile):
    # so that the test above means something
    told = read("open", [hostile["layers that are elsewhere"], hostile["layers of another file"]])
    assert trap.visits > 0
    assert told[hostile["layers of another file"]][0] == 1


@pytest.mark.parametrize("content", [BOMB, OUTSIDE], ids=["entities", "outside"])
def test_the_reader_of_map_data_expands_no_entity_by_itself(tmp_path, content):
    # even where nothing has looked at the file before
    path = tmp_path / "a.osm"
    path.write_bytes(content)
    with pytest.raises(ExtractError):
        read_extract(path)

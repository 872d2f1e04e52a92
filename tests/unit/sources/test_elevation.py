"""Rasters of a plane in several reference systems, read on the grid of a site; and bad ones."""

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio.transform import Affine, from_origin

from sbd.errors import ElevationError
from sbd.sources.elevation import read_elevation

UTM = pyproj.CRS.from_epsg(32635)
# 300 x 200 m in Helsinki
BOUNDS = (385_000.0, 6_672_000.0, 385_300.0, 6_672_200.0)
MIDDLE = (385_150.0, 6_672_100.0)
NODATA = -9999.0


def plane(x, y):
    """5 % up to the east, 3 % down to the north, 20 m in the middle of the site."""
    return 20.0 + 0.05 * (x - MIDDLE[0]) - 0.03 * (y - MIDDLE[1])


def places(transform, width, height, crs):
    """The middles of a raster's cells in the system of the site."""
    column, row = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    a, b, c, d, e, f = transform[:6]
    x, y = a * column + b * row + c, d * column + e * row + f
    return pyproj.Transformer.from_crs(crs, UTM, always_xy=True).transform(x, y)


def write(path, values, transform, crs, **options):
    values = np.atleast_3d(np.asarray(values).T).T
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=values.shape[2],
        height=values.shape[1],
        count=values.shape[0],
        dtype=values.dtype,
        crs=crs,
        transform=transform,
        **options,
    ) as raster:
        raster.write(values)
    return path


def utm_raster(path, *, cell_m=5.0, side_m=600.0, **options):
    """The plane on 600 x 600 m around the site, in its own system."""
    count = round(side_m / cell_m)
    transform = from_origin(MIDDLE[0] - side_m / 2, MIDDLE[1] + side_m / 2, cell_m, cell_m)
    heights = plane(*places(transform, count, count, UTM)).astype("float32")
    change = options.pop("change", None)
    return write(path, heights if change is None else change(heights), transform, UTM, **options)


def read(path, bounds=BOUNDS):
    return read_elevation(path, crs=UTM, bounds=bounds)


def nodes(found):
    rows, columns = found.height_m.shape
    return np.meshgrid(
        found.origin_m[0] + found.cell_m * np.arange(columns),
        found.origin_m[1] + found.cell_m * np.arange(rows),
    )


SYSTEMS = {
    "utm": (UTM, from_origin(384_800, 6_672_400, 5, 5)),
    "degrees": (pyproj.CRS.from_epsg(4326), from_origin(24.920, 60.172, 9e-5, 4.5e-5)),
    "web": (pyproj.CRS.from_epsg(3857), from_origin(2_774_000, 8_438_500, 10, 10)),
    "rotated": (
        UTM,
        Affine(4.33, -2.5, 384_700, -2.5, -4.33, 6_672_550),
    ),
    "from the south": (UTM, Affine(5, 0, 384_800, 0, 5, 6_671_800)),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_plane_is_read_back_from_any_reference_system(tmp_path, name):
    crs, transform = SYSTEMS[name]
    heights = plane(*places(transform, 200, 200, crs)).astype("float32")
    found = read(write(tmp_path / "dem.tif", heights, transform, crs))
    # The plane is all but straight between two cells of every one of these systems.
    assert np.abs(found.height_m - plane(*nodes(found))).max() < 0.01
    x, y = nodes(found)
    assert (x[0, 0], y[0, 0]) == BOUNDS[:2]
    assert x[0, -1] >= BOUNDS[2]
    assert y[-1, 0] >= BOUNDS[3]
    assert 4.0 < found.cell_m < 6.0


def test_nothing_is_sampled_finer_than_a_metre(tmp_path):
    found = read(utm_raster(tmp_path / "dem.tif", cell_m=0.5, side_m=320.0))
    assert found.cell_m == 1.0
    assert found.height_m.shape == (201, 301)


def test_a_raster_that_ends_with_the_site_keeps_its_slope_to_the_rim(tmp_path):
    # 300 m are no multiple of 7 m: the last node lies past the raster.
    transform = from_origin(BOUNDS[0], BOUNDS[3], 300 / 43, 200 / 28)
    heights = plane(*places(transform, 43, 28, UTM))
    found = read(write(tmp_path / "dem.tif", heights, transform, UTM))
    assert found.height_m == pytest.approx(plane(*nodes(found)))


def test_heights_stored_as_whole_numbers_with_a_scale_are_metres(tmp_path):
    path = utm_raster(tmp_path / "dem.tif", change=lambda z: (z * 100).round().astype("int16"))
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.01,), (2.0,)
    found = read(path)
    assert np.abs(found.height_m - 2.0 - plane(*nodes(found))).max() < 0.01


def test_of_several_bands_the_first_is_taken_and_said(tmp_path):
    path = utm_raster(tmp_path / "dem.tif", change=lambda z: np.stack([z, z + 500]))
    found = read(path)
    assert found.source == "dem.tif, band 1 of 2"
    assert found.height_m.max() < 40.0


def test_a_raster_that_covers_a_part_says_how_much(tmp_path):
    path = utm_raster(tmp_path / "dem.tif", side_m=300.0)
    west = (BOUNDS[0] - 300.0, BOUNDS[1], BOUNDS[2], BOUNDS[3])  # half of it has no heights
    with pytest.raises(
        ElevationError, match=r"dem\.tif: they cover (49|50) % .* reaches from 384700"
    ):
        read(path, west)


def test_a_raster_of_another_country_covers_nothing(tmp_path):
    transform = from_origin(11.5, 48.2, 1e-4, 1e-4)
    path = write(tmp_path / "dem.tif", np.full((50, 50), 500.0), transform, "EPSG:4326")
    with pytest.raises(ElevationError, match="cover 0 %"):
        read(path)


def test_a_hole_is_refused_with_its_size_and_place(tmp_path):
    def holed(z):
        z[60:62, 60] = NODATA  # east of and below the middle
        return z

    path = utm_raster(tmp_path / "dem.tif", change=holed, nodata=NODATA)
    # The first node without a height is one of those that need the cell.
    with pytest.raises(
        ElevationError, match=r"no data on \d+ m2 .* at 385150, 6672090 .*fillnodata"
    ):
        read(path)


def test_a_hole_off_the_site_does_no_harm(tmp_path):
    def holed(z):
        z[:5, :5] = NODATA
        return z

    path = utm_raster(tmp_path / "dem.tif", change=holed, nodata=NODATA)
    assert np.isfinite(read(path).height_m).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda z: np.where(z > 20.0, NODATA, z), r"-9999 m is outside -500 to 9000.*no data"),
        (lambda z: z * 1000, r"m is outside -500 to 9000"),
        (lambda z: z + 300.0 * (np.arange(z.size) == z.size // 2 + 60).reshape(z.shape), "step of"),
        (lambda z: z + 12.0 * (np.indices(z.shape).sum(axis=0) % 4 < 2), "roofs and trees"),
    ],
)
def test_absurd_heights_are_refused(tmp_path, change, words):
    with pytest.raises(ElevationError, match=words):
        read(utm_raster(tmp_path / "dem.tif", change=change))


def test_a_hillside_of_terraces_is_ground(tmp_path):
    def terraced(z):
        return z + 2.5 * (np.arange(z.shape[1]) // 12)  # a wall of 2.5 m every 12 m

    found = read(utm_raster(tmp_path / "dem.tif", cell_m=1.0, side_m=320.0, change=terraced))
    assert np.abs(np.diff(found.height_m, axis=1)).max() > 1.0


def test_a_row_of_houses_is_not(tmp_path):
    def built(z):
        return z + 9.0 * (np.arange(z.shape[1]) % 24 < 12)  # 12 m of house, 12 m of street

    with pytest.raises(ElevationError, match="roofs and trees"):
        read(utm_raster(tmp_path / "dem.tif", cell_m=1.0, side_m=320.0, change=built))


def test_heights_in_feet_are_refused_by_the_unit_of_the_band(tmp_path):
    path = utm_raster(tmp_path / "dem.tif")
    with rasterio.open(path, "r+") as raster:
        raster.units = ("ft",)
    with pytest.raises(ElevationError, match="count in ft, not in metres"):
        read(path)


def test_heights_in_feet_are_refused_by_the_reference_system(tmp_path):
    # EPSG:6360 counts NAVD88 heights in US survey feet.
    transform = from_origin(24.920, 60.172, 9e-5, 4.5e-5)
    path = write(tmp_path / "dem.tif", np.full((200, 200), 20.0), transform, "EPSG:4326+6360")
    with pytest.raises(ElevationError, match=r"count in .*foot"):
        read(path)


def test_a_raster_without_a_reference_system_is_refused(tmp_path):
    transform = from_origin(384_800, 6_672_400, 5, 5)
    path = write(tmp_path / "dem.tif", np.full((120, 120), 20.0), transform, None)
    with pytest.raises(ElevationError, match="no reference system is stated"):
        read(path)


def test_a_raster_in_a_system_of_its_own_is_refused(tmp_path):
    building_site = 'LOCAL_CS["site",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]'
    transform = from_origin(0, 600, 5, 5)
    path = write(tmp_path / "dem.tif", np.full((120, 120), 20.0), transform, building_site)
    with pytest.raises(ElevationError, match=r"dem\.tif"):
        read(path)


def test_degrees_stated_for_metres_cover_nothing(tmp_path):
    transform = from_origin(384_800, 6_672_400, 5, 5)
    path = write(tmp_path / "dem.tif", np.full((120, 120), 20.0), transform, "EPSG:4326")
    with pytest.raises(ElevationError, match=r"cover 0 % .* state the raster's own system right"):
        read(path)


def test_a_picture_is_refused(tmp_path):
    path = utm_raster(
        tmp_path / "photo.tif",
        change=lambda z: np.stack([z, z, z]).astype("uint8"),
        photometric="RGB",
    )
    with pytest.raises(ElevationError, match="picture"):
        read(path)


def test_a_file_that_is_no_raster_or_not_there_is_named(tmp_path):
    text = tmp_path / "dem.tif"
    text.write_text("x,y,z\n1,2,3\n")
    with pytest.raises(ElevationError, match=r"dem\.tif: not a raster"):
        read(text)
    with pytest.raises(ElevationError, match=r"none\.tif: no such file"):
        read(tmp_path / "none.tif")


def test_a_torn_file_is_refused(tmp_path):
    path = utm_raster(tmp_path / "dem.tif")
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(ElevationError, match=r"dem\.tif"):
        read(path)

import base64
import dataclasses
import io

import matplotlib.image
import numpy as np
import pyproj
import pytest
import rasterio

from sbd.export.looks import class_colour, speed_class
from sbd.export.raster import (
    NODATA,
    cell_speeds_kmh,
    raster_stems,
    speed_image,
    write_field_rasters,
)
from sbd.model.speed_field import Bound


@pytest.fixture
def field(proposal):
    return proposal.assessment.fields[0]


def written(proposal, folder, field):
    """The speed and the energy raster of a field."""
    paths = write_field_rasters(
        [field], proposal.crs, folder, attribution=proposal.site.attribution
    )
    assert [path.name.split("_")[0] for path in paths] == ["speed", "energy"]
    return paths


@pytest.fixture(scope="module")
def rasters(proposal, tmp_path_factory):
    return written(proposal, tmp_path_factory.mktemp("raster"), proposal.assessment.fields[0])


def picture_of(image):
    data = base64.b64decode(image.data_uri.removeprefix("data:image/png;base64,"))
    return matplotlib.image.imread(io.BytesIO(data))


def test_a_cell_has_the_highest_speed_of_all_headings(field):
    # Row 50 from the south is 101 m up, on West Street; a label is a speed in km/h here.
    speeds = cell_speeds_kmh(field)
    assert speeds.shape == (100, 120)
    assert speeds[100 - 1 - 50, 49] == pytest.approx(field.label[50, 0, 49])
    assert speeds[100 - 1 - 50, 49] > field.label[50, 3, 49]


def test_where_the_vehicle_cant_be_is_no_data_and_not_zero(field):
    speeds = cell_speeds_kmh(field)
    assert (np.flipud(speeds == NODATA) == ~field.free).all()


@pytest.mark.parametrize(
    ("number", "dtype", "unit", "at_west_mouth"),
    # 60 exp(-1.4 / 30) = 57.2, drawn as 57 km/h; 3500 kg then carry 438.7 kJ
    [(0, "uint8", "km/h", 57), (1, "uint16", "kJ", 439)],
)
def test_a_raster_lies_in_the_site_in_metres(proposal, rasters, number, dtype, unit, at_west_mouth):
    with rasterio.open(rasters[number]) as raster:
        assert pyproj.CRS(raster.crs) == proposal.crs
        # 120 by 100 cells of 2 m, from the south-western corner of the study area
        assert raster.bounds == tuple(proposal.site.study_area.total_bounds)
        assert raster.units == (unit,)
        assert raster.dtypes == (dtype,)
        assert raster.scales == (1.0,)
        assert raster.tags()["vehicle"] == "N1"
        assert raster.tags()["attribution"] == proposal.site.attribution
        assert next(raster.sample([(385_900 + 99, 6_671_700 + 101)]))[0] == at_west_mouth
        assert next(raster.sample([(385_900 + 20, 6_671_700 + 150)]))[0] == raster.nodata


@pytest.mark.parametrize("number", [0, 1])
def test_no_value_is_rounded_down(field, rasters, number):
    speed = cell_speeds_kmh(field).astype(float)
    exact = (speed, field.vehicle.mass_kg * (speed / 3.6) ** 2 / 2000)[number]
    with rasterio.open(rasters[number]) as raster:
        counts = raster.read(1, masked=True)
    assert (counts.mask == (speed == NODATA)).all()
    above = counts.astype(float) - exact
    assert -0.001 < above.min() <= above.max() < 1.0


@pytest.mark.parametrize("number", [0, 1])
def test_every_value_has_the_colour_of_its_speed_on_the_map(field, rasters, number):
    speed = cell_speeds_kmh(field)
    with rasterio.open(rasters[number]) as raster:
        assert raster.colorinterp[0].name == "palette"
        table, counts = raster.colormap(1), raster.read(1)
        assert table[int(raster.nodata)][3] == 0
    for row, column in ((49, 49), (49, 10), (90, 62)):
        colour = matplotlib.colors.to_rgb(class_colour(int(speed_class(speed[row, column]))))
        shown = np.array(table[int(counts[row, column])][:3]) / 255
        assert shown == pytest.approx(colour, abs=1 / 255)


def test_a_large_raster_is_cloud_optimised_with_overviews(proposal, field, tmp_path):
    wide = dataclasses.replace(
        field, label=np.tile(field.label, (7, 1, 5)), free=np.tile(field.free, (7, 5))
    )
    for path in written(proposal, tmp_path, wide):
        with rasterio.open(path) as raster:
            assert raster.shape == (700, 600)
            assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert raster.block_shapes == [(256, 256)]
            assert raster.overviews(1) == [2, 4]
            assert path.read_bytes()[:2] == b"II"


@pytest.mark.parametrize(
    ("bound", "words"), [(Bound.LOWER, "lower bound"), (Bound.UPPER, "upper bound")]
)
def test_a_raster_says_which_bound_it_holds(proposal, field, tmp_path, bound, words):
    for path in written(proposal, tmp_path, dataclasses.replace(field, bound=bound)):
        with rasterio.open(path) as raster:
            assert raster.tags()["bound"] == str(bound)
            assert words in raster.descriptions[0]


def test_values_that_would_not_fit_are_counted_in_larger_steps(proposal, field, tmp_path):
    # 400 km/h do not fit below 255: in steps of 2, 57 km/h is 29 counts. 100 t then carry up to
    # 617 MJ: in steps of 16 kJ.
    huge = dataclasses.replace(field.vehicle, mass_kg=100_000.0, top_speed_mps=400 / 3.6)
    speed, energy = written(proposal, tmp_path, dataclasses.replace(field, vehicle=huge))
    for path, scale, exact in ((speed, 2.0, 57.0), (energy, 16.0, 1e5 * (57 / 3.6) ** 2 / 2000)):
        with rasterio.open(path) as raster:
            assert raster.scales == (scale,)
            count = next(raster.sample([(385_900 + 99, 6_671_700 + 101)]))[0]
        assert 0.0 <= count * scale - exact < scale


def test_a_vehicles_name_cant_leave_the_folder(field):
    odd = dataclasses.replace(field.vehicle, name="../My van/7,5 t")
    assert raster_stems([dataclasses.replace(field, vehicle=odd)]) == ["My_van_7_5_t"]


def test_no_raster_takes_the_place_of_another(field):
    named = [
        dataclasses.replace(field, vehicle=dataclasses.replace(field.vehicle, name=name))
        for name in ("van 1", "Van-1", "van")
    ]
    lower = dataclasses.replace(named[2], bound=Bound.LOWER)
    assert raster_stems([*named, lower]) == ["van_1", "Van_1_2", "van_2", "van_lower"]


def test_the_picture_lies_under_the_streets_of_the_map(proposal, field):
    # The web map's projection is turned against the site's by the meridian convergence, 1.8 degrees
    # here: 3 m over this site. So the place is looked up in degrees, as the map does it.
    image = speed_image(field, proposal.crs)
    picture = picture_of(image)
    (south, west), (north, east) = image.bounds_deg
    to_degrees = pyproj.Transformer.from_crs(proposal.crs, 4326, always_xy=True)
    height, width = picture.shape[:2]

    def colour_at(x, y):
        longitude, latitude = to_degrees.transform(385_900 + x, 6_671_700 + y)
        column = int((longitude - west) / (east - west) * width)
        row = int((north - latitude) / (north - south) * height)
        return picture[row, column]

    assert colour_at(20, 150)[3] == 0  # a building: nothing drawn
    assert colour_at(235, 20)[3] == 0
    for x, y in ((2, 100), (125, 2), (98, 100), (148, 118)):  # the far ends of what is free
        assert colour_at(x, y)[3] == 1
    fastest = int(speed_class(57.0))
    expected = matplotlib.colors.to_rgb(class_colour(fastest))
    assert colour_at(99, 101)[:3] == pytest.approx(expected, abs=1 / 255)

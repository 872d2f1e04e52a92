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
    raster_name,
    speed_image,
    write_speed_rasters,
)
from sbd.model.speed_field import Bound


@pytest.fixture
def field(proposal):
    return proposal.assessment.fields[0]


@pytest.fixture(scope="module")
def raster_file(proposal, tmp_path_factory):
    folder = tmp_path_factory.mktemp("raster")
    return write_speed_rasters(proposal.assessment.fields[:1], proposal.crs, folder)[0]


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


def test_the_raster_lies_in_the_site_in_metres(proposal, raster_file):
    with rasterio.open(raster_file) as raster:
        assert pyproj.CRS(raster.crs) == proposal.crs
        # 120 by 100 cells of 2 m, from the south-western corner of the study area
        assert raster.bounds == tuple(proposal.site.study_area.total_bounds)
        assert raster.nodata == NODATA
        assert raster.units == ("km/h",)
        assert raster.dtypes == ("float32",)
        assert raster.tags()["vehicle"] == "N1"
        west_mouth = next(raster.sample([(385_900 + 99, 6_671_700 + 101)]))[0]
    assert west_mouth == pytest.approx(57, abs=1)  # 60 exp(-1.4 / 30)


def test_a_vehicles_name_cant_leave_the_folder(field):
    odd = dataclasses.replace(field.vehicle, name="../My van/7,5 t")
    assert raster_name(dataclasses.replace(field, vehicle=odd)) == "speed_My_van_7_5_t.tif"


def test_a_lower_bound_says_so_in_its_name(field):
    assert raster_name(dataclasses.replace(field, bound=Bound.LOWER)) == "speed_N1_lower.tif"


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

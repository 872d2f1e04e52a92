"""Layouts that others drew, made readable for the judge."""

import geopandas as gpd
import pyproj
import pytest
from shapely import LineString, MultiPolygon, Point, Polygon, box

from sbd.errors import CrsError, InputError, LayerError
from sbd.verify import judge_layout, prepare_footprints
from tests.judged import CRS, check, layer, one_gap, town

SITE_CRS = pyproj.CRS(CRS)
BOW_TIE = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


def test_only_the_geometry_is_needed():
    table = prepare_footprints(
        layer([box(0, 0, 1, 1), box(2, 0, 3, 1), box(9, 0, 10, 1)]), SITE_CRS
    )
    assert table["unit_id"].tolist() == ["F1", "F2", "F3"]
    # One metre apart is one line, six metres apart are two.
    assert table["line_id"].tolist() == ["line-1", "line-1", "line-2"]
    assert table["openable"].tolist() == [False, False, False]


def test_ids_that_are_given_are_kept_and_blanks_filled():
    given = layer([box(0, 0, 1, 1), box(2, 0, 3, 1)], unit_id=["north", None], line_id=["", "B"])
    table = prepare_footprints(given, SITE_CRS)
    assert table["unit_id"].tolist() == ["north", "F2"]
    assert table["line_id"].tolist() == ["line-1", "B"]


@pytest.mark.parametrize(
    ("given", "openable"),
    [
        (True, True),
        (1, True),
        ("yes", True),
        ("TRUE", True),
        (0, False),
        (None, False),
        ("no", False),
    ],
)
def test_openable_is_read_in_the_words_that_files_use(given, openable):
    table = prepare_footprints(layer([box(0, 0, 1, 1)], openable=[given]), SITE_CRS)
    assert table["openable"].tolist() == [openable]


def test_an_unknown_word_for_openable_is_refused():
    with pytest.raises(InputError, match="openable is 'perhaps'; write true or false"):
        prepare_footprints(layer([box(0, 0, 1, 1)], openable=["perhaps"]), SITE_CRS)


def test_degrees_are_projected_to_the_site():
    metric = layer([box(500_000, 6_670_000, 500_001, 6_670_002)])
    table = prepare_footprints(metric.to_crs(4326), SITE_CRS)
    assert table.crs == SITE_CRS
    assert table.geometry.iloc[0].equals_exact(metric.geometry.iloc[0], 1e-6)


def test_metres_called_degrees_are_refused():
    wrong = gpd.GeoDataFrame(geometry=[box(500_000, 6_670_000, 500_001, 6_670_002)], crs=4326)
    with pytest.raises(CrsError, match="counts in degrees, but the coordinates run from 500000"):
        prepare_footprints(wrong, SITE_CRS)


def test_a_layer_without_a_system_is_refused():
    with pytest.raises(CrsError, match="footprints: no reference system"):
        prepare_footprints(gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)]), SITE_CRS)


def test_a_layer_without_rows_is_refused():
    with pytest.raises(InputError, match="footprints: no row"):
        prepare_footprints(layer([]), SITE_CRS)


def test_every_shape_that_is_no_footprint_is_listed():
    shapes = [box(0, 0, 1, 1), Point(0, 0), LineString([(0, 0), (1, 1)]), BOW_TIE, Polygon(), None]
    with pytest.raises(LayerError) as raised:
        prepare_footprints(layer(shapes), SITE_CRS)
    assert raised.value.faults == (
        "row 1: Point; a footprint must be a polygon",
        "row 2: LineString; a footprint must be a polygon",
        "row 3: Self-intersection[0.5 0.5]; draw it without crossing",
        "row 4: an empty polygon",
        "row 5: nothing; a footprint must be a polygon",
    )


def test_an_id_given_twice_is_refused():
    with pytest.raises(LayerError, match="unit_id 'A' is given twice"):
        prepare_footprints(layer([box(0, 0, 1, 1), box(2, 0, 3, 1)], unit_id=["A", "A"]), SITE_CRS)


def test_heights_are_dropped_and_a_unit_may_have_two_parts():
    two = MultiPolygon([box(50, 26, 51, 29.5), box(50, 30.5, 51, 34)])
    high = Polygon([(52, 26, 3.0), (53, 26, 3.0), (53, 34, 3.0)])
    table = prepare_footprints(layer([two, high]), SITE_CRS)
    assert not table.geometry.has_z.any()
    assert check(judge_layout(town(), table.iloc[:1]), "threat").passes is False


def test_a_layout_read_back_from_degrees_is_judged_the_same(tmp_path):
    file = tmp_path / "footprints.geojson"
    one_gap(1.19).to_crs(4326).to_file(
        file, driver="GeoJSON", layer_options={"COORDINATE_PRECISION": 9}
    )
    table = prepare_footprints(gpd.read_file(file), SITE_CRS)
    verdict = judge_layout(town(), table)
    assert check(verdict, "threat").passes is False
    assert verdict.gaps["width_mm"].max() == pytest.approx(1190, abs=1)

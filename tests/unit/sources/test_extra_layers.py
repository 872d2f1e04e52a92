"""Layers that somebody adds to a site: one file or many, each in its own system."""

import geopandas as gpd
import pyogrio
import pytest
from shapely import Point, box

from sbd.errors import LayerError
from sbd.sources.layers import read_extra_layers

X, Y = 385_900.0, 6_672_300.0


def doors(crs="EPSG:3067", **columns):
    return gpd.GeoDataFrame(columns, geometry=[Point(X, Y)], crs="EPSG:3067").to_crs(crs)


def faults_of(path):
    with pytest.raises(LayerError) as caught:
        read_extra_layers(path)
    return caught.value.faults


def test_one_file_holds_the_layer_it_is_named_like(tmp_path):
    doors(4326).to_file(tmp_path / "demands.geojson")

    found = read_extra_layers(tmp_path / "demands.geojson")

    assert list(found.layers) == ["demands"]
    assert found.layers["demands"]["demand_id"].tolist() == ["demands-1"]
    assert found.source == "demands.geojson"


def test_the_layers_of_a_geopackage_may_be_in_different_systems(tmp_path):
    path = tmp_path / "fair.gpkg"
    pyogrio.write_dataframe(doors(), path, layer="demands")
    crowd = gpd.GeoDataFrame({"people": [90]}, geometry=[box(24.9, 60.1, 24.91, 60.11)], crs=4326)
    pyogrio.write_dataframe(crowd, path, layer="crowds")

    found = read_extra_layers(path).layers

    assert found["demands"].crs.to_epsg() == 3067
    assert found["crowds"].crs.to_epsg() == 4326
    # the rows of two files stay apart
    assert found["crowds"]["crowd_id"].tolist() == ["fair-crowds-1"]


def test_layers_of_a_whole_site_are_left_out_and_noted(tmp_path):
    path = tmp_path / "city.gpkg"
    pyogrio.write_dataframe(doors(), path, layer="demands")
    pyogrio.write_dataframe(doors(), path, layer="solids")
    pyogrio.write_dataframe(doors(), path, layer="sewers")

    notes = read_extra_layers(path).repairs.set_index("item")["note"]

    assert "--layers" in notes["layer solids"]
    assert "no use" in notes["layer sewers"]


def test_a_file_with_no_layer_of_these_is_told_what_it_may_hold(tmp_path):
    doors(4326).to_file(tmp_path / "doors.geojson")

    assert faults_of(tmp_path / "doors.geojson") == (
        "no layer to add; there are doors, and sbd knows demands, place_rules, desire_lines, "
        "deliveries, crowds; name the layer or the file like one of them",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("opens,closes\n06:00,08:00\n", "it says of no row where it is"),
        ("opens,closes,lon,lat\n06:00,08:00,east,60.1\n", "lon 'east' is no number (row 0)"),
        ("opens,closes,wkt\n06:00,08:00,POINT 3\n", "wkt 'POINT 3' is no shape (row 0)"),
        ("opens,closes,lon,lat\n06:00,08:00,,60.1\n", "geometry: no value (row 0)"),
        ("opens,closes,lon,lat\n06:00,08:00,385900,6672300\n", "are no degrees"),
        ("", "can't be read as CSV"),
    ],
)
def test_a_csv_that_says_not_where_is_told(tmp_path, text, words):
    (tmp_path / "deliveries.csv").write_text(text)

    assert any(words in fault for fault in faults_of(tmp_path / "deliveries.csv"))


def test_a_csv_of_a_spreadsheet_reads(tmp_path):
    path = tmp_path / "deliveries.csv"
    path.write_text(
        "\ufeffdelivery_id; opens;closes;width_m;latitude;longitude\nå;06:00;08:00;2.5;60.1;24.9\n",
        encoding="utf-8",
    )

    found = read_extra_layers(path).layers["deliveries"]

    assert found["delivery_id"].tolist() == ["å"]
    assert found["width_m"].tolist() == [2.5]
    assert found.geometry.iloc[0].equals(Point(24.9, 60.1))


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "no such file" in faults_of(tmp_path / "deliveries.csv")[0]

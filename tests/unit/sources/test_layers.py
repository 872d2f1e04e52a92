import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely import LineString, MultiPoint, Point, Polygon, box

from sbd.errors import LayerError
from sbd.site.clearances import CLEARANCES
from sbd.sources.layers import FORMS, read_extra_layers, read_layers

METRES = "EPSG:3067"
X, Y = 385_900.0, 6_672_300.0  # Helsinki's station square


def layer(shapes, crs=METRES, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def town(**changes):
    """Give three sound layers; a change replaces one, None takes it away."""
    layers = {
        "zone": layer([box(X, Y, X + 50, Y + 50)], name=["Square"]),
        "solids": layer([box(X + 60, Y, X + 80, Y + 50)], kind=["building"]),
        "streets": layer([LineString([(X - 90, Y), (X + 90, Y)])], name=["Main Street"]),
        **changes,
    }
    return {name: table for name, table in layers.items() if table is not None}


@pytest.fixture
def package(tmp_path):
    def write(**changes) -> Path:
        path = tmp_path / "city.gpkg"
        for name, table in town(**changes).items():
            pyogrio.write_dataframe(table, path, layer=name, driver="GPKG")
        return path

    return write


@pytest.fixture
def folder(tmp_path):
    def write(**changes) -> Path:
        path = tmp_path / "city"
        path.mkdir()
        for name, table in town(**changes).items():
            table.to_crs(4326).to_file(path / f"{name}.geojson", driver="GeoJSON")
        return path

    return write


def faults_of(path):
    with pytest.raises(LayerError) as caught:
        read_layers(path)
    assert caught.value.subject == str(path)
    return caught.value.faults


def notes_of(layers):
    return dict(zip(layers.repairs["item"], layers.repairs["note"], strict=True))


def test_the_least_that_a_city_gives_is_enough(package):
    layers = read_layers(package())

    assert layers.crs.to_epsg() == 3067
    assert layers.zone["name"].tolist() == ["Square"]
    assert layers.solids["solid_id"].tolist() == ["solids-1"]
    assert len(layers.demands) == 0
    assert layers.demands.crs == layers.crs
    assert layers.source == "city.gpkg"


def test_what_is_filled_in_is_noted(package):
    notes = notes_of(read_layers(package()))

    assert notes["solids: solid_id"] == "numbered here"
    assert "assumed for the class" in notes["streets: width_m"]
    assert "class of the street" in notes["streets: stays_open"]


def test_a_folder_of_geojson_reads_like_a_geopackage(package, folder):
    one, other = read_layers(package()), read_layers(folder())

    assert other.crs.to_epsg() == 4326
    back = other.solids.to_crs(one.crs)
    assert back.geom_equals_exact(one.solids, tolerance=0.05).all()
    assert other.source == "city"


def test_a_street_says_whether_it_stays_open(package):
    shapes = [LineString([(X, Y + i), (X + 90, Y + i)]) for i in range(4)]
    said = ["yes", "NO", "1", None]

    streets = read_layers(package(streets=layer(shapes, stays_open=said))).streets

    assert streets["stays_open"].tolist() == [True, False, True, None]


def test_a_street_keeps_its_own_width_and_lacks_one_where_none_is_given(package):
    shapes = [LineString([(X, Y + i), (X + 90, Y + i)]) for i in range(2)]

    streets = read_layers(package(streets=layer(shapes, width_m=[7.5, None]))).streets

    assert streets["width_m"].iloc[0] == 7.5
    assert pd.isna(streets["width_m"].iloc[1])


@pytest.mark.parametrize("write", ["package", "folder"])
def test_an_entry_is_as_wide_as_its_line_is_long(request, write):
    entries = layer([LineString([(X, Y), (X + 12, Y)])])

    layers = read_layers(request.getfixturevalue(write)(entries=entries))

    # 0.1 %: the scale of the projection is not exactly one
    assert layers.entries["width_m"].iloc[0] == pytest.approx(12.0, rel=2e-3)


def test_a_point_stored_as_a_group_of_one_and_heights_are_taken(package):
    doors = layer([MultiPoint([(X, Y, 12.0)])])

    demands = read_layers(package(demands=doors)).demands

    assert demands.geometry.iloc[0].equals(Point(X, Y))
    assert not demands.has_z.any()


def test_columns_beyond_the_schema_are_kept_and_layers_beyond_it_left_out(package):
    zone = layer([box(X, Y, X + 50, Y + 50)], owner=["city"])

    layers = read_layers(package(zone=zone, sewers=layer([Point(X, Y)])))

    assert layers.zone["owner"].tolist() == ["city"]
    assert "layer sewers" in notes_of(layers)


def test_all_faults_of_all_layers_are_told_at_once(package):
    bow_tie = Polygon([(X, Y), (X + 50, Y + 50), (X + 50, Y), (X, Y + 50)])
    path = package(
        zone=layer([bow_tie]),
        solids=layer([box(X, Y, X + 1, Y + 1)], kind=["hedge"]),
        streets=None,
        furniture=layer([Point(X, Y)]),
        demands=layer([LineString([(X, Y), (X + 1, Y)])]),
    )

    faults = faults_of(path)

    assert "layer streets is missing; there are demands, furniture, solids, zone" in faults
    assert any(
        f.startswith("zone: geometry: a geometry that crosses itself (row 0") for f in faults
    )
    assert any(f.startswith("solids: kind: ") and "hedge" in f for f in faults)
    assert "furniture: column kind is missing" in faults
    assert any(f.startswith("demands: geometry: a geometry that is not Point") for f in faults)
    assert len(faults) == 5


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"solids": layer([box(X, Y, X + 1, Y + 1)] * 2, kind=["wall", None])},
            "solids: kind: no value (row 1)",
        ),
        (
            {
                "solids": layer(
                    [box(X, Y, X + 1, Y + 1)] * 2, kind=["wall", "wall"], solid_id=["a", "a"]
                )
            },
            "solids: solid_id: the same value twice (row 0: a)",
        ),
        (
            {"streets": layer([LineString([(X, Y), (X + 9, Y)])], stays_open=["perhaps"])},
            "streets: stays_open: 'perhaps' is neither yes nor no (row 0)",
        ),
        (
            {"streets": layer([LineString([(X, Y), (X + 9, Y)])], width_m=[-3.0])},
            "streets: width_m: below 0.0 (row 0: -3.0)",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_column_and_row(package, changes, fault):
    assert faults_of(package(**changes))[0] == fault


def test_an_empty_shape_is_a_fault(package):
    solids = layer([box(X, Y, X + 1, Y + 1), Polygon()], kind=["wall", "wall"])

    assert any("is empty (row 1" in fault for fault in faults_of(package(solids=solids)))


def test_a_zone_without_a_row_is_a_fault(package):
    empty = layer([box(X, Y, X + 50, Y + 50)]).iloc[:0]

    assert faults_of(package(zone=empty)) == ("zone: it has no row; draw a polygon to protect",)


def test_a_layer_without_a_reference_system_is_a_fault(package):
    solids = layer([box(X, Y, X + 1, Y + 1)], crs=None, kind=["wall"])
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        path = package(solids=solids)

    assert faults_of(path) == (
        "solids: no reference system is stated; set one, for example EPSG:4326",
    )


def test_degrees_in_a_system_of_metres_are_refused_by_name(package):
    solids = layer([box(24.94, 60.17, 24.95, 60.18)], kind=["wall"])

    faults = faults_of(package(solids=solids))

    assert len(faults) == 1
    assert faults[0].startswith("solids: coordinates 24.9400, 60.1700")
    assert "look like degrees, but EPSG:3067 counts in metres" in faults[0]


def test_metres_in_a_file_of_degrees_are_refused_by_name(tmp_path):
    for name, table in town().items():
        content = json.dumps(table.set_crs(4326, allow_override=True).__geo_interface__)
        (tmp_path / f"{name}.geojson").write_text(content)

    faults = faults_of(tmp_path)

    assert len(faults) == 3
    assert all("are no degrees, but EPSG:4326 is stated" in fault for fault in faults)


def test_layers_in_two_systems_are_refused(package):
    solids = layer([box(X, Y, X + 1, Y + 1)], kind=["wall"]).to_crs("EPSG:32635")

    faults = faults_of(package(solids=solids))

    assert faults == (
        "solids: EPSG:32635, but the zone is in EPSG:3067; give all layers in one reference system",
    )


def test_a_layer_with_heights_is_in_the_same_system_as_one_without(folder):
    demands = layer([Point(X, Y, 5.0)])

    assert len(read_layers(folder(demands=demands)).demands) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.gpkg", None, "no such file"),
        ("empty.gpkg", b"", "0 bytes"),
        ("notes.gpkg", b"plain words", "not a file of shapes"),
    ],
)
def test_a_file_that_is_no_geopackage_is_refused(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    assert words in faults_of(tmp_path / name)[0]


def test_an_empty_folder_is_refused(tmp_path):
    assert "no .geojson file and no .csv file" in faults_of(tmp_path)[0]


def test_a_broken_file_in_a_folder_is_told_with_the_layers_that_are_missing(tmp_path):
    (tmp_path / "zone.geojson").write_text('{"type": "FeatureColl')

    faults = faults_of(tmp_path)

    assert any(fault.startswith("zone: ") and "can't be read" in fault for fault in faults)
    assert any(fault.startswith("layer solids is missing") for fault in faults)


def test_a_table_without_shapes_is_told(package):
    path = package()
    pyogrio.write_dataframe(
        pd.DataFrame({"name": ["x"]}), path, layer="demands", driver="GPKG", append=True
    )

    assert faults_of(path) == ("demands: it has no geometry; give a layer of shapes",)


def delivery(**columns):
    return layer([Point(X, Y)], **{"opens": ["06:00"], "closes": ["10:00"], **columns})


@pytest.mark.parametrize("write", ["package", "folder"])
def test_times_of_day_come_as_they_were_written(request, write):
    path = request.getfixturevalue(write)(
        deliveries=delivery(opens=["5:30"], closes=["10:00:00"], who=["waste"])
    )

    found = read_layers(path).deliveries

    assert found[["opens", "closes", "who"]].iloc[0].tolist() == ["05:30", "10:00", "waste"]
    assert found["width_m"].iloc[0] == 3.05  # 2.55 m of Directive 96/53/EC and two mirrors


@pytest.mark.parametrize("time", ["24:00", "6 o'clock", "12:60", None])
def test_a_time_that_is_none_is_told_with_its_row(package, time):
    faults = faults_of(package(deliveries=delivery(opens=[time])))

    assert faults[0].startswith("deliveries: opens: not a time of day as HH:MM (row 0") or (
        time is None and faults[0] == "deliveries: opens: no value (row 0)"
    )


def test_a_window_without_any_length_is_told(package):
    faults = faults_of(package(deliveries=delivery(closes=["06:00"])))

    assert faults == (
        "deliveries: opens and closes are both 06:00; give a window, 00:00 to 23:59 is all day "
        "(row 0)",
    )


def test_a_rule_needs_no_more_than_its_kind(package):
    shapes = [Point(X, Y), LineString([(X, Y), (X + 5, Y)]), box(X, Y, X + 5, Y + 5)]
    rules = layer(shapes, kind=["hydrant", "utility", "other"])

    found = read_layers(package(place_rules=rules)).place_rules

    assert found["effect"].tolist() == ["", "", ""]
    assert found[["price", "clearance_m"]].isna().all().all()
    assert found["standing"].tolist() == ["assumed"] * 3


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"kind": ["shrub"]}, "kind: not one of utility, cellar,"),
        ({"kind": ["door"], "effect": ["ban"]}, "effect: not one of , forbid, price (row 0: ban)"),
        ({"kind": ["door"], "price": [-1.0]}, "price: below 0.0 (row 0: -1.0)"),
        ({"kind": ["door"], "deepest_foundation": ["D"]}, "deepest_foundation: not one of"),
        ({"kind": ["door"], "clearance_m": [-0.5]}, "clearance_m: below 0.0"),
        ({"kind": ["door"], "effect": ["price"]}, "does nothing; give one of them (row 0)"),
        ({"kind": ["other"]}, "has no width; give clearance_m, or draw a polygon (row 0)"),
    ],
)
def test_what_a_rule_can_not_be_is_told_in_words(package, columns, words):
    faults = faults_of(package(place_rules=layer([Point(X, Y)], **columns)))

    assert len(faults) == 1
    assert words in faults[0]


def test_a_crowd_without_its_number_of_people_or_across_itself_is_told(package):
    bow_tie = Polygon([(X, Y), (X + 5, Y + 5), (X + 5, Y), (X, Y + 5)])

    faults = faults_of(package(crowds=layer([bow_tie], name=["stage"])))

    assert faults[0] == "crowds: column people is missing"
    assert "crosses itself (row 0" in faults[1]


def test_a_layer_of_a_folder_may_be_a_csv(folder):
    path = folder()
    (path / "deliveries.csv").write_text(
        "name;opens;closes;longitude;latitude\nBakery;05:30;10:00;24,944;60,171\n"
    )

    layers = read_layers(path)

    assert layers.deliveries["name"].tolist() == ["Bakery"]
    assert layers.deliveries.geometry.iloc[0].equals(Point(24.944, 60.171))


def test_a_csv_beside_layers_in_metres_comes_to_their_system(tmp_path):
    for name, table in town().items():
        table.to_file(tmp_path / f"{name}.geojson", driver="GeoJSON")
    (tmp_path / "demands.csv").write_text("lon,lat\n24.944,60.171\n")

    layers = read_layers(tmp_path)

    assert layers.demands.crs.to_epsg() == 3067
    assert layers.demands.distance(Point(X, Y)).iloc[0] < 500


def test_two_files_for_one_layer_are_refused(folder):
    path = folder(demands=layer([Point(X, Y)]))
    (path / "demands.csv").write_text("longitude,latitude\n24.9,60.1\n")

    assert faults_of(path) == ("layer demands: several files; keep one",)


def documented():
    """Read docs/layers.md: layer -> (required, {column: given or filled})."""
    text = (Path(__file__).parents[3] / "docs" / "layers.md").read_text(encoding="utf-8")
    found = {}
    for heading, body in re.findall(r"^## (`.*?)$(.*?)(?=^## |\Z)", text, re.M | re.S):
        columns = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", body, re.M))
        found[heading.split("`")[1]] = ("(required)" in heading, columns)
    return found


def test_the_schema_in_the_documents_is_the_one_that_is_checked():
    checked = {
        name: (
            form.required,
            {column: "given" if column in form.given else "filled" for column in form.columns},
        )
        for name, form in FORMS.items()
    }

    assert documented() == checked


@pytest.mark.parametrize("name", FORMS)
def test_the_form_of_a_layer_covers_the_contract_of_the_table(name):
    assert {*FORMS[name].columns, "geometry"} == set(FORMS[name].schema.columns)


def test_steps_may_leave_their_height_open_and_it_is_noted(package):
    kerbs = [LineString([(X, Y + i), (X + 9, Y + i)]) for i in range(3)]

    layers = read_layers(package(steps=layer(kerbs, height_m=[0.3, None, 0.12])))

    assert layers.steps["height_m"].dropna().tolist() == [0.3, 0.12]
    assert layers.steps["kind"].tolist() == ["step"] * 3
    assert "stops no vehicle" in notes_of(layers)["steps: height_m"]


@pytest.mark.parametrize("height", [-0.1, "high"])
def test_heights_of_steps_that_can_not_be_are_told(package, height):
    kerbs = [LineString([(X, Y), (X + 9, Y)])]

    assert any(
        "height_m" in fault for fault in faults_of(package(steps=layer(kerbs, height_m=[height])))
    )


def test_the_clearances_in_the_documents_are_those_that_hold():
    text = (Path(__file__).parents[3] / "docs" / "layers.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) m \| (\w+) \| (\w+) \| .* \| (\S+) \|$", text, re.M)

    told = {kind: tuple(rest) for kind, *rest in rows}

    assert told == {
        kind: (
            f"{own.reach_m:g}",
            own.effect,
            own.deepest_foundation or "any",
            own.standing,
        )
        for kind, own in CLEARANCES.items()
    }


def examples():
    text = (Path(__file__).parents[3] / "docs" / "layers.md").read_text(encoding="utf-8")
    found = {}
    for heading, body in re.findall(r"^## (`.*?)$(.*?)(?=^## |\Z)", text, re.M | re.S):
        found.update(
            {heading.split("`")[1]: block for block in re.findall(r"```\n(.*?)```", body, re.S)}
        )
    return found


def test_each_new_layer_has_an_example_that_reads(tmp_path):
    written = examples()
    for name, text in written.items():
        (tmp_path / f"{name}.csv").write_text(text)

    found = read_extra_layers(tmp_path).layers

    assert {name: len(table) for name, table in found.items()} == {
        "place_rules": 2,
        "desire_lines": 1,
        "deliveries": 2,
        "crowds": 1,
    }

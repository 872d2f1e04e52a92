"""The vehicle classes, a city's own vehicles, and what is wrong with them."""

import math
from importlib import resources

import pytest

from sbd.catalogue.vehicles import (
    DEFAULT_VEHICLES,
    DEFAULTS,
    default_entry_speed_mps,
    load_vehicles,
    read_vehicles,
    vehicle_named,
)
from sbd.errors import InputError, LayerError, VehicleError
from sbd.model.words import STANDINGS

CLASSES = ["M1", "N1G", "N1", "N2A", "N2B", "N3C", "N3D", "N3E", "N3F", "N3G"]
ALL = [*CLASSES, "M1-EV"]


def written(tmp_path, text, name="own.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_all_classes_of_the_standard_and_a_battery_car_are_there():
    assert list(load_vehicles()) == ALL


@pytest.mark.parametrize("name", ALL)
def test_every_figure_lies_in_the_range_of_its_sources(name):
    vehicle = vehicle_named(name)
    for column, figure in vehicle.figures.items():
        assert (figure.low is None) == (figure.high is None)
        if figure.low is not None:
            assert figure.low <= getattr(vehicle, column) <= figure.high


@pytest.mark.parametrize(
    ("name", "figure", "low", "high"),
    [
        ("M1", "acceleration_mps2", 3.0, 4.0),
        ("N2B", "mass_kg", 6800.0, 7200.0),
        ("N3F", "mass_kg", 24000.0, 30000.0),
        ("N3G", "acceleration_mps2", 0.5, 1.0),
    ],
)
def test_where_sources_differ_the_range_is_kept(name, figure, low, high):
    found = vehicle_named(name).figures[figure]
    assert (found.low, found.high) == (low, high)


def test_the_battery_car_is_faster_and_heavier_than_any_car_of_the_standard():
    fast = vehicle_named("M1-EV")
    car = vehicle_named("M1")
    assert fast.acceleration_mps2 > car.acceleration_mps2
    assert fast.mass_kg > car.mass_kg
    assert "battery car" in fast.description
    assert fast.name not in DEFAULT_VEHICLES
    # 8.5 m/s2 up to 500 kW / (2500 kg * 8.5) = 23.5 m/s in 2.77 s, then the motor: 100 km/h after
    # (27.8^2 - 23.5^2) * 2500 / (2 * 500e3) = 0.55 s more.
    switch = fast.power_w / (fast.mass_kg * fast.acceleration_mps2)
    seconds = switch / fast.acceleration_mps2
    seconds += ((100 / 3.6) ** 2 - switch**2) * fast.mass_kg / (2 * fast.power_w)
    assert seconds == pytest.approx(3.3, abs=0.05)


@pytest.mark.parametrize("name", ALL)
def test_no_kerb_stops_a_class_for_which_no_height_was_found(name):
    assert vehicle_named(name).stopping_step_m == math.inf


@pytest.mark.parametrize("name", ALL)
def test_every_figure_has_a_source_and_a_standing(name):
    figures = vehicle_named(name).figures
    assert set(figures) == set(DEFAULTS)
    assert all(figure.source and figure.standing in STANDINGS for figure in figures.values())


@pytest.mark.parametrize(
    ("name", "mass_kg", "acceleration"),
    # ISO 22343-1 test masses; where sources differ the larger.
    [
        ("M1", 1500, 3.2),
        ("N1", 3500, 1.9),
        ("N2A", 7200, 2.0),
        ("N3C", 7200, 1.25),
        ("N3G", 30000, 0.75),
    ],
)
def test_masses_and_drives(name, mass_kg, acceleration):
    vehicle = vehicle_named(name)
    assert (vehicle.mass_kg, vehicle.acceleration_mps2) == (mass_kg, acceleration)
    assert vehicle.friction == 1.0


@pytest.mark.parametrize("name", ALL)
def test_no_class_drives_as_hard_at_top_speed_as_from_rest(name):
    vehicle = vehicle_named(name)
    assert vehicle.power_w / (vehicle.mass_kg * vehicle.top_speed_mps) < vehicle.acceleration_mps2


def test_names_may_be_written_small():
    assert vehicle_named(" n2a ").name == "N2A"


def test_an_unknown_class_lists_those_there_are():
    with pytest.raises(VehicleError, match=r"'N9'.*M1, N1G, N1, N2A"):
        vehicle_named("N9")


def test_the_default_entry_speed_is_a_run_up_of_100_m():
    # sqrt(2 * 2 * 100) = 20 m/s
    assert default_entry_speed_mps(vehicle_named("N2A")) == pytest.approx(20.0)


def test_no_vehicle_comes_in_faster_than_it_can_drive(tmp_path):
    path = written(
        tmp_path, "vehicle,mass_kg,width_m,acceleration_mps2,top_speed_kmh\ncart,600,1.2,5,36\n"
    )
    assert default_entry_speed_mps(read_vehicles(path)[0]) == pytest.approx(10.0)


def test_a_city_s_own_vehicle_needs_four_figures(tmp_path):
    path = written(tmp_path, "vehicle,mass_kg,width_m,acceleration_mps2\nvan,3200,1.95,3.4\n")
    (van,) = read_vehicles(path)
    assert (van.name, van.mass_kg, van.width_m, van.acceleration_mps2) == ("van", 3200, 1.95, 3.4)
    assert (van.friction, van.power_w, van.min_turning_radius_m) == (1.0, math.inf, 3.5)
    assert (van.rolling_resistance, van.drag_area_m2, van.stopping_step_m) == (0.0, 0.0, math.inf)
    assert van.top_speed_mps == pytest.approx(200 / 3.6)
    assert van.figures["mass_kg"].source == "own.csv"
    assert van.figures["friction"].source == "default that errs high"
    assert {figure.standing for figure in van.figures.values()} == {"assumed"}


def test_a_city_states_resistances_and_the_step_that_stops_its_vehicle(tmp_path):
    path = written(
        tmp_path,
        "vehicle,mass_kg,width_m,acceleration_mps2,rolling_resistance,drag_area_m2,stopping_step_m\n"
        "van,3200,1.95,3.4,0.01,1.2,0.3\n",
    )
    (van,) = read_vehicles(path)
    assert (van.rolling_resistance, van.drag_area_m2, van.stopping_step_m) == (0.01, 1.2, 0.3)
    assert van.figures["stopping_step_m"].source == "own.csv"


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("rolling_resistance", "-0.01"),
        ("rolling_resistance", "1"),
        ("drag_area_m2", "-1"),
        ("stopping_step_m", "0"),
        ("stopping_step_m", "inf"),
    ],
)
def test_resistances_and_steps_that_no_vehicle_has_are_refused(tmp_path, column, word):
    row = f"vehicle,mass_kg,width_m,acceleration_mps2,{column}\na,1500,1.8,3,{word}\n"
    with pytest.raises(LayerError, match=column):
        read_vehicles(written(tmp_path, row))


def test_a_file_saved_by_a_german_spreadsheet_is_read(tmp_path):
    path = written(
        tmp_path,
        "\ufeffvehicle;mass_kg;width_m;acceleration_mps2;power_w\nLkw;7490;2.2;2.1;130000\n",
    )
    assert read_vehicles(path)[0].power_w == 130_000


def test_the_catalogue_itself_is_such_a_file(tmp_path):
    text = resources.files("sbd.catalogue").joinpath("vehicles.csv").read_text("utf-8")
    assert [v.name for v in read_vehicles(written(tmp_path, text))] == ALL


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    path = written(
        tmp_path,
        "vehicle,mass_kg,width_m,acceleration_mps2\n,1500,1.8,3\na,heavy,1.8,3\nb,1500,,3\na,1500,1.8,nan\n",
    )
    with pytest.raises(LayerError) as caught:
        read_vehicles(path)
    assert len(caught.value.faults) == 5
    for words in (
        "line 2: vehicle: no name",
        "line 3: mass_kg 'heavy' is not a number",
        "line 4: width_m is empty",
        "line 5: acceleration_mps2 'nan'",
        "line 5: vehicle 'a' is there twice",
    ):
        assert words in str(caught.value)


def test_impossible_figures_of_all_rows_are_told_at_once(tmp_path):
    path = written(
        tmp_path, "vehicle,mass_kg,width_m,acceleration_mps2\na,-1500,1.8,3\nb,1500,18,3\n"
    )
    with pytest.raises(
        LayerError, match=r"'a': mass_kg -1500.*'b': width_m 18 is outside 0.5 to 4"
    ):
        read_vehicles(path)


def test_slips_and_impossible_figures_are_told_together(tmp_path):
    path = written(
        tmp_path, "vehicle,mass_kg,width_m,acceleration_mps2\na,heavy,1.8,3\nb,1500,18,3\n"
    )
    with pytest.raises(LayerError, match=r"2 faults: line 2: mass_kg 'heavy'.*'b': width_m 18"):
        read_vehicles(path)


@pytest.mark.parametrize("friction", ["0", "3"])
def test_a_grip_that_no_road_has_is_refused(tmp_path, friction):
    row = f"vehicle,mass_kg,width_m,acceleration_mps2,friction\na,1500,1.8,3,{friction}\n"
    with pytest.raises(InputError, match="friction"):
        read_vehicles(written(tmp_path, row))


@pytest.mark.parametrize(
    "text", ["", "vehicle,mass\nM1,1500\n", "vehicle,mass_kg,width_m,acceleration_mps2\n"]
)
def test_a_file_without_columns_or_rows_is_refused(tmp_path, text):
    with pytest.raises(LayerError, match=r"missing|no vehicle"):
        read_vehicles(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(VehicleError, match=r"none\.csv"):
        read_vehicles(tmp_path / "none.csv")


def test_a_column_that_is_not_read_is_said(tmp_path, caplog):
    read_vehicles(
        written(tmp_path, "vehicle,mass_kg,width_m,acceleration_mps2,frictoin\na,1500,1.8,3,0.5\n")
    )
    assert "frictoin" in caplog.text

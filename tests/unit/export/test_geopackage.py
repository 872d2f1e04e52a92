import json

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from pandas.testing import assert_frame_equal
from shapely import LineString

from sbd.errors import OutputError
from sbd.export.geopackage import write_assessment, write_proposal, write_site
from sbd.model import tables
from sbd.model.site import SCHEMAS, Site
from sbd.model.site_hash import site_hash

PLAN_LAYERS = ("barriers", "units", "footprints", "gaps", "closures")


def read(path, name):
    return pyogrio.read_dataframe(path, layer=name)


def read_meta(path):
    table = read(path, "meta")
    return {row.key: json.loads(row.value) for row in table.itertuples()}


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


def names(path):
    return [name for name, _ in pyogrio.list_layers(path)]


@pytest.fixture(scope="module")
def site_file(site, tmp_path_factory):
    return write_site(site, tmp_path_factory.mktemp("site") / "site.gpkg")


@pytest.fixture(scope="module")
def proposal_file(proposal, tmp_path_factory):
    return write_proposal(proposal, tmp_path_factory.mktemp("proposal") / "proposal.gpkg")


def test_a_site_file_holds_every_layer_and_both_tables(site_file):
    assert names(site_file) == [*SCHEMAS, "report", "meta"]


def test_a_proposal_file_holds_the_site_the_speeds_and_the_plan(proposal_file):
    expected = [*SCHEMAS, "perimeter", "corridors", *PLAN_LAYERS, "report", "meta"]
    assert names(proposal_file) == expected


def test_an_assessment_file_holds_what_other_tools_rely_on(proposal, tmp_path):
    path = write_assessment(proposal.assessment, tmp_path / "a.gpkg")
    assert names(path) == ["perimeter", "corridors", "meta"]
    assert list(read(path, "perimeter").columns) == [*tables.PERIMETER.columns]


@pytest.mark.parametrize("name", [*SCHEMAS, "perimeter", "corridors", *PLAN_LAYERS])
def test_a_layer_comes_back_as_it_was(proposal, proposal_file, name):
    owners = (proposal.site, proposal.assessment, proposal, proposal.verdict)
    given = next(getattr(owner, name) for owner in owners if hasattr(owner, name))
    found = read(proposal_file, name)
    assert found.crs == proposal.crs
    assert found.geom_equals_exact(given, tolerance=0.0).all()
    assert list(found.geom_type) == list(given.geom_type)  # no polygon became a multipolygon
    assert_frame_equal(
        pd.DataFrame(found.drop(columns="geometry")),
        pd.DataFrame(given.drop(columns="geometry")),
        check_dtype=not given.empty,  # an empty column of text has no type of its own
    )


def test_an_empty_layer_has_columns_and_a_geometry_type(site_file):
    info = pyogrio.read_info(site_file, layer="demands")
    assert list(info["fields"]) == ["demand_id", "name"]
    assert info["geometry_type"] == "Point"
    assert info["features"] == 0


def test_the_report_keeps_missing_numbers_and_empty_words(site, site_file):
    assert_frame_equal(read(site_file, "report"), site.report)


def test_the_meta_of_a_site_names_it(site, site_file):
    meta = read_meta(site_file)
    assert meta["kind"] == "site"
    assert meta["name"] == "Drawn Square"
    assert meta["attribution"] == site.attribution
    assert meta["sbd_version"]


def test_the_meta_of_an_assessment_holds_each_vehicle_and_its_figures(proposal, tmp_path):
    meta = read_meta(write_assessment(proposal.assessment, tmp_path / "a.gpkg"))
    van, truck = meta["vehicles"]
    assert van["power_w"] is None  # infinite
    assert truck["power_w"] == 150_000.0
    figure = van["figures"]["mass_kg"]
    assert (figure["source"], figure["standing"]) == ("drawn for a test", "assumed")
    assert meta["settings"] == {
        "resolution_m": 0.5,
        "headings": 64,
        "entry_speed_mps": None,
        "drive": "detailed",
        "grip": "design",
        "max_approach_m": None,
        "speed_limit_mps": None,
    }
    assert meta["heights"] == ""
    assert meta["site_hash"] == site_hash(proposal.site)
    assert meta["seconds"] == {"approach": 1.25}


def test_the_meta_of_a_proposal_holds_verdict_costs_and_what_it_was_made_of(proposal_file):
    meta = read_meta(proposal_file)
    assert (meta["kind"], meta["layout"]) == ("proposal", "permanent")
    assert (meta["cost_bound"], meta["cost_found"]) == (23_500.0, 24_000.0)
    threat = meta["verdict"]["checks"][0]
    assert (threat["name"], threat["passes"], threat["wanted"]) == ("threat", False, False)
    assert meta["verdict"]["conditions"] == ["Prove the run-out behind L2 on site."]
    assert meta["site"]["name"] == "Drawn Square"
    assert meta["assessment"]["vehicles"][0]["name"] == "N1"
    assert meta["meta"] == {"seconds": {"total": 2.5}, "bound": None, "openable": 1}


def test_columns_beyond_the_contract_travel_too(site, tmp_path):
    streets = site.streets.assign(
        tags=[{"lit": "yes"}, {}, {"a": [1, 2]}], fid=[7, 3, 9], oneway=[True, False, True]
    )
    richer = Site(**{**fields_of(site), "streets": streets})
    path = write_site(richer, tmp_path / "site.gpkg")
    found = read(path, "streets")
    assert read_meta(path)["json_columns"] == {"streets": ["tags"]}
    assert [json.loads(text) for text in found["tags"]] == list(streets["tags"])
    assert found["fid"].tolist() == [7, 3, 9]
    assert found["oneway"].tolist() == [True, False, True]


def fields_of(site):
    return {name: getattr(site, name) for name in (*SCHEMAS, "name", "report", "attribution")}


def test_the_same_proposal_gives_the_same_bytes(proposal, proposal_file, tmp_path):
    again = write_proposal(proposal, tmp_path / "proposal.gpkg")
    assert again.read_bytes() == proposal_file.read_bytes()


def test_a_file_that_is_there_is_replaced(site, tmp_path):
    path = tmp_path / "site.gpkg"
    path.write_bytes(b"something older")
    write_site(site, path)
    assert "zone" in names(path)
    assert listed(tmp_path) == ["site.gpkg"]


def test_a_folder_that_cant_be_made_gives_one_line_and_no_file(site, tmp_path):
    blocker = tmp_path / "a_file"
    blocker.write_text("in the way")
    with pytest.raises(OutputError) as caught:
        write_site(site, blocker / "site.gpkg")
    message = str(caught.value)
    assert "site.gpkg" in message
    assert "-o" in message
    assert "\n" not in message
    assert listed(tmp_path) == ["a_file"]


def test_a_folder_with_the_name_of_the_file_is_named(site, tmp_path):
    (tmp_path / "site.gpkg").mkdir()
    with pytest.raises(OutputError, match="a folder has that name"):
        write_site(site, tmp_path / "site.gpkg")


def test_a_geometry_that_gdal_refuses_leaves_the_older_file(site, tmp_path):
    path = write_site(site, tmp_path / "site.gpkg")
    before = path.read_bytes()
    clashing = site.streets.assign(NAME="twice")  # SQLite knows no capitals in column names
    with pytest.raises(OutputError):
        write_site(Site(**{**fields_of(site), "streets": clashing}), path)
    assert path.read_bytes() == before
    assert listed(tmp_path) == ["site.gpkg"]


def test_the_fingerprint_survives_the_file(site, site_file):
    layers = {
        name: tables.check_table(read(site_file, name), schema, name)
        for name, schema in SCHEMAS.items()
    }
    again = Site(**{**fields_of(site), **layers})
    assert site_hash(again) == site_hash(site)


def test_the_fingerprint_ignores_what_moves_no_vehicle(site):
    shuffled = site.solids.sample(frac=1.0, random_state=1)
    turned = site.zone.set_geometry(site.zone.geometry.reverse())
    other = Site(**{**fields_of(site), "solids": shuffled, "zone": turned, "name": "Another name"})
    assert site_hash(other) == site_hash(site)


@pytest.mark.parametrize(
    ("layer", "change"),
    [
        ("zone", lambda layer: layer.set_geometry(layer.translate(0.001, 0.0))),
        ("streets", lambda layer: layer.assign(stays_open=True)),
        ("streets", lambda layer: layer.assign(width_m=layer["width_m"] + 0.1)),
        ("streets", lambda layer: layer.assign(surface="sett")),
        ("steps", lambda layer: one_kerb(layer.crs)),
        ("solids", lambda layer: layer.iloc[1:]),
        ("solids", lambda layer: layer.assign(kind="other")),
    ],
)
def test_the_fingerprint_tells_what_does(site, layer, change):
    other = Site(**{**fields_of(site), layer: change(getattr(site, layer))})
    assert site_hash(other) != site_hash(site)


def one_kerb(crs):
    columns = {"step_id": ["k"], "kind": ["kerb"], "height_m": [0.12]}
    return gpd.GeoDataFrame(columns, geometry=[LineString([(0, 0), (9, 0)])], crs=crs)


def test_a_street_of_unknown_surface_changes_no_fingerprint(site):
    other = Site(**{**fields_of(site), "streets": site.streets.assign(surface="")})
    assert site_hash(other) == site_hash(site)


def test_noise_below_a_tenth_of_a_millimetre_is_no_change(site):
    moved = site.zone.set_geometry(site.zone.translate(1e-6, -1e-6))
    assert site_hash(Site(**{**fields_of(site), "zone": moved})) == site_hash(site)

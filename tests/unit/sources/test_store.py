import importlib.util
import itertools
import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from sbd.errors import InputError, LayerError
from sbd.export.geopackage import write_assessment, write_proposal, write_site
from sbd.model.site import SCHEMAS
from sbd.model.site_hash import site_hash
from sbd.sources.store import read_assessment, read_footprints, read_proposal, read_site

READERS = {"site": read_site, "assessment": read_assessment, "proposal": read_proposal}


@pytest.fixture(scope="module")
def given():
    """Give the proposal that the writers are tested with."""
    path = Path(__file__).parents[1] / "export" / "conftest.py"
    spec = importlib.util.spec_from_file_location("drawn_proposal", path)
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    return drawing.build_proposal(with_fields=False)


@pytest.fixture(scope="module")
def files(given, tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    return {
        "site": write_site(given.site, folder / "site.gpkg"),
        "assessment": write_assessment(given.assessment, folder / "assessment.gpkg"),
        "proposal": write_proposal(given, folder / "proposal.gpkg"),
    }


@pytest.fixture
def changed(files, tmp_path):
    """Copy a file and run SQL on the copy."""

    def change(kind, *orders):
        path = tmp_path / f"{kind}.gpkg"
        path.write_bytes(files[kind].read_bytes())
        with closing(sqlite3.connect(path)) as database, database:
            # the triggers of the spatial index call these
            for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
                database.create_function(name, 1, lambda shape: 0)
            for order in orders:
                database.execute(order)
        return path

    return change


def assert_same_layer(found, given):
    assert_geodataframe_equal(found, given, check_dtype=not given.empty, check_index_type=False)


def assert_same_site(found, given):
    for name in SCHEMAS:
        assert_same_layer(getattr(found, name), getattr(given, name))
    assert_frame_equal(found.report, given.report)
    assert (found.name, found.attribution) == (given.name, given.attribution)


def assert_same_assessment(found, given):
    assert_same_layer(found.perimeter, given.perimeter)
    assert_same_layer(found.corridors, given.corridors)
    assert found.vehicles == given.vehicles
    assert found.settings == given.settings
    assert found.site_hash == given.site_hash
    assert found.attribution == given.attribution
    assert found.seconds == given.seconds


def test_a_site_comes_back_as_it_was_written(given, files):
    found = read_site(files["site"])

    assert_same_site(found, given.site)
    assert found.crs == given.crs
    assert site_hash(found) == site_hash(given.site)


def test_a_site_comes_back_with_its_steps(given, tmp_path):
    kerb = gpd.GeoDataFrame(
        {"step_id": ["k"], "kind": ["kerb"], "height_m": [0.12]},
        geometry=[shapely.LineString([(0, 0), (9, 0)])],
        crs=given.site.crs,
    )
    site = replace(given.site, steps=kerb)

    assert_same_site(read_site(write_site(site, tmp_path / "site.gpkg")), site)


@pytest.mark.parametrize("kind", ["site", "proposal"])
def test_a_file_from_before_there_were_steps_has_none(given, changed, kind):
    path = changed(
        kind,
        "DELETE FROM gpkg_geometry_columns WHERE table_name = 'steps'",
        "DELETE FROM gpkg_contents WHERE table_name = 'steps'",
        "DROP TABLE steps",
    )
    found = READERS[kind](path)
    site = found if kind == "site" else found.site

    assert site.steps.empty
    assert site_hash(site) == site_hash(given.site)


def test_an_assessment_comes_back_with_its_vehicles_and_without_its_fields(given, files):
    found = read_assessment(files["assessment"])

    assert_same_assessment(found, given.assessment)
    assert found.fields == ()
    # the van drives in the screening mode, which JSON can't write as a number
    assert found.vehicles[0].power_w == math.inf
    assert found.vehicles[0].figures["mass_kg"].standing == "assumed"


def test_an_entry_speed_comes_back(given, tmp_path):
    settings = replace(given.assessment.settings, entry_speed_mps=8.5, headings=32)
    path = write_assessment(replace(given.assessment, settings=settings), tmp_path / "a.gpkg")

    assert read_assessment(path).settings == settings


def test_a_proposal_comes_back_with_its_site_its_speeds_and_its_verdict(given, files):
    found = read_proposal(files["proposal"])

    assert_same_site(found.site, given.site)
    assert_same_assessment(found.assessment, given.assessment)
    for name in ("barriers", "units", "footprints", "closures"):
        assert_same_layer(getattr(found, name), getattr(given, name))
    assert_same_layer(found.verdict.gaps, given.verdict.gaps)
    assert found.verdict.checks == given.verdict.checks
    assert found.verdict.conditions == given.verdict.conditions
    assert found.verdict.standing == given.verdict.standing
    assert (found.layout, found.cost_bound, found.cost_found) == (
        given.layout,
        given.cost_bound,
        given.cost_found,
    )
    assert found.meta == {**given.meta, "bound": None}


def test_what_was_read_writes_the_same_file_again(files, tmp_path):
    again = write_proposal(read_proposal(files["proposal"]), tmp_path / "again.gpkg")

    assert again.read_bytes() == files["proposal"].read_bytes()


def test_a_list_in_a_column_beyond_the_contract_comes_back_as_a_list(given, tmp_path):
    lanes = [["a"], ["b", "c"], []]
    site = replace(given.site, streets=given.site.streets.assign(lanes=lanes))

    found = read_site(write_site(site, tmp_path / "site.gpkg"))

    assert found.streets["lanes"].tolist() == lanes


@pytest.mark.parametrize(("wanted", "kind"), list(itertools.permutations(READERS, 2)))
def test_a_file_of_another_kind_is_refused_by_name(files, wanted, kind):
    with pytest.raises(InputError, match=rf"holds an? {kind}, not an? {wanted}; make one with"):
        READERS[wanted](files[kind])


@pytest.mark.parametrize("read", READERS.values())
def test_every_missing_layer_is_told(changed, read):
    kind = next(name for name, reader in READERS.items() if reader is read)
    gone = {"site": ("solids", "report"), "assessment": ("corridors",), "proposal": ("gaps",)}[kind]
    path = changed(kind, *(f"DELETE FROM gpkg_contents WHERE table_name = '{n}'" for n in gone))

    with pytest.raises(LayerError) as caught:
        read(path)

    assert caught.value.faults == tuple(f"layer {name} is missing" for name in gone)


def test_a_layer_that_breaks_its_contract_is_told_with_the_row(changed):
    path = changed("site", "UPDATE solids SET kind = 'hedge' WHERE row_id = 2")

    with pytest.raises(LayerError, match=r"solids: kind: not one of .*\(row 1: hedge\)"):
        read_site(path)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("DELETE FROM meta WHERE key = 'vehicles'", "meta: vehicles is missing"),
        ("UPDATE meta SET value = '[{' WHERE key = 'vehicles'", "meta: not JSON"),
        ("UPDATE meta SET value = '[3]' WHERE key = 'vehicles'", "meta: an entry can't be read"),
        ("ALTER TABLE meta RENAME COLUMN value TO text", "columns key and value are missing"),
    ],
)
def test_meta_data_that_was_changed_by_hand_is_told(changed, order, words):
    with pytest.raises(LayerError, match=words):
        read_assessment(changed("assessment", order))


@pytest.mark.parametrize("read", [*READERS.values(), read_footprints])
@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), (b"", "0 bytes"), (b"plain words", "not a file of shapes")],
)
def test_what_is_no_file_of_shapes_is_refused_in_one_line(tmp_path, read, content, words):
    path = tmp_path / "site.gpkg"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError, match=words) as caught:
        read(path)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
def test_a_file_that_was_cut_off_is_refused(files, tmp_path, share):
    whole = files["proposal"].read_bytes()
    path = tmp_path / "cut.gpkg"
    path.write_bytes(whole[: int(share * len(whole))])

    with pytest.raises(InputError):
        read_proposal(path)


def test_a_geopackage_of_someone_else_is_refused(tmp_path):
    path = tmp_path / "roads.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=3067).to_file(path)

    with pytest.raises(InputError, match=r"not written by sbd.*`sbd site`"):
        read_site(path)


def test_footprints_are_read_from_geojson_and_from_a_proposal(given, files, tmp_path):
    path = tmp_path / "footprints.geojson"
    given.footprints.to_crs(4326).to_file(path)

    assert len(read_footprints(path)) == len(given.footprints)
    assert_same_layer(read_footprints(files["proposal"]), given.footprints)


def test_footprints_without_shapes_or_a_clear_layer_are_refused(files, tmp_path):
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "units.csv", index=False)

    with pytest.raises(InputError, match="no shapes"):
        read_footprints(tmp_path / "units.csv")
    with pytest.raises(InputError, match="name one of them 'footprints'"):
        read_footprints(files["site"])

"""The wishes of a plan mean the same over the API and on the command line."""

import geopandas as gpd
import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from shapely.geometry import box, mapping

from api.ogc.processes import process_named, read_inputs
from api.schemas import PlanRequest
from api.works import wishes_of
from sbd import cli
from sbd.commands.plans import request_of
from sbd.geometry.crs import WGS84
from tests.drawn_town import town


@pytest.fixture(scope="module")
def site():
    return town().site()


def test_a_request_over_the_api_is_the_one_of_the_command_line(site, tmp_path):
    west, south, east, north = site.zone.to_crs(WGS84).total_bounds
    ground, unit = box(west, south, east, north), box(west, south, west + 1e-5, south + 1e-5)
    product = "bollard-shallow-n2-64"
    gpd.GeoDataFrame(geometry=[ground], crs=WGS84).to_file(tmp_path / "free.geojson")
    pinned = gpd.GeoDataFrame({"product_id": [product]}, geometry=[unit], crs=WGS84)
    pinned.to_file(tmp_path / "pinned.geojson")
    sent = {
        "layout": "mixed",
        "openable": 2,
        "country": "FR",
        "engine_distance_m": 60.0,
        "people": 5000,
        "exit_minutes": 10.0,
        "enclosed_max_m2": 9000.0,
        "budget": 250000.0,
        "second_line": True,
        "desire_widths_m": {"D7": 1.2},
        "chicanes": 3,
        "forbidden": [mapping(ground)],
        "pinned": [{"product_id": product, "footprint": mapping(unit)}],
    }
    options = {
        "--layout": "mixed",
        "--openable": 2,
        "--country": "FR",
        "--engine-distance": 60,
        "--people": 5000,
        "--exit-minutes": 10,
        "--enclosed-max": 9000,
        "--budget": 250000,
        "--chicanes": 3,
        "--desire-width": "D7=1.2",
        "--forbidden": tmp_path / "free.geojson",
        "--pinned": tmp_path / "pinned.geojson",
        "-o": "PLAN.gpkg",
    }
    words = ["propose", "SITE.gpkg", "--second-line"]
    words += [str(word) for option in options.items() for word in option]
    api = wishes_of(site, PlanRequest.model_validate(sent))
    terminal = request_of(cli.parser().parse_args(words), site)
    assert api.access == terminal.access
    assert api.access.country == "FR"
    for name in (*sent.keys() - {"country", "forbidden", "pinned"}, "gap_min_m", "gap_max_m"):
        assert getattr(api, name) == getattr(terminal, name), name
    # GeoJSON keeps seven decimals of a degree: a centimetre.
    assert api.hand.forbidden.symmetric_difference(terminal.hand.forbidden).area < 5.0
    both = api.hand.pinned.geometry.iloc[0], terminal.hand.pinned.geometry.iloc[0]
    assert both[0].hausdorff_distance(both[1]) < 0.02
    assert terminal.hand.pinned.crs == site.crs
    assert terminal.hand.pinned["product_id"].to_list() == [product]


@pytest.mark.parametrize(
    "wish", [{"people": -1}, {"exit_minutes": 0}, {"country": "france"}, {"layout": "eternal"}]
)
def test_an_impossible_wish_is_refused(wish):
    with pytest.raises(ValidationError):
        PlanRequest.model_validate(wish)


CROSSED = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"forbidden": [CROSSED]}, "inputs.forbidden.0.Polygon"),
        (
            {"pinned": [{"product_id": "bollard-shallow-n2-64", "footprint": CROSSED}]},
            "inputs.pinned.0.footprint",
        ),
    ],
    ids=["forbidden", "pinned"],
)
def test_ground_that_crosses_itself_is_no_wish_of_an_execution_either(wish, field):
    with pytest.raises(RequestValidationError) as refused:
        read_inputs(process_named("propose"), {"site_id": "site-000000000000", **wish})
    (fault,) = refused.value.errors()
    assert ".".join(map(str, fault["loc"][1:])) == field
    assert "not simple (Self-intersection at 1 1)" in fault["msg"]

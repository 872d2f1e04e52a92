"""A site as a whole: its layers, its data report, and what is refused in one line."""

import pytest
from shapely import box
from shapely.affinity import translate

from sbd.errors import CancelledError, CrsError, ExtractError, InputError, ZoneError
from sbd.model import tables
from sbd.site import ZoneRequest, build_site
from tests.drawn_town import (
    COVERED,
    SQUARE,
    Town,
    blocks,
    drawn,
    here,
    report_of,
    ring_road,
    town,
    whole,
)


def test_a_site_has_its_layers_in_one_metric_system():
    site = town().site()
    assert {layer.crs.to_epsg() for layer in site.layers.values()} == {32635}
    assert site.report["item"].tolist().count("reference system") == 1


def test_the_zone_stays_what_was_asked():
    drawing = ring_road(y=10, width_m=7)
    assert here(drawing.site().zone).union_all().equals_exact(SQUARE, 1e-3, normalize=True)


def test_the_study_area_is_the_zone_and_the_margin():
    # A square of 40 m grown by 80 m with round corners: 40^2 + 4 x 40 x 80 + pi x 80^2.
    assert town().site().study_shape.area == pytest.approx(1600 + 12_800 + 20_106, rel=0.005)


def test_the_same_town_in_another_system_gives_the_same_figures():
    drawing = town()
    utm = drawing.site()
    other = build_site(drawing.raw(), drawn(SQUARE), margin_m=80.0, crs=3067)
    assert other.crs.to_epsg() == 3067
    assert other.study_shape.area == pytest.approx(utm.study_shape.area, rel=1e-3)
    assert other.entries["street"].tolist() == utm.entries["street"].tolist()


def test_solids_reach_only_a_little_past_the_study_area():
    site = town().site()
    assert whole(site.solids.geometry).difference(site.study_shape.buffer(2.01)).is_empty


def test_the_attribution_travels():
    site = town().site()
    assert "OpenStreetMap" in site.attribution
    assert site.attribution in set(site.report["note"])


def test_the_report_says_source_and_date():
    assert report_of(town().site(), "source")["data"] == "drawn.osm"
    assert report_of(town().site(), "source")["date of the data"] == "2024-05-01"


def test_the_report_keeps_what_the_source_repaired():
    raw = town().raw()
    raw.repairs.loc[0] = ["repaired", "rings closed", 3.0, "three rings"]
    site = build_site(raw, drawn(SQUARE), margin_m=80.0)
    assert report_of(site, "repaired") == {"rings closed": "three rings"}


def test_a_street_that_stays_open_is_reported_with_what_it_takes_of_the_zone():
    drawing = town().line(
        "way/3", [(-300, 10), (300, 10)], highway="primary", name="Ring", width="5"
    )
    site = drawing.site()
    assert report_of(site, "left_out")["zone on Ring"].startswith("200 m2")  # 40 m x 5 m
    assert "Ring" in report_of(site, "source")["streets that stay open"]


def test_losing_more_than_half_of_the_zone_is_said_first_and_strongly():
    drawing = town().line(
        "way/3", [(-300, 8), (300, 8)], highway="primary", name="Ring", width="24"
    )
    items = drawing.site().report.query("topic == 'left_out'")["item"].tolist()
    assert items[0] == "MORE THAN HALF OF THE ZONE"


def test_losing_all_of_the_zone_names_the_street_and_close_mends_it():
    drawing = town().line(
        "way/3", [(-300, 0), (300, 0)], highway="primary", name="Ring", width="60"
    )
    with pytest.raises(ZoneError, match=r"Ring.*--close"):
        # Facades leave 10 m of the road, the zone is 8 m wide.
        drawing.site(zone=box(-19, -4, 19, 4))
    assert drawing.site(zone=box(-19, -4, 19, 4), close=["Ring"]).name == "drawn zone"


def test_where_the_data_ends_is_reported_in_metres():
    site = town().site(covered=box(-300, -300, 45, 300))  # 25 m east of the square
    unknown = report_of(site, "unknown")
    assert "25 m from the zone, 55 m short" in unknown["run-up from the east"]
    assert "Main Street" in unknown["entries at the edge of the data"]


def test_a_building_that_is_an_open_line_is_left_out_and_named():
    drawing = town().line("way/9", [(-10, 10), (10, 10)], building="yes")
    assert "way/9" in report_of(drawing.site(), "left_out")["buildings that are open lines"]


def test_a_town_without_any_building_is_refused():
    with pytest.raises(ExtractError, match="no building"):
        Town().line("way/1", [(-300, 0), (300, 0)], highway="service").site()


def test_a_zone_without_a_solid_around_it_is_refused():
    drawing = town().area("way/9", box(900, 900, 950, 950), building="yes")
    drawing.rows = [row for row in drawing.rows if not row[0].startswith("way/10")]
    with pytest.raises(ZoneError, match="no building, wall or water within 80 m"):
        drawing.site(covered=box(-300, -300, 1000, 1000))


def test_a_zone_without_a_street_around_it_is_refused():
    with pytest.raises(ZoneError, match="no street within 80 m"):
        blocks().site()


def test_a_walled_zone_that_no_vehicle_reaches_is_refused():
    ring = box(-40, -40, 40, 40).difference(box(-21, -21, 21, 21))
    drawing = (
        Town()
        .area("way/9", ring, building="yes")
        .line("way/1", [(-300, 60), (300, 60)], highway="service")
    )
    with pytest.raises(ZoneError, match="no vehicle can reach it"):
        drawing.site()


def test_a_zone_outside_the_data_is_refused():
    with pytest.raises(ZoneError, match="outside the data"):
        town().site(zone=translate(SQUARE, 2_000, 0))


def test_a_zone_that_covers_everything_is_refused():
    with pytest.raises(ZoneError, match="covers all"):
        town().site(zone=COVERED)


@pytest.mark.parametrize("room_m", [0.5, 5.0, 19.5])
def test_a_zone_at_the_edge_of_the_data_leaves_no_room_for_a_barrier(room_m):
    with pytest.raises(ZoneError, match=r"m from the edge of the data of .* at least 20 m"):
        town().site(covered=box(-300, -300, 20 + room_m, 300))


def test_a_margin_below_zero_is_refused():
    with pytest.raises(InputError, match="margin"):
        town().site(margin_m=-1.0)


def test_a_system_in_degrees_is_refused():
    with pytest.raises(CrsError, match="degrees"):
        build_site(town().raw(), drawn(SQUARE), crs=4326)


def test_a_square_is_found_by_a_point_on_it():
    drawing = town().area("relation/7", SQUARE, place="square", name="Market Square")
    place = drawn(SQUARE).place_wgs84()
    site = build_site(drawing.raw(), ZoneRequest.at((place.y, place.x)), margin_m=80.0)
    assert site.name == "Market Square"
    assert site.zone["zone_id"].tolist() == ["relation/7"]


def test_progress_runs_from_start_to_end_and_can_stop_the_work():
    shares = []
    build_site(
        town().raw(),
        drawn(SQUARE),
        margin_m=80.0,
        progress=lambda _, share, __: shares.append(share),
    )
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def stop(stage, share, note):
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        build_site(town().raw(), drawn(SQUARE), margin_m=80.0, progress=stop)


def test_the_same_input_in_another_order_gives_the_same_site():
    drawing, turned = town(), town()
    turned.rows = turned.rows[::-1]
    for name in ("zone", "entries", "study_area"):
        left, right = getattr(drawing.site(), name), getattr(turned.site(), name)
        assert left.drop(columns="geometry").equals(right.drop(columns="geometry"))
        assert left.geometry.geom_equals_exact(right.geometry, 1e-6).all()


def test_every_layer_keeps_its_contract_when_it_is_empty():
    site = town().site()
    assert site.demands.empty
    assert list(tables.DEMANDS.columns) == list(site.demands.columns)

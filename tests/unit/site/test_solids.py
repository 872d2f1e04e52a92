"""What stops every vehicle, and what only looks as if it did."""

import pytest
from shapely import LineString, MultiPolygon, Point, box

from sbd.site.furniture import furniture_table
from sbd.site.solids import drops, solid_buildings, walls, waters
from tests.drawn_town import Town, furniture_of, solid_at, town

STUDY = box(-100, -100, 100, 100)
PLOT = box(0, 0, 10, 10)  # 100 m2


def kinds(solids):
    return dict(zip(solids["solid_id"], solids["kind"], strict=True))


def test_a_building_is_solid():
    features = Town().area("way/1", PLOT, building="yes").features()
    assert kinds(solid_buildings(features)) == {"way/1": "building"}


@pytest.mark.parametrize(
    "value",
    ["kiosk", "roof", "carport", "shed", "hut", "tent", "greenhouse", "container", "construction"],
)
def test_a_light_building_is_furniture_however_large(value):
    features = Town().area("way/9", box(-8, -8, 8, 8), building=value).features()
    assert furniture_table(features, STUDY)["kind"].tolist() == ["light_building"]
    assert solid_buildings(features).empty


@pytest.mark.parametrize(("side_m", "solid"), [(4.9, False), (5.1, True)])
def test_a_building_of_unknown_making_counts_from_25_m2(side_m, solid):
    features = Town().area("way/1", box(0, 0, side_m, side_m), building="yes").features()
    assert bool(len(solid_buildings(features))) is solid


def test_a_small_building_is_on_the_list_for_a_visit():
    site = town().area("way/9", box(0, 10, 4, 14), building="yes").site()
    assert furniture_of(site, "way/9") == ("small_building", "making unknown")
    notes = site.report.set_index("item").loc["small buildings"]
    assert notes["topic"] == "visit"
    assert "way/9" in notes["note"]


@pytest.mark.parametrize(
    "tags", [{"layer": "-1"}, {"location": "underground"}, {"min_height": "4"}, {"layer": "2"}]
)
def test_a_building_below_or_above_the_ground_stops_nobody(tags):
    features = Town().area("way/1", PLOT, building="yes", **tags).features()
    assert solid_buildings(features).empty


def test_a_building_on_layer_1_is_an_ordinary_one_over_a_passage():
    features = Town().area("way/1", PLOT, building="yes", layer="1").features()
    assert len(solid_buildings(features)) == 1


def test_a_building_part_above_the_ground_is_not_solid_and_one_on_it_is():
    features = (
        Town()
        .area("way/1", PLOT, building_part="yes", min_height="6")
        .area("way/2", box(50, 0, 60, 10), building_part="yes")
        .area("way/3", box(80, 0, 90, 10), building_part="yes", building_min_level="1")
        .features()
    )
    assert kinds(solid_buildings(features)) == {"way/2": "building"}


def test_a_building_that_is_a_point_stops_nothing():
    assert solid_buildings(Town().node("node/1", (0, 0), building="yes").features()).empty


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"barrier": "wall"}, "wall"),
        ({"barrier": "city_wall"}, "wall"),
        ({"barrier": "retaining_wall"}, "retaining_wall"),
        ({"historic": "citywalls"}, "wall"),
    ],
)
def test_a_wall_is_a_solid_strip_10_cm_thick(tags, kind):
    solid = walls(Town().line("way/1", [(0, 0), (20, 0)], **tags).features())
    assert kinds(solid) == {"way/1": kind}
    # 20 m and 5 cm beyond either end, 10 cm thick.
    assert solid.area.iloc[0] == pytest.approx(20.1 * 0.1)


def test_a_closed_wall_leaves_the_garden_inside_free():
    solid = walls(Town().area("way/1", PLOT, barrier="wall", leisure="garden").features())
    assert not solid.intersects(Point(5, 5)).any()
    assert solid.intersects(Point(0, 5)).all()


def test_a_wall_drawn_as_an_area_is_that_area():
    solid = walls(Town().area("way/1", box(0, 0, 20, 0.6), barrier="wall", area="yes").features())
    assert solid.area.iloc[0] == pytest.approx(12.0)


def test_a_wall_known_to_be_low_is_furniture():
    site = town().line("way/9", [(-5, 10), (5, 10)], barrier="wall", height="0.3").site()
    assert furniture_of(site, "way/9") == ("low_wall", "unknown rating")


@pytest.mark.parametrize(
    "value", ["fence", "hedge", "guard_rail", "kerb", "bollard", "block", "gate", "chain"]
)
def test_fences_hedges_kerbs_rails_and_blocks_are_furniture(value):
    features = Town().line("way/9", [(-5, 10), (5, 10)], barrier=value).features()
    assert furniture_table(features, STUDY)["kind"].tolist() == [value]
    assert walls(features).empty


def test_an_unrated_bollard_keeps_its_tags_and_its_unknown_rating():
    site = town().node("node/9", (0, 10), barrier="bollard", bollard="removable").site()
    assert furniture_of(site, "node/9") == ("bollard", "unknown rating")
    tags = site.furniture.set_index("furniture_id").loc["node/9", "tags"]
    assert '"bollard": "removable"' in tags


LAKE = box(0, 0, 40, 40)


@pytest.mark.parametrize("tags", [{"natural": "water"}, {"waterway": "riverbank"}])
def test_open_water_is_solid(tags):
    assert kinds(waters(Town().area("way/1", LAKE, **tags).features())) == {"way/1": "water"}


def test_a_river_on_layer_minus_1_is_still_open_water():
    features = Town().area("way/1", LAKE, natural="water", layer="-1").features()
    assert len(waters(features)) == 1


@pytest.mark.parametrize(
    "tags",
    [
        {"natural": "water", "amenity": "fountain"},
        {"natural": "water", "water": "pond"},
        {"natural": "water", "water": "basin"},
        {"natural": "water", "tunnel": "culvert"},
        {"natural": "water", "man_made": "pier"},
    ],
)
def test_fountains_basins_culverts_and_piers_stop_nobody(tags):
    assert waters(Town().area("way/1", LAKE, **tags).features()).empty


def test_a_fountain_is_furniture_of_unknown_depth():
    site = town().area("way/9", box(-4, -4, 4, 4), natural="water", amenity="fountain").site()
    assert furniture_of(site, "way/9") == ("fountain", "depth unknown")


@pytest.mark.parametrize("tags", [{"natural": "cliff"}, {"man_made": "quay"}])
def test_a_drop_is_a_thin_solid_line(tags):
    solid = drops(Town().line("way/1", [(0, 0), (20, 0)], **tags).features())
    assert kinds(solid) == {"way/1": "drop"}
    assert solid.area.iloc[0] == pytest.approx(2.01)


def test_the_outline_of_a_quay_area_is_no_drop():
    # Its landward side would be one as well.
    assert drops(Town().area("way/1", LAKE, man_made="quay").features()).empty


def test_a_courtyard_stays_ground():
    block = box(6, 6, 19, 19).difference(box(9, 9, 16, 16))
    site = town().area("way/9", block, building="yes").site()
    assert solid_at(site, (12, 12)) == []
    assert solid_at(site, (7, 12)) == ["building"]


def test_a_multipolygon_is_one_solid():
    twins = MultiPolygon([box(0, 0, 10, 10), box(20, 0, 30, 10)])
    assert len(solid_buildings(Town().area("relation/1", twins, building="yes").features())) == 1


def test_steps_are_furniture_and_no_street():
    site = town().add("way/9", LineString([(-5, 10), (5, 10)]), highway="steps").site()
    assert furniture_of(site, "way/9")[0] == "steps"
    assert "way/9" not in set(site.streets["street_id"])

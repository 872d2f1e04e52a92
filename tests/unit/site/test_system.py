"""In which reference system a site is kept."""

import pytest
from shapely import Point

from sbd.errors import CrsError
from sbd.site.system import metric_system

HELSINKI = Point(24.9442, 60.1713)


def test_the_default_is_the_utm_zone_of_the_place():
    assert metric_system(None, HELSINKI).to_epsg() == 32635


@pytest.mark.parametrize("asked", [3067, "3067", "EPSG:3879"])
def test_a_national_or_city_system_is_kept(asked):
    assert metric_system(asked, HELSINKI).to_epsg() in (3067, 3879)


def test_the_web_map_system_stretches_helsinki_by_two_and_is_refused():
    # 1 / cos(60.17 deg) = 2.01
    with pytest.raises(CrsError, match=r"2\.01"):
        metric_system(3857, HELSINKI)


@pytest.mark.parametrize(("asked", "words"), [(4326, "degrees"), (999999, "not known")])
def test_degrees_and_unknown_systems_are_refused(asked, words):
    with pytest.raises(CrsError, match=words):
        metric_system(asked, HELSINKI)

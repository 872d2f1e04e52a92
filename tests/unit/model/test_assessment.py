import math

import pytest

from sbd.errors import InputError
from sbd.model.assessment import FieldSettings
from sbd.model.words import Drive, Grip


def test_words_of_a_file_become_members():
    settings = FieldSettings(drive="screening", grip="wet")
    assert settings.drive is Drive.SCREENING
    assert settings.grip is Grip.WET


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"drive": "fast"}, "drive 'fast': not known; take one of screening, detailed"),
        ({"grip": "ice"}, "grip 'ice': not known; take one of design, surface, wet"),
        ({"max_approach_m": 0.0}, "longest approach 0 m: it must be above 0"),
        ({"max_approach_m": math.nan}, "longest approach nan m"),
        ({"speed_limit_mps": -5.0}, "speed limit -5 m/s: it must be above 0"),
    ],
)
def test_settings_that_mean_nothing_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        FieldSettings(**options)


def test_only_what_favours_the_city_is_called_less_safe():
    assert FieldSettings(drive="screening").less_safe == ()
    assert FieldSettings(entry_speed_mps=5.0).less_safe == ("18 km/h at the edge of the map",)
    assert FieldSettings(grip="surface", speed_limit_mps=30 / 3.6).less_safe == (
        "grip by surface",
        "nobody drives faster than 30 km/h",
    )

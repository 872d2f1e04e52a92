import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from sbd.export.looks import BANNERS, SPEED_COLOURS, class_labels, speed_class
from sbd.model.verdict import Standing


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize(
    ("speed_kmh", "expected"),
    [(0, 0), (0.1, 1), (32, 1), (32.01, 2), (48, 2), (79.9, 4), (80, 4), (80.1, 5), (300, 7)],
)
def test_a_speed_falls_into_the_class_of_the_next_tested_speed(speed_kmh, expected):
    assert speed_class(speed_kmh) == expected


def test_there_is_a_word_for_every_class():
    assert len(class_labels()) == len(SPEED_COLOURS) + 1


def test_faster_is_darker_so_that_the_order_needs_no_colour():
    tones = [luminance(colour) for colour in SPEED_COLOURS]
    assert all(slow > fast for slow, fast in itertools.pairwise(tones))


def test_every_standing_has_its_own_word_and_sign():
    assert set(BANNERS) == set(Standing)
    assert len({banner.sign for banner in BANNERS.values()}) == 3
    assert len({banner.word for banner in BANNERS.values()}) == 3


def test_the_words_of_a_verdict_can_be_read_on_their_colour():
    # WCAG 2.1, 1.4.6: a contrast of 7 to 1; the text is white.
    for banner in BANNERS.values():
        assert 1.05 / (luminance(banner.colour) + 0.05) >= 7

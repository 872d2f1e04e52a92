"""A minute of many people on one service: every request answered, memory steady."""

import sys

import numpy as np
import pytest

from tests.benchmarks.service_load import prepared, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc"),
]

SECONDS = 60.0


def test_fifty_people_and_two_assessments_are_served_without_an_error(tmp_path, capsys):
    load = run(prepared(tmp_path), SECONDS)
    with capsys.disabled():
        print(f"\n{load}")  # noqa: T201  # a figure, which depends on the machine
    assert load.errors == []
    assert len(load.reads_ms) > 100
    third = len(load.memory_mb) // 3
    middle, last = load.memory_mb[third : 2 * third], load.memory_mb[-third:]
    # What a request leaves behind would add up over some thousand of them.
    assert np.median(last) < 1.25 * np.median(middle)

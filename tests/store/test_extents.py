"""How far rows reach, on both databases."""

from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from api.store import Site, Store
from api.store.extents import bounds_of_zones
from tests.stored import SIDE_DEG, SOUTH, WEST, town

# A tree of SQLite rounds outwards by at most two steps of single precision below 64 degrees.
CLOSE_DEG = 7.7e-6


@pytest.fixture
def towns(store: Store, tmp_path: Path) -> list[str]:
    """Ids of the projects of two towns, the second one a degree east of the first one."""
    made = (town(store, tmp_path / f"{step}", west=WEST + step) for step in (0, 1))
    return [each.project_id for each in made]


@pytest.mark.parametrize(
    ("seen", "west", "east"),
    [([0, 1], WEST, WEST + 1), ([0], WEST, WEST), ([1], WEST + 1, WEST + 1)],
    ids=["both", "first", "second"],
)
def test_bounds_are_those_of_the_rows_that_are_asked_for(
    store: Store, towns: list[str], seen: list[int], west: float, east: float
) -> None:
    own = Site.project_id.in_([towns[place] for place in seen])
    with store.database.reading() as session:
        found = bounds_of_zones(session, Site.zone, own)
    assert found is not None
    real = (west, SOUTH, east + SIDE_DEG, SOUTH + SIDE_DEG)
    assert np.allclose(found, real, rtol=0, atol=CLOSE_DEG)


def test_no_rows_reach_nowhere(store: Store, towns: list[str]) -> None:
    with store.database.reading() as session:
        assert bounds_of_zones(session, Site.zone, sa.false()) is None
        assert bounds_of_zones(session, Site.zone, Site.project_id == towns[0]) is not None

"""The drawn town with a row of posts across its street, judged and assembled."""

import pytest

from tests.judged import row, town
from tests.proposed import STREETS, layout_of, proposal_of, with_streets


@pytest.fixture(scope="session")
def site():
    return with_streets(town(), STREETS)


@pytest.fixture(scope="session")
def posts():
    return row(6)[0].geometry.to_list()


@pytest.fixture(scope="session")
def proposal(site, posts):
    return proposal_of(site, layout_of(posts))

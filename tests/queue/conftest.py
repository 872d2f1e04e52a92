import pytest

from tests.queue.desk import open_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """One queue for tests that leave it as it was."""
    with open_desk(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
def own_desk(tmp_path):
    """Open a queue of the test's own, with limits of its own."""

    def opened(**options):
        return open_desk(tmp_path / "own", **options)

    return opened

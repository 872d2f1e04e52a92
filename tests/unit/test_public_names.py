"""The names of `import sbd`, each loaded when it is first asked for."""

import subprocess
import sys

import pytest

import sbd


@pytest.mark.parametrize("name", sbd.__all__)
def test_every_public_name_is_there(name):
    assert getattr(sbd, name).__name__ == name
    assert name in dir(sbd)


def test_a_name_that_is_not_there_is_named():
    with pytest.raises(AttributeError, match="'sbd' has no attribute 'asses'"):
        sbd.asses  # noqa: B018


def test_the_verb_wins_over_the_folder_of_the_same_name():
    script = "import sbd.verify.judge; sbd.verify.__call__; from sbd.verify import judge_layout"
    subprocess.run([sys.executable, "-c", script], check=True)

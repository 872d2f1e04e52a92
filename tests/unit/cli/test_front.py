"""`sbd front` refuses what it can't do before any long work."""

import pytest

from sbd.cli import main


@pytest.mark.parametrize(
    ("words", "way_out"),
    [
        (["--open", "3"], "--out DIR"),
        (["--open", "best", "--out", "front"], "--budget"),
    ],
)
def test_a_point_needs_a_place_and_the_best_a_budget(words, way_out, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["front", "SITE.gpkg", *words]) == 2
    assert way_out in capsys.readouterr().err


def test_a_point_is_a_number_or_the_best(capsys):
    with pytest.raises(SystemExit):
        main(["front", "SITE.gpkg", "--open", "cheapest"])
    assert "--open" in capsys.readouterr().err

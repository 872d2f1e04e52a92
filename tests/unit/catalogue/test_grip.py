"""How much grip the ground has, at most."""

import math

import pytest

from sbd.catalogue.grip import SurfaceGrip, grip_of_surface, load_grips
from sbd.errors import CatalogueError
from sbd.model.words import STANDINGS


@pytest.mark.parametrize("surface", load_grips())
def test_every_grip_is_at_the_upper_end_of_its_sources(surface):
    grip = load_grips()[surface]
    assert grip.low <= grip.high <= grip.dry
    assert grip.source
    assert grip.standing in STANDINGS


@pytest.mark.parametrize("surface", load_grips())
def test_water_never_adds_grip(surface):
    assert grip_of_surface(surface, wet=True) <= grip_of_surface(surface, wet=False)


def test_dry_asphalt_and_concrete_take_nothing_off_the_design_value():
    assert min(1.0, grip_of_surface("asphalt", wet=False)) == 1.0
    assert min(1.0, grip_of_surface("concrete", wet=False)) == 1.0


def test_softer_ground_holds_less():
    # Baker 1975: new asphalt 1.20, packed gravel 0.85, loose gravel and crushed rock 0.75.
    found = [grip_of_surface(name, wet=False) for name in ("asphalt", "compacted", "gravel")]
    assert found == [1.20, 0.85, 0.75]


def test_setts_hold_what_unlocked_wheels_got_in_skid_tests():
    # 8.2 m/s2 dry with locked wheels (Spurenkatalog), 12 % more without: 0.936, rounded up.
    assert grip_of_surface("sett", wet=False) == 0.95


@pytest.mark.parametrize("surface", ["", "unknown", "ice", "asphalt;lawn", "wood"])
def test_ground_that_nobody_knows_limits_nothing(surface):
    assert grip_of_surface(surface, wet=True) == math.inf


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("concrete:plates", "concrete"),
        (" Asphalt ", "asphalt"),
        ("gravel;asphalt", "asphalt"),
        ("cobblestone:flattened", "cobblestone"),
    ],
)
def test_details_are_left_out_and_the_grippiest_of_several_counts(written, meant):
    assert grip_of_surface(written, wet=True) == grip_of_surface(meant, wet=True)


@pytest.mark.parametrize(
    "figures",
    [{"wet": 0.9}, {"low": 0.0}, {"high": 0.9}, {"standing": "heard"}],
)
def test_a_row_that_contradicts_itself_is_refused(figures):
    row = {"dry": 0.8, "wet": 0.6, "low": 0.4, "high": 0.8, "source": "x", "standing": "assumed"}
    with pytest.raises(CatalogueError, match="'tar'"):
        SurfaceGrip("tar", **{**row, **figures})

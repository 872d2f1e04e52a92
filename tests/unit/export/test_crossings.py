import pytest

from sbd.export.crossings import crossings_on, openable_pieces


def opened(proposal, units):
    """Return the footprints of the plan with only these units openable."""
    return proposal.footprints.assign(openable=proposal.footprints["unit_id"].isin(units))


def test_openable_units_side_by_side_are_one_crossing(proposal):
    # Units 3 and 4 of 0.6 m with 1.2 m between them, and 0.65 m at both ends
    found = openable_pieces(proposal.barriers, opened(proposal, ["L2-u3", "L2-u4"]))
    assert found["line_id"].tolist() == ["L2"]
    assert found.length.iloc[0] == pytest.approx(0.6 + 1.2 + 0.6 + 2 * 0.65)


def test_openable_units_apart_are_two_crossings(proposal):
    found = openable_pieces(proposal.barriers, opened(proposal, ["L2-u1", "L2-u5"]))
    assert found["line_id"].tolist() == ["L2", "L2"]
    assert found.length.tolist() == pytest.approx([1.9, 1.9])


def test_units_that_say_nothing_leave_the_whole_line(proposal):
    found = openable_pieces(proposal.barriers, opened(proposal, []))
    assert found.length.tolist() == pytest.approx([12.0])


def test_a_fixed_line_has_no_crossing(proposal):
    fixed = proposal.barriers[~proposal.barriers["openable"]]
    found = openable_pieces(fixed, proposal.footprints)
    assert found.empty
    assert found.crs == proposal.crs


def test_a_line_tells_how_many_crossings_it_holds(proposal):
    lines = proposal.barriers["line_id"]
    for opens, count in (
        (["L2-u3", "L2-u4"], 1),
        (["L2-u1", "L2-u5"], 2),
        (["L1-u1", "L2-u1", "L2-u2", "L2-u4"], 2),
        ([], 0),
    ):
        units = proposal.units.assign(openable=proposal.units["unit_id"].isin(opens))
        found = dict(zip(lines, crossings_on(units, lines), strict=True))
        assert found["L2"] == count

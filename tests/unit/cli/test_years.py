"""Two layouts of a drawn town from the command line: what they cost, and how they are set up."""

import json

import pytest

from sbd import pipeline
from sbd.cli import main
from sbd.export.geopackage import write_proposal
from tests.drawn_town import town

EVENTS = """event_id,name,date_from,date_to,opens,closes,people
E1,Market,2026-11-27,2026-12-23,10:00,20:00,4000
E2,Run,2026-05-16,2026-05-16,08:00,18:00,9000
"""


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    (folder / "events.csv").write_text(EVENTS)
    site = town().site()
    free = pipeline.assess(site, vehicles=["N2A"], resolution_m=1.0, headings=32)
    for layout in ("permanent", "temporary"):
        plan = pipeline.propose(site, free, pipeline.plan_request(layout=layout, openable=0))
        write_proposal(plan, folder / f"{layout}.gpkg")
    return folder


def asked(capsys, *words):
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_layout_costs_more_over_more_years_and_names_where_it_breaks_even(plans, capsys):
    words = ("cost", plans / "permanent.gpkg", "--calendar", plans / "events.csv")
    against = ("--against", plans / "temporary.gpkg")
    code, short = asked(capsys, *words, *against, "--years", 5)
    _, longer = asked(capsys, *words, *against, "--years", 30)
    assert code == 0
    assert 0 < short["low"] < short["high"]
    assert short["high"] < longer["high"]
    assert all(row["standing"] and row["source"] for row in short["items"])
    # Setting up costs every event day, so days enough make what stays the cheaper one.
    days = short["break_even_days"]["middle"]
    assert days is not None
    assert days >= longer["break_even_days"]["middle"]


def test_two_permanent_layouts_do_not_break_even(plans, capsys):
    plan = plans / "permanent.gpkg"
    code, answer = asked(
        capsys, "cost", plan, "--calendar", plans / "events.csv", "--against", plan
    )
    assert code == 2
    assert "between a permanent and a temporary layout" in answer["message"]


def test_a_calendar_with_faults_names_each_and_its_row(plans, capsys):
    bad = plans / "bad.csv"
    bad.write_text(EVENTS.replace("10:00", "25:99").replace("2026-05-16,08:00", "2026-05-01,08:00"))
    code, answer = asked(capsys, "cost", plans / "permanent.gpkg", "--calendar", bad)
    assert code == 2
    assert "25:99" in answer["message"]
    assert "2026-05-01" in answer["message"]


def test_a_deployment_is_written_as_sheet_page_and_list(plans, capsys):
    folder = plans / "sheets"
    words = ("deploy", plans / "temporary.gpkg", "--calendar", plans / "events.csv", "-o", folder)
    code, answer = asked(capsys, *words)
    assert code == 0
    assert {"deployment.xlsx", "deployment.html", "deployment.csv", "bill.xlsx"} <= {
        path.name for path in folder.iterdir()
    }
    assert len(answer["files"]) == len(list(folder.iterdir()))

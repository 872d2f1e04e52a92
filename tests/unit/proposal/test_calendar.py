"""A year of events: which days, from when to when."""

from datetime import date

import pytest

from sbd.errors import InputError, LayerError
from sbd.proposal.calendar import COLUMNS, Calendar, Event, parse_calendar


def event(event_id="e1", start="2026-05-02", end=None, *, opens="10:00", closes="18:00", people=9):
    first = date.fromisoformat(start)
    last = date.fromisoformat(end) if end else first
    return Event(event_id, "Market", first, last, opens, closes, people)


def row(**changes):
    values = ("e1", "Market", "2026-05-02", "2026-05-03", "10:00", "18:00", "900")
    return {**dict(zip(COLUMNS, values, strict=True)), **changes}


def test_rows_of_text_become_events():
    calendar = parse_calendar([row(), row(event_id="e2", date_to="2026-05-02")], name="events.csv")
    assert [e.event_id for e in calendar.events] == ["e1", "e2"]
    assert calendar.events[0].people == 900
    assert calendar.dates == (date(2026, 5, 2), date(2026, 5, 3))


def test_all_faults_are_told_at_once_by_line():
    rows = [
        row(date_from="2.5.2026"),
        row(event_id="e2", date_to="2026-05-01", opens="10 am", people="-1"),
        row(event_id="e3"),
        row(event_id="e3", people="many"),
    ]
    with pytest.raises(LayerError) as caught:
        parse_calendar(rows, name="events.csv")
    assert len(caught.value.faults) == 3
    for part in (
        "line 2: date_from '2.5.2026' is not understood; give YYYY-MM-DD",
        "opens '10 am'; give HH:MM, 00:00 to 24:00; date_to 2026-05-01 before date_from 2026-05-02",
        "people -1; give 0 or more",
        "line 5: people 'many' is not understood; give a whole number",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"event_id": "e1"}], "column date_from is missing"),
        ([], "no event"),
        ([row(), row()], "'e1' is there twice"),
        ([row(), row(event_id="e2", date_from="2027-06-01", date_to="2027-06-01")], "than a year"),
    ],
)
def test_a_list_that_is_no_calendar_is_refused(rows, words):
    with pytest.raises(LayerError, match=words):
        parse_calendar(rows, name="events.csv")


def test_days_that_follow_each_other_are_one_set_up():
    # 2 to 4 May in two events, a day on 9 May: two stretches, four days
    calendar = Calendar(
        (event(end="2026-05-03"), event("e2", "2026-05-04"), event("e3", "2026-05-09"))
    )
    assert (calendar.days, calendar.set_ups) == (4, 2)


def test_hours_of_events_that_overlap_count_once():
    # 10 to 18 and 16 to 22 on one day: 12 hours
    calendar = Calendar((event(), event("e2", opens="16:00", closes="22:00")))
    assert calendar.busy_hours() == 12.0


def test_hours_past_midnight_belong_to_the_day_they_began_on():
    calendar = Calendar((event(opens="20:00", closes="02:00"),))
    assert calendar.busy_hours() == 6.0
    assert calendar.days == 1


def test_the_same_time_twice_is_the_whole_day():
    assert Calendar((event(opens="00:00", closes="00:00"),)).busy_hours() == 24.0


def test_a_day_of_an_event_is_found():
    calendar = Calendar((event(end="2026-05-03"), event("e2", "2026-05-03")))
    assert [e.event_id for e in calendar.on(date(2026, 5, 3))] == ["e1", "e2"]
    assert calendar.on(date(2026, 5, 4)) == ()


def test_a_calendar_of_no_event_has_no_day():
    assert (Calendar().days, Calendar().set_ups, Calendar().busy_hours()) == (0, 0, 0.0)


def test_some_of_the_events_make_a_calendar_of_their_own():
    calendar = Calendar((event(), event("e2", "2026-05-09")))
    assert calendar.only(["e2"]).dates == (date(2026, 5, 9),)


def test_an_event_without_a_name_of_its_own_is_refused():
    with pytest.raises(InputError, match="event_id is empty"):
        event("")

"""Rows of the tables: times, references, two who change the same one, lists and windows."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.errors import PreconditionError
from api.store import (
    Comment,
    Plan,
    PlanFeature,
    Project,
    Proposal,
    Site,
    Store,
    User,
    Window,
    bump,
)
from api.store.lists import features_in, newest_plans, window_of, within
from api.store.windows import meets
from sbd.errors import InputError
from tests.stored import Town, plan, town


@pytest.fixture
def made(store: Store, tmp_path: Path) -> Town:
    return town(store, tmp_path / "site")


def test_a_time_comes_back_as_utc_whatever_its_zone_was(store: Store) -> None:
    in_helsinki = datetime(2026, 7, 1, 15, 30, tzinfo=timezone(timedelta(hours=3)))
    with store.database.session() as session:
        session.add(User(user_id="user-0", name="a", locked_until=in_helsinki))
    with store.database.reading() as session:
        found = session.get_one(User, "user-0").locked_until
    assert found == datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 7, 1, 15, 30)  # the fault that is asked about
    with (
        pytest.raises(sa.exc.StatementError, match="has no zone"),
        store.database.session() as session,
    ):
        session.add(User(name="a", locked_until=naive))


def test_what_others_refer_to_stays(store: Store, made: Town, tmp_path: Path) -> None:
    kept = plan(store, made, tmp_path / "1", number=1)
    for kind, key in ((Plan, kept.plan_id), (Site, made.site_id), (Project, made.project_id)):

        def remove(kind: type[sa.orm.DeclarativeBase] = kind, key: str = key) -> None:
            with store.database.session() as session:
                session.delete(session.get_one(kind, key))

        with pytest.raises(IntegrityError):
            remove()
    with store.database.reading() as session:
        assert len(session.scalars(sa.select(PlanFeature)).all()) == 3


def test_a_row_that_refers_to_nothing_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.database.session() as session:
        session.add(Comment(project_id="project-000000000000", text="to whom?"))


def test_what_was_changed_meanwhile_is_not_changed_again(store: Store, made: Town) -> None:
    with store.database.session() as session:
        bump(session.get_one(Project, made.project_id), 1)
    with (
        pytest.raises(PreconditionError, match="is at 2"),
        store.database.session() as session,
    ):
        bump(session.get_one(Project, made.project_id), 1)


def test_of_two_who_change_a_row_at_once_exactly_one_does(store: Store, made: Town) -> None:
    both_have_read = threading.Barrier(2, timeout=2)
    told: list[str] = []

    def rename(name: str) -> None:
        try:
            with store.database.session() as session:
                project = session.get_one(Project, made.project_id)
                # On SQLite the second one only gets in when the first one is through.
                with suppress(threading.BrokenBarrierError):
                    both_have_read.wait()
                bump(project, 1)
                project.name = name
            told.append(name)
        except PreconditionError:
            told.append("refused")

    writers = [threading.Thread(target=rename, args=(name,)) for name in ("Agnes", "Bela")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with store.database.reading() as session:
        project = session.get_one(Project, made.project_id)
    assert sorted(told) == sorted([project.name, "refused"])
    assert project.revision == 2


def test_the_newest_version_of_a_proposal_counts(store: Store, made: Town, tmp_path: Path) -> None:
    first = plan(store, made, tmp_path / "1", number=1)
    plan(store, made, tmp_path / "2", number=2, proposal_id=first.proposal_id)
    other = plan(store, made, tmp_path / "3", number=3)
    asked = [first.proposal_id, other.proposal_id, "proposal-000000000000"]
    with store.database.reading() as session:
        newest = newest_plans(session, asked)
    assert {key: found.number for key, found in newest.items()} == {
        first.proposal_id: 2,
        other.proposal_id: 1,
    }


def test_proposals_are_found_where_their_site_is(store: Store, tmp_path: Path) -> None:
    west = town(store, tmp_path / "west", west=24.90)
    east = town(store, tmp_path / "east", west=24.95)
    here = plan(store, west, tmp_path / "1", number=1)
    plan(store, east, tmp_path / "2", number=2)
    with store.database.reading() as session:
        asked = sa.select(Proposal.proposal_id).where(within(session, "24.89,60.16,24.92,60.18"))
        assert session.scalars(asked).all() == [here.proposal_id]


def test_features_of_a_layer_come_in_their_order_a_page_at_a_time(
    store: Store, made: Town, tmp_path: Path
) -> None:
    kept = plan(store, made, tmp_path / "1", number=1, units=7)
    with store.database.reading() as session:
        page = features_in(session, kept.plan_id, "units", limit=4)
        rest = features_in(session, kept.plan_id, "units", after=page[-1].number, limit=4)
        # A bollard every 0.0001 degrees from 24.94 on: 2 to 4 are in it, edge included.
        window = Window(24.9402, 60.0, 24.9404, 61.0)
        some = features_in(session, kept.plan_id, "units", window=window, limit=9)
        none = features_in(session, kept.plan_id, "gaps", limit=9)
    assert [row.number for row in page + rest] == [1, 2, 3, 4, 5, 6, 7]
    assert [row.properties["unit_id"] for row in some] == ["u2", "u3", "u4"]
    assert none == []


@pytest.mark.parametrize(
    "bbox", ["", "1,2,3", "a,b,c,d", "0,0,181,1", "0,2,1,1", "nan,0,1,1", "0,0,1,91"]
)
def test_what_is_no_box_is_refused(bbox: str) -> None:
    with pytest.raises(InputError, match="bbox"):
        window_of(bbox)


def _sites_in(session: Session, bbox: str) -> list[str]:
    found = meets(session, Site.zone, window_of(bbox))
    return list(session.scalars(sa.select(Site.site_id).where(found)))


_LONGITUDE = st.integers(-180, 180)
_LATITUDE = st.integers(-90, 90)


def test_a_window_finds_exactly_the_zones_that_meet_it(store: Store, made: Town) -> None:
    # Triangles in every part of the world, some on its edges: their boxes say too much.
    corners = [(x, y) for x in range(-180, 180, 30) for y in range(-90, 90, 30)]
    zones = {
        f"site-{number:012x}": shapely.Polygon([(x, y), (x + 30, y), (x, y + 30)])
        for number, (x, y) in enumerate(corners)
    }
    with store.database.session() as session:
        for site_id, zone in zones.items():
            session.add(
                Site(
                    site_id=site_id,
                    project_id=made.project_id,
                    name="",
                    request={},
                    record={},
                    zone=zone,
                )
            )

    @settings(max_examples=60, deadline=None, database=None)
    @given(_LONGITUDE, _LONGITUDE, _LATITUDE, _LATITUDE)
    def check(west: int, east: int, one: int, other: int) -> None:
        south, north = sorted((one, other))
        with store.database.reading() as session:
            sites = set(_sites_in(session, f"{west},{south},{east},{north}")) - {made.site_id}
        boxes = [(west, east)] if west <= east else [(west, 180), (-180, east)]
        grounds = [
            shapely.MultiPoint([(x, y) for x in box for y in (south, north)]).envelope
            for box in boxes
        ]
        assert sites == {
            site_id
            for site_id, zone in zones.items()
            if any(ground.intersects(zone) for ground in grounds)
        }

    check()


@pytest.mark.parametrize("change", ["move", "remove"])
def test_the_index_of_windows_follows_its_rows(store: Store, made: Town, change: str) -> None:
    with store.database.session() as session:
        site = session.get_one(Site, made.site_id)
        if change == "move":
            site.zone = shapely.box(10.0, 50.0, 10.1, 50.1)
        else:
            session.delete(site)
    with store.database.reading() as session:
        assert _sites_in(session, "24,60,25,61") == []
        moved = _sites_in(session, "10,50,11,51")
        assert moved == ([made.site_id] if change == "move" else [])


def test_many_writers_at_once_all_get_their_turn(store: Store) -> None:
    errors: list[Exception] = []

    def write(writer: int) -> None:
        try:
            for number in range(12):
                with store.database.session() as session:
                    session.add(User(name=f"{writer}-{number}"))
        except Exception as error:
            errors.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert errors == []
    with store.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 8 * 12


def test_a_writer_that_fails_lets_the_next_one_in(store: Store) -> None:
    for _ in range(3):
        with pytest.raises(IntegrityError), store.database.session() as session:
            session.add(Comment(project_id="project-000000000000", text="to whom?"))
    with store.database.session() as session:
        session.add(User(name="next"))
    with store.database.reading() as session:
        assert session.scalar(sa.select(User.name)) == "next"

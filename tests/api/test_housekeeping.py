"""What goes once a day while a service runs."""

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from api.auth.audit import note
from api.forgetting import forget_progress, forget_repeats
from api.housekeeping import Sweeper
from api.queue.events import append_events
from api.store import Job, JobEvent, RepeatedRequest, Store
from api.store.base import now
from api.store.people import Audit
from tests.postgis import postgis_server
from tests.stored import town


def actions(store):
    with store.database.reading() as session:
        return session.scalars(sa.select(Audit.action).order_by(Audit.audit_id)).all()


def test_rows_of_the_audit_log_go_when_they_are_old_enough(tmp_path):
    store = Store(tmp_path)
    store.open()
    with store.database.session() as session:
        for days in (31, 29):
            note(session, f"{days} days ago", at=now() - timedelta(days=days))
    sweeper = Sweeper(store, audit_kept=timedelta(days=30))
    sweeper.start()
    try:
        while len(found := actions(store)) < 2 or "31 days ago" in found:
            time.sleep(0.02)
    finally:
        sweeper.stop()
        store.close()
    assert found == ["29 days ago", "old rows taken away"]


@pytest.fixture(params=["sqlite", "postgis"])
def store(request, tmp_path):
    if request.param == "sqlite":
        opened = Store(tmp_path / "data")
    else:
        with postgis_server() as server:
            opened = Store(tmp_path / "data", server.fresh_url())
            opened.open()
            yield opened
            opened.close()
        return
    opened.open()
    yield opened
    opened.close()


def test_answers_are_kept_for_a_week_and_progress_for_a_month(store, tmp_path):
    made = town(store, tmp_path / "site")
    with store.database.session() as session:
        for days in (8, 6):
            row = {"user_id": made.user_id, "request_hash": "h", "status": 201, "body": {}}
            created = now() - timedelta(days=days)
            session.add(RepeatedRequest(key=f"{days} days", created=created, **row))
        jobs = {"old": 31, "new": 29, "open": None}
        for name, days in jobs.items():
            ended = None if days is None else now() - timedelta(days=days)
            session.add(
                Job(
                    job_id=name,
                    project_id=made.project_id,
                    kind="plan",
                    state="running" if ended is None else "done",
                    request={},
                    result_id=name,
                    finished=ended,
                )
            )
        session.flush()
        for name in jobs:
            told = [("progress", {"share": 0.1}), ("retry", {"lost": True}), ("progress", {})]
            append_events(session, name, [*told, ("end", {"state": "done"})])

    assert forget_repeats(store.database) == 1
    assert forget_progress(store.database) == 1
    assert forget_progress(store.database) == 0
    with store.database.reading() as session:
        assert session.scalars(sa.select(RepeatedRequest.key)).all() == ["6 days"]
        told = {
            name: [
                event.number
                for event in session.scalars(sa.select(JobEvent).filter_by(job_id=name))
            ]
            for name in jobs
        }
    assert told == {"old": [2, 4], "new": [1, 2, 3, 4], "open": [1, 2, 3, 4]}

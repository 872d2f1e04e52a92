"""What goes once a day while a service runs."""

import time
from datetime import timedelta

import sqlalchemy as sa

from api.auth.audit import note
from api.housekeeping import Sweeper
from api.store import Store
from api.store.base import now
from api.store.people import Audit


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

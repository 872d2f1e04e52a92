"""A service behind a real port of this machine, in a thread, over a store of its own."""

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from sqlalchemy.orm import Session

from api.auth.tokens import make_token
from api.main import create_app
from api.queue import QueueLimits
from api.settings import Limits
from api.store import FINISHED, Job, Scope, User, now


@contextmanager
def served(
    folder: Path, limits: QueueLimits, url: str | None = None
) -> Iterator[tuple[str, FastAPI]]:
    """Yield the address of a running service, with its tables elsewhere by URL, and the service."""
    app = create_app(folder, url=url, limits=Limits(queue=limits))
    app.state.service.store.open()
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", app
    finally:
        app.state.service.jobs.end_streams()
        server.should_exit = True
        thread.join()


def token_of(app: FastAPI, name: str, *, is_administrator: bool = False) -> tuple[str, str]:
    """Return the id of a new user and a token of his."""
    with app.state.service.store.database.session() as session:
        user = User(name=name, is_administrator=is_administrator)
        session.add(user)
        session.flush()
        return user.user_id, token_for(session, user.user_id)


def token_for(session: Session, user_id: str) -> str:
    """Return a token of a user, good for a day."""
    _, secret = make_token(
        session,
        user_id=user_id,
        name="tests",
        scope=Scope.WRITE,
        project_id=None,
        expires=now() + timedelta(days=1),
        now=now(),
    )
    return secret


def settled(folder: Path, job_ids: Iterable[str]) -> dict[str, str]:
    """Let a service over a folder do what waits there; return how some jobs ended."""
    with served(folder, QueueLimits(workers=1)) as (_, app):
        database = app.state.service.store.database
        while True:
            with database.reading() as session:
                asked = sa.select(Job.job_id, Job.state).where(Job.job_id.in_(list(job_ids)))
                states = dict(session.execute(asked).tuples().all())
            if all(state in FINISHED for state in states.values()):
                return states
            time.sleep(0.1)

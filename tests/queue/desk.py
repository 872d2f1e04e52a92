"""A small store and a queue over it, for tests that need no web and no site."""

import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import sqlalchemy as sa
from shapely import box

from api.queue import Jobs, QueueLimits
from api.store import (
    FINISHED,
    Assessment,
    Database,
    File,
    FileRole,
    ItemFile,
    Job,
    JobEvent,
    JobKind,
    Project,
    Site,
    Table,
    Upload,
    new_id,
    sqlite_url,
)
from api.store.files import FileStore
from tests.queue import works

PROJECT = "project-000000000001"
SITE = "site-000000000001"


def a_site(folder: Path) -> Path:
    """Return a file that stands for a site."""
    path = folder / "site.gpkg"
    path.write_text("a site")
    return path


def store_in(folder: Path, site_file=a_site) -> SimpleNamespace:
    """Return a store with one project and one site."""
    folder.mkdir(exist_ok=True)
    database = Database(sqlite_url(folder / "store.sqlite"))
    store = SimpleNamespace(
        database=database, files=FileStore(folder / "files"), scratch=folder / "scratch"
    )
    store.files.open()
    if not sa.inspect(database.engine).has_table("jobs"):
        Table.metadata.create_all(database.engine)
        first_rows(store, folder, site_file)
    return store


def first_rows(store, folder: Path, site_file) -> None:
    """Have one project with one site."""
    with store.database.session() as session:
        session.add(Project(project_id=PROJECT, name="square"))
        session.flush()
        keep_site(session, store.files, site_file(folder))


def keep_site(session, files, path):
    session.add(
        Site(
            site_id=SITE, project_id=PROJECT, name="s", request={}, record={}, zone=box(0, 0, 1, 1)
        )
    )
    keep_file(session, files, SITE, FileRole.DATA, path)


def keep_file(session, files, item_id, role, path):
    kept = files.keep(path)
    if session.get(File, kept.digest) is None:
        session.add(File(digest=kept.digest, bytes=kept.bytes))
        session.flush()
    session.add(
        ItemFile(
            item_id=item_id,
            role=role,
            name=path.name,
            digest=kept.digest,
            bytes=kept.bytes,
            media_type="text/plain",
        )
    )


def keep_upload(store, kind, file_name, text) -> str:
    """Have a file in the store as if it was sent in; return its id."""
    upload_id = new_id("upload")
    path = store.scratch.parent / file_name
    path.write_text(text)
    with store.database.session() as session:
        session.add(Upload(upload_id=upload_id, project_id=PROJECT, kind=kind, file_name=file_name))
        keep_file(session, store.files, upload_id, FileRole.DATA, path)
    return upload_id


def keep_result(session, files, *, job, folder, record):
    """Keep the record and every file of a job as an assessment."""
    session.add(
        Assessment(
            assessment_id=job.result_id,
            project_id=job.project_id,
            site_id=SITE,
            request=job.request,
            record=record,
        )
    )
    for path in sorted(folder.rglob("*.txt")):
        keep_file(session, files, job.result_id, FileRole.FILE, path)


class Desk:
    """A queue and what a test asks of it."""

    def __init__(self, store, jobs) -> None:
        self.store, self.jobs = store, jobs

    def submit(self, do="steps", *, result_id=None, **asked) -> Job:
        with self.store.database.session() as session:
            return self.jobs.submit(
                session,
                PROJECT,
                JobKind.ASSESSMENT,
                result_id or new_id("assessment"),
                {"asked": {"do": do, **asked}, "site_id": SITE},
                None,
            )

    def job(self, job) -> Job:
        with self.store.database.reading() as session:
            return session.get(Job, job.job_id)

    def events(self, job) -> list[JobEvent]:
        with self.store.database.reading() as session:
            rows = sa.select(JobEvent).filter_by(job_id=job.job_id).order_by(JobEvent.number)
            return list(session.scalars(rows))

    def named(self, job, name) -> list[JobEvent]:
        return [event for event in self.events(job) if event.name == name]

    def result(self, job) -> dict | None:
        with self.store.database.reading() as session:
            found = session.get(Assessment, job.result_id)
            return None if found is None else found.record

    def until(self, true, seconds=120.0) -> None:
        """Wait until something holds."""
        end_s = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end_s, "waited for too long"
            time.sleep(0.02)

    def finished(self, job) -> Job:
        self.until(lambda: self.job(job).state in FINISHED)
        return self.job(job)

    def until_told(self, job, count=1) -> None:
        """Wait until the work has said something."""
        self.until(lambda: len(self.named(job, "progress")) >= count)


@contextmanager
def open_desk(folder: Path, *, engine=None, do=works.any_of_them, keep=keep_result, **limits):
    """Run a queue with one process over a folder."""
    store = store_in(folder)
    jobs = Jobs(
        store,
        QueueLimits(**{"workers": 1, "cancel_grace_s": 0.5, **limits}),
        works=dict.fromkeys(JobKind, do),
        keeps=dict.fromkeys(JobKind, keep),
        warm=works.warm,
        engine=engine,
    )
    jobs.start()
    try:
        yield Desk(store, jobs)
    finally:
        jobs.stop()
        store.database.close()

"""The stream of a job's events: as they come, from any event on, to the end."""

import asyncio
import time

import pytest

from api.errors import UnknownResourceError
from api.queue.events import append_events


def told(jobs, job, after=0, **options):
    """Return everything that a reader is told until the stream ends."""

    async def read():
        return [event async for event in jobs.follow(job.job_id, after, **options)]

    return asyncio.run(asyncio.wait_for(read(), 30))


def test_a_reader_sees_a_job_from_start_to_end(desk):
    job = desk.submit(steps=10, step_s=0.05)
    events = told(desk.jobs, job)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert {event.name for event in events[:-1]} == {"progress"}
    assert events[-1].data["state"] == "done"


def test_a_reader_that_comes_back_goes_on_where_it_was(desk):
    job = desk.submit(steps=10, step_s=0.05)
    everything = told(desk.jobs, job)
    assert told(desk.jobs, job, after=2) == everything[2:]


def test_a_reader_that_comes_back_in_the_middle_misses_nothing(desk):
    job = desk.submit(steps=20, step_s=0.05)

    async def in_two():
        first = []
        async for event in desk.jobs.follow(job.job_id):
            first.append(event)
            if len(first) == 3:
                break
        return first + [event async for event in desk.jobs.follow(job.job_id, first[-1].number)]

    numbers = [event.number for event in asyncio.run(in_two())]
    assert numbers == list(range(1, numbers[-1] + 1))


def test_a_reader_that_has_seen_all_is_told_to_stop_asking(desk):
    job = desk.submit()
    desk.finished(job)
    last = desk.events(job)[-1].number
    assert told(desk.jobs, job, after=last) == []
    assert desk.jobs.told_all(job.job_id, last)
    assert not desk.jobs.told_all(job.job_id, last - 1)


def test_nobody_follows_what_is_not_there(desk):
    with pytest.raises(UnknownResourceError):
        desk.jobs.told_all("job-000000000000", 0)


def test_a_quiet_stream_says_that_it_lives(desk):
    job = desk.submit("deaf")
    desk.until_told(job)

    async def until_quiet():
        async for event in desk.jobs.follow(job.job_id, keep_alive_s=0.3):
            if event is None:
                return True
        return False

    assert asyncio.run(asyncio.wait_for(until_quiet(), 10))
    desk.jobs.cancel(job.job_id)
    desk.finished(job)


def test_what_another_process_writes_is_found_by_looking(own_desk):
    with own_desk(workers=0) as desk:
        job = desk.submit()

        async def first():
            task = asyncio.create_task(anext(desk.jobs.follow(job.job_id)))
            await asyncio.sleep(0.3)
            with desk.store.database.session() as session:
                append_events(session, job.job_id, [("progress", {"share": 0.5})])
            return await asyncio.wait_for(task, 5)

        assert asyncio.run(first()).data == {"share": 0.5}


def test_open_streams_end_when_the_service_stops(own_desk):
    with own_desk() as desk:
        job = desk.submit("deaf")
        desk.until_told(job)

        async def until_stopped():
            streams = [asyncio.create_task(_all(desk.jobs.follow(job.job_id))) for _ in range(20)]
            await asyncio.sleep(0.3)
            started_s = time.monotonic()
            await asyncio.to_thread(desk.jobs.stop)
            await asyncio.gather(*streams)
            return time.monotonic() - started_s

        # Uvicorn gives three seconds.
        assert asyncio.run(until_stopped()) < 3.0


async def _all(events):
    return [event async for event in events]

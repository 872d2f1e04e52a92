"""Work in processes of its own: what comes back, what does not, and that nothing stays behind."""

import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from api.aside import Aside, AsideLimits
from api.errors import (
    InternalError,
    ServiceStoppedError,
    TooLongError,
    TooManyRequestsError,
    TooMuchMemoryError,
    WorkerBrokeError,
    WorkerLostError,
    headers_of,
    problem_of,
)
from api.named import Named
from api.processes import GIBIBYTE, can_watch_memory, is_alive
from tests.aside.works import ERRORS

SERVER = Path(__file__).with_name("small_server.py")


def work(name):
    return Named(f"tests.aside.works:{name}")


def call(aside, name, *arguments):
    return aside.call(work(name), *arguments, label="the work")


@pytest.fixture
def aside():
    made = Aside()
    yield made
    made.stop()


@pytest.fixture
def told(tmp_path):
    return str(tmp_path / "told")


def told_process(told):
    """Wait until the work has said which process it is in."""
    while not Path(told).exists():
        time.sleep(0.02)
    return int(Path(told).read_text())


def until_gone(process_id):
    while is_alive(process_id):
        time.sleep(0.02)


def test_every_call_has_a_process_of_its_own_that_ends_with_it(aside):
    first, second = call(aside, "who", "a", 1), call(aside, "who")
    assert first["given"] == ["a", 1]
    assert len({first["pid"], second["pid"], os.getpid()}) == 3
    assert not is_alive(first["pid"])


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_a_deliberate_error_comes_back_as_it_was_raised(aside, number):
    with pytest.raises(type(ERRORS[number])) as raised:
        call(aside, "refuses", number)
    assert problem_of(raised.value) == problem_of(ERRORS[number])


def test_of_a_fault_only_the_log_has_the_words(aside, caplog):
    with caplog.at_level(logging.ERROR), pytest.raises(InternalError) as raised:
        call(aside, "goes_wrong")
    assert "KeyError; a fault of the program" in str(raised.value)
    assert "/secret/folder" not in str(raised.value)
    assert "/secret/folder" in caplog.text


def test_a_process_that_breaks_down_takes_nobody_with_it(aside):
    with pytest.raises(WorkerBrokeError, match=r"the work: its process broke down \(SIGABRT"):
        call(aside, "breaks")
    assert call(aside, "who")["given"] == []


def test_a_process_that_is_killed_is_told_and_the_next_call_has_another(aside, told):
    with ThreadPoolExecutor(1) as asking:
        asked = asking.submit(call, aside, "hangs", told)
        os.kill(told_process(told), signal.SIGKILL)
        with pytest.raises(WorkerLostError, match=r"ended from outside.*try again") as raised:
            asked.result()
    assert problem_of(raised.value)["status"] == 503
    assert headers_of(raised.value) == {"Retry-After": "1"}
    assert call(aside, "who")["given"] == []


@pytest.mark.parametrize("name", ["hangs", "hangs_deaf"])
def test_what_takes_too_long_is_ended_with_the_limit_in_words(told, name):
    aside = Aside(AsideLimits(call_seconds=0.5))
    with pytest.raises(TooLongError, match=r"not done in 0\.5 s, the most"):
        call(aside, name, told)
    assert not is_alive(told_process(told))


@pytest.mark.skipif(not can_watch_memory(), reason="this system does not tell what a process holds")
def test_what_takes_too_much_memory_is_ended_with_the_limit_in_words(told):
    aside = Aside(AsideLimits(call_bytes=GIBIBYTE))
    with pytest.raises(TooMuchMemoryError, match="more than 1 GiB"):
        call(aside, "grows", told)
    assert not is_alive(told_process(told))


def test_an_answer_runs_nothing_here(aside, tmp_path):
    with pytest.raises(WorkerBrokeError, match="no plain answer"):
        call(aside, "takes_over", str(tmp_path / "evil"))
    assert list(tmp_path.iterdir()) == []


def test_who_comes_when_too_many_wait_is_sent_away_for_a_while(told):
    aside = Aside(AsideLimits(at_once=1, waiting=0))
    with ThreadPoolExecutor(1) as asking:
        asking.submit(call, aside, "hangs", told)
        told_process(told)
        with pytest.raises(TooManyRequestsError, match=r"1 requests .* try again in 5 s") as raised:
            call(aside, "who")
        aside.stop()
    assert headers_of(raised.value) == {"Retry-After": "5"}


def test_what_has_to_wait_begins_when_the_one_before_has_ended():
    aside = Aside(AsideLimits(at_once=1))
    with ThreadPoolExecutor(3) as asking:
        spans = sorted(asking.map(lambda _: call(aside, "spans"), range(3)))
    for (_, end_s), (start_s, _) in pairwise(spans):
        assert end_s <= start_s


def test_a_stop_ends_what_is_under_way_and_takes_nothing_more(told):
    aside = Aside()
    with ThreadPoolExecutor(1) as asking:
        asked = asking.submit(call, aside, "hangs", told)
        process_id = told_process(told)
        aside.stop()
        assert not is_alive(process_id)
        with pytest.raises(ServiceStoppedError, match="the service stops"):
            asked.result()
    with pytest.raises(ServiceStoppedError):
        call(aside, "who")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hangs", "hangs_deaf"])
def test_nothing_stays_behind_where_the_server_is_killed(told, name):
    with subprocess.Popen([sys.executable, str(SERVER), name, told]) as server:
        process_id = told_process(told)
        os.kill(server.pid, signal.SIGKILL)
    until_gone(process_id)
    assert not is_alive(process_id)

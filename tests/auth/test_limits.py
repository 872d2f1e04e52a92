"""Buckets and waits: how often somebody may ask, and what is kept of it."""

import pytest

from api.auth.limits import Often, Rate, RateLimits
from api.auth.table import JOBS, PERMISSIONS
from api.errors import TooManyRequestsError
from tests.auth.everything import fill, ids_of
from tests.auth.front_door import BASE, FrontDoor


class Seconds:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def limits(most_keys: int = 100) -> tuple[RateLimits, Seconds]:
    seconds = Seconds()
    rates = {Often.JOB: Rate(2, 0.1), Often.UPLOAD: Rate(1, 1.0)}
    return RateLimits(rates, clock_s=seconds, most_keys=most_keys), seconds


def test_so_many_at_once_then_one_by_one() -> None:
    taken, seconds = limits()
    taken.take(Often.JOB, "anna")
    taken.take(Often.JOB, "anna")
    with pytest.raises(TooManyRequestsError, match="try again in 10 s") as refusal:
        taken.take(Often.JOB, "anna")
    assert refusal.value.retry_after_s == 10
    seconds.now_s = 9.9
    with pytest.raises(TooManyRequestsError):
        taken.take(Often.JOB, "anna")
    seconds.now_s = 10.0
    taken.take(Often.JOB, "anna")
    with pytest.raises(TooManyRequestsError):
        taken.take(Often.JOB, "anna")


def test_a_bucket_is_of_one_kind_and_one_person() -> None:
    taken, _ = limits()
    taken.take(Often.UPLOAD, "anna")
    taken.take(Often.UPLOAD, "bert")
    taken.take(Often.JOB, "anna")
    with pytest.raises(TooManyRequestsError):
        taken.take(Often.UPLOAD, "anna")


def test_a_rest_fills_a_bucket_and_not_more() -> None:
    taken, seconds = limits()
    seconds.now_s = 1e6
    for _ in range(2):
        taken.take(Often.JOB, "anna")
    with pytest.raises(TooManyRequestsError):
        taken.take(Often.JOB, "anna")


def test_a_flood_of_names_is_forgotten_the_longest_unused_first() -> None:
    taken, _ = limits(most_keys=3)
    taken.take(Often.UPLOAD, "anna")
    for number in range(2):
        taken.take(Often.UPLOAD, f"flood{number}")
    with pytest.raises(TooManyRequestsError):
        taken.take(Often.UPLOAD, "anna")  # used again: the last to go
    for number in range(2, 4):
        taken.take(Often.UPLOAD, f"flood{number}")
    with pytest.raises(TooManyRequestsError):
        taken.take(Often.UPLOAD, "anna")


def test_jobs_uploads_and_everything_have_a_rate_for_each_user(door: FrontDoor) -> None:
    fill(door.database)
    door.add_user("chief", is_administrator=True)
    door.add_user("other", is_administrator=True)
    chief, other = door.signed_in("chief"), door.signed_in("other")
    for part, often in (("sites", Often.JOB), ("uploads", Often.UPLOAD)):
        door.allow(often, Rate(3, 1 / 20))
        address = f"{BASE}/projects/{ids_of('a')['project_id']}/{part}"
        statuses = [chief.post(address).status_code for _ in range(4)]
        assert statuses == [200] * 3 + [429]
        assert chief.post(address).headers["Retry-After"] == "20"
        assert other.post(address).status_code == 200


def test_whatever_starts_a_process_counts_as_a_job() -> None:
    # Few processes run at a time, for everybody together: nobody may have them all for long.
    starts = {"assessments", "comparisons", "edit-sessions", "execution", "exports"}
    posts = {path for method, path in PERMISSIONS if method == "POST"}
    assert {path for path in posts if path.rpartition("/")[2] in starts} <= {
        path for _, path in JOBS
    }


def test_a_stranger_has_a_rate_by_address(door: FrontDoor) -> None:
    door.allow(Often.GENERAL, Rate(3, 1.0))
    near, far = (door.browser(client=(host, 1)) for host in ("192.0.2.7", "192.0.2.8"))
    assert [near.get("/api/v1/session").status_code for _ in range(4)] == [200] * 3 + [429]
    assert far.get("/api/v1/session").status_code == 200

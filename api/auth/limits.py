"""How often: token buckets for requests, waits that grow after wrong passwords; in memory."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address

from api.errors import TooManyRequestsError

_MOST_KEYS = 10_000


class Often(StrEnum):
    """What is counted."""

    GENERAL = "requests"
    SIGN_IN = "sign-ins"
    UPLOAD = "uploads"
    JOB = "new jobs"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, then so many a second."""

    at_once: int
    per_s: float


# A page with a map asks for some 30 things at once and then little. A sign-in costs 0.2 s of a
# core: a whole office may come at nine, and a flood takes a tenth of a core. A job costs minutes.
RATES: dict[Often, Rate] = {
    Often.GENERAL: Rate(1_000, 100.0),
    Often.SIGN_IN: Rate(60, 1 / 2),
    Often.UPLOAD: Rate(30, 1 / 10),
    Often.JOB: Rate(60, 1 / 5),
}


class RateLimits:
    """One bucket for each kind and each user or address.

    The longest unused buckets go first where there are too many: a flood of new addresses may
    give an old one a full bucket again, never the other way round.
    """

    def __init__(
        self,
        rates: Mapping[Often, Rate] = RATES,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        most_keys: int = _MOST_KEYS,
    ) -> None:
        self._rates = dict(rates)
        self._clock_s = clock_s
        self._most_keys = most_keys
        self._buckets: OrderedDict[tuple[Often, str], tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, often: Often, who: str) -> None:
        """Count one; raises TooManyRequestsError where the bucket is empty."""
        rate, now_s = self._rates[often], self._clock_s()
        with self._lock:
            left, at_s = self._buckets.pop((often, who), (float(rate.at_once), now_s))
            left = min(rate.at_once, left + (now_s - at_s) * rate.per_s)
            is_taken = left >= 1
            self._buckets[(often, who)] = (left - 1 if is_taken else left, now_s)
            while len(self._buckets) > self._most_keys:
                self._buckets.popitem(last=False)
        if not is_taken:
            wait_s = math.ceil((1 - left) / rate.per_s)
            raise TooManyRequestsError(
                f"{often}: {rate.at_once} at once, then one every {1 / rate.per_s:g} s; "
                f"try again in {wait_s} s",
                retry_after_s=wait_s,
            )


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait after wrong passwords: some are free, then twice as long each time.

    It ends by itself, always: who knows that somebody has an account could otherwise keep him out.

    >>> waits = Backoff(free=5, first_s=30, most_s=900)
    >>> [waits.wait_s(failures) for failures in (4, 5, 6, 9, 10, 1_000_000)]
    [0, 30, 60, 480, 900, 900]
    """

    free: int
    first_s: int
    most_s: int

    def wait_s(self, failures: int) -> int:
        """Return how long the next attempt has to wait after so many wrong ones [s]."""
        if failures < self.free:
            return 0
        doublings = min(failures - self.free, 32)
        return min(self.most_s, self.first_s << doublings)


ACCOUNT_BACKOFF = Backoff(free=5, first_s=30, most_s=900)
# A whole office may come from one address.
ADDRESS_BACKOFF = Backoff(free=25, first_s=30, most_s=900)

FORGOTTEN_AFTER = timedelta(hours=1)


class Failures:
    """Wrong passwords for each key (an address, a name that nobody has)."""

    def __init__(
        self, backoff: Backoff, *, clock: Callable[[], datetime], most_keys: int = _MOST_KEYS
    ) -> None:
        self._backoff = backoff
        self._clock = clock
        self._most_keys = most_keys
        self._counts: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, key: str) -> datetime | None:
        """Count an attempt as wrong before it is looked at; return until when it has to wait.

        Counted first, a hundred attempts at the same time are a hundred and not one.
        """
        now = self._clock()
        with self._lock:
            count, last = self._counts.pop(key, (0, now))
            if now - last > FORGOTTEN_AFTER:
                count = 0
            until = last + timedelta(seconds=self._backoff.wait_s(count))
            is_waiting = count > 0 and until > now
            self._counts[key] = (count, last) if is_waiting else (count + 1, now)
            while len(self._counts) > self._most_keys:
                self._counts.popitem(last=False)
        return until if is_waiting else None

    def take_back(self, key: str) -> None:
        """Take an attempt back that was right."""
        with self._lock:
            if key in self._counts:
                count, last = self._counts[key]
                self._counts[key] = (max(0, count - 1), last)


def wait_error(now: datetime, until: datetime) -> TooManyRequestsError:
    """Return the refusal of an attempt that came too early; it says when to come again."""
    wait_s = max(1, math.ceil((until - now).total_seconds()))
    return TooManyRequestsError(
        f"sign-in: too many wrong passwords; try again in {wait_s} s, at {until:%H:%M:%S} UTC",
        retry_after_s=wait_s,
    )


def address_key(host: str) -> str:
    """Return whom an address counts for: of IPv6 the network, which one person has as a whole.

    >>> address_key("2001:db8:1:2:3::4"), address_key("192.0.2.7"), address_key("testclient")
    ('2001:db8:1:2::', '192.0.2.7', 'testclient')
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)

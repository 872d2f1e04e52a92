"""Connections that say too little for too long are ended: nobody holds all of them for nothing."""

import asyncio
import os

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

# A head has a few hundred bytes, and the slowest line brings 16 KiB in that time.
_EVERY_S = 20.0
_LEAST_BYTES = 16 * 1024

# Of open connections and files; most systems allow a process 1024 unless it asks for more.
_MOST_OPEN = 16_384

# What is waited for: the head behind a request, or the body of one.
_Awaited = tuple[RequestResponseCycle | None, object]


class Impatient(H11Protocol):
    """HTTP/1.1 as the server speaks it, for clients that come to the point.

    Who has to send the rest of a head or of a body, and in 20 s sends neither that nor 16 KiB, is
    cut off. Who waits for an answer may wait.
    """

    every_s = _EVERY_S

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's
        """Begin to look."""
        super().connection_made(transport)
        self._arrived = 0
        self._awaited: _Awaited | None = self._awaits()
        self._next_look = self.loop.call_later(self.every_s, self._look)

    def data_received(self, data: bytes) -> None:
        """Count what comes."""
        self._arrived += len(data)
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._next_look.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        awaited = self._awaits()
        is_same = awaited is not None and awaited == self._awaited
        if is_same and self._arrived < _LEAST_BYTES:
            self.transport.close()
            return
        self._arrived, self._awaited = 0, awaited
        self._next_look = self.loop.call_later(self.every_s, self._look)

    def _awaits(self) -> _Awaited | None:
        """Return what the client has to send, None where it is not his turn."""
        is_resting = self.timeout_keep_alive_task is not None  # has its own, shorter time
        is_his_turn = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if is_resting or self.flow.read_paused or not is_his_turn:
            return None
        return self.cycle, self.conn.their_state


def allow_many_connections() -> None:
    """Ask the system for more open connections than a process has by default."""
    if os.name != "posix":
        return
    import resource  # noqa: PLC0415  # not there on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_OPEN if hard == resource.RLIM_INFINITY else min(hard, _MOST_OPEN)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))

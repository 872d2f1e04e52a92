"""Clients that never come to the point are cut off; who waits for an answer is not."""

import socket
import threading
import time

import anyio
import pytest
import uvicorn

from api.patience import Impatient

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"


class Hasty(Impatient):
    every_s = 0.1


class Slow(Impatient):
    """For a client that must not be cut off, however little of the machine it gets."""

    every_s = 1.0


async def answers_late(scope, receive, send):
    """Read the body, think for longer than any client may be silent, then answer in two parts."""
    assert scope["type"] == "http"
    while (await receive()).get("more_body", False):
        pass
    await anyio.sleep(2.5 * Slow.every_s)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"first ", "more_body": True})
    await anyio.sleep(2.5 * Slow.every_s)
    await send({"type": "http.response.body", "body": b"last"})


async def refuses_at_once(scope, receive, send):  # of a stranger nothing is read
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b"who are you"})


@pytest.fixture
def connected(request):
    """Return a function that connects with a server."""
    app, protocol = request.param
    config = uvicorn.Config(app, http=protocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    opened = []

    def connect():
        opened.append(socket.create_connection(listener.getsockname(), timeout=30))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()
    server.should_exit = True
    thread.join()


def told(connection):
    """Return all that comes until the server ends the connection."""
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def trickle(connection):
    """Send a byte now and then, for as long as they are taken."""
    for _ in range(1_000):
        connection.sendall(b"x")
        time.sleep(Hasty.every_s / 10)


late = pytest.mark.parametrize("connected", [(answers_late, Hasty)], indirect=True, ids=["late"])
slow = pytest.mark.parametrize("connected", [(answers_late, Slow)], indirect=True, ids=["slow"])
strict = pytest.mark.parametrize(
    "connected", [(refuses_at_once, Hasty)], indirect=True, ids=["strict"]
)


@late
@pytest.mark.parametrize(
    "beginning", [b"", b"G", HEAD[:-2], HEAD, HEAD + b"x"], ids=["0", "1", "head", "body", "2"]
)
def test_who_stops_in_the_middle_is_cut_off(connected, beginning):
    connection = connected()
    connection.sendall(beginning)
    assert told(connection) == b""


@late
@pytest.mark.parametrize("beginning", [b"GET / HTTP/1.1\r\nX: ", HEAD], ids=["head", "body"])
def test_who_sends_a_byte_now_and_then_is_cut_off(connected, beginning):
    connection = connected()
    connection.sendall(beginning)
    with pytest.raises(ConnectionError):
        trickle(connection)


@strict
def test_who_was_refused_does_not_stay_with_his_body(connected):
    connection = connected()
    connection.sendall(HEAD)
    with pytest.raises(ConnectionError):
        trickle(connection)


@slow
def test_who_waits_for_an_answer_may_wait(connected):
    connection = connected()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert told(connection).endswith(b"first \r\n4\r\nlast\r\n0\r\n\r\n")


@slow
def test_a_large_body_may_take_its_time(connected):
    connection = connected()
    connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")
    connection.sendall(b"Content-Length: 400000\r\n\r\n")
    for _ in range(10):
        connection.sendall(bytes(40_000))
        time.sleep(Slow.every_s / 3)
    assert b" 200 OK" in told(connection)

import platform
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from api.serving import Serving, serve
from sbd.errors import InputError
from tests.started import started

pytestmark = pytest.mark.slow  # real sites and plans

# Threads that take memory at the same time, then glibc's own list of where it came from.
_BUSY_THREADS = """
import ctypes, threading
from api.serving import keep_memory_together
keep_memory_together()
library = ctypes.CDLL(None)
together = threading.Barrier(16)
def take():
    together.wait()
    library.malloc(100_000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
"""


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"127.0.0.1:{port}.*--port"):
            serve(Serving(port=port, demo=True))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"host": "0.0.0.0"}, "--certificate and --key, or --proxy"),
        ({"host": "192.0.2.1", "demo": True, "proxy": "192.0.2.2"}, "stays on this machine"),
        ({"certificate": Path("c.pem")}, "both --certificate and --key"),
    ],
)
def test_beyond_this_machine_only_over_tls_or_behind_a_named_proxy(options, said):
    with pytest.raises(InputError, match=said):
        Serving(**options)


def test_off_loopback_with_tls_cookies_are_for_tls_only():
    tls = Serving(host="0.0.0.0", certificate=Path("c.pem"), key=Path("k.pem"))
    assert tls.is_encrypted
    assert not Serving().is_encrypted
    assert Serving(proxy="127.0.0.1").is_encrypted
    assert Serving().served_names == ("localhost", "127.0.0.1", "::1")
    assert tls.served_names is None
    named = Serving(host="0.0.0.0", proxy="192.0.2.2", names=("plans.example.org",))
    assert "plans.example.org" in named.served_names


def test_the_service_ends_with_a_stream_open():
    with started(None) as (process, url):
        project = httpx.post(f"{url}/api/v1/projects", json={"name": "One"}, timeout=60).json()
        sites = f"{url}/api/v1/projects/{project['project_id']}/sites"
        job = httpx.post(sites, json={"place": "esplanadi"}, timeout=60).json()
        with httpx.stream("GET", f"{url}{job['events']}", timeout=60) as stream:
            next(stream.iter_lines())
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_busy_threads_take_memory_from_few_places():
    command = [sys.executable, "-c", _BUSY_THREADS]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert 1 <= told.count("<heap nr=") <= 2

import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from api.main import serve
from sbd.errors import InputError

pytestmark = pytest.mark.slow  # real sites and plans

COMMAND = """
import sys
from pathlib import Path
from api.main import serve
serve(port=0, data=Path(sys.argv[1]))
"""


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"127.0.0.1:{port}.*--port"):
            serve(port=port, demo=True)


def test_the_service_ends_with_a_stream_open(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(tmp_path)], stderr=subprocess.PIPE, text=True
    )
    try:
        url = next(found[0] for line in process.stderr if (found := re.search(r"http\S+", line)))
        job = httpx.post(f"{url}api/v1/sites", json={"place": "esplanadi"}, timeout=60).json()
        with httpx.stream("GET", f"{url}{job['events'][1:]}", timeout=60) as stream:
            next(stream.iter_lines())
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.stderr.close()

import os
import platform
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from api import serving
from api.reach import address_of, check_pair
from api.serving import Serving, serve
from sbd.errors import InputError
from tests.started import ADDRESS, started

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
        ({"demo": True, "data": Path("plans")}, "--data plans: a demo keeps nothing"),
        ({"proxy": "*"}, r"--proxy '\*': not an address"),
        ({"proxy": "127.0.0.1, proxy.example"}, "--proxy 'proxy.example': not an address"),
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


def test_files_that_make_no_tls_are_named_before_anything_is_made(tmp_path):
    own, other, locked = (tmp_path / f"{name}.pem" for name in ("own", "other", "locked"))
    key = write_key(own)
    write_key(other)
    write_key(locked, password=b"secret")
    certificate = write_certificate(tmp_path / "certificate.pem", key)
    check_pair(certificate, own)
    for wrong, said in (
        (other, "no pair"),
        (locked, "without a password"),
        (certificate, "no pair"),
        (tmp_path / "none.pem", r"--key .*none\.pem: No such file"),
    ):
        with pytest.raises(InputError, match=said):
            serve(Serving(data=tmp_path / "data", certificate=certificate, key=wrong))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({}, r"http://127\.0\.0\.1:\d+"),
        ({"names": ("plans.example.org",)}, r"http://plans\.example\.org:\d+"),
        ({"names": ("plans.example.org", "p"), "is_tls": True}, r"https://plans\.example\.org:\d+"),
        (
            {"names": ("plans.example.org",), "is_behind_proxy": True},
            r"https://plans\.example\.org",
        ),
    ],
    ids=["alone", "named", "tls", "proxy"],
)
def test_the_link_names_the_service_as_people_know_it(options, address):
    told = {"names": (), "is_tls": False, "is_behind_proxy": False, **options}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert re.fullmatch(address, address_of(listener, **told))


def test_all_addresses_are_none_to_go_to():
    with socket.create_server(("0.0.0.0", 0)) as listener:
        told = address_of(listener, names=(), is_tls=True, is_behind_proxy=False)
    assert told.startswith(f"https://{socket.gethostname()}:")


def test_nothing_is_loaded_from_the_folder_that_the_service_is_started_in(tmp_path):
    (tmp_path / "pyproj.py").write_text("open('loaded', 'w')")
    sbd = str(Path(sys.executable).with_name("sbd"))
    with tempfile.TemporaryFile("w+") as said:
        started = [sbd, "serve", "--demo", "--port", "0"]
        with subprocess.Popen(started, cwd=tmp_path, stderr=said) as process:
            try:
                while not (found := re.search(ADDRESS, text_of(said))):
                    assert process.poll() is None, text_of(said)
                    time.sleep(0.05)
                first = httpx.post(f"{found[1]}/api/v1/projects", json={"name": "One"}, timeout=60)
                sites = f"{found[1]}/api/v1/projects/{first.json()['project_id']}/sites"
                job = httpx.post(sites, json={"place": "esplanadi"}, timeout=60).json()
                state = "queued"
                while state == "queued":
                    state = httpx.get(f"{found[1]}/api/v1/jobs/{job['job_id']}").json()["state"]
                    time.sleep(0.1)
            finally:
                process.terminate()
    assert state in ("running", "done")
    assert not (tmp_path / "loaded").exists()


# A program that can only be read, and a user without a home: in a view of the system of its own.
_INSTALLED = """
set -e
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
cd /
exec "$2" -B -c '
import sys
from pathlib import Path
from api.serving import keep_compiled_code
keep_compiled_code(Path(sys.argv[1]))
import sbd.approach.distance_kernels
' "$3"
"""


def test_a_program_that_can_only_be_read_compiles_into_the_data_folder(tmp_path):
    root = Path(serving.__file__).parents[1]
    command = ["unshare", "-m", "bash", "-c", _INSTALLED, "bash", str(root), sys.executable]
    homeless = {"HOME": "/proc/none", "PATH": os.environ["PATH"], "PYTHONPATH": str(root)}
    try:
        allowed = subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no unshare on this system")
    if allowed.returncode:
        pytest.skip("takes the right to mount")
    done = subprocess.run(
        [*command, str(tmp_path)], check=False, capture_output=True, text=True, env=homeless
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "compiled").is_dir()


def text_of(file) -> str:
    file.seek(0)
    return file.read()


def write_key(path: Path, password: bytes | None = None) -> rsa.RSAPrivateKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    lock = (
        serialization.NoEncryption()
        if password is None
        else serialization.BestAvailableEncryption(password)
    )
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, lock))
    return key


def write_certificate(path: Path, key: rsa.RSAPrivateKey) -> Path:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "plans.example.org")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path


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

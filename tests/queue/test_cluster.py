"""The same jobs on a Dask cluster of this machine; what leads off it needs TLS."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.queue import ClusterAddress, ClusterEngine
from api.store import JobState, UploadKind
from sbd.errors import InputError
from tests.queue.desk import keep_upload

distributed = pytest.importorskip("distributed", reason="Dask is not installed (sbd[cluster])")

ROOT = Path(__file__).parents[2]


def started(folder: Path, *tls: str, port: int = 0) -> tuple[str, list[subprocess.Popen[bytes]]]:
    """Start a scheduler and a worker as they are started by hand; return the address."""
    note = folder / "scheduler.json"
    dask = [sys.executable, "-m"]
    common = ["--scheduler-file", str(note), "--no-dashboard", *tls]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    listen = ["--host", "127.0.0.1", "--port", str(port), "--protocol", "tls" if tls else "tcp"]
    scheduler = subprocess.Popen(
        [*dask, "distributed.cli.dask_scheduler", *common, *listen], **quiet
    )
    while not note.exists() or not note.read_text().strip().endswith("}"):
        assert scheduler.poll() is None
        time.sleep(0.05)
    place = ["--nthreads", "1", "--local-directory", str(folder)]
    worker = subprocess.Popen([*dask, "distributed.cli.dask_worker", *common, *place], **quiet)
    address = note.read_text().split('"address": "')[1].split('"')[0]
    return address, [scheduler, worker]


def ended(processes) -> None:
    for process in reversed(processes):
        process.terminate()
    for process in processes:
        process.wait(20)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    found, processes = started(tmp_path_factory.mktemp("dask"))
    yield ClusterAddress(found)
    ended(processes)


@pytest.fixture
def cluster_desk(own_desk, address):
    with own_desk(engine=lambda: ClusterEngine(address)) as desk:
        yield desk


@pytest.mark.slow
def test_a_job_runs_on_the_cluster_with_its_files_and_its_progress(cluster_desk):
    desk = cluster_desk
    heights = keep_upload(desk.store, UploadKind.HEIGHTS, "heights.tif", "high")
    job = desk.finished(desk.submit("reads", heights_id=heights))
    assert (job.state, job.error) == (JobState.DONE, None)
    assert desk.result(job)["heights"] == ["heights.tif", "high"]
    steps = desk.submit("steps", steps=20, step_s=0.05)
    assert desk.finished(steps).state == JobState.DONE
    assert desk.result(steps)["pid"] not in desk.jobs.process_ids
    shares = [event.data["share"] for event in desk.named(steps, "progress")]
    assert len(shares) > 2
    assert shares == sorted(shares)


@pytest.mark.slow
def test_a_job_on_the_cluster_stops_and_says_no_alike(cluster_desk):
    desk = cluster_desk
    job = desk.submit("steps", steps=1000, step_s=0.05)
    desk.until_told(job)
    desk.jobs.cancel(job.job_id)
    assert desk.finished(job).state == JobState.CANCELLED
    refused = desk.finished(desk.submit("refuses"))
    assert refused.error["faults"][0] == "site.gpkg: row 3: no width"


@pytest.mark.slow
def test_a_lost_worker_costs_its_job_another_attempt_elsewhere(cluster_desk, tmp_path):
    # The nanny of Dask starts a worker again, and the scheduler sends the task there.
    desk = cluster_desk
    job = desk.submit("dies", times=1, counter=str(tmp_path / "deaths"))
    assert desk.finished(job).state == JobState.DONE
    assert desk.result(job) == {"deaths": 1}


@pytest.mark.slow
def test_jobs_wait_for_a_cluster_that_comes_back(tmp_path, own_desk):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = ClusterAddress(f"tcp://127.0.0.1:{port}")
    with own_desk(engine=lambda: ClusterEngine(address)) as desk:
        for time_round in ("first", "second"):  # not there yet, and gone again
            job = desk.submit()
            folder = tmp_path / time_round
            folder.mkdir()
            if time_round == "second":
                # Either the job was sent in vain, or it was seen before that nobody is there.
                desk.until(
                    lambda sent=job: desk.named(sent, "retry") or desk.jobs.ready_workers == 0
                )
            found, processes = started(folder, port=port)
            try:
                assert found == address.address
                done = desk.finished(job)
            finally:
                ended(processes)
            assert (done.state, done.attempts) == (JobState.DONE, 1)
            assert not any(event.data["lost"] for event in desk.named(job, "retry"))


@pytest.mark.slow
def test_with_certificates_the_same_goes_over_tls(tmp_path, own_desk):
    made = distributed.security.Security.temporary()
    files = {"ca": made.tls_ca_file, "cert": made.tls_worker_cert, "key": made.tls_worker_key}
    for name, text in files.items():
        (tmp_path / f"{name}.pem").write_text(text)
    paths = [tmp_path / f"{name}.pem" for name in files]
    options = [f"--tls-{'ca-file' if name == 'ca' else name}" for name in files]
    flags = [text for pair in zip(options, map(str, paths), strict=True) for text in pair]
    found, processes = started(tmp_path, *flags)
    try:
        assert found.startswith("tls://")
        with own_desk(engine=lambda: ClusterEngine(ClusterAddress(found, *paths))) as desk:
            assert desk.finished(desk.submit()).state == JobState.DONE
    finally:
        ended(processes)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://192.0.2.7:8786", "is not this machine"),
        ("tcp://planning.example:8786", "is not this machine"),
        ("tls://planning.example:8786", "SBD_CLUSTER_CA is not set"),
        ("http://127.0.0.1:8786", "not an address of a Dask scheduler"),
        ("127.0.0.1:8786", "not an address of a Dask scheduler"),
    ],
)
def test_an_address_that_is_not_safe_is_refused_with_the_way_out(address, words):
    with pytest.raises(InputError, match=words):
        ClusterAddress.from_environment({"SBD_CLUSTER": address})


def test_a_certificate_that_is_not_there_is_refused_by_its_name(tmp_path):
    (tmp_path / "ca.pem").write_text("")
    environment = {
        "SBD_CLUSTER": "tls://planning.example:8786",
        "SBD_CLUSTER_CA": str(tmp_path / "ca.pem"),
        "SBD_CLUSTER_CERT": str(tmp_path / "missing.pem"),
    }
    with pytest.raises(InputError, match=r"SBD_CLUSTER_CERT is .*missing\.pem"):
        ClusterAddress.from_environment(environment)


def test_without_an_address_there_is_no_cluster():
    assert ClusterAddress.from_environment({}) is None

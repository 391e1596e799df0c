# SPDX-License-Identifier: Apache-2.0
"""`plosive serve` as a process, without heavy workers where they are not what is tested."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from click.testing import CliRunner
from grpc_health.v1 import health_pb2, health_pb2_grpc

from plosive.errors import OptionError
from plosive_daemon.daemon import Daemon
from plosive_daemon.job import JobProgress, JobResult, JobState
from plosive_daemon.metered_store import MeteredStore
from plosive_daemon.metrics import Metrics
from plosive_daemon.serve import serve
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.state_folder import AlreadyRunning, StateFolder
from plosive_proto.v1 import errors_pb2, info_pb2, job_pb2, plosive_pb2_grpc

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="signals and sockets of Unix")
# The command with workers that do nothing: no media library is loaded for these tests.
COMMAND = """
import sys
from plosive_daemon import serve as served

class Pool:
    def __init__(self, store): self.store = store
    def start(self): pass
    def stop(self, timeout_seconds):
        for job in self.store.page()[0]:
            if job.state.value == "running": self.store.requeue(job.id, is_interrupted=True)
    def problems(self): return []
    def cancel(self, job_id): pass
    def call(self, kind, payload, on_progress=None, *, cancelled=None):
        return {"devices": [{"name": "cpu"}]}

class Logs:
    def remove(self, job_id): pass
    def remove_unknown(self, is_known): return 0
    def last_lines(self, job_id, count): return []

served._workers = lambda store, folder, settings: (Pool(store), Logs())
if __name__ == "__main__":
    from plosive.errors import PlosiveError
    try:
        sys.exit(served.serve(sys.argv[1:], standalone_mode=False))
    except PlosiveError as error:
        sys.exit(f"{type(error).__name__}: {error}")
"""


def environment(state: Path) -> dict[str, str]:
    paths = os.pathsep.join(str(ROOT / name) for name in ("core", "daemon", "plugin", "proto/gen"))
    return {**os.environ, "PYTHONPATH": paths, "PLOSIVE_STATE": str(state)}


def started(state: Path, *flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *flags],
        env=environment(state),
        stderr=subprocess.PIPE,
        text=True,
    )


def token_of(state: Path) -> str:
    return (state / "token").read_text().strip()


def metadata_of(state: Path) -> tuple[tuple[str, str], ...]:
    return (
        ("authorization", f"Bearer {token_of(state)}"),
        ("plosive-protocol", "1"),
        ("plosive-client", "t"),
    )


def address_when_up(state: Path, process: subprocess.Popen[str] | None, seconds: float = 30) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended: {process.communicate()[1]}")
        if (state / "daemon.json").exists():
            return str(json.loads((state / "daemon.json").read_text())["address"])
        time.sleep(0.02)
    raise AssertionError("it does not come up")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@posix
def test_from_start_to_a_clean_end(state: Path) -> None:
    begun = time.monotonic()
    process = started(state, "--metrics-port", "0")
    try:
        address = address_when_up(state, process)
        assert address == f"unix:{state / 'daemon.sock'}"
        with grpc.insecure_channel(address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            answer = health.Check(health_pb2.HealthCheckRequest(), metadata=metadata_of(state), timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
            seconds = time.monotonic() - begun
            assert seconds < 15, "on a quiet machine it is about one second"
            stub = plosive_pb2_grpc.PlosiveStub(channel)  # type: ignore[no-untyped-call]
            info = stub.GetInfo(info_pb2.GetInfoRequest(), metadata=metadata_of(state), timeout=10)
            assert info.process_id == process.pid
        assert (state / "daemon.sock").stat().st_mode & 0o777 == 0o600
        second = started(state)
        _, says = second.communicate(timeout=60)
        assert second.returncode == 1 and f"runs already (process {process.pid}" in says
        process.send_signal(signal.SIGTERM)
        _, says = process.communicate(timeout=30)
        assert process.returncode == 0 and "asked to stop" in says
    finally:
        process.kill()
    assert not (state / "daemon.json").exists() and not (state / "daemon.sock").exists()
    told = [json.loads(text) for text in (state / "logs" / "daemon.log").read_text().splitlines()]
    assert {line["level"] for line in told} == {"info"}
    assert any("serving at" in line["message"] for line in told)


@posix
def test_killed_and_started_again(state: Path) -> None:
    process = started(state)
    address_when_up(state, process)
    process.kill()
    process.communicate(timeout=30)
    assert (state / "daemon.sock").exists()
    again = started(state, "--idle-exit", "1")
    try:
        address_when_up(state, again)
        _, says = again.communicate(timeout=60)
        assert again.returncode == 0 and "nothing to do for 1 s" in says
    finally:
        again.kill()


class IdlePool:
    """No workers at all."""

    def start(self) -> None: ...
    def stop(self, timeout_seconds: float) -> None: ...
    def cancel(self, job_id: str) -> None: ...
    def problems(self) -> list[str]:
        return []

    def call(
        self, kind: str, payload: Any, on_progress: Any = None, *, cancelled: Any = None
    ) -> dict[str, Any]:
        return {"devices": []}

    def last_lines(self, job_id: str, count: int) -> list[str]:
        return []

    def remove(self, job_id: str) -> None: ...
    def remove_unknown(self, is_known: Any) -> int:
        return 0


@pytest.fixture
def daemon(state: Path) -> Iterator[Daemon]:
    folder = StateFolder(state)
    folder.prepare()
    folder.hold()
    pool = IdlePool()
    settings = DaemonSettings(watchers=10, metrics_address="127.0.0.1:0")
    yield Daemon(folder, settings, lambda store, folder, settings: (pool, pool))
    folder.let_go()


def test_streams_end_and_no_thread_stays(daemon: Daemon, state: Path, tmp_path: Path) -> None:
    (tmp_path / "a.mov").touch()
    request = job_pb2.SubmitJobRequest()
    request.sync.clip.media_path = request.sync.voices.add().dub_path = str(tmp_path / "a.mov")
    request.sync.output.path = str(tmp_path / "b.mov")
    before = {thread.name for thread in threading.enumerate()}
    own = job_pb2.SubmitJobRequest()
    own.CopyFrom(request)
    own.sync.output.path = str(state / "token")
    with daemon.serving():
        channel = grpc.insecure_channel(daemon.address)
        stub = plosive_pb2_grpc.PlosiveStub(channel)  # type: ignore[no-untyped-call]
        metadata = metadata_of(state)
        job = stub.SubmitJob(request, metadata=metadata, timeout=10).job
        stream = stub.WatchJob(job_pb2.WatchJobRequest(job_id=job.id), metadata=metadata, timeout=30)
        assert next(stream).job.id == job.id
        with pytest.raises(grpc.RpcError) as caught:  # the token is nobody's result
            stub.SubmitJob(own, metadata=metadata, timeout=10)
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
        asked = urllib.request.Request(f"http://{daemon.metrics_address}/metrics")
        asked.add_header("Authorization", metadata[0][1])
        with urllib.request.urlopen(asked, timeout=10) as answer:
            text = answer.read().decode()
        assert 'plosive_jobs{state="waiting"} 1\n' in text and "plosive_watchers 1\n" in text
        assert "plosive_cache_bytes 0\n" in text and "cannot be read" not in text
        begun = time.monotonic()
    seconds = time.monotonic() - begun
    with pytest.raises(grpc.RpcError) as caught:
        list(stream)
    trailing = dict(caught.value.trailing_metadata())
    detail = errors_pb2.ErrorDetail.FromString(trailing["plosive-error-bin"])
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert detail.code == errors_pb2.ERROR_CODE_SHUTTING_DOWN
    assert seconds < 5
    channel.close()
    left = {thread.name for thread in threading.enumerate()} - before
    assert not {name for name in left if name.startswith("plosive")}


def test_idle_means_no_jobs_no_streams_no_calls(state: Path) -> None:
    folder = StateFolder(state)
    folder.prepare()
    folder.hold()
    pool = IdlePool()
    settings = DaemonSettings(idle_exit_seconds=0.6)
    made = Daemon(folder, settings, lambda store, folder, settings: (pool, pool))
    with made.serving():
        job, _ = made._store.add(b"")
        begun = time.monotonic()
        ended = threading.Timer(1.5, lambda: made._store.cancel(job.id))
        ended.start()
        assert "nothing to do" in made.wait(threading.Event())
        assert time.monotonic() - begun >= 1.5
    folder.let_go()


def test_only_one_in_a_folder(daemon: Daemon, state: Path) -> None:
    with pytest.raises(AlreadyRunning):
        StateFolder(state).hold()


def run(*flags: str) -> Any:
    return CliRunner().invoke(serve, [*flags], standalone_mode=False)


def test_flags_that_make_no_sense(state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLOSIVE_STATE", str(state))
    assert isinstance(run("--socket", str(tmp_path / "s"), "--port", "1").exception, OptionError)
    refused = run("--host", "0.0.0.0").exception
    assert isinstance(refused, OptionError) and "--tls-client-ca" in str(refused)
    (tmp_path / "file").touch()
    assert isinstance(run("--socket", str(tmp_path / "file")).exception, OptionError)
    assert (tmp_path / "file").exists()
    assert isinstance(run("--idle-exit", "-1").exception, OptionError)
    assert not (state / "daemon.json").exists()


def test_check_where_none_runs(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOSIVE_STATE", str(state))
    monkeypatch.setattr("plosive_daemon.checking._devices", lambda: _right("devices"))
    monkeypatch.setattr("plosive_daemon.checking._room", lambda *_: _right("disk"))
    done = run("--check", "--json")
    facts = json.loads(done.output)
    assert done.return_value == 3 and (facts["ok"], facts["running"]) == (True, False)
    done = run("--check", "--host", "0.0.0.0")
    assert done.return_value == 1 and "BAD address" in done.output


def _right(name: str) -> Any:
    from plosive_daemon.checking import Finding

    return Finding(name, True, "is well")


def test_check_where_one_runs(daemon: Daemon, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLOSIVE_STATE", str(state))
    monkeypatch.setattr("plosive_daemon.checking._devices", lambda: _right("devices"))
    held = run("--check", "--json")
    assert held.return_value == 1 and "runs already" in held.output  # it holds the folder, and serves nobody
    with daemon.serving():
        done = run("--check")
        assert done.return_value == 0 and f"process {os.getpid()}" in done.output
        (state / "token").write_text("x" * 43)
        assert run("--check").return_value == 1


def test_what_passes_through_the_queue_is_counted(tmp_path: Path) -> None:
    metrics = Metrics()
    store = MeteredStore(tmp_path, metrics, most_waiting=9, most_interruptions=3)
    job, _ = store.add(b"")
    store.take("cpu")
    for stage in ("dub de", "1/24 faces", "2/24 faces", "faces", "render"):  # also of a reel's shots
        store.put_progress(job.id, JobProgress(stage=stage))
        time.sleep(0.02)
    store.requeue(job.id)
    store.take("cpu")
    store.finish(job.id, JobResult("/o", frames_total=10, frames_synced=7))
    assert store.get(job.id).state is JobState.DONE
    text = metrics.text()
    assert 'plosive_stage_seconds_total{stage="faces"} 0.0' in text
    assert 'plosive_stage_seconds_total{stage="render"} 0.0' in text
    assert 'plosive_stage_seconds_total{stage="dub"} 0.0' in text and "1/24" not in text
    assert 'plosive_frames_total{fate="synced"} 7' in text and 'plosive_frames_total{fate="plate"} 3' in text
    assert "plosive_worker_restarts_total 1" in text
    store.close()

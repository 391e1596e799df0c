# SPDX-License-Identifier: Apache-2.0
"""The client with the daemon and the workers that ship: a real plate and dub."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.progress import SilentProgress
from plosive_client import (
    Client,
    ClipRange,
    DaemonAbsent,
    ErrorCode,
    JobState,
    JobUnknown,
    MotionPreview,
    Output,
    SyncRequest,
    Voice,
    WorkFailed,
    connect,
)
from plosive_client.state_folder import is_daemon_alive, read_endpoint
from plosive_host import Session

FRAMES = 10


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("daemon")
    write_sample(folder / "plate.mov", SamplePlate(FRAMES, 480, 270), SilentProgress())
    return folder


@pytest.fixture(scope="module")
def environment(place: Path) -> Iterator[None]:
    """The daemon is started by the client, as it would be for a host."""
    sources = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLOSIVE_STATE", str(place / "state"))
        patch.setenv("PLOSIVE_CACHE", str(place / "cache"))
        patch.setenv("PLOSIVE_DAEMON_DEVICES", "cpu")
        patch.setenv("PLOSIVE_DAEMON_DISK_RESERVE_BYTES", "0")
        patch.setenv("PYTHONPATH", sources)
        patch.setenv("PLOSIVE_PYTHONPATH", sources)
        patch.setenv("PLOSIVE_PYTHON", sys.executable)
        yield
        _end_daemon(place / "state", signal.SIGTERM)


@pytest.fixture(scope="module")
def client(environment: None) -> Iterator[Client]:
    with connect(client_name="test") as client:
        yield client


def _end_daemon(state: Path, number: signal.Signals) -> None:
    endpoint = read_endpoint(state)
    if endpoint is None or endpoint.pid <= 1 or not is_daemon_alive(state):
        return
    os.kill(endpoint.pid, number)
    deadline = time.monotonic() + 20.0
    while is_daemon_alive(state) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_daemon_alive(state)


def wanted(place: Path, out: str) -> SyncRequest:
    dub, words = spoken_line()
    return SyncRequest(
        ClipRange(str(place / "plate.mov")), (Voice(str(dub), transcript=words),), Output(str(place / out))
    )


def test_from_submit_to_the_plate_over_a_killed_daemon(place: Path, client: Client) -> None:
    """kill -9 in the middle: the client starts the next one, and its stream goes on."""
    job = client.submit(wanted(place, "a.mov"), label="first")
    sequences = []
    is_killed = False
    last = job
    for event in client.watch(job.id):
        sequences.append(event.sequence)
        last = event.job or last
        if not is_killed and event.progress and event.progress.stage:
            endpoint = read_endpoint(place / "state")
            assert endpoint is not None and endpoint.pid > 1
            os.kill(endpoint.pid, signal.SIGKILL)
            is_killed = True
    assert is_killed
    assert sequences == sorted(set(sequences))
    assert last.state is JobState.DONE, last
    assert last.result is not None and last.result.out_path == str(place / "a.mov")
    assert last.result.frames_total == FRAMES
    assert (place / "a.mov").stat().st_size > 0
    assert [one.label for one in client.jobs(states=[JobState.DONE])] == ["first"]
    assert client.log(job.id)
    client.remove(job.id)
    with pytest.raises(JobUnknown):
        client.job(job.id)


def test_looks_before_the_job(place: Path, client: Client) -> None:
    sync = wanted(place, "c.mov")
    faces = client.faces(sync.clip)
    assert [person.number for person in faces.people] == [1]
    motion = client.preview_motion(sync.clip, sync.voices[0])
    assert isinstance(motion, MotionPreview) and {len(curve.values) for curve in motion.curves} == {FRAMES}
    frame = client.preview_frame(sync, 5, largest_side_pixels=200)
    assert frame.is_synced and frame.image_jpeg[:3] == b"\xff\xd8\xff"
    assert "plate" in [generator.name for generator in client.generators()]


def test_failures_keep_their_sentence(place: Path, client: Client) -> None:
    dub, _ = spoken_line()
    missing = ClipRange(str(place / "missing.mov"))
    with pytest.raises(WorkFailed, match=r"missing\.mov"):
        client.faces(missing)
    with pytest.raises(WorkFailed, match=r"missing\.mov") as caught:
        client.submit(SyncRequest(missing, (Voice(str(dub)),), Output(str(place / "d.mov"))))
    assert caught.value.detail.code is ErrorCode.MEDIA_READ


def test_from_a_host(place: Path, client: Client) -> None:
    dub, words = spoken_line()
    sync = {
        "clip": {
            "media_path": str(place / "plate.mov"),
            "range": {"first_frame": 2, "last_frame_inclusive": 7},
        },
        "voices": [{"dub_path": str(dub), "transcript": words}],
        "output": {"path": str(place / "host.mov")},
    }
    with Session("a host") as session:
        session.start().wait(30.0)
        kinds: list[str] = []
        request = session.request(
            "submit", {"sync": sync}, on_event=lambda event: kinds.append(event["type"])
        )
        done = request.wait(120.0)
        assert done["job"]["result"]["out_path"] == str(place / "host.mov")
        assert kinds[:2] == ["submitted", "state"]
        assert session.call("jobs", {"mine": True})["jobs"][0]["id"] == done["job"]["id"]


def test_from_the_command_line(place: Path, client: Client) -> None:
    command = [sys.executable, "-m", "plosive.cli", "jobs", "list", "--state", "done", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if "No such command" in done.stderr:
        pytest.skip("Plosive is not installed with its commands")
    assert done.returncode == 0, done.stderr
    assert '"state": "done"' in done.stdout


def test_a_daemon_that_was_stopped(place: Path, client: Client) -> None:
    _end_daemon(place / "state", signal.SIGTERM)
    with pytest.raises(DaemonAbsent):
        connect(is_started=False)
    assert client.info(timeout_seconds=30.0).jobs_waiting == 0

# SPDX-License-Identifier: Apache-2.0
"""The daemon as a user meets it: started by a client, a real plate and dub, the pixels of `plosive sync`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
import pytest

from plosive.cli import main as plosive
from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.progress import SilentProgress
from plosive.sync import SyncOptions, sync_plate
from plosive_client import (
    Client,
    ClipRange,
    ConformDub,
    ConformRequest,
    JobState,
    Output,
    ShotState,
    SyncRequest,
    Voice,
    WorkFailed,
    connect,
)
from plosive_host import Session

FRAMES = 12

pytestmark = pytest.mark.skipif(
    not any(entry_points(group="plosive.commands", name="serve")), reason="plosive is not installed here"
)


def decoded(path: Path) -> Any:
    """All pixels as they are coded: (frame, plane rows...), the sound's samples left out."""
    with av.open(str(path)) as file:
        return np.stack([frame.to_ndarray(format="yuv422p10le") for frame in file.decode(video=0)])


@pytest.fixture
def daemon_folder(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the daemon keeps its state; one that a test starts is ended, and leaves nothing running."""
    paths = os.pathsep.join(str(repository / name) for name in ("core", "daemon", "plugin", "proto/gen"))
    mark = f"{os.getpid()}-{tmp_path.name}"
    monkeypatch.setenv("PYTHONPATH", paths)
    monkeypatch.setenv("PLOSIVE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PLOSIVE_DAEMON_DISK_RESERVE_BYTES", "0")
    monkeypatch.setenv("PLOSIVE_PYTHON", sys.executable)
    monkeypatch.setenv("PLOSIVE_PYTHONPATH", paths)
    monkeypatch.setenv("PLOSIVE_TEST_MARK", mark)
    yield tmp_path / "state"
    try:
        endpoint = json.loads((tmp_path / "state" / "daemon.json").read_text())
    except FileNotFoundError:
        return
    os.kill(endpoint["pid"], signal.SIGTERM)
    deadline = time.monotonic() + 30.0
    while sys.platform == "linux" and (left := _processes(f"PLOSIVE_TEST_MARK={mark}".encode())):
        assert time.monotonic() < deadline, f"processes outlived the daemon: {left}"
        time.sleep(0.1)


def _processes(mark: bytes) -> list[str]:
    found = []
    for folder in Path("/proc").iterdir():
        try:
            is_ours = mark in (folder / "environ").read_bytes()
        except OSError:
            continue
        if is_ours and folder.name != str(os.getpid()):
            found.append(folder.name)
    return found


def test_a_plate_and_a_dub_become_a_synced_plate(
    daemon_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plate, (dub, words) = tmp_path / "plate.mov", spoken_line()
    write_sample(plate, SamplePlate(FRAMES, 480, 270), SilentProgress())
    sync_plate(SyncOptions(plate, dub, tmp_path / "alone.mov", transcript=words), SilentProgress())
    clip, voice = ClipRange(str(plate)), Voice(str(dub), transcript=words)
    wanted = SyncRequest(clip, (voice,), Output(str(tmp_path / "daemon.mov")))

    with connect(client_name="a host") as client:  # there is none: it is started
        job = client.submit(wanted, label="sh010")
        assert job.state in (JobState.WAITING, JobState.RUNNING)
        events = list(client.watch(job.id))
        assert events[0].job is not None and events[-1].job is not None
        done = events[-1].job
        assert done.state is JobState.DONE, (done.error, client.log(job.id))
        assert done.result is not None and done.result.frames_synced == FRAMES
        shown = {event.progress.stage for event in events if event.progress}
        assert "render" in shown, shown
        assert np.array_equal(decoded(tmp_path / "daemon.mov"), decoded(tmp_path / "alone.mov"))
        assert (tmp_path / "daemon.mov").read_bytes() == (tmp_path / "alone.mov").read_bytes()

        _looks_before_the_job(client, clip, voice, wanted)
        _a_reel(client, tmp_path, plate, dub)
        with pytest.raises(WorkFailed, match=r"not|no "):
            client.faces(ClipRange(str(tmp_path / "alone.plosive.json")))
        with pytest.raises(WorkFailed, match="a score needs a second"):
            client.score(str(tmp_path / "daemon.mov"), voice=voice, plate_path=str(plate))

    assert plosive(["jobs", "list", "--json"]) == 0
    reel, listed = json.loads(capsys.readouterr().out)
    assert reel["label"] == "reel" and reel["result"]["conform"]["shots_synced"] == 1
    assert (listed["id"], listed["state"], listed["client"]) == (job.id, "done", "a host")
    assert plosive(["jobs", "show", job.id[-6:]]) == 0 and "sh010" in capsys.readouterr().out
    assert plosive(["jobs", "logs", job.id]) == 0 and "Done." in capsys.readouterr().out
    assert plosive(["serve"]) == 2 and "runs already" in capsys.readouterr().err
    _a_host_does_it(tmp_path, plate, dub, words, job.id)
    assert plosive(["jobs", "remove", job.id]) == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def _a_reel(client: Client, folder: Path, plate: Path, dub: Path) -> None:
    """An edit with one clip of the plate, from its sixth frame on; the gap before it is as long as the dub is
    silent.
    """
    media = otio.schema.ExternalReference(str(plate))
    span = otio.opentime.TimeRange(otio.opentime.RationalTime(5, 24), otio.opentime.RationalTime(6, 24))
    gap = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(12, 24))
    clips = [otio.schema.Gap(source_range=gap), otio.schema.Clip("sh010", media, span)]
    timeline = otio.schema.Timeline("reel")
    timeline.tracks.append(otio.schema.Track("V1", children=clips))
    otio.adapters.write_to_file(timeline, str(folder / "reel.otio"))
    wanted = ConformRequest(
        str(folder / "reel.otio"), str(folder / "reel"), (ConformDub("en", str(dub)),), label="reel"
    )
    job = client.conform(wanted)
    told = [event.progress.stage for event in client.watch(job.id) if event.progress]
    done = client.job(job.id)
    assert done.state is JobState.DONE and "1/1 render" in told, (done.error, client.log(job.id))
    assert done.result is not None and done.result.conform is not None
    (shot,) = done.result.conform.shots
    assert (shot.state, shot.name, done.result.frames_synced) == (ShotState.SYNCED, "sh010", FRAMES), shot
    conformed: Any = otio.adapters.read_from_file(done.result.out_path)
    clip = next(one for one in conformed.find_clips() if one.name == "sh010")
    assert clip.media_reference.target_url == shot.out_path
    synced, before = decoded(Path(shot.out_path)), decoded(plate)
    assert synced.shape == before.shape and not np.array_equal(synced, before)


def _looks_before_the_job(client: Client, clip: ClipRange, voice: Voice, wanted: SyncRequest) -> None:
    info = client.info()
    assert [device.name for device in info.devices][-1] == "cpu" and info.protocol_major == 1
    assert client.generators()[0].name == "plate"
    faces = client.faces(clip)
    assert len(faces.people) == 1 and faces.people[0].thumbnail_jpeg[:2] == b"\xff\xd8"
    motion = client.preview_motion(clip, voice)
    assert {len(curve.values) for curve in motion.curves} == {FRAMES}
    client.preview_frame(wanted, 3, largest_side_pixels=320)
    begun = time.monotonic()
    shown = client.preview_frame(wanted, 7, largest_side_pixels=320)
    assert shown.is_synced and shown.image_jpeg[:2] == b"\xff\xd8"
    assert time.monotonic() - begun < 10.0  # under 2 s on a machine that does nothing else


def _a_host_does_it(folder: Path, plate: Path, dub: Path, words: str, done_before: str) -> None:
    """Nuke and its like: the standard library and a child."""
    sync = {
        "clip": {"media_path": str(plate)},
        "voices": [{"dub_path": str(dub), "transcript": words}],
        "output": {"path": str(folder / "host.mov")},
    }
    with Session("Nuke 15.1", hello={"start": False}) as session:
        session.start()
        answer = session.request("submit", {"sync": sync}).wait(120.0)
        assert answer["job"]["state"] == "done" and answer["job"]["id"] != done_before
        known = session.request("jobs", {"mine": True}).wait(30.0)["jobs"]
        assert [job["id"] for job in known] == [answer["job"]["id"]]
    assert (folder / "host.mov").read_bytes() == (folder / "alone.mov").read_bytes()


def test_a_daemon_that_is_asked_to_stop_leaves_nothing(daemon_folder: Path, tmp_path: Path) -> None:
    log = (tmp_path / "serve.log").open("wb")
    served = subprocess.Popen([sys.executable, "-m", "plosive.cli", "serve"], stderr=log)
    deadline = time.monotonic() + 60.0
    while not (daemon_folder / "daemon.json").exists():
        assert served.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    with connect(is_started=False) as client:
        assert client.info().process_id == served.pid
    served.send_signal(signal.SIGINT)
    assert served.wait(30) == 0
    log.close()
    assert "Stopped (asked to stop)" in (tmp_path / "serve.log").read_text()
    assert not (daemon_folder / "daemon.json").exists() and not (daemon_folder / "daemon.sock").exists()

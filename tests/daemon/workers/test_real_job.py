# SPDX-License-Identifier: Apache-2.0
"""The worker that ships: a real plate and dub, with the pixels of `plosive sync`."""

from __future__ import annotations

import base64
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format  # type: ignore[import-untyped]

from plosive.demo.sample import SamplePlate, spoken_line, write_sample
from plosive.progress import SilentProgress
from plosive.sync import SyncOptions, sync_plate
from plosive_daemon.job import JobState
from plosive_daemon.workers.process import COMMAND
from plosive_proto.v1 import clip_pb2, faces_pb2, job_pb2, motion_pb2, preview_pb2, sync_pb2

from .conftest import Workshop

FRAMES = 12


def payload(message: Any) -> dict[str, Any]:
    return {"request": base64.b64encode(message.SerializeToString()).decode()}


def test_a_job_gives_the_bytes_of_a_single_run_even_when_its_worker_is_killed(
    workshop_of: Callable[..., Workshop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    plate, (dub, words) = tmp_path / "plate.mov", spoken_line()
    write_sample(plate, SamplePlate(FRAMES, 480, 270), SilentProgress())
    sync_plate(SyncOptions(plate, dub, tmp_path / "alone.mov", transcript=words), SilentProgress())

    # Roots: where the kernel can hold workers to them, all of this is done by one that is held.
    roots = {"read_roots": (tmp_path, dub.parent), "write_roots": (tmp_path,)}
    shop = workshop_of(command=COMMAND, disk_reserve_bytes=0, results=tmp_path / "results", **roots)
    clip = clip_pb2.ClipRange(media_path=str(plate))
    voice = clip_pb2.Voice(dub_path=str(dub), transcript=words)
    sync = sync_pb2.SyncRequest(clip=clip, voices=[voice])
    sync.output.path = str(shop.out / "a.mov")
    request = job_pb2.SubmitJobRequest(sync=sync).SerializeToString()
    job_id = shop.store.add(request)[0].id
    shop.wait(job_id, lambda job: job.progress.stage == "render" and job.progress.frames_done > 0, 120.0)
    first_line = next(line for line in shop.logs.last_lines(job_id, 20) if "process" in line)
    os.kill(int(first_line.rstrip(".").split()[-1]), signal.SIGKILL)
    job = shop.ended(job_id, 120.0)

    assert job.state is JobState.DONE, job.error
    assert (shop.out / "a.mov").read_bytes() == (tmp_path / "alone.mov").read_bytes()
    assert job.result is not None and job.result.frames_total == FRAMES
    assert job.result.frames_synced == job.result.frames_patched > 0
    assert shop.partials == []
    if job.attempts == 2:  # the last frame may have been made before the kill came through
        assert any("taken up" in note for note in job.result.notes)
    assert Path(job.progress.preview_path).read_bytes()[:3] == b"\xff\xd8\xff"

    found = shop.pool.call("faces", payload(faces_pb2.AnalyzeFacesRequest(clip=clip)))
    faces = json_format.ParseDict(found, faces_pb2.Faces())
    assert [person.number for person in faces.people] == [1] and (faces.width, faces.height) == (480, 270)
    assert faces.people[0].thumbnail_jpeg[:3] == b"\xff\xd8\xff"
    assert len(faces.people[0].thumbnail_jpeg) <= 64 << 10
    (track,) = faces.people[0].tracks
    assert len(track.boxes) == 4 * FRAMES and track.box_step_frames == 1

    heard = shop.pool.call("motion", payload(motion_pb2.PreviewMotionRequest(clip=clip, voice=voice)))
    motion = json_format.ParseDict(heard, motion_pb2.PreviewMotionResponse())
    assert {len(curve.values) for curve in motion.curves} == {FRAMES} and motion.language == "en"
    assert [phone.symbol for phone in motion.phones if phone.word == "Maybe"] == ["M", "EY", "B", "IY"]

    wanted = preview_pb2.RenderPreviewFrameRequest(sync=sync, frame=5, largest_side_pixels=200)
    shown = json_format.ParseDict(
        shop.pool.call("frame", payload(wanted)), preview_pb2.RenderPreviewFrameResponse()
    )
    assert shown.is_synced and (shown.width, shown.height) == (200, 112)
    assert [one["name"] for one in shop.pool.call("generators", {})["generators"]][:1] == ["plate"]

    sync.output.path = str(shop.out / "again.mov")
    copied = shop.ended(shop.store.add(job_pb2.SubmitJobRequest(sync=sync).SerializeToString())[0].id, 60.0)
    assert copied.result is not None and copied.result.from_cache, copied.error
    assert copied.result.frames_synced == job.result.frames_synced
    assert set(job.warnings) >= set(copied.warnings) != set()
    for ending in (".mov", ".motion.json"):
        assert (shop.out / f"again{ending}").read_bytes() == (shop.out / f"a{ending}").read_bytes()
    first, again = (json.loads((shop.out / f"{name}.plosive.json").read_text()) for name in ("a", "again"))
    assert again["options"].pop("out") == str(shop.out / "again.mov"), "the record is of the copy"
    assert first["options"].pop("out") == str(shop.out / "a.mov") and again == first
    plate.rename(tmp_path / "elsewhere.mov")
    late = shop.ended(shop.store.add(request)[0].id, 60.0)
    assert late.state is JobState.FAILED and late.error is not None and late.error.code == "MEDIA_READ"

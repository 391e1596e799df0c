# SPDX-License-Identifier: Apache-2.0
"""The fake's timelines as pictures, sound, OTIO and rendered files.

Plates are made here: every frame shows its own number (fakes.resolve.numbered).
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest

from fakes.resolve import FakeBehaviour, FakeRejection, Scene
from fakes.resolve.dump import as_otio
from fakes.resolve.numbered import make_sequence, make_sound, make_video, number_in
from fakes.resolve.render import TimelineRenderer, shown

NTSC_FILM = Fraction(24000, 1001)


def numbers(scene: Scene, first: int, count: int) -> list[int]:
    with TimelineRenderer(scene.timeline) as renderer:
        return [number_in(renderer.picture(scene.frame(first + offset))) for offset in range(count)]


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 frames at 23.976 from 01:00:00:00, with sound."""
    path = tmp_path_factory.mktemp("plates") / "plate.mov"
    return make_video(path, 100, NTSC_FILM, start_timecode="01:00:00:00", sound=True)


def test_files_are_known_as_resolve_knows_them(plate: Path, tmp_path: Path) -> None:
    scene = Scene(NTSC_FILM)
    media = scene.imported(plate)
    assert (media.frame_count, media.rate, media.start_timecode_frame) == (100, NTSC_FILM, 86400)
    values = media.clip_properties("from_zero")
    assert (values["FPS"], values["Start TC"], values["Frames"]) == (23.976, "01:00:00:00", "100")
    assert (values["Type"], values["Audio Ch"], values["End"]) == ("Video + Audio", "1", "99")
    sound = scene.imported(make_sound(tmp_path / "dub.wav", 3, channels=2))
    assert (sound.kind, sound.frame_count, sound.rate) == ("audio", 71, NTSC_FILM)
    files = scene.imported(make_sequence(tmp_path, 5), 1001, 1005)
    assert (files.name, files.frame_count) == ("shot.[1001-1005].png", 5)


def test_the_frames_that_are_shown(plate: Path) -> None:
    scene = Scene(NTSC_FILM)
    media = scene.imported(plate)
    scene.place(media, 1, record_frame=scene.frame(0), source_in=10, duration=20)
    scene.place(media, 1, record_frame=scene.frame(20), source_in=40, duration=10, speed=2)
    scene.place(media, 1, record_frame=scene.frame(30), source_in=50, duration=10, speed=-1)
    scene.place(media, 1, record_frame=scene.frame(40), source_in=77, duration=3, speed=0)
    above = scene.place(media, 2, record_frame=scene.frame(5), source_in=90, duration=2)
    assert numbers(scene, 3, 6) == [13, 14, 90, 91, 17, 18]
    above.is_enabled = False
    assert numbers(scene, 18, 4) == [28, 29, 40, 42]
    assert numbers(scene, 29, 3) == [58, 50, 49]
    assert numbers(scene, 40, 3) == [77, 77, 77]
    assert shown(scene.timeline, scene.frame(60)) is None


def test_a_compound_clip_shows_what_lies_in_it(plate: Path) -> None:
    scene = Scene(NTSC_FILM)
    scene.place(scene.imported(plate), record_frame=scene.frame(8), source_in=10, duration=20, kind="both")
    timeline = scene.resolve.GetProjectManager().GetCurrentProject().GetCurrentTimeline()
    items = [item for kind in ("video", "audio") for item in timeline.GetItemListInTrack(kind, 1)]
    compound = timeline.CreateCompoundClip(items, {"name": "Nest"})
    assert compound.GetMediaPoolItem().GetClipProperty()["Type"] == "Compound"
    assert compound.GetMediaPoolItem().GetClipProperty()["File Path"] == ""
    assert numbers(scene, 8, 3) == [10, 11, 12]
    with TimelineRenderer(scene.timeline) as renderer:
        heard = renderer.sound(scene.frame(8), scene.frame(27))
    assert np.abs(heard).max() > 0.1


def test_sound_has_every_sample_in_its_place(tmp_path: Path) -> None:
    scene = Scene(25)
    dub = scene.imported(make_sound(tmp_path / "dub.wav", 4))
    scene.place(
        dub, 1, record_frame=scene.frame(10), source_in=5, duration=25
    )  # a fifth of a second into the dub
    with TimelineRenderer(scene.timeline) as renderer:
        heard = renderer.sound(scene.frame(0), scene.frame(39))[0]
    assert len(heard) == 40 * 1920
    assert not heard[: 10 * 1920].any() and not heard[35 * 1920 :].any()
    assert heard[10 * 1920] == 11 * 128 / 32768 and heard[35 * 1920 - 1] == 10 * 128 / 32768


def test_otio_has_resolves_shape(plate: Path) -> None:
    scene = Scene(NTSC_FILM)
    media = scene.imported(plate)
    scene.place(media, 1, record_frame=scene.frame(12), source_in=10, duration=20, kind="both")
    scene.place(media, 1, source_in=60, duration=41, speed=-1)
    made = as_otio(scene.timeline)
    assert made.global_start_time == otio.opentime.RationalTime(86400, 23.976024627685547)
    gap, clip, back = made.tracks[0]
    assert made.tracks[0].name == "Video 1" and isinstance(gap, otio.schema.Gap)
    assert clip.media_reference.target_url == str(plate)
    assert clip.source_range.start_time.value == pytest.approx(86410)
    assert back.source_range.start_time.value == pytest.approx(
        86420
    )  # the lowest frame, as Resolve writes it
    assert (back.source_range.duration.value, back.effects[0].time_scalar) == (41, -1)


def test_otio_goes_out_and_in(plate: Path, tmp_path: Path) -> None:
    scene = Scene(NTSC_FILM)
    media = scene.imported(plate)
    scene.place(media, 1, record_frame=scene.frame(12), source_in=10, duration=20)
    scene.place(media, 1, source_in=60, duration=20, speed=-2)
    project = scene.resolve.GetProjectManager().GetCurrentProject()
    target = str(tmp_path / "cut.otio")
    assert project.GetCurrentTimeline().Export(target, "EXPORT_OTIO") is False  # text writes nothing
    assert project.GetCurrentTimeline().Export(target, scene.resolve.EXPORT_OTIO, scene.resolve.EXPORT_NONE)
    pool = project.GetMediaPool()
    assert pool.ImportTimelineFromFile(target, {"timelineName": "Reel 1"}) is None  # the name exists
    with pytest.raises(FakeRejection):
        pool.ImportTimelineFromFile(target, {"name": "Reel 2"})
    assert pool.ImportTimelineFromFile(target, {"timelineName": "Reel 2", "importSourceClips": True})
    before = [shown(scene.timeline, scene.frame(offset)) for offset in range(60)]
    after = [shown(scene.app.timeline, scene.frame(offset)) for offset in range(60)]
    assert scene.app.timeline.name == "Reel 2"
    assert [one and (one.media.path, one.media_frame) for one in before] == [
        one and (one.media.path, one.media_frame) for one in after
    ]


@pytest.mark.parametrize("spoil", ["file_url", "zero_based", "track_name", "clip_1"])
def test_otio_of_another_shape_is_refused_without_a_word(plate: Path, tmp_path: Path, spoil: str) -> None:
    scene = Scene(NTSC_FILM)
    scene.place(scene.imported(plate), 1, source_in=10, duration=20)
    made = as_otio(scene.timeline)
    clip = made.tracks[0][0]
    if spoil == "file_url":
        clip.media_reference.target_url = f"file://{plate}"
    elif spoil == "zero_based":
        length = clip.source_range.duration
        clip.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(10, length.rate), length)
    elif spoil == "track_name":
        made.tracks[0].name = "V1"
    text = otio.adapters.write_to_string(made, "otio_json")
    if spoil == "clip_1":
        text = text.replace('"Clip.2"', '"Clip.1"')
    target = tmp_path / "cut.otio"
    target.write_text(text, encoding="utf-8")
    pool = scene.resolve.GetProjectManager().GetCurrentProject().GetMediaPool()
    assert pool.ImportTimelineFromFile(str(target), {"timelineName": "New"}) is None


def wait_for(project: Any, job: str) -> dict[str, Any]:
    for _ in range(10):
        status: dict[str, Any] = project.GetRenderJobStatus(job)
        if not project.IsRenderingInProgress():
            return status
    raise AssertionError("the job does not end")


def test_a_render_job_writes_what_is_shown(plate: Path, tmp_path: Path) -> None:
    scene = Scene(NTSC_FILM, behaviour=FakeBehaviour(job_status_language="it"), width=192, height=64)
    scene.place(scene.imported(plate), 1, record_frame=scene.frame(4), source_in=30, duration=20, kind="both")
    project = scene.resolve.GetProjectManager().GetCurrentProject()
    assert scene.resolve.GetCurrentPage() == "edit"
    assert project.SetCurrentRenderFormatAndCodec("mov", "Apple ProRes 4444") is False  # a description
    assert project.SetCurrentRenderFormatAndCodec("mov", "ProRes4444")
    assert scene.resolve.GetCurrentPage() == "deliver"
    assert project.SetRenderSettings({"CustomName": "", "TargetDir": str(tmp_path)}) is False
    with pytest.raises(FakeRejection):
        project.SetRenderSettings({"Format": "mov"})
    wanted = {"SelectAllFrames": False, "MarkIn": scene.frame(6), "MarkOut": scene.frame(15)}
    assert project.SetRenderSettings({**wanted, "TargetDir": str(tmp_path), "CustomName": "temp"})
    job = project.AddRenderJob()
    assert project.StartRendering([job], False)
    status = wait_for(project, job)
    assert (status["JobStatus"], status["CompletionPercentage"]) == ("Concluso", 100)
    again = Scene(NTSC_FILM)
    media = again.imported(tmp_path / "temp.mov")
    assert (media.frame_count, media.rate, media.audio_channels) == (10, NTSC_FILM, 2)
    assert media.start_timecode_frame == scene.frame(6)
    again.place(media)
    assert numbers(again, 0, 10) == list(range(32, 42))
    assert project.DeleteRenderJob(job) and project.GetRenderJobList() == []

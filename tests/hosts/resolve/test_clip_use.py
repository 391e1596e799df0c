# SPDX-License-Identifier: Apache-2.0
"""Which frames a clip plays, read through every trap that Resolve's numbers have."""

from __future__ import annotations

from fractions import Fraction

import pytest

from fakes.resolve import EDITIONS, FakeBehaviour, FakeEdition, Scene
from fakes.resolve.cut import ItemState
from plosive_host import PlosiveHostError
from plosive_resolve import Choices, ClipUse, clip_range_of, clips_meant, open_host

FILM = Fraction(24000, 1001)
RUNNING = [edition for edition in EDITIONS if edition.runs_python_scripts]
OLD, NEW = FakeEdition((20, 2)), FakeEdition((21, 1))


def only_clip(scene: Scene) -> ClipUse:
    clips = clips_meant(open_host(scene.app.script_globals()))
    assert len(clips) == 1
    return clips[0]


def frames_played(scene: Scene, item: ItemState) -> list[int]:
    """In the daemon's numbers, by the fake's own model of the cut."""
    assert item.media is not None
    zero = item.media.first_file_number if item.media.kind == "sequence" else 0
    return [zero + item.shown_media_frame(offset, scene.rate) for offset in range(item.duration)]


@pytest.mark.parametrize("edition", RUNNING, ids=str)
def test_a_plain_clip_asks_for_exactly_what_it_plays(edition: FakeEdition) -> None:
    scene = Scene(FILM, "01:00:00:00", edition=edition)
    item = scene.place(
        scene.picture(start_timecode="10:11:12:13"), record_frame=scene.frame(30), source_in=17, duration=40
    )
    scene.playhead(scene.frame(31))
    clip = only_clip(scene)
    assert (clip.first_frame, clip.last_frame_inclusive) == (17, 56)
    assert [clip.media_frame_shown(scene.frame(30 + n)) for n in range(40)] == frames_played(scene, item)
    assert clip.is_frame_for_frame and clip.speed == 1 and clip.media_rate == FILM


@pytest.mark.parametrize("shift", (-1, 0, 1))
def test_a_source_start_that_is_one_off_is_set_right_by_the_left_offset(shift: int) -> None:
    scene = Scene(25, behaviour=FakeBehaviour(source_start_shift=shift), edition=OLD)
    scene.place(scene.picture(), source_in=50, duration=20)
    assert (only_clip(scene).first_frame, only_clip(scene).last_frame_inclusive) == (50, 69)


@pytest.mark.parametrize("numbers", ("from_zero", "file_numbers"))
@pytest.mark.parametrize("start", ("00:00:00:00", "10:00:00:00"))
def test_a_sequence_is_asked_for_by_file_numbers(numbers: str, start: str) -> None:
    behaviour = FakeBehaviour(sequence_numbers=numbers)  # type: ignore[arg-type]
    scene = Scene(24, behaviour=behaviour)
    item = scene.place(scene.sequence(first_file=1001, start_timecode=start), source_in=10, duration=5)
    clip = only_clip(scene)
    assert clip.media.path == "/media/shot.%04d.exr"
    assert (clip.first_frame, clip.last_frame_inclusive) == (1011, 1015)
    assert [clip.media_frame_shown(item.record_start + n) for n in range(5)] == frames_played(scene, item)
    assert clip_range_of(clip, Choices())["sequence_rate"] == "24"


@pytest.mark.parametrize("edition", (OLD, NEW), ids=str)
@pytest.mark.parametrize("percent", (200, 50, 150, 75, 33, 400, 102, 98, -100, -200, -50))
def test_speed_is_told_by_new_versions_and_worked_out_on_old_ones(edition: FakeEdition, percent: int) -> None:
    scene = Scene(24, edition=edition)
    start = 300 if percent < 0 else 101
    item = scene.place(scene.picture(frames=400), source_in=start, duration=60, speed=Fraction(percent, 100))
    clip = only_clip(scene)
    assert clip.speed == Fraction(percent, 100)
    assert bool(clip.notes) == (edition is OLD and percent != -100)
    played = frames_played(scene, item)
    assert [clip.media_frame_shown(item.record_start + n) for n in range(60)] == played
    assert clip.first_frame <= min(played) and max(played) <= clip.last_frame_inclusive
    assert clip.last_frame_inclusive - clip.first_frame <= max(played) - min(played) + 3 + clip.step


@pytest.mark.parametrize("told_in", ("media", "timeline"))
@pytest.mark.parametrize("media_rate", (FILM, Fraction(30000, 1001), Fraction(50), Fraction(24)))
def test_another_rate_is_no_retime_and_every_frame_is_asked_for(told_in: str, media_rate: Fraction) -> None:
    behaviour = FakeBehaviour(video_left_offset_rate=told_in)  # type: ignore[arg-type]
    scene = Scene(25, edition=OLD, behaviour=behaviour)
    item = scene.place(scene.picture(rate=media_rate, frames=300), source_in=40, duration=61)
    clip = only_clip(scene)
    assert clip.speed == 1 and clip.media_rate == media_rate
    played = frames_played(scene, item)
    assert clip.first_frame <= min(played) and max(played) <= clip.last_frame_inclusive
    assert clip.last_frame_inclusive - clip.first_frame <= max(played) - min(played) + 3 + clip.step
    assert "retime" not in clip_range_of(clip, Choices())


@pytest.mark.parametrize("edition", (OLD, NEW), ids=str)
def test_a_freeze_frame_is_refused(edition: FakeEdition) -> None:
    scene = Scene(24, edition=edition)
    scene.place(scene.picture(), source_in=9, duration=30, speed=0)
    with pytest.raises(PlosiveHostError, match="freeze frame"):
        only_clip(scene)


def test_handles_end_where_the_media_does() -> None:
    scene = Scene(24)
    scene.place(scene.picture(frames=50), source_in=5, duration=40)
    clip = only_clip(scene)
    assert clip.with_handles(12) == (0, 49)
    assert clip.with_handles(3) == (2, 47)


def test_retime_keys_say_when_frames_are_seen() -> None:
    scene = Scene(24, edition=NEW)
    item = scene.place(
        scene.picture(frames=400), record_frame=scene.frame(48), source_in=100, duration=24, speed=2
    )
    scene.select(item)
    clip = only_clip(scene)
    keys = clip_range_of(clip, Choices())["retime"]["keys"]
    at = {key["media_frame"]: Fraction(key["timeline_seconds"]) for key in keys}
    assert len(at) == 2
    for frame, seconds in at.items():
        assert seconds == (Fraction(frame) - 100) / 48


def test_backwards_time_falls() -> None:
    scene = Scene(24, edition=NEW)
    item = scene.place(scene.picture(frames=400), source_in=299, duration=24, speed=-1)
    clip = only_clip(scene)
    low, high = clip_range_of(clip, Choices())["retime"]["keys"]
    assert low["media_frame"] < high["media_frame"]
    assert Fraction(low["timeline_seconds"]) > Fraction(high["timeline_seconds"])
    assert clip.record_seconds(Fraction(300)) == Fraction(item.record_start, 24)


@pytest.mark.parametrize(
    ("path", "kind", "says"),
    (
        ("/media/a.braw", "video", "camera raw"),
        ("/media/a.R3D", "video", "camera raw"),
        ("", "compound", "Compound"),
    ),
)
def test_what_no_library_reads_has_to_be_rendered(path: str, kind: str, says: str) -> None:
    scene = Scene(24)
    media = scene.picture(frames=100)
    media.path, media.kind = path, kind
    scene.place(media, source_in=10, duration=20)
    clip = only_clip(scene)
    assert says in clip.needs_rendering and clip.duration_record_frames == 20


def test_offline_and_still_pictures_are_refused() -> None:
    scene = Scene(24)
    media = scene.picture()
    scene.place(media, duration=10)
    media.is_offline = True
    with pytest.raises(PlosiveHostError, match="offline"):
        only_clip(scene)
    media.is_offline, media.kind = False, "still"
    with pytest.raises(PlosiveHostError, match="still"):
        only_clip(scene)

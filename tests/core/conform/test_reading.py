# SPDX-License-Identifier: Apache-2.0
"""What an edit holds beside its shots' frames: what is switched off, sound, markers, drop frame, bundles."""

from __future__ import annotations

import itertools
import wave
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from plosive.conform import read_edit
from plosive.errors import MediaReadError
from plosive.media import FrameRange

NTSC = Fraction(1000, 1001)


def test_what_is_switched_off_itself_or_lies_in_something_that_is(edits: Any) -> None:
    url = str(edits.movie("a.mov", 48, Fraction(24)))
    off = edits.clip((0, 10, 24), url=url, name="off")
    off.enabled = False
    inner = edits.clip((0, 10, 24), url=url, name="inner")
    nest = otio.schema.Stack("nest", children=[otio.schema.Track("t", children=[inner])])
    nest.enabled = False
    timeline = edits.timeline([off, nest, edits.clip((0, 10, 24), url=url, name="on")])
    timeline.tracks.append(otio.schema.Track("V2", children=[edits.clip((0, 10, 24), url=url, name="above")]))
    timeline.tracks[1].enabled = False
    edit = edits.read(timeline)
    assert {shot.name: shot.is_usable for shot in edit.shots} == {
        "off": False,
        "inner": False,
        "on": True,
        "above": False,
    }
    assert [track.is_enabled for track in edit.tracks] == [True, False]


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(24000, 1001)])
def test_clips_of_many_rates_follow_each_other_without_gap_or_overlap(edits: Any, rate: Fraction) -> None:
    rates = {24: Fraction(24), 25: Fraction(25), 23.976: NTSC * 24, 59.94: NTSC * 60, 12.5: Fraction(25, 2)}
    clips = [edits.clip((0, 7 + index, one), (0, 100, one)) for index, one in enumerate(rates)]
    shots = edits.read(edits.timeline(clips), rate=rate).shots
    for one, later in itertools.pairwise(shots):
        assert later.record.first_frame == one.record.last_frame_inclusive + 1
        assert later.record_start_seconds == one.record_end_seconds
    assert shots[-1].record_end_seconds == sum(
        (7 + index) / exact for index, exact in enumerate(rates.values())
    )


def test_the_path_leads_to_the_clip(edits: Any) -> None:
    inner = edits.clip((0, 10, 24), name="inner")
    track = otio.schema.Track("inside", children=[otio.schema.Gap(source_range=edits.range(0, 4)), inner])
    nest = otio.schema.Stack("nest", children=[track])
    edit = edits.read(edits.timeline([edits.clip((0, 10, 24), name="first"), nest]))
    shot = edit.shots[1]
    item = edit.otio_timeline.tracks
    for index in shot.otio_path:
        item = item[index]
    assert (item.name, shot.track_names) == ("inner", ("Video 1", "nest", "inside"))
    assert shot.record == FrameRange(14, 23)


def test_a_compound_clip_that_counts_by_timecode(edits: Any) -> None:
    inner = edits.clip((0, 48, 24), name="inner")
    nest = otio.schema.Stack("nest", children=[otio.schema.Track("t", children=[inner])])
    nest.source_range = edits.range(86400 + 10, 20)
    (shot,) = edits.read(edits.timeline([nest])).shots
    assert shot.record == FrameRange(0, 19)
    assert shot.played_frames == FrameRange(10, 29)


def test_the_active_reference_of_several_is_used(edits: Any) -> None:
    clip = edits.clip((0, 10, 24), url="/a.mov")
    other = otio.schema.ExternalReference(target_url="/b.mov")
    clip.set_media_references({"DEFAULT_MEDIA": clip.media_reference, "proxy": other}, "proxy")
    (shot,) = edits.read(edits.timeline([clip])).shots
    assert (shot.media.url, shot.media.reference_key, shot.other_references) == (
        "/b.mov",
        "proxy",
        ("DEFAULT_MEDIA",),
    )


def test_sound_is_read_from_where_the_edit_says(edits: Any) -> None:
    path = edits.folder / "dub.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 48000, 0, "NONE", ""))
        file.writeframes(bytes(4 * 48000 * 3))
    clip = edits.clip((24, 24, 24), (0, 72, 24), url=str(path), name="german")
    clip.metadata["Resolve_OTIO"] = {"Channels": [{"Source Channel ID": 1, "Source Track ID": 0}]}
    clip.metadata["audioRole"] = "dialogue.German"
    timeline = edits.timeline([edits.clip((0, 72, 24))])
    gap = otio.schema.Gap(source_range=edits.range(0, 12))
    timeline.tracks.append(otio.schema.Track("DE", children=[gap, clip], kind="Audio"))
    edit = edits.read(timeline)
    (use,) = edit.audio
    assert (use.media.path, use.channels, use.role, use.track_name) == (path, (2,), "dialogue.German", "DE")
    assert (use.record_start_seconds, use.record_end_seconds) == (Fraction(1, 2), Fraction(3, 2))
    assert (use.media_start_seconds, use.offline) == (1, "")
    assert edit.tracks[1].roles == ("dialogue.German",)
    path.unlink()
    assert "offline" in edits.read(timeline).audio[0].offline


def test_markers_are_frames_of_the_edit(edits: Any) -> None:
    def marker(name: str, start: float, length: float, rate: float = 24) -> Any:
        return otio.schema.Marker(name, edits.range(start, length, rate), color="RED")

    clip = edits.clip((86400, 48, 24), (86400, 96, 24))
    clip.markers.append(marker("on the clip", 86410.4, 0))
    clip.markers.append(marker("outside", 86470, 1))
    timeline = edits.timeline([otio.schema.Gap(source_range=edits.range(0, 24)), clip], start=(86400, 24))
    timeline.tracks.markers.append(marker("from 0", 5, 10))
    timeline.tracks.markers.append(marker("by timecode", 86400 + 30, 1))
    found = {one.name: (one.record, one.shot) for one in edits.read(timeline).markers}
    assert found == {
        "from 0": (FrameRange(5, 14), None),
        "by timecode": (FrameRange(30, 30), None),
        "on the clip": (FrameRange(34, 34), 1),
    }


@pytest.mark.parametrize(("start", "is_drop"), [(107892, True), (108000, False), (0, False), (107893, False)])
def test_drop_frame_shows_in_a_start_at_a_whole_hour(edits: Any, start: int, is_drop: bool) -> None:
    timeline = edits.timeline([edits.clip((0, 30, 29.97))], start=(start, 29.97))
    assert edits.read(timeline).is_drop_frame is is_drop


def bundled(edits: Any) -> tuple[Any, Path]:
    movie = edits.movie("bundle.otiod/media/a.mov", 24, Fraction(24))
    timeline = edits.timeline([edits.clip((4, 8, 24), url="media/a.mov")])
    otio.adapters.write_to_file(timeline, str(movie.parents[1] / "content.otio"))
    return timeline, movie


def test_a_bundle_that_is_a_folder(edits: Any) -> None:
    _, movie = bundled(edits)
    (shot,) = read_edit(edits.folder / "bundle.otiod").shots
    assert shot.media.path == movie


def test_a_bundle_that_is_an_archive_is_unpacked_where_it_may(edits: Any, tmp_path: Path) -> None:
    timeline, movie = bundled(edits)
    path = tmp_path / "reel.otioz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.otio", timeline.to_json_string())
        archive.write(movie, "media/a.mov")
    assert not read_edit(path).shots[0].is_usable
    (shot,) = read_edit(path, unpack_to=tmp_path / "out").shots
    assert shot.media.path == tmp_path / "out" / "reel" / "media" / "a.mov"
    assert shot.media.path.read_bytes() == movie.read_bytes()
    written = shot.media.path.stat().st_mtime_ns
    read_edit(path, unpack_to=tmp_path / "out")
    assert shot.media.path.stat().st_mtime_ns == written
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../evil.mov", b"x")
    with pytest.raises(MediaReadError, match="leads out of it"):
        read_edit(path, unpack_to=tmp_path / "out")
    assert not (tmp_path / "evil.mov").exists()


@pytest.mark.parametrize("what", ["cut up", "locked"])
def test_an_archive_whose_media_cannot_be_unpacked_is_one_sentence(tmp_path: Path, what: str) -> None:
    path = tmp_path / "reel.otioz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.otio", otio.schema.Timeline("reel").to_json_string(), zipfile.ZIP_STORED)
        archive.writestr("media/a.mov", b"picture" * 1000)
    packed = bytearray(path.read_bytes())
    local, listed = packed.index(b"media/a.mov"), packed.rindex(b"media/a.mov")
    if (
        what == "locked"
    ):  # APPNOTE 4.4.4: bit 0 of the flags, 24 bytes before the local name, 38 before the other
        packed[local - 24] |= 1
        packed[listed - 38] |= 1
    else:
        packed[local + 11 : local + 19] = b"\xff" * 8
    path.write_bytes(bytes(packed))
    with pytest.raises(
        MediaReadError, match=r"reel\.otioz (is damaged|cannot be unpacked) .*export it again"
    ):
        read_edit(path, unpack_to=tmp_path / "out")
    assert not [one for one in (tmp_path / "out").rglob("*") if one.is_file()]

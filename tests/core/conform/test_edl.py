# SPDX-License-Identifier: Apache-2.0
"""CMX 3600 lists: rates, drop frame, motion effects, tracks, sequences named by a file."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from plosive.conform.media.path_map import parse_path_map
from plosive.errors import MediaReadError

pytest.importorskip("otio_cmx3600_adapter", reason="needs otio-cmx3600-adapter")


def listed(*events: str, mode: str = "NON-DROP FRAME") -> str:
    return "\n".join(("TITLE: REEL", f"FCM: {mode}", *events)) + "\n"


def played(shot: Any) -> tuple[int, int]:
    return shot.played_frames.first_frame, shot.played_frames.last_frame_inclusive


def test_events_stand_at_their_record_timecode(edits: Any) -> None:
    text = listed(
        "001  A V C 00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00",
        "002  B V C 00:01:00:00 00:01:01:00 01:00:03:00 01:00:04:00",
    )
    edit = edits.read(text, "reel.edl")
    assert (edit.rate, edit.start_frame, edit.duration_frames) == (24, 86400, 96)
    assert [(shot.record.first_frame, shot.record.last_frame_inclusive) for shot in edit.shots] == [
        (0, 47),
        (72, 95),
    ]
    assert [played(shot) for shot in edit.shots] == [(240, 287), (1440, 1463)]


def test_the_rate_follows_the_highest_frame_number(edits: Any) -> None:
    event = "001  A V C 00:00:10:00 00:00:11:{} 01:00:00:00 01:00:01:{}"
    rates = [
        edits.read(listed(event.format(last, last)), f"{last}.edl").rate for last in ("23", "24", "29", "49")
    ]
    assert rates == [24, 25, 30, 50]


def test_a_stated_rate_counts_frames_at_it(edits: Any) -> None:
    text = listed("001  A V C 00:00:10:00 00:00:12:00 01:00:00:00 01:00:01:00", "M2   A 048.0 00:00:10:00")
    edit = edits.read(text, "reel.edl", rate=Fraction(24000, 1001))
    assert (edit.rate, edit.start_frame) == (Fraction(24000, 1001), 86400)
    assert edit.shots[0].speed == 2
    assert played(edit.shots[0]) == (240, 287)


def test_drop_frame_names_are_skipped(edits: Any) -> None:
    text = listed("001  A V C 00:00:59:28 00:01:00:04 01:00:59:28 01:01:00:04", mode="DROP FRAME")
    edit = edits.read(text, "reel.edl")
    assert (edit.rate, edit.is_drop_frame) == (Fraction(30000, 1001), True)
    assert edit.shots[0].record.duration_frames == 4
    assert str(edit.timecode(2)) == "01:01:00;02"


@pytest.mark.parametrize(
    ("speed", "source_out", "frames"),
    [
        ("-024.0", "00:00:11:00", (240, 263)),
        ("048.0", "00:00:12:00", (240, 287)),
        ("012.0", "00:00:10:12", (240, 251)),
    ],
)
def test_motion_effects(edits: Any, speed: str, source_out: str, frames: tuple[int, int]) -> None:
    text = listed(
        f"001  A V C 00:00:10:00 {source_out} 01:00:00:00 01:00:01:00", f"M2   A {speed} 00:00:10:00"
    )
    (shot,) = edits.read(text, "reel.edl").shots
    assert shot.speed == Fraction(speed) / 24
    assert played(shot) == frames


def test_a_dissolve_shows_both_clips(edits: Any) -> None:
    text = listed(
        "001  A V C 00:00:10:00 00:00:11:00 01:00:00:00 01:00:01:00",
        "002  A V C 00:00:11:00 00:00:11:00 01:00:01:00 01:00:01:00",
        "002  B V D 010 00:00:20:00 00:00:21:00 01:00:01:00 01:00:02:00",
    )
    first, second = edits.read(text, "reel.edl").shots
    assert (first.transition_out_frames, played(first)) == (10, (240, 273))
    assert (second.transition_in_frames, played(second)) == (0, (480, 503))


def test_tracks_that_begin_apart_stay_apart(edits: Any) -> None:
    text = listed(
        "001  A V  C 00:00:10:00 00:00:11:00 01:00:01:00 01:00:02:00",
        "002  A A1 C 00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00",
    )
    edit = edits.read(text, "reel.edl")
    assert edit.start_frame == 86400
    assert edit.shots[0].record.first_frame == 24
    assert (edit.audio[0].record_start_seconds, edit.audio[0].record_end_seconds) == (0, 2)


def test_locators_are_markers_at_their_record_timecode(edits: Any) -> None:
    text = listed(
        "001  A V C 00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00",
        "* LOC: 01:00:01:12 RED     LIPS",
    )
    (marker,) = edits.read(text, "reel.edl").markers
    assert (marker.name, marker.record.first_frame, marker.shot) == ("LIPS", 36, 1)


def test_a_file_of_a_sequence_stands_for_all(edits: Any) -> None:
    folder = edits.sequence("plates", "take", 1001, 1048)
    text = listed(
        "001  A V C 00:00:00:12 00:00:01:12 01:00:00:00 01:00:01:00",
        f"* FROM CLIP: {folder}/take.1001.png",
    )
    (shot,) = edits.read(text, "reel.edl").shots
    assert shot.is_usable
    assert played(shot) == (1013, 1036)


def test_frames_of_timecode_are_counted_whatever_the_rate_of_the_media(edits: Any) -> None:
    movie = edits.movie("a.mov", 40, Fraction(24000, 1001), "01:00:00:00")
    text = listed(
        "001  A V C 01:00:00:10 01:00:01:00 01:00:00:00 01:00:00:14",
        f"* FROM CLIP: {movie}",
    )
    (shot,) = edits.read(text, "reel.edl", rate=Fraction(24)).shots
    assert played(shot) == (10, 23)


def test_the_media_tell_24_from_23_976(edits: Any) -> None:
    movie = edits.movie("a.mov", 40, Fraction(24000, 1001), "01:00:00:00")
    text = listed(
        "001  A V C 01:00:00:10 01:00:01:00 01:00:00:00 01:00:00:14",
        f"* FROM CLIP: {movie}",
    )
    edit = edits.read(text, "reel.edl")
    assert (edit.rate, edit.start_frame) == (Fraction(24000, 1001), 86400)
    assert played(edit.shots[0]) == (10, 23)
    assert "23.976 was taken" in edit.warnings[0]
    assert edits.read(text, "reel.edl", rate=Fraction(24)).rate == 24


@pytest.mark.parametrize(
    "event",
    [
        "001  A V C 00:00:10:00 00:00:12:00 01:00:00:00 01:00:01:00",
        "001  A V C 00:00:10:00 00:00:12:61 01:00:00:00 01:00:02:61",
        "001  A V C 00:00:10:00 00:00:12:00",
        "001  A V C x:y:z:w 00:00:12:00 01:00:00:00 01:00:02:00",
    ],
)
def test_wrong_timecodes_are_one_sentence(edits: Any, event: str) -> None:
    with pytest.raises(
        MediaReadError, match=r"reel\.edl cannot be read as EDL: .*export it again|name the right rate"
    ):
        edits.read(listed(event), "reel.edl")


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (
            ["00:00:10:00 00:00:12:00 01:00:00:00 01:00:01:00"],
            "'001' has 48 frames and its record 24, and no",
        ),
        (
            ["00:00:10:00 00:00:09:00 01:00:00:00 01:00:01:00"],
            "the source of event 001 ends before it begins",
        ),
        (
            ["00:00:10:00 00:00:11:00 01:00:02:00 01:00:01:00"],
            "the record of event 001 ends before it begins",
        ),
        (["00:00:70:00 00:00:71:00 01:00:00:00 01:00:01:00"], "00:00:70:00 is no time of a day"),
        (["31:00:10:00 31:00:11:00 01:00:00:00 01:00:01:00"], "31:00:10:00 is no time of a day"),
        (["00:00:10:00 00:00:11:00"], "this line is no whole event: 001 A V C 00:00:10:00 00:00:11:00"),
        (
            [
                "00:00:10:00 00:00:11:00 01:00:00:00 01:00:01:00",
                "00:00:10:00 00:00:11:00 01:00:00:12 01:00:01:12",
            ],
            "'002' begins at 01:00:00:12 of the record, where the event before it has not ended",
        ),
    ],
)
def test_what_is_wrong_with_a_timecode_is_told_in_the_words_of_the_list(
    edits: Any, events: list[str], told: str
) -> None:
    lines = [f"{number:03d}  A V C {codes}" for number, codes in enumerate(events, start=1)]
    with pytest.raises(MediaReadError) as caught:
        edits.read(listed(*lines), "reel.edl")
    assert told in str(caught.value) and "RationalTime" not in str(caught.value)


def test_a_drop_frame_name_that_does_not_exist_is_told(edits: Any) -> None:
    text = listed(
        "001  A V C 01:01:00:00 01:01:01:00 01:01:00:00 01:01:01:00",
        "002  A V C 01:10:00:00 01:10:01:00 01:10:00:00 01:10:01:00",
        mode="DROP FRAME",
    )
    edit = edits.read(text, "reel.edl")
    assert "has 01:01:00;00 in event 001, and 1 more, though drop frame skips it" in edit.warnings[0]
    assert str(edit.timecode(0)) == "01:00:59;28"
    sound = listed("001  A V C 01:10:00:00 01:10:01:00 01:01:00:02 01:01:01:02", mode="DROP FRAME")
    assert not any("skips" in sentence for sentence in edits.read(sound, "sound.edl").warnings)


def shots_of(edits: Any, *lines: str) -> list[tuple[str, int, int, int]]:
    """(clip, first frame of the record, first and last frame of the source's timecode) of each shot."""
    edit = edits.read("\n".join(("TITLE: A", *lines)) + "\n", "reel.edl", rate=Fraction(24), probe=False)
    found = []
    for shot in edit.shots:
        frames = [frame for _, frame in shot.media_frames()]
        found.append((shot.name, shot.record.first_frame, frames[0], frames[-1]))
    return found


def test_timecode_goes_on_past_midnight(edits: Any) -> None:
    source = "001  R1 V C 23:59:59:00 00:00:01:00 01:00:00:00 01:00:02:00"
    day = 24 * 3600 * 24
    assert shots_of(edits, source) == [("R1", 0, day - 24, day + 23)]
    record = (
        "001  R1 V C 01:00:10:00 01:00:12:00 23:59:58:00 00:00:00:00",
        "002  R2 V C 01:00:20:00 01:00:22:00 00:00:00:00 00:00:02:00",
    )
    assert [one[:2] for one in shots_of(edits, *record)] == [("R1", 0), ("R2", 48)]


def test_a_list_sorted_by_source_is_put_in_order(edits: Any) -> None:
    lines = (
        "002  A1 V C 01:00:20:00 01:00:22:00 01:00:02:00 01:00:04:00",
        "* FROM CLIP NAME: two.mov",
        "001  B1 V C 01:00:10:00 01:00:12:00 01:00:00:00 01:00:02:00",
        "* FROM CLIP NAME: one.mov",
    )
    assert [one[:2] for one in shots_of(edits, *lines)] == [("one.mov", 0), ("two.mov", 48)]


def test_a_list_may_begin_with_a_fade_from_black(edits: Any) -> None:
    lines = (
        "TITLE: A",
        "001  BL V C     00:00:00:00 00:00:00:00 01:00:00:00 01:00:00:00",
        "001  R1 V D 012 01:00:10:00 01:00:12:00 01:00:00:00 01:00:02:00",
    )
    edit = edits.read("\n".join(lines) + "\n", "reel.edl", rate=Fraction(24), probe=False)
    (shot,) = edit.shots
    assert (shot.record.first_frame, shot.record.last_frame_inclusive) == (0, 47)
    assert shot.shown == shot.record
    fade = edit.otio_timeline.tracks[0][0]
    assert (fade.in_offset.value, fade.out_offset.value) == (0, 12)


def test_of_a_key_the_background_is_read_and_the_rest_is_told(edits: Any) -> None:
    lines = (
        "TITLE: A",
        "001  R1 V K B 01:00:10:00 01:00:12:00 01:00:00:00 01:00:02:00",
        "001  R2 V K   02:00:10:00 02:00:12:00 01:00:00:00 01:00:02:00",
    )
    edit = edits.read("\n".join(lines) + "\n", "reel.edl", rate=Fraction(24), probe=False)
    assert [shot.name for shot in edit.shots] == ["R1"]
    assert edit.unsupported == ("the key of event 001 (R2 over what lies below)",)


def test_media_is_found_by_the_source_file_of_a_comment(edits: Any) -> None:
    edits.movie("media/A001.mov", 100, Fraction(24), "01:00:10:00")
    lines = (
        "TITLE: A",
        "001  AX V C 01:00:10:12 01:00:11:00 01:00:00:00 01:00:00:12",
        "* SOURCE FILE: A001.MOV",
    )
    text = "\n".join(lines) + "\n"
    edit = edits.read(text, "reel.edl", rate=Fraction(24), media_folders=(edits.folder / "media",))
    assert [frame for _, frame in edit.shots[0].media_frames()][:2] == [12, 13]


def test_the_whole_path_of_a_source_file_can_be_mapped(edits: Any) -> None:
    edits.movie("here/plates/A001.mov", 100, Fraction(24), "01:00:10:00")
    lines = (
        "TITLE: A",
        "001  AX V C 01:00:10:12 01:00:11:00 01:00:00:00 01:00:00:12",
        "* FROM CLIP NAME: A001.mov",
        r"* SOURCE FILE: Z:\show\plates\A001.mov",
    )
    text = "\n".join(lines) + "\n"
    there = edits.read(text, "reel.edl", rate=Fraction(24))
    assert [one.sentence for one in there.offline] == [
        r"A001.mov is offline (the edit has it at Z:\show\plates\A001.mov); name the folder it lies in with "
        "--media, or its new place with --map."
    ]
    maps = parse_path_map((rf"Z:\show={edits.folder / 'here'}",))
    edit = edits.read(text, "reel.edl", rate=Fraction(24), path_map=maps)
    assert edit.offline == ()
    assert [frame for _, frame in edit.shots[0].media_frames()][:2] == [12, 13]

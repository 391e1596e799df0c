# SPDX-License-Identifier: Apache-2.0
"""Several speakers: how they are typed, what does not go together, and whose lips move in whose turns."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.core.sync.plates import a_plate

from plosive.errors import OptionError, RangeError
from plosive.faces.track import FaceTrack
from plosive.speakers import NoSync, Speaker, speakers_and_transcript
from plosive.speech import Turn
from plosive.sync.kept import NO_SYNC, unsynced_frames
from plosive.sync.voices.turntaking import lip_activity, match_speakers
from plosive.sync_options import SyncOptions

PLATE, OUT = Path("plate.mov"), Path("out.mov")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1=anna.wav", Speaker("1", "anna.wav")),
        ("Anna = a b.wav", Speaker("Anna", "a b.wav")),
        ("320,180@1004=a.wav@01:00:02:00", Speaker("320,180@1004", "a.wav", "01:00:02:00")),
        ("2=b.wav@1.5", Speaker("2", "b.wav", "1.5")),
        ("2=b.wav@-1.5", Speaker("2", "b.wav", "-1.5")),
        ("2=me@home.wav", Speaker("2", "me@home.wav")),
    ],
)
def test_a_speaker_as_typed(typed: str, meant: Speaker) -> None:
    assert Speaker.parse(typed) == meant


@pytest.mark.parametrize("typed", ["", "anna.wav", "=a.wav", "1="])
def test_half_a_speaker_is_refused(typed: str) -> None:
    with pytest.raises(OptionError, match="FACE=DUB"):
        Speaker.parse(typed)


def test_ranges_as_typed() -> None:
    assert NoSync.parse("1001-1010") == NoSync("1001-1010")
    assert NoSync.parse("Anna=1001-1010") == NoSync("1001-1010", "Anna")
    with pytest.raises(OptionError, match="FIRST-LAST"):
        NoSync.parse("1=")


def test_transcripts_go_to_those_they_name() -> None:
    cast, common = speakers_and_transcript(["1=a.wav", "2=b.wav"], ["2=x = y", "Hello = all"])
    assert [speaker.transcript for speaker in cast] == [None, "x = y"]
    assert common == "Hello = all"
    with pytest.raises(OptionError, match="twice for 2"):
        speakers_and_transcript(["2=b.wav"], ["2=x", "2=y"])
    with pytest.raises(OptionError, match="given twice"):
        speakers_and_transcript([], ["one", "two"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dub": None}, "There is no dub"),
        ({"dub": None, "speakers": (Speaker("1", "a.wav"), Speaker("1", "b.wav"))}, "names face 1 twice"),
        ({"dub": None, "speakers": (Speaker("auto", "a.wav"),)}, "not auto"),
        ({"dub": None, "speakers": (Speaker("1", "out.mov"),)}, "may not be the dub"),
        ({"dub": None, "speakers": (Speaker("1", "a.wav"),), "face": "2"}, "--face is for a job with one"),
        ({"dub": None, "speakers": (Speaker("1", "a.wav"),), "turns": Path("t.rttm")}, "with --audio"),
        ({"dub": Path("mix.wav"), "speakers": (Speaker("1", "Anna"),)}, "who speaks when"),
        ({"dub": Path("mix.wav"), "turns": Path("t.rttm"), "motion": Path("m.json")}, "one speaker"),
    ],
)
def test_what_does_not_go_together(options: dict[str, object], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        SyncOptions(plate=PLATE, out=OUT, **options).validated()  # type: ignore[arg-type]


def talking(track: FaceTrack, frames: np.ndarray, person: int) -> FaceTrack:
    """The portrait over many frames, its lower lip moving up and down in `frames` (T,) bool."""
    landmarks = np.repeat(track.landmarks[:1], len(frames), axis=0)
    swing = np.where(frames, np.abs(np.sin(np.arange(len(frames)) * 0.9)) * 8, 0).astype(np.float32)
    landmarks[:, [14, 87, 317], 1] += swing[:, None]
    return FaceTrack(person, 0, np.arange(len(frames)), landmarks, 640, 360, person)


def test_lips_that_move_in_the_turns_of_one_speaker_are_theirs(track: FaceTrack) -> None:
    seconds = np.arange(200) / 25
    first, second = (seconds < 3) | (seconds > 6.5), (seconds > 3.5) & (seconds < 6)
    faces = [talking(track, second, 1), talking(track, first, 2)]
    turns = [
        Turn(Fraction(0), Fraction(3), "Anna"), Turn(Fraction(7, 2), Fraction(6), "Ben"),
        Turn(Fraction(13, 2), Fraction(8), "anna"),
    ]  # fmt: skip
    told = [(turn, Fraction(0)) for turn in turns]
    assert match_speakers(["Anna", "Ben"], told, faces, a_plate(200)) == {"Anna": "2", "Ben": "1"}
    assert lip_activity(faces[:1], a_plate(210))[:50].max() < lip_activity(faces[:1], a_plate(210))[110]
    assert np.isnan(lip_activity(faces[:1], a_plate(210))[200:]).all()


def test_two_who_always_talk_are_not_told_apart(track: FaceTrack) -> None:
    always = np.ones(200, dtype=bool)
    turns = [
        (Turn(Fraction(0), Fraction(3), "Anna"), Fraction(0)),
        (Turn(Fraction(4), Fraction(7), "Ben"), Fraction(0)),
    ]
    with pytest.raises(OptionError, match="cannot be told from the picture whose face says what"):
        match_speakers(
            ["Anna", "Ben"], turns, [talking(track, always, 1), talking(track, always, 2)], a_plate(200)
        )


def test_ranges_without_sync_are_one_faces_or_everyones(track: FaceTrack) -> None:
    faces = [talking(track, np.ones(30, dtype=bool), person) for person in (1, 2)]
    options = SyncOptions(
        PLATE, Path("dub.wav"), OUT, no_sync=(NoSync("1003-1004", "2"), NoSync("1010-1010"))
    )
    kept = unsynced_frames(options, a_plate(30), faces)
    assert kept == {1: {9: NO_SYNC}, 2: {2: NO_SYNC, 3: NO_SYNC, 9: NO_SYNC}}


def test_a_range_of_timecodes_counts_on_the_plates_own(track: FaceTrack) -> None:
    info = a_plate(30, "10:00:00:00")
    options = SyncOptions(PLATE, Path("d.wav"), OUT, no_sync=(NoSync("10:00:00:05-10:00:00:06"),))
    (kept,) = unsynced_frames(options, info, [talking(track, np.ones(30, dtype=bool), 1)]).values()
    assert sorted(kept) == [5, 6]
    outside = SyncOptions(PLATE, Path("d.wav"), OUT, no_sync=(NoSync("11:00:00:05-11:00:00:06"),))
    with pytest.raises(RangeError, match="outside"):
        unsynced_frames(outside, info, [])

# SPDX-License-Identifier: Apache-2.0
"""Stems whose faces nobody named: by the cast, by moving lips, at other speeds; and who is not seen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from tests.core.sync.test_speakers import a_plate, talking

from plosive.errors import OptionError
from plosive.faces.track import FaceTrack
from plosive.media.placement import Placement
from plosive.speakers import NO_FACE, Speaker
from plosive.speech import Turn
from plosive.speech.sound.voice import spoken_stretches
from plosive.sync.voices.casting import CastVoice, cast_voices
from plosive.sync.voices.line import Line
from plosive.sync.voices.speaking import Grounds
from plosive.sync.voices.voice import Voice
from plosive.sync_options import SyncOptions

COUNT = 200
SECONDS = np.arange(COUNT) / 25
ANNAS, BENS = (SECONDS < 3) | (SECONDS > 6.5), (SECONDS > 3.5) & (SECONDS < 6)
TURNS = (
    Turn(Fraction(0), Fraction(3), "Anna"),
    Turn(Fraction(7, 2), Fraction(6), "Ben"),
    Turn(Fraction(13, 2), Fraction(8), "Anna"),
)
NOTHING = cast(Any, None)


def a_voice(name: str, face: str = "", speed: Fraction | None = None) -> Voice:
    starts = tuple(Fraction(number, 25) for number in range(COUNT))
    centres = tuple((start + Fraction(1, 50)) / (speed or 1) for start in starts)
    placement = Placement(Fraction(0), 0, starts, centres, (), shown_gaps=starts if speed else ())
    options = SyncOptions(Path("p.mov"), Path("d.wav"), Path("o.mov"), face=face or "auto")
    return Voice(Line(options, NOTHING, name, needs_face=not face), placement, NOTHING, NOTHING)


def faces_of(
    voices: list[Voice], tracks: list[FaceTrack], names: tuple[str, ...] = (), turns: tuple[Turn, ...] = TURNS
) -> dict[str, list[int]]:
    info = a_plate(COUNT)
    grounds = Grounds(info, voices[0].placement.frame_starts, names=frozenset(names))
    found: tuple[CastVoice, ...] = cast_voices(voices, turns, tracks, grounds)
    return {one.voice.line.name: [track.person for track in one.tracks] for one in found}


def people(track: FaceTrack, *names: str) -> list[FaceTrack]:
    """Ben's lips are face 1's, Anna's face 2's."""
    made = [talking(track, BENS, 1), talking(track, ANNAS, 2)]
    return [replace(one, name=name) for one, name in zip(made, names or ("", ""), strict=True)]


def test_lips_that_move_while_a_stem_is_heard_say_it(track: FaceTrack) -> None:
    both = [a_voice("Anna"), a_voice("Ben")]
    assert faces_of(both, people(track)) == {"Anna": [2], "Ben": [1]}
    assert faces_of([a_voice("Anna", "1"), a_voice("Ben")], people(track)) == {"Anna": [1], "Ben": [2]}


def test_the_cast_knows_better(track: FaceTrack) -> None:
    seen = people(track, "Anna", "")
    assert faces_of([a_voice("Anna"), a_voice("Ben")], seen, ("anna",)) == {"Anna": [1], "Ben": [2]}


def test_who_the_cast_knows_and_does_not_see_gets_no_other_face(track: FaceTrack) -> None:
    alone = people(track, "Ben", "")[:1]
    assert faces_of([a_voice("Anna")], alone, ("anna", "ben")) == {"Anna": []}
    assert faces_of([a_voice("Anna"), a_voice("Ben")], alone, ("anna", "ben")) == {"Anna": [], "Ben": [1]}
    assert faces_of([a_voice("Anna")], alone) == {"Anna": [1]}, "without a cast there is nobody else"


def test_a_voice_that_is_not_seen_takes_no_face(track: FaceTrack) -> None:
    off = [a_voice("Anna", NO_FACE), a_voice("Ben")]
    assert faces_of(off, people(track)[:1]) == {"Anna": [], "Ben": [1]}


def test_at_another_speed_the_frames_that_are_shown_count(track: FaceTrack) -> None:
    """At half the speed the plate's eight seconds are sixteen of the dub."""
    slow = tuple(Turn(turn.start_seconds * 2, turn.end_seconds * 2, turn.speaker) for turn in TURNS)
    both = [a_voice("Anna", speed=Fraction(1, 2)), a_voice("Ben", speed=Fraction(1, 2))]
    assert faces_of(both, people(track), turns=slow) == {"Anna": [2], "Ben": [1]}


def test_stems_as_they_are_asked_for() -> None:
    stems = (Speaker("", "a.wav", name="Anna"), Speaker("", "b.wav", name="Ben"), Speaker("off", "c.wav"))
    SyncOptions(Path("p.mov"), None, Path("o.mov"), speakers=stems).validated()
    with pytest.raises(OptionError, match="wants a face or a name"):
        SyncOptions(Path("p.mov"), None, Path("o.mov"), speakers=(Speaker("", "a.wav"),)).validated()


def test_stretches_of_a_stem(monkeypatch: pytest.MonkeyPatch) -> None:
    likely = np.zeros(200, np.float32)
    likely[20:50] = likely[70:90] = likely[150:160] = 0.9
    monkeypatch.setattr("plosive.speech.sound.voice.voice_likelihood", lambda samples: likely)
    assert spoken_stretches(np.zeros(32000, np.float32)) == (
        (Fraction(1, 5), Fraction(9, 10)), (Fraction(3, 2), Fraction(8, 5)),
    )  # fmt: skip

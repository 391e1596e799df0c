# SPDX-License-Identifier: Apache-2.0
"""Who of several people is taken to speak, and when that is called a guess."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.core.sync.plates import a_plate

from plosive.faces.track import FaceTrack
from plosive.media.plate import PlateInfo
from plosive.motion import MouthFootage
from plosive.motion.lag import Lag
from plosive.sync.own_sound import SoundMatch
from plosive.sync.voices import speaking
from plosive.sync.voices.speaking import Grounds, speaking_faces


class HeardGrounds(Grounds):
    """Grounds whose sound was heard, or says why not."""

    sound = object()  # type: ignore[assignment]


def persons(track: FaceTrack, widths: list[float]) -> list[FaceTrack]:
    """The portrait's face once for each width, side by side in one shot of 50 frames."""
    made = []
    for number, width in enumerate(widths, start=1):
        face = track.landmarks[0] * (width / float(track.face_widths[0])) + np.float32(number * 100)
        landmarks = np.repeat(face[None], 50, axis=0)
        landmarks += np.random.default_rng(number).normal(0, 0.5, (50, 1, 3)).astype(np.float32)
        made.append(FaceTrack(number, 0, np.arange(50), landmarks, 640, 360, number))
    return made


@pytest.fixture
def evidence(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How clearly the lips of each person, in order of asking, move with the sound."""
    given: list[float] = []
    asked: list[float] = []

    def match(footage: MouthFootage, sound: object, least_seconds: float) -> SoundMatch:
        asked.append(given[len(asked)])
        return SoundMatch("", Lag(0.0, 1.0, asked[-1], 0.5))

    monkeypatch.setattr(speaking, "match_sound", match)
    return given


def grounds(info: PlateInfo) -> Grounds:
    times = tuple(Fraction(index, 25) for index in range(info.frame_count))
    kind = HeardGrounds if info.has_audio else Grounds
    return kind(info, times)


def test_the_one_whose_lips_agree_is_taken(track: FaceTrack, evidence: list[float]) -> None:
    evidence += [0.5, 4.2]
    chosen, doubts = speaking_faces(persons(track, [130, 110]), grounds(replace(a_plate(50), has_audio=True)))
    assert [one.person for one in chosen] == [2]
    assert doubts == ()


@pytest.mark.parametrize(
    ("told", "why"), [([0.5, 2.9], "nobody's lips clearly move"), ([3.9, 4.2], "the lips of two of them")]
)
def test_a_guess_is_called_one(track: FaceTrack, evidence: list[float], told: list[float], why: str) -> None:
    evidence += told
    chosen, doubts = speaking_faces(persons(track, [130, 110]), grounds(replace(a_plate(50), has_audio=True)))
    assert [one.person for one in chosen] == [1]
    (sentence,) = doubts
    assert why in sentence
    assert "2 people could be speaking in frames 1001-1050" in sentence
    assert "face 1, the most prominent" in sentence


def test_a_silent_plate_says_that_it_cannot_be_told(track: FaceTrack) -> None:
    chosen, (doubt,) = speaking_faces(persons(track, [130, 110]), grounds(a_plate(50)))
    assert [one.person for one in chosen] == [1]
    assert "the plate has no sound" in doubt


def test_extras_are_no_rivals(track: FaceTrack) -> None:
    chosen, doubts = speaking_faces(persons(track, [130, 40]), grounds(a_plate(50)))
    assert [one.person for one in chosen] == [1]
    assert doubts == ()


def test_a_face_that_never_moves_is_told(track: FaceTrack) -> None:
    still = FaceTrack(1, 0, np.arange(200), np.repeat(track.landmarks[:1], 200, axis=0), 640, 360, 1)
    chosen, (doubt,) = speaking_faces([still], grounds(a_plate(200)))
    assert chosen == [still]
    assert "never blinks or speaks" in doubt and "--no-sync 1001-1200" in doubt

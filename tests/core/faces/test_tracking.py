# SPDX-License-Identifier: Apache-2.0
"""Faces are linked from frame to frame, cut at shots, and chosen as the artist says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.errors import FaceError, OptionError
from plosive.faces.choice import choose_tracks
from plosive.faces.finding.cuts import CutDetector
from plosive.faces.finding.tracker import FaceTracker
from plosive.faces.track import FaceTrack
from plosive.faces.visibility import kept_ranges, mouth_visibility


class ScriptedDetector:
    """Stands in for MediaPipe: gives the faces of a script, frame by frame, and counts resets."""

    def __init__(self, script: list[list[NDArray[np.float32]]]) -> None:
        self.script = iter(script)
        self.resets = 0

    def find(self, rgb: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        assert rgb.dtype == np.uint8
        return next(self.script)

    def reset(self) -> None:
        self.resets += 1


def placed(face: NDArray[np.float32], x: float, width: float = 100) -> NDArray[np.float32]:
    """The portrait's landmarks at another place and size."""
    centred = face - face[1]
    moved = centred * np.float32(width / np.linalg.norm(face[234] - face[454]))
    moved[:, :2] += np.array([x, 180], dtype=np.float32)
    return moved


def tracked(script: list[list[NDArray[np.float32]]], pictures: list[NDArray[np.uint8]]) -> list[FaceTrack]:
    tracker = FaceTracker(ScriptedDetector(script))  # type: ignore[arg-type]
    for index, picture in enumerate(pictures):
        tracker.see(index, picture)
    return sorted(tracker.tracks().values(), key=lambda found: found.number)


GREY = np.full((360, 640, 3), 90, dtype=np.uint8)


def test_two_people_keep_their_tracks_when_reported_in_another_order(track: FaceTrack) -> None:
    face = track.landmarks[0]
    one, two = [placed(face, 150 + step, 120) for step in range(6)], [placed(face, 450, 80)] * 6
    script = [[one[k], two[k]] if k % 2 else [two[k], one[k]] for k in range(6)]
    found = tracked(script, [GREY] * 6)
    assert [len(person.indices) for person in found] == [6, 6]
    assert np.all(found[0].landmarks[:, 1, 0] < 200), "the larger face is number 1"
    assert np.all(found[1].landmarks[:, 1, 0] > 400)


def test_a_face_hidden_for_some_frames_is_taken_up_again(track: FaceTrack) -> None:
    face = placed(track.landmarks[0], 300)
    found = tracked([[face], [face], [], [], [], [face]], [GREY] * 6)
    assert [person.indices.tolist() for person in found] == [[0, 1, 5]]


def test_one_face_reported_twice_is_one(track: FaceTrack) -> None:
    face = placed(track.landmarks[0], 300)
    assert len(tracked([[face, face + 1]] * 3, [GREY] * 3)) == 1


def test_a_cut_ends_tracks_and_resets_the_detector(track: FaceTrack) -> None:
    face = placed(track.landmarks[0], 300)
    bright = np.full_like(GREY, 220)
    detector = ScriptedDetector([[face]] * 6)
    tracker = FaceTracker(detector)  # type: ignore[arg-type]
    for index, picture in enumerate([GREY] * 3 + [bright] * 3):
        tracker.see(index, picture)
    assert tracker.cut_indices == [3]
    assert detector.resets == 1
    assert sorted(found.shot for found in tracker.tracks().values()) == [0, 1]


def test_slow_light_changes_are_no_cuts() -> None:
    cuts = CutDetector()
    ramp = [np.full((90, 160, 3), 60 + 4 * step, dtype=np.uint8) for step in range(30)]
    assert not any(cuts.is_cut(picture) for picture in ramp)


@pytest.fixture
def couple(track: FaceTrack) -> list[FaceTrack]:
    face = track.landmarks[0]
    return tracked([[placed(face, 150, 120), placed(face, 450, 80)]] * 3, [GREY] * 3)


def test_auto_takes_the_most_prominent_face(couple: list[FaceTrack]) -> None:
    assert choose_tracks(couple, "auto") == [couple[0]]
    assert choose_tracks([], "auto") == []


def test_a_number_or_a_click_takes_that_face(couple: list[FaceTrack]) -> None:
    assert choose_tracks(couple, "2") == [couple[1]]
    assert choose_tracks(couple, "450,180@1002", first_frame=1001) == [couple[1]]


@pytest.mark.parametrize(
    ("wish", "error"), [("3", FaceError), ("5,5@0", FaceError), ("left one", OptionError)]
)
def test_a_face_that_is_not_there_is_said(couple: list[FaceTrack], wish: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        choose_tracks(couple, wish)


def test_frames_that_fail_keep_the_plate_and_fade(track: FaceTrack) -> None:
    visibility = mouth_visibility(track, 12, {5: "outside --range"})
    assert visibility.reasons[10:] == ("no face", "no face")
    assert visibility.blend[5] == 0
    assert np.all(np.diff(visibility.blend[5:9]) > 0), "it fades in after the kept frame"
    assert visibility.blend[0] == 1, "a shot's own start does not fade"
    assert visibility.blend[9] == 1, "nor does its end"
    assert kept_ranges(visibility.reasons, 1001) == ((1006, 1006, "outside --range"), (1011, 1012, "no face"))


def test_tiny_and_cut_off_faces_are_kept(track: FaceTrack) -> None:
    face = track.landmarks[0]
    tiny = tracked([[placed(face, 300, 20)]], [GREY])[0]
    assert mouth_visibility(tiny, 1).reasons == ("face too small",)
    outside = tracked([[placed(face, 10, 150)]], [GREY])[0]
    assert mouth_visibility(outside, 1).reasons == ("mouth outside the picture",)

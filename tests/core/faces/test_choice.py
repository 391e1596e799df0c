# SPDX-License-Identifier: Apache-2.0
"""Faces are chosen as the artist says, and frames that fail keep the plate."""

from __future__ import annotations

import numpy as np
import pytest
from tests.core.faces.finding.scripted import placed, tracked

from plosive.errors import FaceError, OptionError
from plosive.faces.choice import choose_tracks
from plosive.faces.track import FaceTrack
from plosive.faces.visibility import kept_ranges, mouth_visibility


@pytest.fixture
def couple(track: FaceTrack) -> list[FaceTrack]:
    face = track.landmarks[0]
    return tracked([[placed(face, 150, 120), placed(face, 450, 80)]] * 3)


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
    tiny = tracked([[placed(face, 300, 20)]])[0]
    assert mouth_visibility(tiny, 1).reasons == ("face too small",)
    outside = tracked([[placed(face, 10, 150)]])[0]
    assert mouth_visibility(outside, 1).reasons == ("mouth outside the picture",)

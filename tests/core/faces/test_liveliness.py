# SPDX-License-Identifier: Apache-2.0
"""A picture of a face is told from a person by what opens and closes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.faces.liveliness import LEAST_FRAMES, is_lifeless, own_motion
from plosive.faces.track import FaceTrack


@pytest.fixture
def photograph(track: FaceTrack) -> NDArray[np.float32]:
    """One face (T, 478, 3) filmed by a camera that turns, nears and shakes, with a tracker's jitter."""
    rng = np.random.default_rng(4)
    face = track.landmarks[0] - track.landmarks[0].mean(axis=0)
    frames = []
    for index in range(LEAST_FRAMES):
        angle = 0.2 * np.sin(index / 20)
        turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        frames.append(
            face @ turn * (1 + index / 300) + rng.normal(0, 0.15, face.shape) + [300 + index, 180, 0]
        )
    return np.stack(frames).astype(np.float32)


def shown(track: FaceTrack, landmarks: NDArray[np.float32]) -> FaceTrack:
    return replace(track, landmarks=landmarks, indices=np.arange(len(landmarks)))


def test_a_photograph_is_lifeless_whatever_the_camera_does(
    track: FaceTrack, photograph: NDArray[np.float32]
) -> None:
    assert own_motion(photograph) < 0.9
    assert is_lifeless(shown(track, photograph))


def test_one_blink_is_life(track: FaceTrack, photograph: NDArray[np.float32]) -> None:
    for upper, lower in ((159, 145), (386, 374)):
        photograph[70:75, upper] = photograph[70:75, lower]
    assert own_motion(photograph) > 1.5
    assert not is_lifeless(shown(track, photograph))


def test_one_frame_that_jumps_is_no_life(track: FaceTrack, photograph: NDArray[np.float32]) -> None:
    photograph[70, 14, 1] += 20
    assert is_lifeless(shown(track, photograph))


def test_a_short_track_is_given_the_benefit_of_the_doubt(
    track: FaceTrack, photograph: NDArray[np.float32]
) -> None:
    assert not is_lifeless(shown(track, photograph[: LEAST_FRAMES - 1]))

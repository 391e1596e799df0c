# SPDX-License-Identifier: Apache-2.0
"""Shapes reach what is asked, and closed lips coincide."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.faces.head import RIGID_POINTS
from plosive.faces.measure import INNER_LIP_PAIRS, mouth_channels
from plosive.faces.track import FaceTrack
from plosive.generate.shape import ActorShapes

APERTURE, WIDTH, JAW = 0, 1, 2


def _shapes(upright: NDArray[np.float32], wish: NDArray[np.float32]) -> NDArray[np.float32]:
    """What an actor known from `upright`, looking straight ahead, makes of `wish`."""
    straight = np.zeros((len(upright), 3), dtype=np.float32)
    return ActorShapes(upright, straight).shapes(upright, straight, wish)


@pytest.mark.parametrize("aperture", [0.05, 0.15, 0.3, 0.5])
def test_aperture_width_and_jaw_are_reached(track: FaceTrack, aperture: float) -> None:
    upright = track.head.upright
    wish = mouth_channels(upright)
    wish[:, APERTURE] = aperture
    wish[:, WIDTH] *= 0.93
    wish[:, JAW] += 0.03
    found = mouth_channels(_shapes(upright, wish))
    assert np.abs(found[:, APERTURE] - aperture).max() < 0.01
    assert np.abs(found[:, WIDTH] - wish[:, WIDTH]).max() < 0.01
    assert np.abs(found[:, JAW] - wish[:, JAW]).max() < 0.01


def test_closed_lips_coincide_in_every_pair(track: FaceTrack) -> None:
    upright = track.head.upright
    wish = mouth_channels(upright)
    wish[:, APERTURE] = 0
    made = _shapes(upright, wish)
    gap = made[:, INNER_LIP_PAIRS[:, 0], :2] - made[:, INNER_LIP_PAIRS[:, 1], :2]
    assert np.abs(gap).max() < 1e-5


def test_eyes_nose_and_forehead_never_move(track: FaceTrack) -> None:
    upright = track.head.upright
    wish = mouth_channels(upright)
    wish[:, APERTURE], wish[:, JAW] = 0.4, wish[:, JAW] + 0.08
    made = _shapes(upright, wish)
    assert np.abs(made - upright)[:, RIGID_POINTS].max() == 0
    eyes = [33, 159, 145, 263, 386, 374, 105, 334]
    assert np.abs(made - upright)[:, eyes].max() == 0


def test_one_frame_is_enough(track: FaceTrack) -> None:
    upright = track.head.upright[:1]
    wish = mouth_channels(upright)
    wish[:, APERTURE] = 0
    assert np.isfinite(_shapes(upright, wish)).all()


def test_an_actor_known_with_closed_lips_opens_the_whole_lower_lip(track: FaceTrack) -> None:
    """Closed lips meet in a bow: beside its middle the lower lip lies above the line."""
    shut = track.head.upright.copy()
    upper, lower = INNER_LIP_PAIRS.T
    bow = 0.05 * np.abs(shut[:, lower, 0] - shut[:, 14:15, 0])
    middle = (shut[:, [13], 1] + shut[:, [14], 1]) / 2
    shut[:, upper, 1] = shut[:, lower, 1] = middle - bow
    wished = mouth_channels(shut)
    wished[:, 0] = 0.4
    made = _shapes(shut, wished)
    gaps = made[:, lower, 1] - made[:, upper, 1]
    beside, inmost = gaps[:, 1:7].min(axis=1), gaps[:, 0]
    assert (beside > 0.4 * inmost).all(), "no V"

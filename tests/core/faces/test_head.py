# SPDX-License-Identifier: Apache-2.0
"""Head pose comes out of landmarks and goes back."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.faces.head import fit_head
from plosive.faces.measure import aperture_iod, mouth_channels
from plosive.faces.track import FaceTrack


def turned(face: NDArray[np.float32], yaw_degrees: float, scale: float) -> NDArray[np.float32]:
    angle = np.radians(yaw_degrees)
    turn = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]], dtype=np.float32
    )
    return ((face - face.mean(axis=0)) @ turn.T * scale + 300).astype(np.float32)


def test_turning_and_scaling_leave_the_upright_face_alone(track: FaceTrack) -> None:
    face = track.landmarks[0]
    seen = np.stack([turned(face, yaw, scale) for yaw, scale in ((0, 1), (20, 1.3), (-25, 0.8))])
    upright = fit_head(seen).upright
    assert np.abs(upright - upright[0]).max() < 1e-4


def test_yaw_is_told_in_degrees_and_direction(track: FaceTrack) -> None:
    face = track.landmarks[0]
    seen = np.stack([turned(face, yaw, 1) for yaw in (-20, 0, 20)])
    yaw = fit_head(seen).angles_degrees()[:, 0]
    assert abs(yaw[2] - yaw[0]) == pytest.approx(40, abs=0.5)
    assert yaw[1] == pytest.approx((yaw[0] + yaw[2]) / 2, abs=0.5)


def test_offsets_go_back_to_the_picture(track: FaceTrack) -> None:
    head = track.head
    row = 3
    offsets = head.upright[row] - head.upright[row, 2]
    expected = track.landmarks[row, :, :2] - track.landmarks[row, 2, :2]
    assert np.abs(head.picture_offsets(row, offsets) - expected).max() < 1e-2


def test_a_closed_mouth_measures_nothing(track: FaceTrack) -> None:
    closed = track.landmarks.copy()
    closed[:, [14, 317, 87]] = closed[:, [13, 312, 82]]
    assert np.all(aperture_iod(closed) == 0)
    assert mouth_channels(track.landmarks)[:, 0].min() > 0.1, "the portrait smiles with parted lips"


@pytest.mark.parametrize("yaw_degrees", [-25, 15, 25])
def test_measures_stand_turning(track: FaceTrack, yaw_degrees: float) -> None:
    seen = np.stack([turned(track.landmarks[0], yaw, 1) for yaw in (0, yaw_degrees)])
    straight, aside = mouth_channels(seen)
    assert aside[0] == pytest.approx(straight[0], rel=0.06)
    assert aside[1] == pytest.approx(straight[1], rel=0.06)
    assert aside[2] == pytest.approx(straight[2], rel=0.01)

# SPDX-License-Identifier: Apache-2.0
"""What a face does itself is taken out of a matte; what lies before it stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from plosive.faces.measure import width_of_face
from plosive.faces.occlusion.opening import height_in_faces, share_beside, without_islands, without_opening
from plosive.faces.topology import INNER_LIPS, OUTER_LIPS
from plosive.faces.track import FaceTrack


@pytest.fixture
def points(track: FaceTrack) -> np.ndarray:
    """The portrait's landmarks in a picture of 200 x 200, its lips parted."""
    face = track.landmarks[0].copy()
    face -= face[:468].min(axis=0)
    face *= 160 / face[:468, 1].max()
    face[:, :2] += 20
    face[[14, 87, 317, 178, 402, 88, 318], 1] += 10
    return face


def filled(points: np.ndarray, ring: np.ndarray) -> np.ndarray:
    matte = np.zeros((200, 200), dtype=np.uint8)
    cv2.fillPoly(matte, [np.round(points[ring, :2]).astype(np.int32)], 255)
    return matte


def test_teeth_between_free_lips_are_no_cover(points: np.ndarray) -> None:
    teeth = filled(points, INNER_LIPS)
    assert teeth.any()
    assert without_opening(teeth, points).max() == 0


def test_a_covered_mouth_stays_covered(points: np.ndarray) -> None:
    hand = cv2.dilate(filled(points, OUTER_LIPS), np.ones((15, 15), np.uint8))
    np.testing.assert_array_equal(without_opening(hand, points), hand)


def test_folds_on_the_face_go_and_what_comes_from_beside_stays(points: np.ndarray) -> None:
    matte = np.zeros((200, 200), dtype=np.uint8)
    nose = np.round(points[1, :2]).astype(int)
    cv2.circle(matte, nose.tolist(), 8, 255, -1)
    assert without_islands(matte, points).max() == 0
    bar = np.zeros_like(matte)
    bar[150:165] = 255
    np.testing.assert_array_equal(without_islands(matte | bar, points)[140:], bar[140:])
    assert without_islands(matte | bar, points)[:130].max() == 0


def test_how_much_lies_beside_the_face(points: np.ndarray) -> None:
    caption = np.zeros((200, 200), dtype=np.uint8)
    caption[150:165] = 255
    assert share_beside(caption, points) > 0.2
    assert share_beside(filled(points, OUTER_LIPS), points) == 0
    assert height_in_faces(caption, points) == pytest.approx(15 / float(width_of_face(points)))
    assert height_in_faces(np.zeros_like(caption), points) == 0

# SPDX-License-Identifier: Apache-2.0
"""The mouth's matte is drawn small on large faces; that must not show."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from plosive.generate.matte import MATTE_POINTS, mouth_matte
from plosive.geometry import Box

ANGLES = np.linspace(0, 2 * np.pi, len(MATTE_POINTS), endpoint=False)


def points(face_width: float) -> np.ndarray:
    """Matte points on an ellipse, not on whole pixels."""
    made = np.zeros((478, 2), dtype=np.float32)
    ellipse = np.stack([0.33 * np.cos(ANGLES), 0.24 * np.sin(ANGLES)], axis=-1)
    made[MATTE_POINTS] = face_width * (0.7 + ellipse) + 0.37
    return made


@pytest.mark.parametrize("face_width", [60, 150, 250, 300, 450, 600])
def test_it_is_that_drawn_at_full_size(face_width: int) -> None:
    box = Box(0, 0, round(1.4 * face_width), round(1.4 * face_width) + 1)
    solid = np.zeros((box.height, box.width), dtype=np.uint8)
    corners = np.round(points(face_width)[MATTE_POINTS] * 16).astype(np.int32)
    cv2.fillPoly(solid, [corners], 255, shift=4)
    across = round(0.06 * face_width) | 1
    solid = cv2.dilate(solid, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across)))
    drawn = cv2.GaussianBlur(solid / np.float32(255), (0, 0), 0.05 * face_width)
    matte = mouth_matte(points(face_width), face_width, box)
    assert np.abs(matte - drawn).max() < 0.03
    assert abs(matte.sum() / drawn.sum() - 1) < 0.01


@pytest.mark.parametrize("face_width", [60, 130, 150, 285, 300, 601])
def test_it_ends_inside_the_box(face_width: int) -> None:
    box = Box(0, 0, round(1.4 * face_width), round(1.4 * face_width) + 1)
    matte = mouth_matte(points(face_width), face_width, box)
    assert matte.shape == (box.height, box.width)
    assert matte.dtype == np.float32
    assert matte.max() == 1 and matte.min() == 0
    assert max(matte[0].max(), matte[-1].max(), matte[:, 0].max(), matte[:, -1].max()) == 0

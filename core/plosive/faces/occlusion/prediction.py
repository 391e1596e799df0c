# SPDX-License-Identifier: Apache-2.0
"""Where the landmarks of a covered face are: the tracker's own go wrong under a hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import RIGID_POINTS, HeadFit

__all__ = ["predicted_landmarks"]

_UPPER = [33, 133, 362, 263, 168, 6, 9, 8, 151, 10]
_STEADY_FACES = 0.02


def predicted_landmarks(
    landmarks: NDArray[np.float32],
    head: HeadFit,
    covered: tuple[tuple[int, int], ...],
) -> NDArray[np.float32]:
    """Landmarks (T, 478, 3) pixels with covered rows (first, last inclusive) carried over from their ends.

    The face looking straight ahead is interpolated between the frames before and after, and put back with
    the frame's own head pose from points around the eyes, which a hand before the mouth leaves free.
    """
    told = landmarks.copy()
    rows = len(landmarks)
    for first, last in covered:
        before, after = first - 1, last + 1
        for row in range(first, last + 1):
            if before < 0 and after >= rows:
                continue
            if before < 0:
                shape = head.upright[after]
            elif after >= rows:
                shape = head.upright[before]
            else:
                share = np.float32((row - before) / (after - before))
                shape = (1 - share) * head.upright[before] + share * head.upright[after]
            told[row] = _posed(shape, landmarks[row])
    return told


def _posed(shape: NDArray[np.float32], own: NDArray[np.float32]) -> NDArray[np.float32]:
    """`shape` (478, 3) moved, turned and scaled onto the rigid points of `own` (478, 3), robustly (Umeyama
    1991).
    """
    points = np.array(sorted({*RIGID_POINTS.tolist(), *_UPPER}))
    start, goal = shape[points].astype(np.float64), own[points].astype(np.float64)
    trust = np.ones(len(points))
    moved = shape
    for _ in range(5):
        weight = trust / trust.sum()
        from_middle, to_middle = weight @ start, weight @ goal
        one, other = start - from_middle, goal - to_middle
        left, size, right = np.linalg.svd((other * weight[:, None]).T @ one)
        mirror = np.diag([1, 1, np.sign(np.linalg.det(left @ right))])
        turn = left @ mirror @ right
        scale = float((size * np.diag(mirror)).sum() / (weight @ (one**2).sum(axis=1)))
        moved = (shape - from_middle) @ turn.T * scale + to_middle
        off = np.linalg.norm(moved[points, :2] - goal[:, :2], axis=1)
        usual = _STEADY_FACES * float(np.linalg.norm(own[234] - own[454]))
        trust = 1 / (1 + (off / usual) ** 2)
    return np.asarray(moved, dtype=np.float32)

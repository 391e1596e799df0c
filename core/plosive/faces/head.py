# SPDX-License-Identifier: Apache-2.0
"""Head pose taken out of landmarks, and put back: mouths become comparable across turns of the head.

Each frame's landmarks are fitted to the track's mean face by a 3-D similarity on points that do not
move with speech (Umeyama 1991). MediaPipe gives depth at the scale of x, so a similarity suffices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["RIGID_POINTS", "HeadFit", "fit_head"]

RIGID_POINTS = np.array(
    [
        33,
        133,
        362,
        263,
        168,
        6,
        197,
        195,
        5,
        4,
        1,
        2,
        98,
        327,
        9,
        8,
        151,
        10,
        127,
        356,
        234,
        454,
        94,
        19,
        48,
        278,
    ]
)
"""Landmarks that do not move with speech: eye corners, nose, forehead, ears."""


@dataclass(frozen=True)
class HeadFit:
    """The pose of one head over T frames.

    `upright` is (T, 478, 3) float32: the face looking straight ahead, origin at the nose base
    (landmark 2 of the mean face), unit one inter-ocular distance, x right, y down, z away.
    `turn` (T, 3, 3) and `scale` (T,) pixels per unit take upright offsets back to the picture.
    """

    upright: NDArray[np.float32]
    turn: NDArray[np.float32]
    scale: NDArray[np.float32]

    def picture_offsets(self, frame: int, offsets: NDArray[np.float32]) -> NDArray[np.float32]:
        """Upright offsets (P, 3) as they appear in frame `frame` of the track: (P, 2) pixels."""
        turned = offsets @ self.turn[frame] * self.scale[frame]
        return np.asarray(turned[:, :2], dtype=np.float32)

    def angles_degrees(self) -> NDArray[np.float32]:
        """Yaw (positive: towards picture right), pitch (positive: down) and roll per frame: (T, 3)."""
        forward = self.turn[:, 2]
        yaw = -np.arctan2(forward[:, 0], forward[:, 2])
        pitch = np.arctan2(forward[:, 1], np.hypot(forward[:, 0], forward[:, 2]))
        roll = np.arctan2(self.turn[:, 0, 1], self.turn[:, 0, 0])
        return np.asarray(np.degrees(np.stack([yaw, pitch, roll], axis=1)), dtype=np.float32)


def fit_head(landmarks: NDArray[np.float32]) -> HeadFit:
    """Fit every frame of a track to its own mean face: landmarks (T, 478, 3) pixels, T >= 1."""
    points = landmarks.astype(np.float64)
    rigid = points[:, RIGID_POINTS]
    centre = rigid.mean(axis=1, keepdims=True)
    size = np.sqrt(((rigid - centre) ** 2).sum(axis=(1, 2), keepdims=True))
    shapes = (rigid - centre) / size
    mean = shapes[len(shapes) // 2]
    for _ in range(3):
        mean = np.einsum("tpj,tij->tpi", shapes, _turns(shapes, mean)).mean(axis=0)
        mean /= np.sqrt((mean**2).sum())
    mean = mean @ _levelling(mean).T
    turns = _turns(shapes, mean)
    fitted = np.einsum("tpj,tij->tpi", (points - centre) / size, turns)
    unit = float(np.linalg.norm((fitted[:, 33] - fitted[:, 263]).mean(axis=0)))
    fitted = (fitted - fitted[:, 2].mean(axis=0)) / unit
    return HeadFit(
        upright=fitted.astype(np.float32),
        turn=turns.astype(np.float32),
        scale=(size[:, 0, 0] * unit).astype(np.float32),
    )


def _turns(shapes: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotations R (T, 3, 3) with R @ shape closest to `target` (Kabsch 1976)."""
    left, _, right = np.linalg.svd(np.einsum("pi,tpj->tij", target, shapes))
    sign = np.sign(np.linalg.det(left @ right))
    left[:, :, 2] *= sign[:, None]
    return np.asarray(left @ right)


def _levelling(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotation that makes the mean face look straight ahead: eyes level, nose line vertical."""
    order = {int(point): row for row, point in enumerate(RIGID_POINTS)}
    across = mean[order[263]] - mean[order[33]]
    across /= np.linalg.norm(across)
    down = mean[order[2]] - mean[order[168]]
    down -= across * (down @ across)
    down /= np.linalg.norm(down)
    return np.stack([across, down, np.cross(across, down)])

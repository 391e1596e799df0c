# SPDX-License-Identifier: Apache-2.0
"""Head pose taken out of landmarks, and put back: mouths become comparable across turns of the head.

Each frame's landmarks are fitted to the track's mean face by a 3-D similarity on points that do not
move with speech (Umeyama 1991). MediaPipe gives depth at the scale of x, so a similarity suffices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["RIGID_POINTS", "HeadFit", "HeadShape", "fit_head", "head_shape"]

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
    `turn` (T, 3, 3) and `scale` (T,) pixels per unit take upright offsets back to the picture, where `origin`
    (T, 3) pixels is: picture = upright @ turn * scale + origin.
    """

    upright: NDArray[np.float32]
    turn: NDArray[np.float32]
    scale: NDArray[np.float32]
    origin: NDArray[np.float32]

    def picture(self, upright: NDArray[np.float32]) -> NDArray[np.float32]:
        """Upright points (T, P, 3) of every frame in the picture: (T, P, 3) pixels."""
        turned = np.einsum("tpi,tij->tpj", upright, self.turn) * self.scale[:, None, None]
        return np.asarray(turned + self.origin[:, None], dtype=np.float32)

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


@dataclass(frozen=True)
class HeadShape:
    """What one head looks like, to which its frames are fitted.

    `rigid` (26, 3) float64 are `RIGID_POINTS` looking straight ahead, centred and of unit size; `origin` (3,)
    is its nose base and `unit` the inter-ocular distance, in that size.
    """

    rigid: NDArray[np.float64]
    origin: NDArray[np.float64]
    unit: float


def head_shape(landmarks: NDArray[np.float32]) -> HeadShape:
    """The mean head of a track: landmarks (T, 478, 3) pixels, T >= 1."""
    shapes, _, _ = _centred(landmarks.astype(np.float64))
    mean = shapes[len(shapes) // 2]
    for _ in range(3):
        mean = np.einsum("tpj,tij->tpi", shapes, _turns(shapes, mean)).mean(axis=0)
        mean /= np.sqrt((mean**2).sum())
    mean = mean @ _levelling(mean).T
    fitted = np.einsum("tpj,tij->tpi", shapes, _turns(shapes, mean))
    order = {int(point): row for row, point in enumerate(RIGID_POINTS)}
    unit = float(np.linalg.norm((fitted[:, order[33]] - fitted[:, order[263]]).mean(axis=0)))
    return HeadShape(mean, fitted[:, order[2]].mean(axis=0), unit)


def fit_head(landmarks: NDArray[np.float32], shape: HeadShape | None = None) -> HeadFit:
    """Fit every frame of a track, landmarks (T, 478, 3) pixels, to its own mean head, or to `shape` where a
    long track is fitted in pieces.
    """
    shape = head_shape(landmarks) if shape is None else shape
    points = landmarks.astype(np.float64)
    shapes, centre, size = _centred(points)
    turns = _turns(shapes, shape.rigid)
    fitted = np.einsum("tpj,tij->tpi", (points - centre) / size, turns)
    return HeadFit(
        upright=((fitted - shape.origin) / shape.unit).astype(np.float32),
        turn=turns.astype(np.float32),
        scale=(size[:, 0, 0] * shape.unit).astype(np.float32),
        origin=(centre[:, 0] + size[:, 0] * np.einsum("i,tij->tj", shape.origin, turns)).astype(np.float32),
    )


def _centred(
    points: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Rigid points of unit size about their middle (T, 26, 3), that middle (T, 1, 3), that size (T, 1, 1)."""
    rigid = points[:, RIGID_POINTS]
    centre = rigid.mean(axis=1, keepdims=True)
    size = np.sqrt(((rigid - centre) ** 2).sum(axis=(1, 2), keepdims=True))
    return (rigid - centre) / size, centre, size


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

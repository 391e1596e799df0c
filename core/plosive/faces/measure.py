# SPDX-License-Identifier: Apache-2.0
"""Measures of a mouth from MediaPipe landmarks, in units that do not change with size or turning.

Vertical measures are divided by face height (nose root 168 to nose base 2), width by the distance
between the outer eye corners: under yaw up to 30 degrees each stays within 3 %. The jaw is measured in a
rigid fit of the upper face, because nodding would read as speech.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CLOSED_APERTURE_IOD",
    "INNER_LIP_PAIRS",
    "RIGID_POINTS",
    "aperture_iod",
    "inter_ocular",
    "mouth_channels",
    "upright",
]

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

INNER_LIP_PAIRS = np.array(
    [(13, 14), (312, 317), (82, 87), (311, 402), (81, 178), (310, 318), (80, 88), (415, 324), (191, 95)]
)
"""Upper and lower inner-lip landmarks that meet when the mouth closes, middle pair first."""

CLOSED_APERTURE_IOD = 0.02
"""Lips count as closed below this gap (in inter-ocular distances): sealed mouths read about 0.001."""


def inter_ocular(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of the outer eye corners in the picture plane: (T, 478, 3) pixels -> (T,) pixels."""
    corners = landmarks[:, 33, :2] - landmarks[:, 263, :2]
    return np.linalg.norm(corners, axis=-1).astype(np.float32)


def aperture_iod(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gap of the inner lips, mean of the three middle pairs, over inter-ocular distance: (T,)."""
    upper, lower = INNER_LIP_PAIRS[:3, 0], INNER_LIP_PAIRS[:3, 1]
    gap = np.linalg.norm(landmarks[:, upper, :2] - landmarks[:, lower, :2], axis=-1).mean(axis=1)
    return np.asarray(gap / inter_ocular(landmarks), dtype=np.float32)


def upright(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Landmarks free of head pose: each frame fitted to the mean face by a 3-D similarity.

    The fit (Umeyama 1991) uses `RIGID_POINTS` only, so the mouth keeps its own motion. The result,
    (T, 478, 3) float32, is centred on landmark 2 (nose base) of the mean face, in inter-ocular
    distances, x right, y down.
    """
    points = landmarks.astype(np.float64)
    rigid = points[:, RIGID_POINTS]
    centre = rigid.mean(axis=1, keepdims=True)
    scale = np.sqrt(((rigid - centre) ** 2).sum(axis=(1, 2), keepdims=True))
    shapes = (rigid - centre) / scale
    mean = shapes[len(shapes) // 2]
    for _ in range(3):
        turns = _rotations(shapes, mean)
        mean = np.einsum("tij,tpj->tpi", turns, shapes).mean(axis=0)
        mean /= np.sqrt((mean**2).sum())
    level = _levelling(mean)
    mean = mean @ level.T
    turns = _rotations(shapes, mean)
    fitted = np.einsum("tij,tpj->tpi", turns, (points - centre) / scale)
    unit = np.linalg.norm((fitted[:, 33] - fitted[:, 263]).mean(axis=0))
    origin = fitted[:, 2].mean(axis=0)
    return ((fitted - origin) / unit).astype(np.float32)


def mouth_channels(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """The measured curves of `plosive.motion.CHANNELS`: (T, 478, 3) pixels -> (T, 5) float32.

    aperture, outer_height: over face height; width: over inter-ocular distance; jaw: chin below nose base in
    the rigid fit; rounding: outer height over width. No channel is normalised to the actor's range.
    """
    height = np.linalg.norm(landmarks[:, 168, :2] - landmarks[:, 2, :2], axis=-1)
    iod = inter_ocular(landmarks)
    aperture = aperture_iod(landmarks) * iod / height
    width = np.linalg.norm(landmarks[:, 61, :2] - landmarks[:, 291, :2], axis=-1) / iod
    outer = np.linalg.norm(landmarks[:, 0, :2] - landmarks[:, 17, :2], axis=-1) / height
    fitted = upright(landmarks)
    jaw = fitted[:, 152, 1] - fitted[:, 2, 1]
    return np.stack([aperture, width, jaw, outer, outer / width], axis=1).astype(np.float32)


def _rotations(shapes: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotation (T, 3, 3) that best turns each (T, P, 3) shape onto `target` (Kabsch 1976)."""
    left, _, right = np.linalg.svd(np.einsum("tpi,pj->tij", shapes, target))
    sign = np.sign(np.linalg.det(left @ right))
    left[:, :, 2] *= sign[:, None]
    return np.asarray(np.swapaxes(left @ right, 1, 2))


def _levelling(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotation that makes the mean face look straight ahead: eyes level, nose line vertical."""
    order = {int(point): row for row, point in enumerate(RIGID_POINTS)}
    across = mean[order[263]] - mean[order[33]]
    across /= np.linalg.norm(across)
    down = mean[order[2]] - mean[order[168]]
    down -= across * (down @ across)
    down /= np.linalg.norm(down)
    return np.stack([across, down, np.cross(across, down)])

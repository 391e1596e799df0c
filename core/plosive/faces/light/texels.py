# SPDX-License-Identifier: Apache-2.0
"""Places on the lower face that stay on the same piece of skin, whatever the head and mouth do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.head import fit_head
from plosive.faces.topology import OUTER_LIPS, skin_triangles

__all__ = ["Texels", "texels_of"]

_SPACING_IOD = 0.085
_FIRST_Y_IOD, _LARGEST_X_IOD = -0.45, 0.75
_LEAST_FACING = 0.45
_LIP_SHADOW_IOD = 0.14


@dataclass(frozen=True)
class Texels:
    """P places of a face mesh: `corners` (P, 3) landmark numbers with their `weights` (P, 3), which add up
    to 1.

    `is_mouth` (P,) tells which lie on the lips or where their shadows fall; `sides` (P,) the sign of z that
    the normal of each place's triangle has while it faces the camera.
    """

    corners: NDArray[np.int32]
    weights: NDArray[np.float32]
    is_mouth: NDArray[np.bool_]
    sides: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.corners)

    def places(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Where they are in `points` (478, C): (P, C), in the same unit."""
        return np.asarray((self.weights[:, :, None] * points[self.corners]).sum(axis=1), dtype=np.float32)

    def is_facing(self, landmarks: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which of them look at the camera, at less than 63 degrees: landmarks (478, 3) pixels -> (P,)."""
        first, second, third = landmarks[self.corners].transpose(1, 0, 2)
        normal = _normals(first, second, third)
        length = np.sqrt((normal**2).sum(axis=1))
        return np.asarray(normal[:, 2] * self.sides > _LEAST_FACING * np.maximum(length, 1e-9))


def texels_of(landmarks: NDArray[np.float32]) -> Texels:
    """Places spread evenly over the lower face, about 200: landmarks (478, 3) pixels of any one frame."""
    upright = fit_head(landmarks[None]).upright[0]
    triangles = skin_triangles()
    corners: list[NDArray[np.int32]] = []
    weights: list[NDArray[np.float32]] = []
    kept: list[NDArray[np.float32]] = []
    for triangle in triangles:
        for weight in _spread(upright[triangle]):
            place = weight @ upright[triangle]
            if place[1] < _FIRST_Y_IOD or abs(place[0]) > _LARGEST_X_IOD:
                continue
            if kept and ((np.array(kept) - place) ** 2).sum(axis=1).min() < _SPACING_IOD**2:
                continue
            kept.append(place)
            corners.append(triangle)
            weights.append(weight)
    found = np.array(corners, dtype=np.int32).reshape(-1, 3)
    first, second, third = upright[found].transpose(1, 0, 2)
    return Texels(
        corners=found,
        weights=np.array(weights, dtype=np.float32).reshape(-1, 3),
        is_mouth=_depth_inside(np.array(kept, dtype=np.float32).reshape(-1, 3), upright[OUTER_LIPS, :2])
        > -_LIP_SHADOW_IOD,
        sides=np.sign(_normals(first, second, third)[:, 2]).astype(np.float32),
    )


def _spread(triangle: NDArray[np.float32]) -> NDArray[np.float32]:
    """Barycentric weights (N, 3) of places about one spacing apart in a triangle (3, 3); one at least."""
    longest = float(np.linalg.norm(triangle - np.roll(triangle, 1, axis=0), axis=1).max())
    steps = max(1, round(longest / _SPACING_IOD))
    first, second = np.meshgrid(np.arange(steps), np.arange(steps), indexing="ij")
    inside = first + second < steps
    part = np.stack([first[inside], second[inside]], axis=1) + 1 / 3
    return np.column_stack([part / steps, 1 - part.sum(axis=1) / steps]).astype(np.float32)


def _normals(
    first: NDArray[np.float32], second: NDArray[np.float32], third: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Normals (P, 3), as long as twice their triangles' areas."""
    one, other = (second - first).T, (third - first).T
    return np.stack(
        [
            one[1] * other[2] - one[2] * other[1],
            one[2] * other[0] - one[0] * other[2],
            one[0] * other[1] - one[1] * other[0],
        ],
        axis=1,
    )


def _depth_inside(places: NDArray[np.float32], outline: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far inside an outline (N, 2) places (P, 2+) lie, negative outside: (P,)."""
    import cv2

    contour = np.ascontiguousarray(outline, dtype=np.float32)
    return np.array([cv2.pointPolygonTest(contour, (float(x), float(y)), True) for x, y in places[:, :2]])

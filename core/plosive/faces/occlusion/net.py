# SPDX-License-Identifier: Apache-2.0
"""A closed net of triangles over a face, mouth opening included, and maps between two placings of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.faces.topology import skin_triangles

__all__ = ["cross", "net_labels", "net_map", "net_triangles", "net_weights"]

_UPPER = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
_LOWER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]


def net_triangles() -> NDArray[np.int32]:
    """Triangles (K, 3) of landmarks, the mouth opening first so that skin is drawn over it."""
    opening = [
        triangle
        for step in range(len(_UPPER) - 1)
        for triangle in (
            (_UPPER[step], _UPPER[step + 1], _LOWER[step]),
            (_UPPER[step + 1], _LOWER[step + 1], _LOWER[step]),
        )
        if len(set(triangle)) == 3
    ]
    return np.concatenate([np.array(opening, dtype=np.int32), skin_triangles()], dtype=np.int32)


def net_labels(points: NDArray[np.float32], triangles: NDArray[np.int32], size: int) -> NDArray[np.int32]:
    """Which triangle each pixel of a square of `size` shows, -1 for none: (size, size)."""
    import cv2

    labels = np.full((size, size), -1, dtype=np.int32)
    for place, corners in enumerate(np.round(points[triangles] * 16).astype(np.int32)):
        cv2.fillConvexPoly(labels, corners, place, shift=4)
    return labels


def net_map(
    goal: NDArray[np.float32], start: NDArray[np.float32], triangles: NDArray[np.int32], size: int
) -> NDArray[np.float32]:
    """For each pixel of a square in which the net lies at `goal` (468+, 2), where it lies at `start`:
    (size, size, 2); -10 beside the net.
    """
    labels = net_labels(goal, triangles, size)
    rows, columns = np.nonzero(labels >= 0)
    corners = triangles[labels[rows, columns]]
    weights = net_weights(goal, corners, np.stack([columns, rows], axis=1))
    look_at = np.full((size, size, 2), -10, dtype=np.float32)
    look_at[rows, columns] = np.einsum("pk,pkc->pc", weights, start[corners])
    return look_at


def net_weights(
    points: NDArray[np.float32], corners: NDArray[np.int32], at: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Barycentric weights (P, 3) of pixels `at` (P, 2) in their triangles `corners` (P, 3), within 0..1."""
    one, two, three = (points[corners[:, k]].astype(np.float64) for k in range(3))
    area = cross(two - one, three - one)
    area = np.where(np.abs(area) < 1e-6, 1e-6, area)
    by_two, by_three = cross(at - one, three - one) / area, cross(two - one, at - one) / area
    weights = np.clip(np.stack([1 - by_two - by_three, by_two, by_three], axis=1), 0, 1)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def cross(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cross product of plane vectors (..., 2): (...)."""
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0])

# SPDX-License-Identifier: Apache-2.0
"""Which landmarks form triangles and contours: the fixed surface of MediaPipe's canonical face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["INNER_LIPS", "OUTER_LIPS", "skin_triangles"]

OUTER_LIPS = np.array(
    [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146]
)
"""The lips' outer contour, once around, from the corner at the picture's left over the upper lip."""

INNER_LIPS = np.array(
    [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95]
)
"""Their inner contour, in the same order: the mouth opening."""

_NOSTRIL_LOOPS = {(49, 64, 129), (279, 294, 358)}
"""Three edges in a ring around other triangles, not triangles themselves."""


def skin_triangles() -> NDArray[np.int32]:
    """Triangles (852, 3) of landmark numbers below 468, in a fixed order; mouth and eyes are holes.

    MediaPipe lists edges only; the triangles are their rings of three.
    """
    from mediapipe.python.solutions.face_mesh_connections import FACEMESH_TESSELATION

    neighbours: dict[int, set[int]] = {}
    for one, other in FACEMESH_TESSELATION:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    rings = [
        (first, second, third)
        for first in sorted(neighbours)
        for second in sorted(neighbours[first])
        for third in sorted(neighbours[first] & neighbours[second])
        if first < second < third
    ]
    return np.array([ring for ring in rings if ring not in _NOSTRIL_LOOPS], dtype=np.int32)

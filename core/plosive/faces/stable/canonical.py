# SPDX-License-Identifier: Apache-2.0
"""MediaPipe's canonical face: one average head in centimetres, whose vertices are the landmarks."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["canonical_vertices"]


def canonical_vertices() -> NDArray[np.float32]:
    """Its 468 vertices (468, 3) in centimetres: x to the picture's right, y down, z away from the camera."""
    path = files("plosive.faces.stable") / "canonical_face.csv"
    with path.open(encoding="ascii") as table:
        stored = np.loadtxt(table, delimiter=",", dtype=np.float32)
    return stored * np.array([1, -1, -1], dtype=np.float32)

# SPDX-License-Identifier: Apache-2.0
"""How a mouth looks, in few numbers: enough to tell which two source frames join without a pop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box

__all__ = ["INNER_LOWER", "INNER_UPPER", "MouthLook", "look_at_mouth"]

INNER_UPPER = np.array([78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308])
"""Inner contour of the upper lip, from the mouth corner at picture left to the other."""

INNER_LOWER = np.array([78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308])
"""Inner contour of the lower lip, corner to corner, opposite `INNER_UPPER` point by point."""

_COLUMNS, _ROWS = 32, 12
_LIGHT_CELLS = 8


@dataclass(frozen=True)
class MouthLook:
    """One source mouth. Working values as float32.

    `inside` (12, 32, 3) is the mouth opening straightened to a rectangle between the inner lips; `light`
    (8, 8, 3) the lower face as a thumbnail; `sharpness` the mean absolute Laplacian of its green channel.
    """

    inside: NDArray[np.float32]
    light: NDArray[np.float32]
    sharpness: float


def look_at_mouth(pixels: NDArray[np.float32], box: Box, landmarks: NDArray[np.float32]) -> MouthLook:
    """Describe the mouth in a crop: `pixels` (h, w, 3) working, shows `box`; `landmarks` (478, 3) pixels."""
    import cv2

    points = landmarks[:, :2] - np.array([box.left, box.top], dtype=np.float32)
    columns = np.linspace(0, len(INNER_UPPER) - 1, _COLUMNS)
    known = np.arange(len(INNER_UPPER))
    upper = np.stack([np.interp(columns, known, points[INNER_UPPER, axis]) for axis in (0, 1)], axis=-1)
    lower = np.stack([np.interp(columns, known, points[INNER_LOWER, axis]) for axis in (0, 1)], axis=-1)
    down = ((np.arange(_ROWS) + 0.5) / _ROWS)[:, None, None]
    grid = (upper * (1 - down) + lower * down).astype(np.float32)
    inside = cv2.remap(pixels, grid, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = cv2.resize(pixels, (_LIGHT_CELLS, _LIGHT_CELLS), interpolation=cv2.INTER_AREA)
    detail = cv2.Laplacian(np.ascontiguousarray(pixels[..., 1]), cv2.CV_32F)
    return MouthLook(inside, light, float(np.abs(detail).mean()))

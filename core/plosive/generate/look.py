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

_OUTER_LOWER = np.array([61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291])
_LIP_ENDS = np.array([61, 291, 0, 37, 267, 17, 84, 314])
_COLUMNS, _ROWS = 32, 12
_LIP_COLUMNS, _LIP_ROWS = 16, 6
_LIP_MARGIN = 2  # landmarks at either end of a lip, where it is thin
_LIGHT_CELLS = 8


@dataclass(frozen=True)
class MouthLook:
    """One source mouth. Working values as float32.

    `inside` (12, 32, 3) is the mouth opening straightened to a rectangle between the inner lips; `light`
    (8, 8, 3) the lower face as a thumbnail; `sharpness` the mean absolute Laplacian of the lips' green
    channel; `redness` how much redder than grey the lower lip is, over its light: skin where the lip is
    rolled in.
    """

    inside: NDArray[np.float32]
    light: NDArray[np.float32]
    sharpness: float
    redness: float


def look_at_mouth(pixels: NDArray[np.float32], box: Box, landmarks: NDArray[np.float32]) -> MouthLook:
    """Describe the mouth in a crop: `pixels` (h, w, 3) working, shows `box`; `landmarks` (478, 3) pixels."""
    import cv2

    points = landmarks[:, :2] - np.array([box.left, box.top], dtype=np.float32)
    inside = _between(pixels, points[INNER_UPPER], points[INNER_LOWER], _ROWS, _COLUMNS, 0)
    lip = _between(
        pixels, points[INNER_LOWER], points[_OUTER_LOWER], _LIP_ROWS, _LIP_COLUMNS, _LIP_MARGIN
    ).mean(axis=(0, 1))
    redness = float((lip[0] - lip[1:].mean()) / max(float(lip.mean()), 1e-3))
    light = cv2.resize(pixels, (_LIGHT_CELLS, _LIGHT_CELLS), interpolation=cv2.INTER_AREA)
    detail = cv2.Laplacian(np.ascontiguousarray(pixels[..., 1]), cv2.CV_32F)
    left, top = np.clip(np.floor(points[_LIP_ENDS].min(axis=0)).astype(int), 0, None)
    right, bottom = np.ceil(points[_LIP_ENDS].max(axis=0)).astype(int) + 1
    lips = detail[top:bottom, left:right] if bottom > top and right > left else detail
    return MouthLook(inside, light, float(np.abs(lips).mean()) if lips.size else 0.0, redness)


def _between(
    pixels: NDArray[np.float32],
    above: NDArray[np.float32],
    below: NDArray[np.float32],
    rows: int,
    columns: int,
    margin: int,
) -> NDArray[np.float32]:
    """What lies between two contours (P, 2), straightened: (rows, columns, 3); `margin` points left out."""
    import cv2

    known = np.arange(len(above))
    at = np.linspace(margin, len(above) - 1 - margin, columns)
    upper = np.stack([np.interp(at, known, above[:, axis]) for axis in (0, 1)], axis=-1)
    lower = np.stack([np.interp(at, known, below[:, axis]) for axis in (0, 1)], axis=-1)
    down = ((np.arange(rows) + 0.5) / rows)[:, None, None]
    grid = (upper * (1 - down) + lower * down).astype(np.float32)
    return np.asarray(cv2.remap(pixels, grid, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

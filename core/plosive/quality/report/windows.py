# SPDX-License-Identifier: Apache-2.0
"""Which part of every frame is shown: one size for the whole clip, so that flipping frames does not jump."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box

__all__ = ["Windows", "windows_of"]

_STEP_PIXELS = 8
_WITHOUT_FACE_PIXELS = (480, 360)
_DETAIL_SHARE = 0.44
_MOUTH_DOWN = 0.45  # where the mouth lies in a lower-face box, from its top
_DETAIL_PIXELS = (160, 400)


@dataclass(frozen=True)
class Windows:
    """Boxes of one size, `width` x `height` pixels, wholly inside the picture; `left` and `top` are (T,)."""

    width: int
    height: int
    picture_width: int
    picture_height: int
    left: NDArray[np.int64]
    top: NDArray[np.int64]

    def box(self, index: int) -> Box:
        left, top = int(self.left[index]), int(self.top[index])
        return Box(left, top, left + self.width, top + self.height)

    def detail(self) -> Windows:
        """Smaller windows inside these: the mouth, small enough for a row of them at 1:1."""
        low, high = _DETAIL_PIXELS
        width = min(self.width, max(low, min(high, round(self.width * _DETAIL_SHARE))))
        height = min(self.height, max(low, min(high, round(self.height * _DETAIL_SHARE))))
        return Windows(
            width,
            height,
            self.picture_width,
            self.picture_height,
            self.left + (self.width - width) // 2,
            self.top + min(max(round(self.height * _MOUTH_DOWN) - height // 2, 0), self.height - height),
        )


def windows_of(boxes: NDArray[np.float32], width: int, height: int) -> Windows:
    """Windows for `boxes` (T, 4) left, top, right, bottom in a picture of `width` x `height`; NaN rows have
    no face and are shown where the face was last, or will be first, or else the picture's middle.
    """
    known = np.isfinite(boxes).all(axis=1)
    count = len(boxes)
    if not known.any():
        size = min(_WITHOUT_FACE_PIXELS[0], width), min(_WITHOUT_FACE_PIXELS[1], height)
        middle = np.ones(count, dtype=np.int64)
        left, top = (width - size[0]) // 2, (height - size[1]) // 2
        return Windows(*size, width, height, middle * left, middle * top)
    sizes = (boxes[known, 2:] - boxes[known, :2]).max(axis=0)
    window_width = min(width, math.ceil(float(sizes[0]) / _STEP_PIXELS) * _STEP_PIXELS)
    window_height = min(height, math.ceil(float(sizes[1]) / _STEP_PIXELS) * _STEP_PIXELS)
    rows = np.flatnonzero(known)
    latest = np.maximum(np.searchsorted(rows, np.arange(count), side="right") - 1, 0)
    places = boxes[rows[latest]].astype(np.float64)
    left = np.rint((places[:, 0] + places[:, 2] - window_width) / 2).astype(np.int64)
    top = np.rint((places[:, 1] + places[:, 3] - window_height) / 2).astype(np.int64)
    return Windows(
        window_width,
        window_height,
        width,
        height,
        np.clip(left, 0, width - window_width),
        np.clip(top, 0, height - window_height),
    )

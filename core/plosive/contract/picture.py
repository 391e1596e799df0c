# SPDX-License-Identifier: Apache-2.0
"""A plate frame that is nothing but an array."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box

__all__ = ["PictureFrame"]


class PictureFrame:
    """A `PlateFrame` over `picture` (H, W, 3) float32, working values of video, 24 frames a second."""

    def __init__(self, index: int, picture: NDArray[np.float32]) -> None:
        self.index = index
        self.start_seconds = Fraction(index, 24)
        self.picture = picture
        self.height, self.width = picture.shape[:2]

    def rgb8(self) -> NDArray[np.uint8]:
        shown = np.nan_to_num(self.picture, nan=0.0, posinf=1.0, neginf=0.0)
        return np.asarray(np.rint(np.clip(shown, 0, 1) * 255), dtype=np.uint8)

    def working(self, box: Box) -> NDArray[np.float32]:
        return self.picture[box.slices].copy()

    def merged(self, box: Box, change: NDArray[np.float32], touched: NDArray[np.bool_]) -> PictureFrame:
        picture = self.picture.copy()
        picture[box.slices] += np.where(touched[..., None], change, 0)
        return PictureFrame(self.index, picture)

# SPDX-License-Identifier: Apache-2.0
"""Turning between a picture as stored and as it is shown upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box

__all__ = ["Orientation"]

_Sample = TypeVar("_Sample", bound=np.generic)


@dataclass(frozen=True)
class Orientation:
    """What to do to stored pixels to see them upright: mirror left-right, then turn clockwise.

    `clockwise_quarters` is 0..3.
    """

    clockwise_quarters: int = 0
    is_mirrored: bool = False

    @property
    def degrees(self) -> int:
        """Clockwise turn, 0, 90, 180 or 270."""
        return self.clockwise_quarters * 90

    @property
    def is_upright(self) -> bool:
        return self.clockwise_quarters == 0 and not self.is_mirrored

    def upright_size(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) shown, of a stored picture."""
        return (height, width) if self.clockwise_quarters % 2 else (width, height)

    def upright(self, stored: NDArray[_Sample]) -> NDArray[_Sample]:
        """Pixels (h, w, ...) as shown; a view where possible."""
        mirrored = stored[:, ::-1] if self.is_mirrored else stored
        return np.rot90(mirrored, -self.clockwise_quarters) if self.clockwise_quarters else mirrored

    def stored(self, upright: NDArray[_Sample]) -> NDArray[_Sample]:
        """Pixels (h, w, ...) as stored; the inverse of `upright`."""
        turned = np.rot90(upright, self.clockwise_quarters) if self.clockwise_quarters else upright
        return turned[:, ::-1] if self.is_mirrored else turned

    def stored_box(self, box: Box, stored_width: int, stored_height: int) -> Box:
        """Where an upright box lies in the stored picture."""
        width, height = stored_width, stored_height
        quarters = self.clockwise_quarters
        if quarters == 1:  # upright (x, y) was stored at (y, height - 1 - x)
            box = Box(box.top, height - box.right_exclusive, box.bottom_exclusive, height - box.left)
        elif quarters == 2:
            box = Box(
                width - box.right_exclusive,
                height - box.bottom_exclusive,
                width - box.left,
                height - box.top,
            )
        elif quarters == 3:
            box = Box(width - box.bottom_exclusive, box.left, width - box.top, box.right_exclusive)
        if self.is_mirrored:
            box = Box(width - box.right_exclusive, box.top, width - box.left, box.bottom_exclusive)
        return box

    @staticmethod
    def of_exif(code: int) -> Orientation:
        """The orientation of an EXIF/TIFF `Orientation` value, 1..8 (others count as 1)."""
        quarters = {1: 0, 2: 0, 3: 2, 4: 2, 5: 3, 6: 1, 7: 1, 8: 3}.get(code, 0)
        return Orientation(quarters, code in (2, 4, 5, 7))

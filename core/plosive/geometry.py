# SPDX-License-Identifier: Apache-2.0
"""Rectangles in a picture, in whole pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "box_around"]


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels: left and top included, right and bottom not. Origin top left, y down."""

    left: int
    top: int
    right_exclusive: int
    bottom_exclusive: int

    @property
    def width(self) -> int:
        return self.right_exclusive - self.left

    @property
    def height(self) -> int:
        return self.bottom_exclusive - self.top

    @property
    def is_empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    @property
    def slices(self) -> tuple[slice, slice]:
        """(rows, columns), to index an array whose first two axes are y and x."""
        return slice(self.top, self.bottom_exclusive), slice(self.left, self.right_exclusive)

    def clipped(self, width: int, height: int) -> Box:
        """The part of this box inside a picture of `width` x `height` pixels (may be empty)."""
        left, top = max(0, self.left), max(0, self.top)
        return Box(
            left,
            top,
            max(left, min(self.right_exclusive, width)),
            max(top, min(self.bottom_exclusive, height)),
        )

    def moved(self, right: int, down: int) -> Box:
        """This box shifted by whole pixels."""
        return Box(
            self.left + right, self.top + down, self.right_exclusive + right, self.bottom_exclusive + down
        )

    def grown(self, by: int) -> Box:
        """This box with `by` more pixels on each side."""
        return Box(self.left - by, self.top - by, self.right_exclusive + by, self.bottom_exclusive + by)

    def united(self, other: Box) -> Box:
        """The smallest box that holds both; an empty one adds nothing."""
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right_exclusive, other.right_exclusive),
            max(self.bottom_exclusive, other.bottom_exclusive),
        )


def box_around(mask: NDArray[np.bool_], shown: Box) -> Box:
    """The smallest box, in picture coordinates, that holds all of `mask` (h, w), which shows `shown`."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return Box(shown.left, shown.top, shown.left, shown.top)
    return Box(
        shown.left + int(columns[0]),
        shown.top + int(rows[0]),
        shown.left + int(columns[-1]) + 1,
        shown.top + int(rows[-1]) + 1,
    )

# SPDX-License-Identifier: Apache-2.0
"""Samples that are no numbers: where they are, and what is worked with in their place.

A NaN or an infinity in a plate (a hot pixel of a renderer) is kept to the bit in the file, inside the matte
too. For blurs and warps it is replaced by the mean of its nearest finite neighbours, so that no mouth made
from it shows a dark or glowing spot.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGEST", "filled", "is_usable"]

LARGEST = 1e30
"""Float32 values past this overflow in the working encoding and count as not finite."""

_WINDOWS = (3, 9, 27, 81)


def is_usable(samples: NDArray[Any]) -> NDArray[np.bool_]:
    """Which samples of a file are numbers that can be worked with: of any shape."""
    if samples.dtype.kind != "f":
        return np.ones(samples.shape, np.bool_)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(samples) < min(LARGEST, float(np.finfo(samples.dtype).max) * 1.001))


def filled(pixels: NDArray[np.float32], broken: NDArray[np.bool_]) -> NDArray[np.float32]:
    """`pixels` (h, w, 3) with those that are `broken` (h, w, 3) replaced by the mean of the others within 1,
    4, 13 or 40 pixels, the nearest that there are; 0 where there are none. The others keep their bits.
    """
    import cv2

    result = np.where(broken, np.float32(0), pixels)
    sums, left = result.copy(), broken.copy()
    known = (~broken).astype(np.float32)
    for size in _WINDOWS:
        weight = cv2.blur(known, (size, size), borderType=cv2.BORDER_CONSTANT)
        mean = cv2.blur(sums, (size, size), borderType=cv2.BORDER_CONSTANT)
        reached = left & (weight > 0.5 / size**2)
        result[reached] = mean[reached] / weight[reached]
        left &= ~reached
        if not left.any():
            break
    return result

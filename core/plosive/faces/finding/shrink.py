# SPDX-License-Identifier: Apache-2.0
"""Large pictures made small, fast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["shrunk"]

_SAMPLES = 4


def shrunk(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """A picture (H, W, 3) uint8 at another size, averaged: at most four by four samples go into a pixel,
    which is plenty for finding things and spares most of the reading of a large picture.
    """
    import cv2

    size = (_SAMPLES * width, _SAMPLES * height)
    if picture.shape[1] > 1.5 * size[0] and picture.shape[0] > 1.5 * size[1]:
        sampled = cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST)
        return np.asarray(cv2.resize(sampled, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)

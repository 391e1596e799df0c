# SPDX-License-Identifier: Apache-2.0
"""A face without the graphic before it, roughly: for mouths that are never seen without one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["filled"]

_WIDENED_PIXELS = 2


def filled(pixels: NDArray[np.float32], cover: NDArray[np.float32]) -> NDArray[np.float32]:
    """`pixels` (h, w, 3) with what `cover` (h, w) 0..1 hides replaced by its surroundings, nearest first
    (pull-push, Gortler 1996).
    """
    import cv2

    across = np.ones((2 * _WIDENED_PIXELS + 1,) * 2, dtype=np.uint8)
    hidden = cv2.dilate((cover > 0).astype(np.uint8), across) > 0
    if not hidden.any():
        return pixels
    known = (~hidden).astype(np.float32)
    levels = [(pixels * known[..., None], known)]
    while min(levels[-1][1].shape) > 2:
        levels.append((cv2.pyrDown(levels[-1][0]), cv2.pyrDown(levels[-1][1])))
    value = levels[-1][0] / np.maximum(levels[-1][1], 1e-6)[..., None]
    for summed, weight in reversed(levels[:-1]):
        size = (weight.shape[1], weight.shape[0])
        value = np.asarray(cv2.resize(value, size, interpolation=cv2.INTER_LINEAR))
        share = np.clip(weight * 2, 0, 1)[..., None]
        value = value + share * (summed / np.maximum(weight, 1e-6)[..., None] - value)
    return np.where(hidden[..., None], value, pixels).astype(np.float32)

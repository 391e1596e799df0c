# SPDX-License-Identifier: Apache-2.0
"""The last fraction of a pixel between a warped source and the plate, taken from the skin around the
mouth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["remaining_shift"]

_SPREAD_FACES = 0.02
_LARGEST_SHIFT_FACES = 0.03
_OUTSIDE_MATTE = 0.02
_NEGLIGIBLE_PIXELS = 0.05


def remaining_shift(
    source: NDArray[np.float32],
    look_at: NDArray[np.float32],
    under: NDArray[np.float32],
    matte: NDArray[np.float32],
    face_width: float,
) -> NDArray[np.float32] | None:
    """How far the source, warped by `look_at` (h, w, 2), still lies beside `under` (h, w, 3): (h, w, 2)
    pixels.

    Dense inverse search flow (Kroeger 2016) at half size, trusted only where `matte` (h, w) is about 0,
    spread inwards by a Gaussian of 0.02 face widths and limited to 0.03, so it cannot pull at the lips.
    None when there is nothing to gain.
    """
    import cv2

    outside = (matte[::2, ::2] < _OUTSIDE_MATTE).astype(np.float32)
    if not outside.any() or min(outside.shape) < 16:
        return None
    half = np.ascontiguousarray(look_at[::2, ::2])
    green = np.ascontiguousarray(source[..., 1])
    warped = cv2.remap(green, half, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    plate = under[::2, ::2, 1]
    warped = warped + float((plate - warped)[outside > 0].mean())
    plate = np.where(outside > 0, plate, warped)
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = engine.calc(_grey8(plate), _grey8(warped), None)
    sigma = max(0.7, _SPREAD_FACES * face_width / 2)
    weight = cv2.GaussianBlur(outside, (0, 0), sigma)
    spread = cv2.GaussianBlur(flow * outside[..., None], (0, 0), sigma) / (weight + 1e-3)[..., None]
    limit = _LARGEST_SHIFT_FACES * face_width
    spread = np.clip(spread * 2, -limit, limit)
    if float(np.abs(spread).max()) < _NEGLIGIBLE_PIXELS:
        return None
    size = (look_at.shape[1], look_at.shape[0])
    return np.asarray(cv2.resize(spread, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _grey8(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(pixels, 0, 1) * 255, dtype=np.uint8)

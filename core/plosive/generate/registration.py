# SPDX-License-Identifier: Apache-2.0
"""The last fraction of a pixel between a warped source and the plate, taken from the skin around the
mouth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["registered"]

_SPREAD_FACES = 0.02
_LARGEST_SHIFT_FACES = 0.03
_OUTSIDE_MATTE = 0.02


def registered(
    warped: NDArray[np.float32],
    under: NDArray[np.float32],
    matte: NDArray[np.float32],
    face_width: float,
) -> NDArray[np.float32]:
    """`warped` (h, w, 3) moved to lie on `under` (h, w, 3), both working values; `matte` (h, w) 0..1.

    Dense inverse search flow (Kroeger 2016) is trusted only where `matte` is about 0, spread inwards by a
    Gaussian of 0.02 face widths and limited to 0.03, so it cannot pull at the lips.
    """
    import cv2

    outside = (matte < _OUTSIDE_MATTE).astype(np.float32)
    one, two = _grey8(under), _grey8(warped)
    level = float((one - two)[outside > 0].mean()) if outside.any() else 0.0
    two = np.clip(two + level, 0, 255)
    one = np.where(outside > 0, one, two)
    flow_engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = flow_engine.calc(one.astype(np.uint8), two.astype(np.uint8), None)
    sigma = max(1.0, _SPREAD_FACES * face_width)
    weight = cv2.GaussianBlur(outside, (0, 0), sigma)
    spread = cv2.GaussianBlur(flow * outside[..., None], (0, 0), sigma) / (weight + 1e-3)[..., None]
    limit = _LARGEST_SHIFT_FACES * face_width
    spread = np.clip(spread, -limit, limit)
    if float(np.abs(spread).max()) < 0.05:
        return warped
    rows, columns = np.mgrid[: warped.shape[0], : warped.shape[1]].astype(np.float32)
    look_at = np.stack([columns, rows], axis=-1) + spread
    moved = cv2.remap(warped, look_at, None, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


def _grey8(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.clip(pixels.mean(axis=2), 0, 1) * 255, dtype=np.float32)

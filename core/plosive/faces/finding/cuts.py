# SPDX-License-Identifier: Apache-2.0
"""Shot cuts, found while frames stream by."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

__all__ = ["CutDetector"]

_THUMBNAIL_SIZE = 32
_LEAST_DIFFERENCE = 0.09
_RATIO_TO_RECENT = 4.0
_RECENT_FRAMES = 12
_LEAST_HISTOGRAM_DIFFERENCE = 0.25


class CutDetector:
    """Says whether a frame begins a new shot, from the frames seen so far.

    A cut is a frame whose 32 x 32 thumbnail differs from the last one's much more than recent frames did
    among themselves, and whose colour histogram moved as well: camera moves change the first, flashes only
    once each. The adaptive ratio follows the idea of PySceneDetect's AdaptiveDetector.
    """

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None
        self._recent: deque[float] = deque(maxlen=_RECENT_FRAMES)

    def is_cut(self, rgb: NDArray[np.uint8]) -> bool:
        """True when this picture, (H, W, 3) uint8, starts a shot; False for the very first one."""
        import cv2

        # Every fourth pixel is plenty for a thumbnail and spares most of the reading.
        coarse = np.ascontiguousarray(rgb[::4, ::4]) if min(rgb.shape[:2]) >= 8 * _THUMBNAIL_SIZE else rgb
        small = cv2.resize(coarse, (_THUMBNAIL_SIZE, _THUMBNAIL_SIZE), interpolation=cv2.INTER_AREA)
        thumbnail = np.asarray(small, dtype=np.float32) / 255.0
        last, self._last = self._last, thumbnail
        if last is None:
            return False
        difference = float(np.abs(thumbnail - last).mean())
        usual = float(np.median(self._recent)) if self._recent else 0.01
        jumped = difference > max(_LEAST_DIFFERENCE, _RATIO_TO_RECENT * usual)
        if jumped and _histogram_difference(last, thumbnail) > _LEAST_HISTOGRAM_DIFFERENCE:
            self._recent.clear()
            return True
        self._recent.append(difference)
        return False


def _histogram_difference(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Share of pixels (0..1) that would have to change their luma bin; bins are 1/16 wide."""
    bins = np.linspace(0.0, 1.0, 17)
    one, _ = np.histogram(first.mean(axis=2), bins=bins)
    two, _ = np.histogram(second.mean(axis=2), bins=bins)
    return float(np.abs(one - two).sum() / (2 * first.shape[0] * first.shape[1]))

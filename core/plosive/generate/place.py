# SPDX-License-Identifier: Apache-2.0
"""Where a new mouth goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box

__all__ = ["MouthPlace"]


@dataclass(frozen=True)
class MouthPlace:
    """Where a mouth goes in one frame: the lips asked for (478, 2) pixels, the pixels around them (`box`),
    the plate under it (h, w, 3) working, the matte (h, w), and the track's row, whose light it gets.
    """

    target: NDArray[np.float32]
    box: Box
    under: NDArray[np.float32]
    matte: NDArray[np.float32]
    face_width: float
    row: int

# SPDX-License-Identifier: Apache-2.0
"""An actor's mouth as it was measured in one shot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["MouthFootage"]

_LONGEST_STEP_FRAMES = 1.5


@dataclass(frozen=True)
class MouthFootage:
    """One face through one shot, N frames it was seen in.

    `values` is (N, 5) float32, columns as `CHANNELS`, in the units of `faces.measure.mouth_channels`;
    `centre_seconds` (N,) float64 are rising frame centres. `sides` (N, 2) float32 tells the picture's right
    half of the mouth from its left, in inter-ocular distances of the upright face: how much higher its corner
    lies, and how much further its inner lips are apart; None where it was not measured.
    """

    values: NDArray[np.float32]
    centre_seconds: NDArray[np.float64]
    sides: NDArray[np.float32] | None = None

    @cached_property
    def frame_seconds(self) -> float:
        """The usual time from one frame to the next; 0 with fewer than two."""
        return float(np.median(np.diff(self.centre_seconds))) if len(self.centre_seconds) > 1 else 0.0

    @cached_property
    def speeds(self) -> NDArray[np.float64]:
        """How fast each channel moves, units a second, between frames that follow on each other: (M, 5)."""
        steps = np.diff(self.centre_seconds)
        joined = steps <= _LONGEST_STEP_FRAMES * self.frame_seconds
        moved = np.abs(np.diff(self.values.astype(np.float64), axis=0))
        return np.asarray(moved[joined] / steps[joined, None]).reshape(-1, self.values.shape[1])

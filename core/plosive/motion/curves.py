# SPDX-License-Identifier: Apache-2.0
"""Mouth curves: what the mouth does at each frame, still free of any actor."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = ["ARTICULATORS", "CHANNELS", "MotionCurves"]

CHANNELS = ("aperture", "width", "jaw", "outer_height", "rounding")
"""Curve names in the order of `MotionCurves.values`' columns."""

ARTICULATORS = ("protrusion", "upper_raise", "teeth", "tongue")
"""Names in the order of `MotionCurves.articulators`' columns: what no gap or width tells."""


@dataclass(frozen=True)
class MotionCurves:
    """Mouth curves sampled at frame centres, T frames.

    `values` is (T, 5) float32, columns as `CHANNELS`, in *range units*: 0 and 1 are the 5th and 95th
    percentile of a speaking mouth's own range (values beyond are legal). `closure` (T,) float32 is 1
    where the lips must be sealed (p, b, m), between 0 and 1 on its ramps, 0 elsewhere; `tuck` likewise
    for the lower lip under the upper teeth (f, v); `rest` is 1 where the dub is silent and the mouth
    sealed at rest. `articulators` is (T, 4) float32, columns as `ARTICULATORS`, 0..1: lips pushed
    forward, upper lip raised, teeth to be seen, tongue to be seen. `symbols` names the phone at each
    frame centre. `centre_seconds` are frame centres in dub time; a frame outside the dub is rest.
    """

    centre_seconds: tuple[Fraction, ...]
    values: NDArray[np.float32]
    closure: NDArray[np.float32]
    tuck: NDArray[np.float32]
    rest: NDArray[np.float32]
    articulators: NDArray[np.float32]
    symbols: tuple[str, ...]

    def taken(self, rows: NDArray[np.int64]) -> MotionCurves:
        """The frames `rows` (N,) alone, in that order."""
        return MotionCurves(
            tuple(self.centre_seconds[row] for row in rows.tolist()),
            self.values[rows],
            self.closure[rows],
            self.tuck[rows],
            self.rest[rows],
            self.articulators[rows],
            tuple(self.symbols[row] for row in rows.tolist()),
        )

    def channel(self, name: str) -> NDArray[np.float32]:
        """One curve, (T,) float32; `name` from `CHANNELS` (range units) or `ARTICULATORS` (0..1)."""
        if name in ARTICULATORS:
            return self.articulators[:, ARTICULATORS.index(name)]
        return self.values[:, CHANNELS.index(name)]

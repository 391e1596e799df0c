# SPDX-License-Identifier: Apache-2.0
"""What a sound shows between the lips beyond what their shape tells: teeth for s, dark for ah."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.motion.curves import MotionCurves

__all__ = ["INTERIOR", "interior_beyond_shape"]

INTERIOR = ("upper_teeth", "lower_teeth", "dark")
"""Names in the order of the columns of `interior_beyond_shape`."""

_BY_ARTICULATORS = np.array(
    [
        [-0.76, -0.36, 0.12],
        [-0.53, -0.14, 0.39],
        [0.54, 0.91, -0.83],
        [-0.25, 0.09, -0.31],
    ]
)
_BY_CURVES = np.array(
    [
        [0.62, 0.33, -0.45],
        [0.41, 0.45, -0.56],
        [-1.36, -1.34, 1.71],
        [0.14, -0.26, -0.26],
        [0.31, 0.58, 0.24],
    ]
)
_USUAL = np.array([-0.03, -0.27, 0.23])
_MOST = 1.2


def interior_beyond_shape(curves: MotionCurves) -> NDArray[np.float32]:
    """Upper teeth, lower teeth and dark (T, 3), by how many of an actor's own standard deviations they
    differ from what mouths of that shape usually show.

    Linear (ridge regression) in articulators and curves, fitted to 1658 open mouths of 16 plates with their
    own sound. On the plate left out it agrees with the picture at r 0.41, 0.43 and 0.47 (mean of ten plates
    of 80 open frames or more). Tongue was tried, too: r 0.06, so nothing is asked of it.
    """
    told = _USUAL + curves.articulators @ _BY_ARTICULATORS + curves.values @ _BY_CURVES
    hidden = np.maximum(curves.closure, curves.rest)[:, None]
    return np.asarray(np.clip(told, -_MOST, _MOST) * (1 - hidden), dtype=np.float32)

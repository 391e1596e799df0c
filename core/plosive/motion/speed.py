# SPDX-License-Identifier: Apache-2.0
"""No mouth moves faster than lips do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["slowed"]


def slowed(
    curve: NDArray[np.float64], seconds: NDArray[np.float64], fastest: float, *, opens: bool
) -> NDArray[np.float64]:
    """`curve` (T,) at rising `seconds` (T,), nowhere faster than `fastest` units a second.

    With `opens` (how far lips part) the result is the highest curve below the given one: closed stays closed
    at the same frames, and what cannot be reached in between stays less open. Else peaks and valleys give
    way alike: the mean of the highest curve below and the lowest one above.
    """
    below = _lowered(curve, seconds, fastest)
    return below if opens else (below - _lowered(-curve, seconds, fastest)) / 2


def _lowered(curve: NDArray[np.float64], seconds: NDArray[np.float64], fastest: float) -> NDArray[np.float64]:
    """min over s of curve(s) + fastest |t - s|, by one pass each way."""
    rising = np.minimum.accumulate(curve - fastest * seconds) + fastest * seconds
    falling = np.minimum.accumulate((curve + fastest * seconds)[::-1])[::-1] - fastest * seconds
    return np.asarray(np.minimum(np.minimum(rising, falling), curve))

# SPDX-License-Identifier: Apache-2.0
"""No mouth moves faster than lips do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["lowered", "slowed"]


def slowed(
    curve: NDArray[np.float64], seconds: NDArray[np.float64], fastest: float, *, opens: bool
) -> NDArray[np.float64]:
    """`curve` (T,) at rising `seconds` (T,), nowhere faster than `fastest` units a second.

    With `opens` (how far lips part) the result is the highest curve below the given one: closed stays closed
    at the same frames, and what cannot be reached in between stays less open. Else peaks and valleys give
    way alike: the mean of the highest curve below and the lowest one above.
    """
    below = lowered(curve, fastest * seconds)
    return below if opens else (below - lowered(-curve, fastest * seconds)) / 2


def lowered(curve: NDArray[np.float64], travel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The highest curve nowhere above `curve` (T,) or (T, C) that moves no further than `travel` does.

    `travel`, of the same shape, never falls: min over s of curve(s) + |travel(t) - travel(s)|, by one pass
    each way.
    """
    rising = np.minimum.accumulate(curve - travel) + travel
    falling = np.minimum.accumulate((curve + travel)[::-1])[::-1] - travel
    return np.asarray(np.minimum(np.minimum(rising, falling), curve))

# SPDX-License-Identifier: Apache-2.0
"""Mouth curves at the frames of a plate, also where it is retimed: then times may fall, and frames lie nearer
to each other than those that are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from plosive.media.placement import Placement
from plosive.motion import MotionCurves

__all__ = ["in_dub_order", "sampled"]

_MOST_GAPS = 16
_GAP_STEPS = 50  # to a second


def sampled(
    placement: Placement,
    frame_rate: Fraction,
    make: Callable[[Sequence[Fraction], Fraction], MotionCurves],
) -> MotionCurves:
    """One row a frame of the result, in its order. `make` gives curves at rising moments of the dub, in which
    closures last as long as the frame interval that it is given: for a retimed plate the time between frames
    that are shown, so that no choice of the host misses one.
    """
    if not placement.is_retimed:
        return make(placement.dub_centres, 1 / frame_rate)
    moments = sorted(set(placement.dub_centres))
    place = {moment: number for number, moment in enumerate(moments)}
    rows = np.array([place[centre] for centre in placement.dub_centres], np.int64)
    gaps = list(placement.shown_gaps)
    if len(set(gaps)) > _MOST_GAPS:
        gaps = [Fraction(ceil(gap * _GAP_STEPS), _GAP_STEPS) for gap in gaps]
    found = make(moments, min(gaps)).taken(rows)
    for gap in sorted(set(gaps))[1:]:
        is_of = np.array([one == gap for one in gaps])
        made = make(moments, gap).taken(rows)
        for name in ("values", "closure", "tuck", "rest", "articulators"):
            getattr(found, name)[is_of] = getattr(made, name)[is_of]
    return found


def in_dub_order(curves: MotionCurves) -> NDArray[np.int64] | None:
    """Rows by rising time; None where they rise already."""
    seconds = curves.centre_seconds
    if all(earlier <= later for earlier, later in pairwise(seconds)):
        return None
    return np.array(sorted(range(len(seconds)), key=seconds.__getitem__), np.int64)

# SPDX-License-Identifier: Apache-2.0
"""Jaw and lips driven apart: the axes of JALI (Edwards et al. 2016)."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["channel_gains"]

Gain = TypeVar("Gain", float, NDArray[np.float64])


def channel_gains(jaw_gain: Gain, lip_gain: Gain) -> tuple[Gain, Gain, Gain, Gain, Gain]:
    """The gain of each of `CHANNELS`: jaw for the jaw, lips for width and rounding, their mean for how far
    the lips part.
    """
    both = (jaw_gain + lip_gain) / 2
    return both, lip_gain, jaw_gain, both, lip_gain

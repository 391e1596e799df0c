# SPDX-License-Identifier: Apache-2.0
"""Whole frames as display-referred or scene-linear R G B, for results in another format than the plate's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer, linear_from_acescct, to_linear
from plosive.geometry import Box
from plosive.media.imageframe import view_of_linear
from plosive.media.plate import PlateFrame

__all__ = ["display_rgb", "linear_rgb"]

_DISPLAY_GAMMA = 2.4


def display_rgb(frame: PlateFrame, transfer: Transfer) -> NDArray[np.float32]:
    """The upright frame (h, w, 3) as coded R'G'B'; scene-linear goes through `view_of_linear` and BT.1886."""
    working = frame.working(Box(0, 0, frame.width, frame.height))
    if transfer is not Transfer.ACESCCT:
        return working
    viewed = view_of_linear(linear_from_acescct(working))
    return np.power(viewed, np.float32(1 / _DISPLAY_GAMMA))


def linear_rgb(frame: PlateFrame, transfer: Transfer) -> NDArray[np.float32]:
    """The upright frame (h, w, 3) in linear light, white 1.0."""
    working = frame.working(Box(0, 0, frame.width, frame.height))
    if transfer is Transfer.ACESCCT:
        return linear_from_acescct(working)
    import torch

    linear = to_linear(torch.from_numpy(working), transfer)
    return np.asarray(linear.numpy(), np.float32)

# SPDX-License-Identifier: Apache-2.0
"""Whole frames as display-referred or scene-linear R G B, for results in another format than the plate's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer, linear_from_acescct, to_linear
from plosive.geometry import Box
from plosive.media.imageframe import ImagePlateFrame, view_of_linear
from plosive.media.plate import PlateFrame

__all__ = ["display_rgb", "linear_box", "linear_of", "linear_rgb"]

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


def linear_box(frame: PlateFrame, transfer: Transfer, box: Box) -> NDArray[np.float32]:
    """Upright `box` of the frame in linear light, (h, w, 3) float32, white 1.0. A float file's own samples to
    the bit, NaN and infinities too: nothing is coded and decoded on the way. A pixel is the same in any box.
    """
    if isinstance(frame, ImagePlateFrame) and frame.layout.is_float:
        return frame.samples(box)
    return linear_of(frame.working(box), transfer)


def linear_of(working: NDArray[np.float32], transfer: Transfer) -> NDArray[np.float32]:
    """Linear light of working values, any shape, float32.

    Worked out in doubles: PyTorch's powers of floats differ in the last bit by where a pixel lies in memory.
    """
    import torch

    with torch.inference_mode():
        linear = to_linear(torch.from_numpy(working.astype(np.float64)), transfer)
        return np.asarray(linear.numpy(), np.float32)

# SPDX-License-Identifier: Apache-2.0
"""Whole frames as coded or linear R G B, for results in another format than the plate's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.colour.coding import SceneLinear
from plosive.colour.transfer import Transfer, linear_from_scene, to_linear
from plosive.colour.view import view_of_linear
from plosive.geometry import Box
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.plate import PlateFrame, PlateInfo

__all__ = ["display_rgb", "linear_box", "linear_of", "linear_rgb"]

_DISPLAY_GAMMA = 2.4
_ANY_SAMPLE = 0.4


def display_rgb(frame: PlateFrame, info: PlateInfo) -> NDArray[np.float32]:
    """The upright frame (h, w, 3) as coded R'G'B'. Log stays log; scene-linear goes through `view_of_linear`
    and BT.1886.
    """
    working = frame.working(Box(0, 0, frame.width, frame.height))
    if not info.transfer.is_scene_referred:
        return working
    colour = info.colour
    if colour is not None and not isinstance(colour.coding, SceneLinear):
        stored = np.full_like(working, _ANY_SAMPLE)
        return colour.coding.edited(stored, working - colour.coding.working(stored))
    viewed = view_of_linear(_in_rec709(linear_from_scene(working), info))
    return np.power(viewed, np.float32(1 / _DISPLAY_GAMMA))


def linear_rgb(frame: PlateFrame, info: PlateInfo) -> NDArray[np.float32]:
    """The upright frame (h, w, 3) in linear light, white 1.0, in the plate's own primaries."""
    working = frame.working(Box(0, 0, frame.width, frame.height))
    if info.transfer.is_scene_referred:
        return linear_from_scene(working)
    import torch

    linear = to_linear(torch.from_numpy(working), info.transfer)
    return np.asarray(linear.numpy(), np.float32)


def linear_box(frame: PlateFrame, transfer: Transfer, box: Box) -> NDArray[np.float32]:
    """Upright `box` of the frame in linear light, (h, w, 3) float32, white 1.0, in the plate's own primaries.
    A linear file's own samples to the bit, NaN and infinities too, nothing coded and decoded on the way.
    Multiplied with alpha where the file's colours are. A pixel is the same in any box.
    """
    if isinstance(frame, ImagePlateFrame) and isinstance(frame.colour.coding, SceneLinear):
        return frame.samples(box)
    linear = linear_of(frame.working(box), transfer)
    coverage = frame.coverage(box) if isinstance(frame, ImagePlateFrame) else None
    return linear if coverage is None else linear * coverage[..., None]


def linear_of(working: NDArray[np.float32], transfer: Transfer) -> NDArray[np.float32]:
    """Linear light of working values, any shape, float32.

    Worked out in doubles: PyTorch's powers of floats differ in the last bit by where a pixel lies in memory.
    """
    import torch

    with torch.inference_mode():
        linear = to_linear(torch.from_numpy(working.astype(np.float64)), transfer)
        return np.asarray(linear.numpy(), np.float32)


def _in_rec709(linear: NDArray[np.float32], info: PlateInfo) -> NDArray[np.float32]:
    matrix = None if info.colour is None else info.colour.to_rec709
    return linear if matrix is None else np.asarray(linear @ matrix.T.astype(np.float32), np.float32)

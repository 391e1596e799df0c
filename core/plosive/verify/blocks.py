# SPDX-License-Identifier: Apache-2.0
"""Grids of blocks over planes of a picture, and masks brought to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.verify.matte import Mask

__all__ = ["any_in_blocks", "plane_mask"]


def any_in_blocks(mask: NDArray[np.bool_], width: int, height: int) -> NDArray[np.bool_]:
    """Whether any sample is True in each block of `width` x `height`; blocks at the edges are cut."""
    rows, columns = -(-mask.shape[0] // height), -(-mask.shape[1] // width)
    if mask.shape != (rows * height, columns * width):
        whole = np.zeros((rows * height, columns * width), np.bool_)
        whole[: mask.shape[0], : mask.shape[1]] = mask
        mask = whole
    # One axis after the other: numpy's reductions over short inner axes are slow.
    tall = mask.reshape(rows, height, columns * width)
    lines = np.logical_or.reduce([tall[:, row] for row in range(height)])
    wide = lines.reshape(rows, columns, width)
    return np.asarray(np.logical_or.reduce([wide[..., column] for column in range(width)]), np.bool_)


def plane_mask(mask: Mask, plane: NDArray[Any], shift_x: int, shift_y: int) -> NDArray[np.bool_]:
    """`mask` of luma pixels at the size of a plane: True where a sample covers any pixel of it."""
    if shift_x == 0 and shift_y == 0:
        return mask
    return any_in_blocks(mask, 1 << shift_x, 1 << shift_y)[: plane.shape[0], : plane.shape[1]]

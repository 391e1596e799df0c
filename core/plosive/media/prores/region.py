# SPDX-License-Identifier: Apache-2.0
"""The part of a picture that is to change: its new pixels, and which 8x8 blocks of each plane differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.prores.compare import BlockMaps, empty_maps
from plosive.media.prores.frame import ProResFrame
from plosive.media.prores.picture import Picture

__all__ = ["PictureRegion", "region_of"]

Planes = tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint16]]


@dataclass(frozen=True, eq=False)
class PictureRegion:
    """Whole macroblocks around the box, of one picture (frame or field), from (mb_left, mb_top) on.

    `before` and `after`: Y, Cb, Cr, (rows, columns) uint16; beyond the picture `after` repeats its last row
    and column, and `before` is 0xFFFF. `touched`: one bool per 8x8 block of them.
    """

    mb_left: int
    mb_top: int
    mb_width: int
    mb_height: int
    before: Planes
    after: Planes
    touched: BlockMaps

    @property
    def touched_count(self) -> int:
        return sum(int(np.count_nonzero(one)) for one in self.touched)

    def touched_slices(self, picture: Picture) -> NDArray[np.int64]:
        """Indices of the slices that hold a touched block, in order."""
        shape = (self.mb_height, 2, self.mb_width, -1)
        macroblocks = np.zeros((self.mb_height, self.mb_width), dtype=np.bool_)
        for one in self.touched:
            macroblocks |= one.reshape(shape).any(axis=(1, 3))
        rows, columns = np.nonzero(macroblocks)
        in_row = picture.slice_columns[columns + self.mb_left]
        touched: NDArray[np.int64] = np.unique((rows + self.mb_top) * picture.slices_per_row + in_row)
        return touched

    def whole_maps(self, frame: ProResFrame, number: int) -> BlockMaps:
        """`touched` laid into maps of the whole picture."""
        maps = empty_maps(frame, number)
        for whole, part in zip(maps, self.touched, strict=True):
            if part.size:
                across = part.shape[1] // self.mb_width
                left, top = self.mb_left * across, self.mb_top * 2
                whole[top : top + part.shape[0], left : left + part.shape[1]] = part
        return maps


def region_of(
    frame: ProResFrame,
    number: int,
    before: Sequence[NDArray[np.uint16]],
    after: Sequence[NDArray[np.uint16]],
    box: Box,
) -> PictureRegion:
    """What picture `number` of the frame is to show anew: see `patch_frame` for the planes and the box."""
    from plosive.media.prores import blocks

    picture = frame.pictures[number]
    first, step = picture.top_row, picture.row_step
    rows = len(range(first, frame.height, step))
    box = box.clipped(frame.width, frame.height)
    # In rows of a field the box is rounded outwards: the other field's rows then only hold what is equal.
    top, bottom = box.top // step // 16, -(-min(rows, -(-box.bottom_exclusive // step)) // 16)
    left, right = box.left // 16, -(-box.right_exclusive // 16)
    mb_width, mb_height = (0, 0) if box.is_empty else (right - left, max(0, bottom - top))
    if not mb_height or not rows:
        left = top = mb_width = mb_height = 0
    low = 1 << (frame.depth - 8)
    high = (1 << frame.depth) - 1 - low
    shown, wanted, touched = [], [], []
    for plane in range(3):
        size = 16 if plane == 0 or frame.chroma_444 else 8
        shape = (16 * mb_height, size * mb_width)
        old, new = (planes[plane][first::step] for planes in (before, after))
        old = _cropped(old, 16 * top, size * left, shape, blocks.BEYOND)
        new = _cropped(new, 16 * top, size * left, shape, None)
        differs = np.zeros((shape[0] // 8, shape[1] // 8), dtype=np.bool_)
        blocks.differing_blocks(old, new, low, high, differs)
        shown.append(old)
        wanted.append(new)
        touched.append(differs)
    (y, u, v), (new_y, new_u, new_v), (of_y, of_u, of_v) = shown, wanted, touched
    return PictureRegion(left, top, mb_width, mb_height, (y, u, v), (new_y, new_u, new_v), (of_y, of_u, of_v))


def _cropped(
    plane: NDArray[np.uint16], top: int, left: int, shape: tuple[int, int], beyond: int | None
) -> NDArray[np.uint16]:
    """A copy of `shape` from (top, left) on; outside the plane it is `beyond`, or its last row and column."""
    part = plane[top : top + shape[0], left : left + shape[1]]
    if part.shape == shape:
        return np.array(part, order="C")
    if beyond is None and part.size:
        missing = (shape[0] - part.shape[0], shape[1] - part.shape[1])
        return np.pad(part, ((0, missing[0]), (0, missing[1])), mode="edge")
    whole = np.full(shape, beyond or 0, dtype=np.uint16)
    whole[: part.shape[0], : part.shape[1]] = part
    return whole

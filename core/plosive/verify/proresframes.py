# SPDX-License-Identifier: Apache-2.0
"""Two ProRes samples of one frame: header, slices, alpha as bytes, and blocks as FFmpeg decodes them.

A patch may change 8x8 blocks that the matte meets; one of 4:2:2 chroma covers 16x8 luma pixels, one of an
interlaced picture every second row. Everything else must be as it was: the frame's header, the bytes of all
slices without such a block, and the decoded samples of all other blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.geometry import Box, box_around
from plosive.media.layout import SampleLayout
from plosive.media.prores.frame import ProResFrame, parse_frame
from plosive.media.prores.picture import Picture
from plosive.media.prores.spans import HEADER, MB_COUNT, MB_X, MB_Y, OFFSET, PLANES, SIZE
from plosive.verify.blocks import any_in_blocks, plane_mask
from plosive.verify.matte import Mask

__all__ = ["ProResDifference", "compare_prores"]

_BLOCK = 8
_MACROBLOCK = 16
_WHOLE_SHARE = 0.75

Planes = list[NDArray[Any]]


@dataclass
class ProResDifference:
    """What differs between two samples of one frame of `size` (width, height).

    `unlike` says why their slices cannot be held against each other. `slices` of all `all_slices` differ in
    bytes, `stray_slices` of these do not meet the matte, `alpha_slices` differ in alpha. `blocks` decode
    otherwise, `stray_blocks` of these lie outside the matte; `box` (luma pixels) is around `blocks`.
    `largest` is in code values, of stray blocks where there is a matte, else of all.
    """

    has_matte: bool
    size: tuple[int, int] = (0, 0)
    unlike: str = ""
    slices: int = 0
    all_slices: int = 0
    stray_slices: int = 0
    alpha_slices: int = 0
    alpha_samples: int = 0
    blocks: int = 0
    stray_blocks: int = 0
    largest: int = 0
    box: Box = field(default_factory=lambda: Box(0, 0, 0, 0))
    first_stray: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it was compressed anew whole: no mouth covers so much of a picture."""
        if self.unlike:
            return True
        is_most = self.slices > _WHOLE_SHARE * self.all_slices
        return is_most and (self.stray_slices > 0 or not self.has_matte)


def compare_prores(
    ours: bytes, theirs: bytes, planes: tuple[Planes, Planes], layout: SampleLayout, mask: Mask | None
) -> ProResDifference:
    """`ours` and `theirs` are samples of the plate and OUT, `planes` what FFmpeg decodes them to, `mask`
    where a matte allows a difference (stored luma pixels; None: not known). Raises NotPatchableError when the
    plate's sample is no frame that can be taken apart.
    """
    found = ProResDifference(mask is not None)
    plate = parse_frame(ours)
    found.size = plate.width, plate.height
    try:
        out = parse_frame(theirs)
    except NotPatchableError as error:
        found.unlike = f"OUT's sample cannot be taken apart: {error}"
        return found
    found.unlike = _unlike(plate, out)
    if not found.unlike:
        for number, (one, other) in enumerate(zip(plate.pictures, out.pictures, strict=True)):
            _compare_slices(found, plate, out, one, other, _field(mask, plate, number))
    for plane, (mine, its) in enumerate(zip(*planes, strict=True)):
        if mine.shape != its.shape:
            found.unlike = found.unlike or "its planes have another size."
            return found
        is_alpha = layout.has_alpha and plane == layout.plane_count - 1
        shifts = (layout.chroma_shift_x, layout.chroma_shift_y) if layout.is_chroma(plane) else (0, 0)
        if is_alpha:
            found.alpha_samples += int(np.count_nonzero(mine != its))
            continue
        for picture in plate.pictures:
            rows = slice(picture.top_row, None, picture.row_step)
            _compare_blocks(found, mine[rows], its[rows], _rows(mask, rows), shifts, (plane, picture))
    return found


def _unlike(plate: ProResFrame, out: ProResFrame) -> str:
    """Why OUT's frame is no patch of the plate's: a header or a cut into slices that is not the same."""
    # The first four bytes are the size of the frame, which a patch changes.
    if plate.sample[4 : plate.header_end] != out.sample[4 : out.header_end]:
        return "its frame header is not the plate's"
    for one, other in zip(plate.pictures, out.pictures, strict=True):
        # Bytes 1 to 4 of a picture's header are its size.
        heads = [
            frame.sample[picture.offset : picture.offset + 1]
            + frame.sample[picture.offset + 5 : picture.offset + picture.header_size]
            for frame, picture in ((plate, one), (out, other))
        ]
        if heads[0] != heads[1] or len(one.spans) != len(other.spans):
            return "its pictures are cut into other slices"
    tails = plate.tail, out.tail
    if tails[0] != tails[1] and (any(tails[0]) or any(tails[1])):
        return "what follows its last slice is not the plate's"
    return ""


def _field(mask: Mask | None, frame: ProResFrame, number: int) -> Mask | None:
    picture = frame.pictures[number]
    return _rows(mask, slice(picture.top_row, None, picture.row_step))


def _rows(mask: Mask | None, rows: slice) -> Mask | None:
    return None if mask is None else mask[rows]


def _compare_slices(
    found: ProResDifference,
    plate: ProResFrame,
    out: ProResFrame,
    one: Picture,
    other: Picture,
    mask: Mask | None,
) -> None:
    macroblocks = None if mask is None else any_in_blocks(mask, _MACROBLOCK, _MACROBLOCK)
    found.all_slices += len(one.spans)
    ours, theirs = memoryview(plate.sample), memoryview(out.sample)
    for mine, its in zip(one.spans.tolist(), other.spans.tolist(), strict=True):
        if mine[SIZE] == its[SIZE] and (
            ours[mine[OFFSET] : mine[OFFSET] + mine[SIZE]] == theirs[its[OFFSET] : its[OFFSET] + its[SIZE]]
        ):
            continue
        found.slices += 1
        if plate.alpha_bits and _alpha(ours, mine) != _alpha(theirs, its):
            found.alpha_slices += 1
        if macroblocks is not None:
            first = mine[MB_X]
            if not macroblocks[mine[MB_Y], first : first + mine[MB_COUNT]].any():
                found.stray_slices += 1


def _alpha(sample: memoryview, span: list[int]) -> memoryview:
    """What follows the three planes of a slice."""
    before = span[HEADER] + sum(span[PLANES : PLANES + 3])
    return sample[span[OFFSET] + before : span[OFFSET] + span[SIZE]]


def _compare_blocks(
    found: ProResDifference,
    mine: NDArray[Any],
    its: NDArray[Any],
    mask: Mask | None,
    shifts: tuple[int, int],
    place: tuple[int, Picture],
) -> None:
    """One plane of one picture (a field's rows alone)."""
    differs = mine != its
    rows = np.flatnonzero(differs.any(axis=1))
    if not len(rows):
        return
    # Only the band of rows that differs, in whole blocks: a mouth is a small part of the picture.
    top = int(rows[0]) // _BLOCK * _BLOCK
    band = slice(top, -(-(int(rows[-1]) + 1) // _BLOCK) * _BLOCK)
    mine, its, differs = mine[band], its[band], differs[band]
    plane, picture = place
    shift_x, shift_y = shifts
    blocks = any_in_blocks(differs, _BLOCK, _BLOCK)
    found.blocks += int(np.count_nonzero(blocks))
    around = box_around(blocks, Box(0, 0, blocks.shape[1], blocks.shape[0]))
    across, down = _BLOCK << shift_x, (_BLOCK << shift_y) * picture.row_step
    first_row = (top << shift_y) * picture.row_step
    found.box = found.box.united(
        Box(
            around.left * across,
            around.top * down,
            around.right_exclusive * across,
            around.bottom_exclusive * down,
        )
        .moved(0, first_row)
        .clipped(*found.size)
    )
    wrong = blocks
    if mask is not None:
        mask = mask[top << shift_y : (top + mine.shape[0]) << shift_y]
        allowed = any_in_blocks(plane_mask(mask, mine, shift_x, shift_y), _BLOCK, _BLOCK)
        wrong = blocks & ~allowed
        if not wrong.any():
            return
        found.stray_blocks += int(np.count_nonzero(wrong))
        if not found.first_stray:
            row, column = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
            name = ("Y", "Cb", "Cr")[plane]
            y = first_row + int(row) * down + picture.top_row
            found.first_stray = f"{name} block at ({int(column) * across}, {y})"
    inside = np.repeat(np.repeat(wrong, _BLOCK, 0), _BLOCK, 1)[: differs.shape[0], : differs.shape[1]]
    apart = np.abs(mine[inside].astype(np.int32) - its[inside].astype(np.int32))
    found.largest = max(found.largest, int(apart.max(initial=0)))

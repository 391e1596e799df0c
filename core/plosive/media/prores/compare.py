# SPDX-License-Identifier: Apache-2.0
"""Which blocks differ between two versions of a ProRes frame, told from their coefficients alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.media.prores.frame import ProResFrame
from plosive.media.prores.spans import BATCH, COEFFICIENTS, OFFSET, SIZE

__all__ = ["BlockMaps", "changed_blocks", "changed_blocks_of", "empty_maps"]

BlockMaps = tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]
"""Y, Cb, Cr of one picture: (rows, columns) of its 8x8 blocks, whole macroblocks."""


def empty_maps(frame: ProResFrame, picture: int) -> BlockMaps:
    """Maps of a picture with no block marked."""
    layout = frame.pictures[picture].layout
    rows, columns = 2 * layout.mb_height, layout.mb_width
    chroma = (rows, columns * (2 if frame.chroma_444 else 1))
    return np.zeros((rows, 2 * columns), np.bool_), np.zeros(chroma, np.bool_), np.zeros(chroma, np.bool_)


def changed_blocks(before: ProResFrame, after: ProResFrame) -> tuple[BlockMaps, ...]:
    """For each picture, the blocks that decode differently; slices with the same bytes are not decoded.

    Every ProRes decoder gives the same pixels for a block that is not marked, since its coefficients are
    the same. Alpha is not looked at. Raises NotPatchableError when the frames are not versions of one
    picture (size, chroma, fields, matrices) or a slice cannot be read.
    """
    found = []
    for number, (old, new) in enumerate(zip(before.pictures, after.pictures, strict=False)):
        differing = [
            index
            for index, (a, b, c, d) in enumerate(
                zip(
                    *(one.spans[:, column].tolist() for one in (old, new) for column in (OFFSET, SIZE)),
                    strict=False,
                )
            )
            if before.sample[a : a + b] != after.sample[c : c + d]
        ]
        found.append(changed_blocks_of(before, after, number, np.array(differing, dtype=np.int64)))
    return tuple(found)


def changed_blocks_of(
    before: ProResFrame, after: ProResFrame, number: int, indices: NDArray[np.int64]
) -> BlockMaps:
    """The same for some slices of one picture."""
    from plosive.media.prores import blocks, entropy

    if _kind(before) != _kind(after):
        raise NotPatchableError("Two ProRes frames that were to be compared are of different kinds.")
    maps = empty_maps(before, number)
    per_mb = 4 if before.chroma_444 else 2
    both = [(entropy.sample_words(one.sample), one.pictures[number].spans) for one in (before, after)]
    for start in range(0, len(indices), BATCH):
        part = indices[start : start + BATCH]
        levels = np.empty((2, len(part), 3, COEFFICIENTS), dtype=np.int32)
        for read, (words, spans) in zip(levels, both, strict=True):
            if entropy.read_slices(words, spans[part], per_mb, read) >= 0:
                raise NotPatchableError("The ProRes frame is damaged: a slice cannot be read.")
        blocks.mark_changes(levels[0], both[0][1][part], levels[1], both[1][1][part], per_mb, maps)
    return maps


def _kind(frame: ProResFrame) -> tuple[object, ...]:
    """What must be the same for coefficients to mean the same."""
    matrices = (frame.luma_matrix.tobytes(), frame.chroma_matrix.tobytes())
    layouts = tuple((one.layout, one.slice_mb_width) for one in frame.pictures)
    return (frame.width, frame.height, frame.chroma_444, layouts, matrices)

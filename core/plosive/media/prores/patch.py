# SPDX-License-Identifier: Apache-2.0
"""New content for some 8x8 blocks of a ProRes frame; every other block keeps its coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media.prores.compare import BlockMaps, changed_blocks_of
from plosive.media.prores.frame import ProResFrame, parse_frame
from plosive.media.prores.region import PictureRegion, region_of
from plosive.media.prores.slicecoder import SliceCoder
from plosive.media.prores.spans import BATCH, HEADER, OFFSET, PLANES, SIZE

__all__ = ["PatchedFrame", "patch_frame"]


@dataclass(frozen=True)
class PatchedFrame:
    """`data`: the frame's new sample. `touched_slices`: (picture, index) of those written anew.

    `touched_blocks`: how many 8x8 blocks of all planes have new content. With none touched, `data` is
    the sample that was given.
    """

    data: bytes
    touched_slices: tuple[tuple[int, int], ...]
    touched_blocks: int


def patch_frame(
    sample: bytes, before: Sequence[NDArray[np.uint16]], after: Sequence[NDArray[np.uint16]], box: Box
) -> PatchedFrame:
    """A frame that shows `after` where it differs from `before` inside `box`, and keeps all else.

    `before` and `after` are the planes as FFmpeg decodes the frame: Y, Cb, Cr and, where there is one,
    alpha; (rows, columns) uint16 of 10 bits for 4:2:2 and 12 bits for 4:4:4; both fields of an
    interlaced frame woven. `box` is in luma pixels of the frame. Blocks that meet the box and in which a
    sample of their plane differs are coded anew with the frame's matrices. A touched slice whose
    quantiser is above 2 is brought to an exact divisor of it, 2 or 1, which changes no other block.

    Values are brought into what a decoder gives (4..1019 of 10 bits). Alpha keeps its bytes.
    Raises NotPatchableError when the frame cannot be patched so, or a self-check fails.
    """
    frame = parse_frame(sample)
    if frame.rebuilt() != sample:
        raise NotPatchableError(
            "The ProRes frame has parts that this program would not put back as they were."
        )
    _check_planes(frame, before, after, box)
    new_slices: dict[tuple[int, int], bytes] = {}
    meant: list[BlockMaps] = []
    blocks = 0
    for number in range(len(frame.pictures)):
        region = region_of(frame, number, before, after, box)
        blocks += region.touched_count
        if region.touched_count:
            new_slices |= _new_slices(frame, number, region)
        meant.append(region.whole_maps(frame, number))
    if not new_slices:
        return PatchedFrame(sample, (), 0)
    patched = frame.rebuilt(new_slices)
    _check_patched(frame, patched, new_slices, meant)
    return PatchedFrame(patched, tuple(sorted(new_slices)), blocks)


def _check_planes(
    frame: ProResFrame, before: Sequence[NDArray[np.uint16]], after: Sequence[NDArray[np.uint16]], box: Box
) -> None:
    shapes = [(frame.height, frame.width)] + 2 * [(frame.height, frame.chroma_width)]
    if any([plane.shape for plane in planes[:3]] != shapes for planes in (before, after)):
        raise NotPatchableError("The ProRes frame is of another size than the picture decoded from it.")
    if any(plane.dtype != np.uint16 for planes in (before, after) for plane in planes):
        raise NotPatchableError(
            "The picture decoded from the ProRes frame is of another depth than expected."
        )
    inside = box.clipped(frame.width, frame.height).slices
    for old, new in zip(before[3:], after[3:], strict=False):
        if not np.array_equal(old[inside], new[inside]):
            raise NotPatchableError("The alpha of a ProRes frame cannot be patched.")


def _new_slices(frame: ProResFrame, number: int, region: PictureRegion) -> dict[tuple[int, int], bytes]:
    """{(picture, index): bytes} of the slices of a picture that have a touched block."""
    from plosive.media.prores import entropy

    picture = frame.pictures[number]
    words = entropy.sample_words(frame.sample)
    touched = region.touched_slices(picture)
    new: dict[tuple[int, int], bytes] = {}
    for start in range(0, len(touched), BATCH):
        indices = touched[start : start + BATCH]
        coder = SliceCoder(frame, words, picture.spans[indices])
        todo = np.arange(len(indices))
        for qscales, coarse in coder.attempts():
            made = coder.patched(region, todo, qscales, coarse)
            new |= {(number, int(indices[which])): data for which, data in made.items()}
            todo = np.array([which for which in todo.tolist() if which not in made], dtype=np.int64)
            if not len(todo):
                break
        else:
            raise NotPatchableError("The new mouth needs more data than a ProRes slice can hold.")
    return new


def _check_patched(
    frame: ProResFrame,
    patched: bytes,
    new_slices: dict[tuple[int, int], bytes],
    meant: Sequence[BlockMaps],
) -> None:
    """Parse the result again: only the blocks meant to may differ, and no byte outside their slices."""
    again = parse_frame(patched)
    wrong = again.sample[4 : again.header_end] != frame.sample[4 : frame.header_end]
    for number, (old, new) in enumerate(zip(frame.pictures, again.pictures, strict=True)):
        indices = np.array(
            sorted(index for picture, index in new_slices if picture == number), dtype=np.int64
        )
        wrong = wrong or not _kept_outside(frame.sample, old.spans, patched, new.spans, indices)
        wrong = wrong or not all(
            _beside_planes(frame.sample, ours) == _beside_planes(patched, theirs)
            for ours, theirs in zip(old.spans[indices].tolist(), new.spans[indices].tolist(), strict=True)
        )
        changed = changed_blocks_of(frame, again, number, indices)
        wrong = wrong or any((now & ~may).any() for now, may in zip(changed, meant[number], strict=True))
    if wrong:
        raise NotPatchableError("The patched ProRes frame did not pass its own check, so it was not used.")


def _beside_planes(sample: bytes, span: Sequence[int]) -> tuple[int, bytes]:
    """Size of the slice's header, and what follows its planes: the alpha."""
    end = span[OFFSET] + span[SIZE]
    planes = sum(span[PLANES : PLANES + 3])
    return span[HEADER], sample[span[OFFSET] + span[HEADER] + planes : end]


def _kept_outside(
    old: bytes,
    old_spans: NDArray[np.int64],
    new: bytes,
    new_spans: NDArray[np.int64],
    touched: NDArray[np.int64],
) -> bool:
    """Whether all runs of slices between the touched ones have the same bytes."""
    if old_spans.shape != new_spans.shape:
        return False
    bounds = [-1, *touched.tolist(), len(old_spans)]
    for last, following in pairwise(bounds):
        if following - last < 2:
            continue
        (a, b), (c, d) = (
            (int(spans[last + 1, OFFSET]), int(spans[following - 1, [OFFSET, SIZE]].sum()))
            for spans in (old_spans, new_spans)
        )
        if old[a:b] != new[c:d]:
            return False
    return True

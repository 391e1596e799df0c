# SPDX-License-Identifier: Apache-2.0
"""The compiled part: ProRes entropy decoder and encoder, transform, block patch (RDD 36, clauses 5 to 7).

Compiled code has no bounds checks, so every function says what it relies on and checks the rest:
`words` are a sample's bytes as big-endian int64 with two more words than it fills (`sample_words`), spans
were checked by `parse_frame`, and output space is checked against the worst case before a plane is written.
All is in one module because numba's cache on disk notices changes of a function's own file only.

The levels of one plane of one slice lie in the order of the stream: scan position by scan position,
and within one by block; `levels[position * blocks + block]`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from plosive.media.prores import tables
from plosive.media.prores.spans import HEADER, MB_COUNT, MB_X, MB_Y, OFFSET, PLANES, QSCALE, SIZE

__all__ = ["changed_blocks", "differing_blocks", "patch_slices"]

Compiled = TypeVar("Compiled", bound=Callable[..., Any])
Bytes = NDArray[np.uint8]
Words = NDArray[np.int64]
Levels = NDArray[np.int32]
Planes = tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint16]]
Maps = tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]


def compiled(function: Compiled) -> Compiled:
    """To machine code at the first call, kept on disk; runs without the interpreter's lock."""
    return cast(Compiled, njit(cache=True, nogil=True)(function))


BOOKS, FIRST_DC = tables.BOOKS, tables.FIRST_DC_BOOK
DC, RUN, LEVEL = tables.DC_BOOKS, tables.AC_RUN_BOOKS, tables.AC_LEVEL_BOOKS
SHORT_WORDS, SHORT_BITS = tables.SHORT_WORDS, tables.SHORT_BITS
SMALL_WORDS, SMALL_VALUES = tables.SMALL_WORDS, tables.SMALL_VALUES
COSINES, COSINES_ACROSS = tables.COSINES, np.ascontiguousarray(tables.COSINES.T)
LONGEST = tables.LONGEST_CODE_BITS

WINDOW_BITS = 56
WINDOW_MASK = (1 << WINDOW_BITS) - 1
MOST_BLOCKS = 32  # 8 macroblocks of 4 blocks
COEFFICIENTS = MOST_BLOCKS * 64
PLANE_BYTES = COEFFICIENTS * (2 * LONGEST + 1) // 8 + 16
LARGEST_SLICE = 65535
LARGEST_LEVEL = 32767
COARSEST = 64

FINE, UNREADABLE, NOT_REPRODUCED, TOO_LARGE, TOO_SMALL_OUTPUT = 0, 1, 2, 3, 4


def _count_leading_zeros(typing_context: Any, value: Any) -> tuple[Any, Any]:
    """How numba compiles `_leading_zeros`."""

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.ctlz(values[0], cgutils.false_bit)

    return value(value), code


_leading_zeros: Any = intrinsic(_count_leading_zeros)
"""Zero bits before the highest one of an int64 (64 for 0): the processor's own instruction."""


@compiled
def _window(words: Words, bit: int) -> int:
    """The 56 bits from `bit` on. Relies on two words from there on."""
    at, rest = np.uint64(bit >> 6), (bit & 63) - 8
    first, second = int(words[at]), int(words[at + np.uint64(1)])
    if rest <= 0:
        return (first >> -rest) & WINDOW_MASK
    return ((first << rest) | ((second >> (64 - rest)) & ((1 << rest) - 1))) & WINDOW_MASK


@compiled
def _decoded(window: int, book: int) -> tuple[int, int]:
    """(value, bits) of the code word at the start of a window; bits is 0 for one that is too long."""
    known = int(SHORT_WORDS[book, window >> (WINDOW_BITS - SHORT_BITS)])
    if known:
        return known >> 8, known & 255
    switch, rice, exponent = BOOKS[book, 0], BOOKS[book, 1], BOOKS[book, 2]
    zeros = _leading_zeros(window) - (64 - WINDOW_BITS)
    if zeros < switch:
        bits = zeros + 1 + rice
        return (zeros << rice) | ((window >> (WINDOW_BITS - bits)) & ((1 << rice) - 1)), bits
    # A run takes 23 bits at most, or leaves the plane: 56 hold it with the longest level and a sign.
    bits = 2 * zeros + exponent - switch + 1
    if bits > LONGEST:
        return 0, 0
    return (window >> (WINDOW_BITS - bits)) + (switch << rice) - (1 << exponent), bits


@compiled
def _coded(value: int, book: int) -> tuple[int, int]:
    """(code word, bits) of a value >= 0; bits is 0 when the word would be too long."""
    if value < SMALL_VALUES:
        known = int(SMALL_WORDS[book, value])
        return known >> 8, known & 255
    switch, rice, exponent = BOOKS[book, 0], BOOKS[book, 1], BOOKS[book, 2]
    rest = value - (switch << rice) + (1 << exponent)
    bits = 2 * (63 - _leading_zeros(rest)) + 1 - exponent + switch
    return (rest, bits) if bits <= LONGEST else (0, 0)


@compiled
def read_plane(words: Words, start: int, size: int, blocks: int, levels: Levels) -> bool:
    """Entropy-decode `size` bytes from `start`, all in `words`, into `levels` (at least 64 * blocks)."""
    bit, end = start * 8, (start + size) * 8
    last = 64 * blocks
    for place in range(last):
        levels[place] = 0
    level, code, sign = 0, 5, 0
    for block in range(blocks):
        if bit >= end:
            return False
        if block == 0:
            first, bits = _decoded(_window(words, bit), FIRST_DC)
            level = (first >> 1) ^ -(first & 1)
        else:
            code, bits = _decoded(_window(words, bit), DC[min(code, 6)])
            sign = sign ^ (code & 1) if code else 0
            change = (code + 1) >> 1
            level += -change if sign else change
        if bits == 0 or abs(level) > LARGEST_LEVEL:
            return False
        bit += bits
        levels[block] = level
    place, run_before, level = blocks - 1, 4, 2
    window, left = 0, 0
    while bit < end:
        if left <= 2 * SHORT_BITS:
            window, left = _window(words, bit), WINDOW_BITS
        if end - bit < 32 and _window(words, bit) >> (WINDOW_BITS - (end - bit)) == 0:
            return True
        known = int(SHORT_WORDS[RUN[min(run_before, 15)], window >> (WINDOW_BITS - SHORT_BITS)])
        run, bits = known >> 8, known & 255
        if bits == 0:
            window, left = _window(words, bit), WINDOW_BITS
            run, bits = _decoded(window, RUN[min(run_before, 15)])
        place += run + 1
        if bits == 0 or place >= last:
            return False
        run_before = run
        window = (window << bits) & WINDOW_MASK
        left -= bits
        bit += bits
        known = int(SHORT_WORDS[LEVEL[min(level, 9)], window >> (WINDOW_BITS - SHORT_BITS)])
        less, bits = known >> 8, known & 255
        if bits == 0:
            window, left = _window(words, bit), WINDOW_BITS
            less, bits = _decoded(window, LEVEL[min(level, 9)])
            if bits == 0 or less >= LARGEST_LEVEL:
                return False
        level = less + 1
        negative = (window >> (WINDOW_BITS - 1 - bits)) & 1
        levels[place] = (level ^ -negative) + negative
        bits += 1
        window = (window << bits) & WINDOW_MASK
        left -= bits
        bit += bits
    return bit == end


@compiled
def write_plane(levels: Levels, blocks: int, out: Bytes, start: int) -> int:
    """Entropy-encode into `out` from `start`; the end; -1: worst case does not fit, or a code is too long."""
    if start < 0 or start + PLANE_BYTES > len(out):
        return -1
    places = np.empty(COEFFICIENTS + 1, dtype=np.int32)
    at, pending, waiting = np.uint64(start), 0, 0
    before, code, negative = 0, 5, 0
    for block in range(blocks):
        change = int(levels[block]) - before
        before = int(levels[block])
        if block == 0:
            word, bits = _coded((change << 1) ^ (change >> 63), FIRST_DC)
        else:
            size = abs(change)
            turned = 1 if (change < 0) != (negative == 1) else 0
            context = min(code, 6)
            code = 2 * size - turned if size else 0
            negative = 1 if change < 0 else 0
            word, bits = _coded(code, DC[context])
        if bits == 0:
            return -1
        pending = (pending << bits) | word
        waiting += bits
        while waiting >= 8:
            waiting -= 8
            out[at] = (pending >> waiting) & 255
            at += np.uint64(1)
        pending &= 255
    count = 0
    for place in range(blocks, 64 * blocks):
        places[count] = place
        count += 1 if levels[place] else 0
    last, run_before, size_before = blocks - 1, 4, 2
    for index in range(count):
        place = places[index]
        level = int(levels[place])
        size = abs(level)
        run = place - last - 1
        last = place
        word, bits = _coded(run, RUN[min(run_before, 15)])
        word_of_size, bits_of_size = _coded(size - 1, LEVEL[min(size_before, 9)])
        if bits == 0 or bits_of_size == 0:
            return -1
        run_before, size_before = run, size
        word = (((word << bits_of_size) | word_of_size) << 1) | (1 if level < 0 else 0)
        bits += bits_of_size + 1
        if bits > 32:  # rare; fewer than 8 bits may wait then
            while waiting >= 8:
                waiting -= 8
                out[at] = (pending >> waiting) & 255
                at += np.uint64(1)
            pending &= 255
        pending = (pending << bits) | word
        waiting += bits
        while waiting >= 32:
            waiting -= 32
            for part in range(4):
                out[at + np.uint64(part)] = (pending >> (waiting + 24 - 8 * part)) & 255
            at += np.uint64(4)
            pending &= (1 << waiting) - 1
    while waiting >= 8:
        waiting -= 8
        out[at] = (pending >> waiting) & 255
        at += np.uint64(1)
    pending &= 255
    if waiting:
        out[at] = (pending << (8 - waiting)) & 255
        at += np.uint64(1)
    return int(np.int64(at))


@compiled
def _place(plane: int, blocks_per_mb: int, index: int) -> tuple[int, int, int]:
    """(macroblock, column, row) of a block of a slice: columns and rows of blocks inside the macroblock."""
    if blocks_per_mb == 2:
        return index >> 1, 0, index & 1
    if plane == 0:
        return index >> 2, index & 1, (index >> 1) & 1
    return index >> 2, (index >> 1) & 1, index & 1


@compiled
def _transformed(
    pixels: NDArray[np.uint16],
    top: int,
    left: int,
    scale: float,
    weights: NDArray[np.float32],
    block: NDArray[np.float32],
    half: NDArray[np.float32],
) -> None:
    """DCT of the 8x8 pixels at (top, left), times `weights` (64), into `block` (8, 8)."""
    for row in range(8):
        for across in range(8):
            half[row, across] = 0
        for column in range(8):
            value = np.float32(pixels[top + row, left + column]) * np.float32(scale) - np.float32(512)
            for across in range(8):
                half[row, across] += value * COSINES_ACROSS[column, across]
    for down in range(8):
        for across in range(8):
            block[down, across] = 0
        for row in range(8):
            cosine = COSINES[down, row]
            for across in range(8):
                block[down, across] += cosine * half[row, across]
        for across in range(8):
            block[down, across] *= weights[down * 8 + across]


@compiled
def _quantised(
    old: Levels,
    blocks: int,
    touched: Bytes,
    wanted: NDArray[np.float32],
    ratio: int,
    step: int,
    coarse: int,
    new: Levels,
) -> bool:
    """New levels of a plane: old ones times `ratio`, those of touched blocks from `wanted` / `step`."""
    divisor = np.float32(1.0 / (step * coarse))
    largest = 0
    for place in range(64 * blocks):
        level = old[place] * np.int32(ratio)
        new[place] = level
        largest = max(largest, abs(level))
    for block in range(blocks):
        if touched[block]:
            for place in range(block, 64 * blocks, blocks):
                new[place] = np.int32(np.floor(wanted[place] * divisor + np.float32(0.5))) * np.int32(coarse)
    return largest <= LARGEST_LEVEL


@compiled
def differing_blocks(
    before: NDArray[np.uint16], after: NDArray[np.uint16], low: int, high: int, differs: NDArray[np.bool_]
) -> None:
    """Bring `after` (8h, 8w) into low..high, in place; mark in `differs` (h, w) where it is not `before`."""
    for row in range(differs.shape[0]):
        for column in range(differs.shape[1]):
            found = False
            for y in range(row * 8, row * 8 + 8):
                for x in range(column * 8, column * 8 + 8):
                    old = min(max(before[y, x], low), high)
                    new = min(max(after[y, x], low), high)
                    after[y, x] = new
                    found = found or old != new
            differs[row, column] = found


@compiled
def patch_slices(
    data: Bytes,
    words: Words,
    spans: NDArray[np.int64],
    chroma_blocks_per_mb: int,
    weights: NDArray[np.float32],
    scan: NDArray[np.int64],
    scale: float,
    pixels: Planes,
    touched: Maps,
    mb_left: int,
    mb_top: int,
    out: Bytes,
    sizes: NDArray[np.int64],
) -> tuple[int, int]:
    """Write the slices of `spans` anew, back to back, into `out`; (slices done, state of the next one).

    `pixels` and `touched` show the picture from macroblock (mb_left, mb_top) on, whole macroblocks.
    `weights` (2, 64): what a coefficient of luma or chroma is multiplied with before the quantiser.
    Stops with TOO_SMALL_OUTPUT when the next slice might not fit into the rest of `out`.
    """
    old = np.empty((3, COEFFICIENTS), dtype=np.int32)
    new = np.empty(COEFFICIENTS, dtype=np.int32)
    wanted = np.empty((3, COEFFICIENTS), dtype=np.float32)
    marked = np.zeros((3, MOST_BLOCKS), dtype=np.uint8)
    block = np.empty((8, 8), dtype=np.float32)
    half = np.empty((8, 8), dtype=np.float32)
    at = 0
    for index in range(len(spans)):
        span = spans[index]
        rest = span[SIZE] - span[HEADER] - span[PLANES] - span[PLANES + 1] - span[PLANES + 2]
        if at + span[HEADER] + 3 * PLANE_BYTES + rest > len(out):
            return index, TOO_SMALL_OUTPUT
        start = span[OFFSET] + span[HEADER]
        for plane in range(3):
            per_mb = 4 if plane == 0 else chroma_blocks_per_mb
            blocks = span[MB_COUNT] * per_mb
            if not read_plane(words, start, span[PLANES + plane], blocks, old[plane]):
                return index, UNREADABLE
            end = write_plane(old[plane], blocks, out, at)
            if end - at != span[PLANES + plane]:
                return index, NOT_REPRODUCED
            for place in range(end - at):
                if out[at + place] != data[start + place]:
                    return index, NOT_REPRODUCED
            start += span[PLANES + plane]
            across = 1 if per_mb == 2 else 2
            kind = 0 if plane == 0 else 1
            for number in range(blocks):
                mb, column, row = _place(plane, per_mb, number)
                column += (span[MB_X] + mb - mb_left) * across
                row += (span[MB_Y] - mb_top) * 2
                inside = 0 <= row < touched[plane].shape[0] and 0 <= column < touched[plane].shape[1]
                marked[plane, number] = 1 if inside and touched[plane][row, column] else 0
                if marked[plane, number]:
                    _transformed(pixels[plane], row * 8, column * 8, scale, weights[kind], block, half)
                    for position in range(64):
                        raster = scan[position]
                        wanted[plane, position * blocks + number] = block[raster >> 3, raster & 7]
        fine = 2 - (span[QSCALE] & 1) if span[QSCALE] > 2 else span[QSCALE]
        step, coarse = fine, 1
        while True:
            size = _written(old, marked, wanted, span, chroma_blocks_per_mb, step, coarse, new, out, at)
            if size >= 0 and size + rest <= LARGEST_SLICE:
                break
            if step != span[QSCALE]:
                step = span[QSCALE]
            elif coarse < COARSEST:
                coarse *= 2
            else:
                return index, TOO_LARGE
        for place in range(2, span[HEADER]):
            if place >= 8:
                out[at + place] = data[span[OFFSET] + place]
        out[at] = data[span[OFFSET]]
        out[at + 1] = data[span[OFFSET] + 1] if step == span[QSCALE] else step
        for place in range(rest):
            out[at + size + place] = data[start + place]
        sizes[index] = size + rest
        at += size + rest
    return len(spans), FINE


@compiled
def _written(
    old: Levels,
    marked: Bytes,
    wanted: NDArray[np.float32],
    span: NDArray[np.int64],
    chroma_blocks_per_mb: int,
    step: int,
    coarse: int,
    new: Levels,
    out: Bytes,
    at: int,
) -> int:
    """Header sizes and the three planes of a slice, quantised with `step`; their bytes, or -1: impossible."""
    end = at + int(span[HEADER])
    for plane in range(3):
        blocks = span[MB_COUNT] * (4 if plane == 0 else chroma_blocks_per_mb)
        ratio = span[QSCALE] // step
        if not _quantised(old[plane], blocks, marked[plane], wanted[plane], ratio, step, coarse, new):
            return -1
        start = end
        end = write_plane(new, blocks, out, start)
        if end < 0:
            return -1
        if plane < 2 or span[HEADER] >= 8:
            out[at + 2 + 2 * plane] = ((end - start) >> 8) & 255
            out[at + 3 + 2 * plane] = (end - start) & 255
    return end - at


@compiled
def changed_blocks(
    words: Words,
    spans: NDArray[np.int64],
    other_words: Words,
    other_spans: NDArray[np.int64],
    chroma_blocks_per_mb: int,
    changed: Maps,
) -> int:
    """Mark the blocks whose coefficients differ between slices of two frames; -1, or the unreadable slice.

    Rows of both tables are the same slices in the same order. `changed`: maps of the whole picture in
    blocks. Quantisers may differ: levels times quantiser are compared, so both frames need one matrix.
    """
    levels = np.empty(COEFFICIENTS, dtype=np.int32)
    others = np.empty(COEFFICIENTS, dtype=np.int32)
    differs = np.empty(MOST_BLOCKS, dtype=np.int32)
    for index in range(len(spans)):
        span, other = spans[index], other_spans[index]
        qscale, other_qscale = np.int32(span[QSCALE]), np.int32(other[QSCALE])
        start, other_start = span[OFFSET] + span[HEADER], other[OFFSET] + other[HEADER]
        for plane in range(3):
            per_mb = 4 if plane == 0 else chroma_blocks_per_mb
            blocks = span[MB_COUNT] * per_mb
            if not read_plane(words, start, span[PLANES + plane], blocks, levels):
                return index
            if not read_plane(other_words, other_start, other[PLANES + plane], blocks, others):
                return index
            start += span[PLANES + plane]
            other_start += other[PLANES + plane]
            across = 1 if per_mb == 2 else 2
            for number in range(blocks):
                differs[number] = 0
            for position in range(64):
                for number in range(blocks):
                    place = position * blocks + number
                    differs[number] |= levels[place] * qscale ^ others[place] * other_qscale
            for number in range(blocks):
                if differs[number]:
                    mb, column, row = _place(plane, per_mb, number)
                    column += (span[MB_X] + mb) * across
                    row += span[MB_Y] * 2
                    if row < changed[plane].shape[0] and column < changed[plane].shape[1]:
                        changed[plane][row, column] = True
    return -1

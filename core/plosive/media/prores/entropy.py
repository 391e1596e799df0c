# SPDX-License-Identifier: Apache-2.0
"""Compiled: the entropy coder of ProRes slices, both ways (RDD 36, clause 7.1).

Compiled code has no bounds checks, so every function says what it relies on and checks the rest. Words
are a sample's bytes as big-endian int64 with two more words than it fills (`sample_words`), spans were
checked by `parse_frame`, and output space is held against the worst case before a plane is written.

The levels of one plane of one slice lie in the order of the stream: scan position by scan position,
and within one by block; `levels[position * blocks + block]`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.media.prores import tables
from plosive.media.prores.compiling import compiled, leading_zeros
from plosive.media.prores.spans import COEFFICIENTS, HEADER, MB_COUNT, OFFSET, PLANES

__all__ = ["SLICE_BYTES", "read_slices", "sample_words", "write_slices"]

Bytes = NDArray[np.uint8]
Words = NDArray[np.int64]
Levels = NDArray[np.int32]

BOOKS, FIRST_DC = tables.BOOKS, tables.FIRST_DC_BOOK
DC, RUN, LEVEL = tables.DC_BOOKS, tables.AC_RUN_BOOKS, tables.AC_LEVEL_BOOKS
SHORT_WORDS, SHORT_BITS = tables.SHORT_WORDS, tables.SHORT_BITS
SHORT_RUNS, SHORT_LEVELS = tables.SHORT_RUNS, tables.SHORT_LEVELS
SMALL_WORDS, SMALL_VALUES = tables.SMALL_WORDS, tables.SMALL_VALUES
LONGEST = tables.LONGEST_CODE_BITS

WORD_BYTES = 8
WINDOW_BITS = 56
WINDOW_MASK = (1 << WINDOW_BITS) - 1
PLANE_BYTES = COEFFICIENTS * (2 * LONGEST + 1) // 8 + 16
"""More than the longest plane there can be."""
SLICE_BYTES = 3 * PLANE_BYTES
LARGEST_LEVEL = 32767


def sample_words(sample: bytes) -> Words:
    """A sample for the compiled reader, which may look at two words beyond it, and never uses them."""
    size = (len(sample) // WORD_BYTES + 3) * WORD_BYTES
    return np.frombuffer(sample.ljust(size, b"\0"), ">i8").astype(np.int64)


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
    zeros = leading_zeros(window) - (64 - WINDOW_BITS)
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
    bits = 2 * (63 - leading_zeros(rest)) + 1 - exponent + switch
    return (rest, bits) if bits <= LONGEST else (0, 0)


@compiled
def _read_plane(words: Words, start: int, size: int, blocks: int, levels: Levels) -> bool:
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
    place, run_book, level_book = blocks - 1, RUN[4], LEVEL[2]
    window, left = 0, 0
    while bit < end:
        if left <= 2 * SHORT_BITS:
            window, left = _window(words, bit), WINDOW_BITS
        if end - bit < 32 and _window(words, bit) >> (WINDOW_BITS - (end - bit)) == 0:
            return True
        known = int(SHORT_RUNS[run_book, window >> (WINDOW_BITS - SHORT_BITS)])
        bits = known & 255
        if bits:
            place += (known >> 16) + 1
            run_book = (known >> 8) & 255
        else:
            window, left = _window(words, bit), WINDOW_BITS
            run, bits = _decoded(window, run_book)
            place += run + 1
            run_book = RUN[min(run, 15)]
        if bits == 0 or place >= last:
            return False
        window = (window << bits) & WINDOW_MASK
        left -= bits
        bit += bits
        known = int(SHORT_LEVELS[level_book, window >> (WINDOW_BITS - SHORT_BITS)])
        bits = known & 255
        if bits:
            level = (known >> 16) + 1
            level_book = (known >> 8) & 255
        else:
            window, left = _window(words, bit), WINDOW_BITS
            less, bits = _decoded(window, level_book)
            if bits == 0 or less >= LARGEST_LEVEL:
                return False
            level = less + 1
            level_book = LEVEL[min(level, 9)]
        negative = (window >> (WINDOW_BITS - 1 - bits)) & 1
        levels[place] = (level ^ -negative) + negative
        bits += 1
        window = (window << bits) & WINDOW_MASK
        left -= bits
        bit += bits
    return bit == end


@compiled
def _write_plane(levels: Levels, blocks: int, out: Bytes, start: int) -> int:
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
def read_slices(words: Words, spans: NDArray[np.int64], chroma_blocks_per_mb: int, levels: Levels) -> int:
    """Levels (n, 3, COEFFICIENTS) of the slices of `spans`; -1, or the number of one that cannot be read."""
    for index in range(len(spans)):
        span = spans[index]
        start = span[OFFSET] + span[HEADER]
        for plane in range(3):
            blocks = span[MB_COUNT] * (4 if plane == 0 else chroma_blocks_per_mb)
            if not _read_plane(words, start, span[PLANES + plane], blocks, levels[index, plane]):
                return index
            start += span[PLANES + plane]
    return -1


@compiled
def write_slices(
    levels: Levels,
    spans: NDArray[np.int64],
    chroma_blocks_per_mb: int,
    out: Bytes,
    sizes: NDArray[np.int64],
) -> None:
    """Planes of the slices back to back into `out`, and their `sizes` (n, 3).

    A slice has size -1, and no bytes in `out`, when a level is beyond what code words can say. `out` has
    space for all slices when it has SLICE_BYTES for each.
    """
    at = 0
    for index in range(len(spans)):
        end = at
        for plane in range(3):
            blocks = spans[index, MB_COUNT] * (4 if plane == 0 else chroma_blocks_per_mb)
            start = end
            end = _write_plane(levels[index, plane], blocks, out, start)
            if end < 0:
                break
            sizes[index, plane] = end - start
        if end < 0:
            sizes[index] = -1
        else:
            at = end

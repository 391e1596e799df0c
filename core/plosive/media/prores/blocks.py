# SPDX-License-Identifier: Apache-2.0
"""Compiled: which 8x8 blocks differ, and the levels of those with new pixels (RDD 36, clauses 7.2 to 7.4).

Compiled code has no bounds checks, so every function says what it relies on and checks the rest.
Arrays of levels are (slices, 3, COEFFICIENTS) int32 in the order of the stream (see entropy.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.media.prores import tables
from plosive.media.prores.compiling import compiled, compiled_in_any_order
from plosive.media.prores.spans import MB_COUNT, MB_X, MB_Y, MOST_BLOCKS, QSCALE

__all__ = ["BEYOND", "differing_blocks", "mark_changes", "quantise_slices"]

Levels = NDArray[np.int32]
Floats = NDArray[np.float32]
Plane = NDArray[np.uint16]
Planes = tuple[Plane, Plane, Plane]
Maps = tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]

COSINES, COSINES_ACROSS = tables.COSINES, np.ascontiguousarray(tables.COSINES.T)
BASIS = np.einsum("ky,lx->klyx", tables.COSINES, tables.COSINES).reshape(64, 64).astype(np.float32)
SQUARES = np.ascontiguousarray(tables.COSINES**2)

BEYOND = 0xFFFF
"""Value of `before` for pixels that lie beyond the picture."""
KEPT_WEIGHT = np.float32(4)
"""How much more an error counts where a touched block shows the plate."""
FEWEST_KEPT = 4
"""Pixels that show the plate in a block worth the effort; single ones are alike by chance."""
SWEEPS = 2
LARGEST_LEVEL = 32767


@compiled
def differing_blocks(before: Plane, after: Plane, low: int, high: int, differs: NDArray[np.bool_]) -> None:
    """Bring `after` (8h, 8w) into low..high, in place; mark in `differs` (h, w) where it is not `before`."""
    for row in range(differs.shape[0]):
        for column in range(differs.shape[1]):
            found = False
            for y in range(row * 8, row * 8 + 8):
                for x in range(column * 8, column * 8 + 8):
                    old = min(max(before[y, x], low), high)
                    new = min(max(after[y, x], low), high)
                    after[y, x] = new
                    found = found or (old != new and before[y, x] != BEYOND)
            differs[row, column] = found


@compiled
def _place(plane: int, blocks_per_mb: int, index: int) -> tuple[int, int, int]:
    """(macroblock, column, row) of a block of a slice: columns and rows of blocks inside the macroblock."""
    if blocks_per_mb == 2:
        return index >> 1, 0, index & 1
    if plane == 0:
        return index >> 2, index & 1, (index >> 1) & 1
    return index >> 2, (index >> 1) & 1, index & 1


@compiled
def _transform(pixels: Plane, top: int, left: int, scale: float, half: Floats, block: Floats) -> None:
    """DCT of the 8x8 pixels at (top, left), brought to 10 bits around 0, into `block` (8, 8)."""
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


@compiled
def _weigh(before: Plane, after: Plane, top: int, left: int, weights: Floats) -> bool:
    """`weights` (64,) of the errors of a block's pixels; whether they differ much."""
    new, kept = 0, 0
    for row in range(8):
        for column in range(8):
            old = before[top + row, left + column]
            if old == BEYOND:
                weights[8 * row + column] = 0
            elif old == after[top + row, left + column]:
                weights[8 * row + column] = KEPT_WEIGHT
                kept += 1
            else:
                weights[8 * row + column] = 1
                new += 1
    return kept >= FEWEST_KEPT or new + kept < 64


@compiled_in_any_order
def _refine(
    levels: NDArray[np.int64], steps: Floats, block: Floats, weights: Floats, error: Floats, curves: Floats
) -> None:
    """Move levels (64,) by one where that makes the weighted error of the pixels smaller.

    Rounding each coefficient is best when all pixels count the same. Where some count more, a change of
    one coefficient can undo what another's rounding did to them. `steps`: of the levels, row by row.
    `error` (64,) and `curves` (8, 8) are space to work in.
    """
    for pixel in range(64):
        error[pixel] = 0
    for place in range(64):
        off = np.float32(levels[place]) * steps[place] - block[place >> 3, place & 7]
        for pixel in range(64):
            error[pixel] += off * BASIS[place, pixel]
    for down in range(8):
        for column in range(8):
            curves[down, column] = 0
        for row in range(8):
            for column in range(8):
                curves[down, column] += SQUARES[down, row] * weights[8 * row + column]
    for pixel in range(64):
        error[pixel] *= weights[pixel]
    for _ in range(SWEEPS):
        moved = False
        for place in range(63, -1, -1):
            slope, curve = np.float32(0), np.float32(0)
            for pixel in range(64):
                slope += error[pixel] * BASIS[place, pixel]
            for column in range(8):
                curve += curves[place >> 3, column] * SQUARES[place & 7, column]
            if curve * steps[place] >= 2 * abs(slope):
                continue
            moved = True
            change = -1 if slope > 0 else 1
            levels[place] += change
            by = np.float32(change) * steps[place]
            for pixel in range(64):
                error[pixel] += by * weights[pixel] * BASIS[place, pixel]
        if not moved:
            return


@compiled
def quantise_slices(
    old: Levels,
    spans: NDArray[np.int64],
    qscales: NDArray[np.int64],
    coarse: int,
    chroma_blocks_per_mb: int,
    matrices: NDArray[np.uint8],
    scan: NDArray[np.int64],
    scale: float,
    before: Planes,
    after: Planes,
    touched: Maps,
    mb_left: int,
    mb_top: int,
    new: Levels,
    fits: NDArray[np.bool_],
) -> None:
    """New levels of the slices of `spans` at `qscales`, divisors of theirs; `fits`: small enough.

    Blocks not touched: the old levels, times what their quantiser is divided by. Touched ones: from the
    pixels of `after`, in multiples of `coarse`. `before`, `after` and `touched` show the picture from
    macroblock (mb_left, mb_top) on, whole macroblocks. `matrices` (2, 64): luma and chroma.
    """
    block, half = np.empty((8, 8), dtype=np.float32), np.empty((8, 8), dtype=np.float32)
    weights, error = np.empty(64, dtype=np.float32), np.empty(64, dtype=np.float32)
    curves = np.empty((8, 8), dtype=np.float32)
    steps = np.empty((2, 64), dtype=np.float32)
    levels = np.empty(64, dtype=np.int64)
    for index in range(len(spans)):
        span = spans[index]
        ratio = np.int32(span[QSCALE] // qscales[index])
        for kind in range(2):
            for place in range(64):
                steps[kind, place] = matrices[kind, place] * qscales[index] * coarse / 4
        for plane in range(3):
            per_mb = 4 if plane == 0 else chroma_blocks_per_mb
            blocks = span[MB_COUNT] * per_mb
            was, now = old[index, plane], new[index, plane]
            largest = np.int32(0)
            for place in range(64 * blocks):
                now[place] = was[place] * ratio
                largest = max(largest, np.int32(abs(now[place])))
            fits[index] = largest <= LARGEST_LEVEL and (plane == 0 or fits[index])
            across = 1 if per_mb == 2 else 2
            step = steps[min(plane, 1)]
            for number in range(blocks):
                mb, column, row = _place(plane, per_mb, number)
                column += (span[MB_X] + mb - mb_left) * across
                row += (span[MB_Y] - mb_top) * 2
                if not (0 <= row < touched[plane].shape[0] and 0 <= column < touched[plane].shape[1]):
                    continue
                if not touched[plane][row, column]:
                    continue
                _transform(after[plane], row * 8, column * 8, scale, half, block)
                for place in range(64):
                    level = np.floor(block[place >> 3, place & 7] / step[place] + np.float32(0.5))
                    levels[place] = np.int64(level)
                if _weigh(before[plane], after[plane], row * 8, column * 8, weights):
                    _refine(levels, step, block, weights, error, curves)
                for position in range(64):
                    now[position * blocks + number] = levels[scan[position]] * coarse


@compiled
def mark_changes(
    levels: Levels,
    spans: NDArray[np.int64],
    others: Levels,
    other_spans: NDArray[np.int64],
    chroma_blocks_per_mb: int,
    changed: Maps,
) -> None:
    """Mark the blocks, in maps of the whole picture, whose coefficients differ between the same slices.

    Quantisers may differ: levels times quantiser are compared, so both frames must have one matrix.
    """
    differs = np.empty(MOST_BLOCKS, dtype=np.int32)
    for index in range(len(spans)):
        qscale, other = np.int32(spans[index, QSCALE]), np.int32(other_spans[index, QSCALE])
        for plane in range(3):
            per_mb = 4 if plane == 0 else chroma_blocks_per_mb
            blocks = spans[index, MB_COUNT] * per_mb
            for number in range(blocks):
                differs[number] = 0
            one, two = levels[index, plane], others[index, plane]
            for position in range(64):
                for number in range(blocks):
                    place = position * blocks + number
                    differs[number] |= one[place] * qscale ^ two[place] * other
            for number in range(blocks):
                if differs[number]:
                    mb, column, row = _place(plane, per_mb, number)
                    column += (spans[index, MB_X] + mb) * (1 if per_mb == 2 else 2)
                    row += spans[index, MB_Y] * 2
                    if row < changed[plane].shape[0] and column < changed[plane].shape[1]:
                        changed[plane][row, column] = True

# SPDX-License-Identifier: Apache-2.0
"""The filters of PNG rows, forwards, and the seven passes of interlaced files (PNG, 3rd edition, 8 and 9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PngPass", "filtered", "png_passes"]

Bytes = NDArray[np.uint8]

_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)


@dataclass(frozen=True)
class PngPass:
    """Every `across`th pixel from `left` on of every `down`th row from `top` on: `rows` of `row_bytes`, each
    with its filter's number before it, from byte `start` of the inflated data on.
    """

    left: int
    top: int
    across: int
    down: int
    rows: int
    row_bytes: int
    start: int

    @property
    def end(self) -> int:
        return self.start + self.rows * (1 + self.row_bytes)

    def rows_within(self, first_row: int, end_row: int) -> tuple[int, int]:
        """(first, end) of this pass's rows among some of the picture's."""
        return (
            min(self.rows, max(0, -(-(first_row - self.top) // self.down))),
            min(self.rows, max(0, -(-(end_row - self.top) // self.down))),
        )


def png_passes(width: int, height: int, pixel_bytes: int, is_interlaced: bool) -> Iterator[PngPass]:
    """Those that hold pixels, in the order of the file."""
    start = 0
    for left, top, across, down in _ADAM7 if is_interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            found = PngPass(left, top, across, down, rows, columns * pixel_bytes, start)
            start = found.end
            yield found


def filtered(rows: Bytes, above: Bytes, kinds: Bytes, pixel_bytes: int) -> Bytes | None:
    """Rows (n, bytes) with the filters `kinds` (n,) applied; `above` holds the row over each of them. None
    where a kind is unknown.
    """
    made = np.empty_like(rows)
    for kind in np.unique(kinds):
        where = kinds == kind
        here, over = rows[where], above[where]
        if kind == _NONE:
            made[where] = here
            continue
        if kind == _UP:
            made[where] = here - over
            continue
        left = np.zeros_like(here)
        left[:, pixel_bytes:] = here[:, :-pixel_bytes]
        if kind == _SUB:
            made[where] = here - left
        elif kind == _AVERAGE:
            # (a + b) // 2 without the ninth bit
            made[where] = here - ((left & over) + ((left ^ over) >> np.uint8(1)))
        elif kind == _PAETH:
            made[where] = here - _paeth(left, over, pixel_bytes)
        else:
            return None
    return made


def _paeth(left: Bytes, over: Bytes, pixel_bytes: int) -> Bytes:
    corner = np.zeros_like(over)
    corner[:, pixel_bytes:] = over[:, :-pixel_bytes]
    diagonal = corner.astype(np.int16)
    to_left = np.abs(over - diagonal)  # what the estimate a + b - c is away from a
    to_over = np.abs(left - diagonal)
    to_corner = np.abs(left.astype(np.int16) + over - 2 * diagonal)
    is_left = (to_left <= to_over) & (to_left <= to_corner)
    return np.where(is_left, left, np.where(to_over <= to_corner, over, corner))

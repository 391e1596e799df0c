# SPDX-License-Identifier: Apache-2.0
"""Tiles of an OpenEXR part at all its levels, in the order of the offset table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["TileGrid", "TileLevel"]


@dataclass(frozen=True)
class TileLevel:
    """One level: `x` and `y` are its numbers (equal in mip maps), sizes are in pixels, `columns` and `rows`
    count tiles, `first` is the table's entry of its first tile.
    """

    x: int
    y: int
    width: int
    height: int
    columns: int
    rows: int
    first: int

    @property
    def tile_count(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True)
class TileGrid:
    """Tiles of `tile_width` x `tile_height` over a picture of `width` x `height`.

    `mode` is 0 (one level), 1 (mip map: halved both ways) or 2 (rip map: halved each way by itself).
    """

    width: int
    height: int
    tile_width: int
    tile_height: int
    mode: int
    is_rounded_up: bool

    @cached_property
    def levels(self) -> tuple[TileLevel, ...]:
        """In the order of the offset table (ImfTiledMisc.cpp, ImfTileOffsets.cpp)."""
        if self.mode == 0:
            numbers = [(0, 0)]
        elif self.mode == 1:
            count = self._level_count(max(self.width, self.height))
            numbers = [(level, level) for level in range(count)]
        else:
            across, down = self._level_count(self.width), self._level_count(self.height)
            numbers = [(x, y) for y in range(down) for x in range(across)]
        found: list[TileLevel] = []
        first = 0
        for x, y in numbers:
            width, height = self._size(self.width, x), self._size(self.height, y)
            columns, rows = -(-width // self.tile_width), -(-height // self.tile_height)
            found.append(TileLevel(x, y, width, height, columns, rows, first))
            first += columns * rows
        return tuple(found)

    @property
    def tile_count(self) -> int:
        return self.levels[-1].first + self.levels[-1].tile_count

    def leaders(self, first: int, end: int) -> NDArray[np.int64]:
        """(end - first, 4): column, row, level x and level y of the table's entries `first` to `end`."""
        found = np.empty((end - first, 4), np.int64)
        for level in self.levels:
            start, stop = max(first, level.first), min(end, level.first + level.tile_count)
            if start < stop:
                place = np.arange(start, stop) - level.first
                rows = slice(start - first, stop - first)
                found[rows, 0], found[rows, 1] = place % level.columns, place // level.columns
                found[rows, 2], found[rows, 3] = level.x, level.y
        return found

    def level_of(self, index: int) -> TileLevel:
        """The level whose tile is entry `index` of the table."""
        return next(level for level in self.levels if index < level.first + level.tile_count)

    def _level_count(self, size: int) -> int:
        return ((size - 1).bit_length() if self.is_rounded_up else size.bit_length() - 1) + 1

    def _size(self, size: int, level: int) -> int:
        return max(1, (size + (1 << level) - 1 if self.is_rounded_up else size) >> level)

# SPDX-License-Identifier: Apache-2.0
"""Which parts of a picture are searched for faces, and when."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from plosive.faces.finding.shrink import shrunk

__all__ = ["TILE_PIXELS", "Tile", "TileSchedule"]

TILE_PIXELS = 128
"""The detector looks at squares of this side; it needs a face at least an eighth of it wide."""

_STEP_SHARE = 11 / 16  # neighbours share 40 of 128 pixels: room for the largest face left to this scale
_FINEST_SIDE_PIXELS = 112.0
_FINEST_BEGIN_SIDE_PIXELS = 160.0
_MOST_HALVINGS = 5
_PIXELS_PER_TILE = 2e6


@dataclass(frozen=True)
class Tile:
    """A square of a picture with its corner at (left, top), `side` pixels long; it may reach beyond.

    It is shown to the detector turned counter-clockwise by `quarter_turns` times 90 degrees.
    """

    left: float
    top: float
    side: float
    quarter_turns: int = 0

    @classmethod
    def whole(cls, width: int, height: int, quarter_turns: int = 0) -> Tile:
        """The smallest square around a whole picture."""
        side = float(max(width, height))
        return cls((width - side) / 2, (height - side) / 2, side, quarter_turns)

    def cut(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The tile of a picture (H, W, 3) uint8 as (128, 128, 3); black beyond the picture."""
        height, width = rgb.shape[:2]
        left, top = max(0, round(self.left)), max(0, round(self.top))
        right = min(width, max(left + 1, round(self.left + self.side)))
        bottom = min(height, max(top + 1, round(self.top + self.side)))
        shown = np.zeros((TILE_PIXELS, TILE_PIXELS, 3), dtype=np.uint8)
        scale = TILE_PIXELS / self.side
        x, y = max(0, round((left - self.left) * scale)), max(0, round((top - self.top) * scale))
        wide = min(TILE_PIXELS - x, max(1, round((right - left) * scale)))
        high = min(TILE_PIXELS - y, max(1, round((bottom - top) * scale)))
        if right > left and bottom > top and wide > 0 and high > 0:
            shown[y : y + high, x : x + wide] = shrunk(rgb[top:bottom, left:right], wide, high)
        return np.ascontiguousarray(np.rot90(shown, self.quarter_turns))

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """A place in the shown tile (shares 0..1) as pixels of the picture."""
        for _ in range(self.quarter_turns % 4):
            x, y = 1 - y, x
        return self.left + x * self.side, self.top + y * self.side


class TileSchedule:
    """What to search in each frame of one size: everything when a shot begins, then a little at a time.

    The whole picture is searched in every frame, which finds faces wider than an eighth of its long side.
    Tiles of a half, a quarter and so on find smaller ones. A shot's first frame is searched down to faces
    20 to 40 pixels wide (60 in 8K). Later each frame shows one tile of a half, one of a quarter, and per two
    million pixels one of what remains, in turn: finer tiles, and tiles turned by quarters for faces that
    lie on their side or stand on their head. So at 1920 x 1080 a face that comes in late is found within 5
    frames from 160 pixels of width, 18 from 80, 170 from 40 (3840 x 2160: 18 from 160, 42 from 80).
    """

    def __init__(self, width: int, height: int) -> None:
        self._whole = Tile.whole(width, height)
        long_side = max(width, height)
        sides = [long_side / 2**power for power in range(1, _MOST_HALVINGS + 1)]
        sides = [side for side in sides if side >= _FINEST_SIDE_PIXELS]
        levels = [_tiles(width, height, side) for side in sides]
        first = [side >= _FINEST_BEGIN_SIDE_PIXELS for side in sides[: _MOST_HALVINGS - 1]]
        self._begin = [tile for level, now in zip(levels, first, strict=False) if now for tile in level]
        self._turned = [
            replace(tile, quarter_turns=turns)
            for turns in (1, 3, 2)
            for tile in [self._whole, *(levels[0] if levels else [])]
        ]
        self._turns = [cycle(level) for level in levels[:2]]
        turned = cycle(self._turned)
        finer = [cycle(level) for level in levels[2:]]
        # The finer the tiles the more of them: the coarsest of what remains has every other turn.
        self._rest = cycle([turn for other in [*finer[1:], turned] for turn in [*finer[:1], other]])
        self._rest_per_frame = max(1, round(width * height / _PIXELS_PER_TILE))
        self._turned_again = cycle(self._turned)

    def begin(self) -> list[Tile]:
        """What to search in the first frame of a shot."""
        return [self._whole, *self._begin]

    def turned(self) -> list[Tile]:
        """What to search there besides when that finds nothing."""
        return self._turned

    def next(self, *, lonely: bool) -> list[Tile]:
        """What to search in the frame that follows; `lonely` where no face is known."""
        tiles = [self._whole, *(next(turn) for turn in self._turns)]
        tiles += [next(next(self._rest)) for _ in range(self._rest_per_frame)]
        return [*tiles, next(self._turned_again)] if lonely else tiles


def _tiles(width: int, height: int, side: float) -> list[Tile]:
    """Overlapping tiles that cover a picture."""

    def places(length: int) -> list[float]:
        if length <= side:
            return [(length - side) / 2]
        count = math.ceil((length - side) / (side * _STEP_SHARE)) + 1
        return [(length - side) * place / (count - 1) for place in range(count)]

    return [Tile(left, top, side) for top in places(height) for left in places(width)]

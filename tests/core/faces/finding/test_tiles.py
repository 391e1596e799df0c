# SPDX-License-Identifier: Apache-2.0
"""Every place of a picture is searched at every scale, all at once and bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from plosive.faces.finding.tiles import TILE_PIXELS, Tile, TileSchedule

SIZES = [(1920, 1080), (1080, 1920), (3840, 2160), (641, 361), (64, 48), (4096, 1716)]


@pytest.mark.parametrize("size", SIZES)
def test_a_face_lies_whole_in_some_tile_of_its_scale(size: tuple[int, int]) -> None:
    width, height = size
    sides = sorted({tile.side for tile in TileSchedule(width, height).begin()}, reverse=True)
    assert sides[0] == max(size)
    rng = np.random.default_rng(1)
    for side in sides[1:]:
        level = [tile for tile in TileSchedule(width, height).begin() if tile.side == side]
        for _ in range(40):
            face = side / 4  # twice the least width; wider ones are the coarser level's
            x, y = rng.uniform(face / 2, width - face / 2), rng.uniform(face / 2, height - face / 2)
            assert any(
                tile.left <= x - face / 2
                and x + face / 2 <= tile.left + side
                and tile.top <= y - face / 2
                and y + face / 2 <= tile.top + side
                for tile in level
            )


@pytest.mark.parametrize("size", SIZES)
def test_each_frame_costs_little_and_all_comes_up_in_turn(size: tuple[int, int]) -> None:
    schedule = TileSchedule(*size)
    frames = [schedule.next(lonely=False) for _ in range(700)]
    assert max(len(tiles) for tiles in frames) <= 3 + max(1, round(size[0] * size[1] / 2e6))
    assert set(schedule.begin()) <= {tile for tiles in frames for tile in tiles}
    assert set(schedule.turned()) <= {tile for tiles in frames for tile in tiles}


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_places_in_a_turned_tile_are_found_again_in_the_picture(turns: int) -> None:
    picture = np.zeros((200, 300, 3), dtype=np.uint8)
    picture[60:64, 140:144] = 255
    tile = Tile(90, 20, 128, turns)
    shown = tile.cut(picture)
    y, x = (float(place.mean()) + 0.5 for place in np.nonzero(shown[..., 0]))
    assert tile.to_picture(x / TILE_PIXELS, y / TILE_PIXELS) == pytest.approx((142, 62), abs=0.01)


def test_a_tile_that_reaches_beyond_the_picture_is_black_there() -> None:
    picture = np.full((50, 80, 3), 200, dtype=np.uint8)
    shown = Tile.whole(80, 50).cut(picture)
    assert shown.shape == (TILE_PIXELS, TILE_PIXELS, 3)
    assert shown[:20].max() == 0
    assert shown[64].min() == 200
    assert Tile(500, 500, 64).cut(picture).max() == 0

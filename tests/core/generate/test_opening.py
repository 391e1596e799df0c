# SPDX-License-Identifier: Apache-2.0
"""Mouth openings as layers: teeth keep their size, what is lacking is lent or drawn."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.faces.track import FaceTrack
from plosive.generate.cavity import learn_cavity
from plosive.generate.layers import InsideLayers
from plosive.generate.look import INNER_LOWER, INNER_UPPER
from plosive.generate.opening import opening_shape
from plosive.generate.place import MouthPlace
from plosive.generate.pool import SourcePool
from plosive.generate.rigid import laid_opening
from plosive.generate.sources import SourceLibrary
from plosive.generate.teeth import CELL_IOD, lower_row, upper_row
from plosive.geometry import Box

STILL = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
SIZE = 360
BOX = Box(0, 0, SIZE, SIZE)
WHITE, DARK = 0.9, 0.05


@pytest.fixture
def open_mouth(track: FaceTrack) -> NDArray[np.float32]:
    """Landmarks (478, 2) at three times the picture's size, the inner lips 60 pixels apart."""
    points = track.landmarks[0, :, :2]
    points = (points - points[[13, 14]].mean(axis=0)) * 3 + SIZE / 2
    return spread(points.astype(np.float32), 60.0)


def spread(points: NDArray[np.float32], gap: float) -> NDArray[np.float32]:
    """The same face with its inner lips an ellipse `gap` pixels high; the lower lip moves."""
    moved = points.copy()
    across = np.linspace(-1, 1, 11)
    height = gap * np.sqrt(np.clip(1 - across**2, 0, 1))
    top = points[INNER_UPPER, 1].mean()
    moved[INNER_UPPER, 1] = top
    moved[INNER_LOWER, 1] = top + height
    return moved


def teeth_over_dark(points: NDArray[np.float32], tall: float) -> NDArray[np.float32]:
    """A picture of red, with teeth `tall` pixels below the upper lip and dark below them."""
    picture = np.full((SIZE, SIZE, 3), (0.6, 0.2, 0.2), dtype=np.float32)
    top = points[13, 1]
    y = np.arange(SIZE)[:, None]
    inside = (y >= top) & (y <= points[14, 1])
    picture[np.broadcast_to(inside, (SIZE, SIZE))] = DARK
    picture[np.broadcast_to(inside & (y < top + tall), (SIZE, SIZE))] = WHITE
    return picture


def tooth_height(picture: NDArray[np.float32], column: int) -> float:
    return float((picture[:, column].min(axis=1) > 0.5).sum())


@pytest.mark.parametrize("gap", [40.0, 60.0, 90.0, 110.0])
def test_teeth_keep_their_height_in_an_opening_of_any_height(
    open_mouth: NDArray[np.float32], gap: float
) -> None:
    import cv2

    picture = teeth_over_dark(open_mouth, 20)
    target = spread(open_mouth, gap)
    shape = opening_shape(open_mouth, target, STILL)
    assert shape is not None
    assert shape.growth == pytest.approx(gap / 60, rel=0.02)
    opening = laid_opening(shape, picture, target, WHITE, DARK, BOX)
    assert opening is not None
    laid = cv2.remap(picture, opening.look_at, None, cv2.INTER_LINEAR)
    middle = int(open_mouth[13, 0]) - opening.box.left
    stretched = 20 * gap / 60
    assert abs(tooth_height(laid, middle) - 20) < max(3.0, 0.35 * abs(stretched - 20))


def test_the_map_of_an_opening_never_folds(open_mouth: NDArray[np.float32]) -> None:
    picture = np.random.default_rng(3).uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32)
    for gap in (8.0, 30.0, 120.0):
        target = spread(open_mouth, gap)
        shape = opening_shape(open_mouth, target, STILL)
        assert shape is not None
        opening = laid_opening(shape, picture, target, WHITE, DARK, BOX)
        assert opening is not None
        down = np.diff(opening.look_at[..., 1], axis=0)
        both = opening.inside[1:] & opening.inside[:-1]
        assert down[both].min() >= -1e-3
        right = np.diff(opening.look_at[..., 0], axis=1)
        both = opening.inside[:, 1:] & opening.inside[:, :-1]
        assert right[both].min() >= -1e-3


def test_closed_lips_have_no_opening(open_mouth: NDArray[np.float32]) -> None:
    assert opening_shape(open_mouth, spread(open_mouth, 0.0), STILL) is None


def test_drawn_rows_have_mean_human_size() -> None:
    """Six upper front teeth span about 47 mm of the 90 between the outer corners of the eyes."""
    for row, least, most in ((upper_row(), 0.44, 0.50), (lower_row(), 0.35, 0.40)):
        assert row.cover.min() >= 0 and row.cover.max() <= 1
        assert np.array_equal(row.cover, row.cover[:, ::-1]), "both sides alike"
        dips = np.flatnonzero(np.diff(np.sign(np.diff(row.shade[len(row.cover) // 2]))) > 0) + 1
        assert len(dips) >= 6, "single teeth"
        middle = row.cover.shape[1] // 2
        canines = np.sort(np.abs(dips - middle) * CELL_IOD)
        assert ((2 * canines > least) & (2 * canines < most)).any()


@pytest.fixture
def pool(track: FaceTrack, sources: SourceLibrary) -> SourcePool:
    return SourcePool.of(track, sources)


def test_a_smile_tells_the_colour_of_its_teeth(pool: SourcePool) -> None:
    cavity = learn_cavity(pool)
    assert cavity.teeth_seen and cavity.inside_seen
    assert cavity.tooth.min() > 2 * cavity.deep.max()
    assert 0.2 < cavity.upper_edge < 0.35, "below the nose base, in inter-ocular distances"
    assert -0.6 < cavity.lower_edge < -0.25


def test_what_no_source_shows_is_drawn_dark_with_teeth(pool: SourcePool, track: FaceTrack) -> None:
    layers = InsideLayers(pool)
    own = track.landmarks[0, :, :2]
    closed = own.copy()
    closed[INNER_UPPER] = closed[INNER_LOWER] = (own[INNER_UPPER] + own[INNER_LOWER]) / 2
    target = own.copy()
    target[INNER_LOWER[1:-1], 1] += 0.25 * float(np.linalg.norm(own[33] - own[263]))
    box = Box(150, 60, 500, 350)
    place = MouthPlace(target, box, np.zeros((290, 350, 3), np.float32), np.zeros((290, 350)), 130.0, 0)
    shape = opening_shape(closed, target, STILL)
    assert shape is not None
    red = np.full((290, 350, 3), (0.6, 0.2, 0.2), dtype=np.float32)
    layers._donors = (0, 0)
    filled = red.copy()
    layers.fill(filled, red, 0, shape, place)
    changed = np.abs(filled - red).max(axis=2) > 0.02
    assert changed.any() and np.isfinite(filled).all()
    ys = np.flatnonzero(changed.any(axis=1))
    assert ys.min() + box.top >= target[INNER_UPPER, 1].min() - 1, "lips stay"
    assert ys.max() + box.top <= target[INNER_LOWER, 1].max() + 1
    light = filled[changed].mean(axis=1)
    assert light.min() < 0.15, "dark"
    again = red.copy()
    layers.fill(again, red, 0, shape, place)
    assert np.array_equal(filled, again)


def test_choices_say_what_is_drawn(pool: SourcePool) -> None:
    layers = InsideLayers(pool)
    chosen = np.zeros(3, dtype=np.int64)
    same = layers.choices(pool.upright[[0, 0, 0]], chosen)
    assert same["inside_drawn_frames"] == 0 and same["inside_drawn_after"] == ""
    wide = pool.upright[[0, 0, 0]].copy()
    wide[:, INNER_LOWER[1:-1], 1] += 3.0
    told = layers.choices(wide, chosen)
    assert told["inside_drawn_frames"] == 3
    assert "teeth" in str(told["inside_drawn_after"])

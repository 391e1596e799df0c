# SPDX-License-Identifier: Apache-2.0
"""What lies between the lips, laid into an opening of another size: teeth keep theirs, lips cover them.

Stretched as one sheet with the lips, teeth grow and shrink with every word. Here the upper teeth stay with
the skull and the lower ones with the jaw; what is dark or soft between them gives way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.generate.look import INNER_LOWER, INNER_UPPER
from plosive.generate.opening import OpeningShape
from plosive.geometry import Box

__all__ = ["Opening", "laid_opening"]

_COLUMNS, _ROWS = 49, 32
_CORE_MARGIN = 0.3  # of half the width: nearer to the corners the picture gives way sideways
_RIM_PIXELS = 1.0
_BAND_IOD = 0.03
_SMOOTH_COLUMNS = 4.0
_SOFTNESS_FLOOR = 0.04
_MOST_SHIFT_GAPS = 0.5


@dataclass(frozen=True)
class Opening:
    """The mouth opening of a target: pixels of `box`; where each looks in the source (h, w, 2) pixels,
    `inside` (h, w) whether it lies in the opening, `across` and `down` (h, w) where there, 0..1, `height`
    (h, w) pixels of the opening at its column.
    """

    box: Box
    look_at: NDArray[np.float32]
    inside: NDArray[np.bool_]
    across: NDArray[np.float32]
    down: NDArray[np.float32]
    height: NDArray[np.float32]


def laid_opening(
    shape: OpeningShape,
    pixels: NDArray[np.float32],
    target: NDArray[np.float32],
    white: float,
    dark: float,
    shown: Box,
) -> Opening | None:
    """Where the opening of `target` (478, 2) looks in the source `pixels` (h, w, 3) working.

    `white` and `dark` are the least channel of the actor's teeth and of the dark behind them. `shown` bounds
    the pixels wanted; None where it shows nothing of the opening.
    """
    upper, lower = shape.goal_upper, shape.goal_lower
    goal_x = _rising((upper[:, 0] + lower[:, 0]) / 2)
    own_x = _rising((shape.own_upper[:, 0] + shape.own_lower[:, 0]) / 2)
    across = np.linspace(goal_x[0], goal_x[-1], _COLUMNS)
    there = _sideways(across, goal_x, own_x)
    top = np.interp(across, _rising(upper[:, 0]), upper[:, 1])
    bottom = np.maximum(np.interp(across, _rising(lower[:, 0]), lower[:, 1]), top + 1e-3)
    own_top = np.interp(there, _rising(shape.own_upper[:, 0]), shape.own_upper[:, 1])
    own_bottom = np.interp(there, _rising(shape.own_lower[:, 0]), shape.own_lower[:, 1])
    own_bottom = np.maximum(own_bottom, own_top + 0.3)
    most = _MOST_SHIFT_GAPS * shape.own_gap
    covered = (
        np.clip(top - own_top, 0, most),
        np.clip(own_bottom + shape.jaw_drop - bottom, 0, most),
    )
    soft = _softness(pixels, shape.axes, there, own_top, own_bottom, white, dark)
    band = _BAND_IOD * shape.unit
    down = _downwards(soft, own_bottom - own_top, bottom - top, covered, band)
    own_y = own_top[None] + down * (own_bottom - own_top)[None]
    grid = np.stack([np.broadcast_to(there, own_y.shape), own_y], axis=-1) @ shape.axes
    return _drawn(grid.astype(np.float32), target, shape, across, top, bottom, shown)


def _rising(values: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(np.maximum.accumulate(values.astype(np.float64)) + 1e-4 * np.arange(len(values)))


def _sideways(
    across: NDArray[np.float64], goal_x: NDArray[np.float64], own_x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Source x of each target x: the very same in the middle, corner to corner at the ends."""
    left, right = max(goal_x[0], own_x[0]), min(goal_x[-1], own_x[-1])
    margin = _CORE_MARGIN * max(right - left, 0.0) / 2
    if right - left < 0.5 * (own_x[-1] - own_x[0]):  # poses too far apart
        share = (across - goal_x[0]) / max(goal_x[-1] - goal_x[0], 1e-6)
        return np.asarray(own_x[0] + share * (own_x[-1] - own_x[0]))
    knots = np.array([goal_x[0], left + margin, right - margin, goal_x[-1]])
    ends = np.array([own_x[0], left + margin, right - margin, own_x[-1]])
    return np.asarray(np.interp(across, knots, ends))


def _softness(
    pixels: NDArray[np.float32],
    axes: NDArray[np.float32],
    there: NDArray[np.float64],
    own_top: NDArray[np.float64],
    own_bottom: NDArray[np.float64],
    white: float,
    dark: float,
) -> NDArray[np.float64]:
    """How readily each place of the source opening gives way: (rows, columns), above 0. Teeth hardly do."""
    import cv2

    middle = (np.arange(_ROWS) + 0.5) / _ROWS
    y = own_top[None] + middle[:, None] * (own_bottom - own_top)[None]
    seen = np.stack([np.broadcast_to(there, y.shape), y], axis=-1) @ axes
    inside = cv2.remap(
        pixels, seen.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    whiteness = np.clip((inside.min(axis=2) - dark) / max(white - dark, 1e-3), 0, 1)
    # Smooth sideways: teeth in a row move as one.
    whiteness = cv2.GaussianBlur(whiteness, (0, 0), _SMOOTH_COLUMNS, sigmaY=1.0)
    soft = np.square(1 - whiteness).astype(np.float64) * _between_rows(whiteness)
    # The shadow under a lip belongs to the lip.
    edge = np.minimum(middle, 1 - middle)[:, None]
    return np.asarray(soft * np.clip((edge - 0.1) / 0.15, 0, 1) + _SOFTNESS_FLOOR)


def _downwards(
    soft: NDArray[np.float64],
    own_height: NDArray[np.float64],
    height: NDArray[np.float64],
    covered: tuple[NDArray[np.float64], NDArray[np.float64]],
    band: float,
) -> NDArray[np.float64]:
    """Share of the source opening's height that each row of the target shows: (rows + 1, columns).

    `covered` is how much of the source the upper and the lower lip come to lie over: that is squeezed
    into a band at the lip, so that its edge and shadow stay its own. The rest gives way where it is soft.
    """
    middle = ((np.arange(_ROWS) + 0.5) / _ROWS)[:, None]
    step = own_height / _ROWS
    depth = middle * own_height[None]
    wanted = covered[0] + covered[1] + 2 * (band + _RIM_PIXELS)
    fits = np.minimum(1, 0.8 * own_height / wanted)
    base = np.ones_like(soft)
    for hidden, from_edge in zip(covered, (depth, own_height[None] - depth), strict=True):
        rim, reach = _RIM_PIXELS * fits, (hidden + band) * fits
        overlap = np.minimum(from_edge + step / 2, rim + reach) - np.maximum(from_edge - step / 2, rim)
        base *= 1 - np.clip(overlap / step, 0, 1) * (hidden / (hidden + band))
    missing = height - (base * step).sum(axis=0)
    density = base + np.maximum(missing, 0) / (soft * step).sum(axis=0) * soft
    shrink = missing < 0
    if shrink.any():
        density[:, shrink] = _shrunk(base[:, shrink], soft[:, shrink], step[shrink], height[shrink])
    reached = np.concatenate([np.zeros((1, len(step))), np.cumsum(density * step, axis=0)])
    reached /= np.maximum(reached[-1], 1e-9)
    rows = np.linspace(0, 1, _ROWS + 1)
    return np.stack([np.interp(rows, column, rows) for column in reached.T], axis=1)


def _between_rows(whiteness: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where room may be made, 0..1: below the teeth that hang from the upper lip, above those that stand on
    the lower one, not between teeth and their lip.
    """
    rows = len(whiteness)
    allowed = np.ones(whiteness.shape)
    for levels, part in ((whiteness, slice(0, rows * 3 // 5)), (whiteness[::-1], slice(0, rows * 2 // 5))):
        reached = np.maximum.accumulate(levels[part], axis=0)
        most = reached[-1]
        passed = np.ones(whiteness.shape)
        passed[part] = reached / np.maximum(most, 1e-3)
        has_teeth = np.clip((most - 0.25) / 0.2, 0, 1)
        passed = 1 - has_teeth * (1 - passed**3)
        allowed *= passed if levels is whiteness else passed[::-1]
    middle = (np.arange(rows)[:, None] + 0.5) / rows
    return np.asarray(allowed * np.exp(-(((middle - 0.6) / 0.35) ** 2)))


def _shrunk(
    base: NDArray[np.float64],
    soft: NDArray[np.float64],
    step: NDArray[np.float64],
    height: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Densities base / (1 + k soft) that add up to `height`; k per column by bisection."""
    low, high = np.zeros(len(height)), np.full(len(height), 1e4)
    for _ in range(24):
        middle = np.sqrt((low + 1e-3) * (high + 1e-3)) - 1e-3
        total = (base / (1 + middle * soft) * step).sum(axis=0)
        low, high = np.where(total > height, middle, low), np.where(total > height, high, middle)
    return np.asarray(base / (1 + high * soft))


def _drawn(
    grid: NDArray[np.float32],
    target: NDArray[np.float32],
    shape: OpeningShape,
    across: NDArray[np.float64],
    top: NDArray[np.float64],
    bottom: NDArray[np.float64],
    shown: Box,
) -> Opening | None:
    """The grid (rows, columns, 2) over the target's opening laid out in its pixels."""
    import cv2

    outline = target[np.concatenate([INNER_UPPER, INNER_LOWER])]
    left, up = np.floor(outline.min(axis=0)).astype(int)
    right, down = np.ceil(outline.max(axis=0)).astype(int) + 1
    left, up = max(int(left), shown.left), max(int(up), shown.top)
    right, down = min(int(right), shown.right_exclusive), min(int(down), shown.bottom_exclusive)
    if right <= left or down <= up:
        return None
    box = Box(left, up, right, down)
    turned = shape.axes @ shape.skull
    x = np.arange(left, right, dtype=np.float32)[None]
    y = np.arange(up, down, dtype=np.float32)[:, None]
    along = turned[0, 0] * x + turned[0, 1] * y + turned[0, 2]
    below = turned[1, 0] * x + turned[1, 1] * y + turned[1, 2]
    column = (along - np.float32(across[0])) / np.float32((across[-1] - across[0]) / (len(across) - 1))
    columns = np.arange(len(across))
    upper = np.interp(column, columns, top).astype(np.float32)
    lower = np.interp(column, columns, bottom).astype(np.float32)
    row = (below - upper) / (lower - upper) * np.float32(_ROWS)
    inside = (row >= 0) & (row <= _ROWS) & (column >= 0) & (column <= len(across) - 1)
    found = cv2.remap(
        np.ascontiguousarray(grid),
        np.asarray(column, np.float32),
        np.asarray(row, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    scale = np.float32(1 / np.sqrt(abs(np.linalg.det(shape.skull[:, :2]))))
    return Opening(
        box,
        found,
        inside,
        np.clip(np.asarray(column, np.float32) / np.float32(len(across) - 1), 0, 1),
        np.clip(np.asarray(row, np.float32) / np.float32(_ROWS), 0, 1),
        (lower - upper) * scale,
    )

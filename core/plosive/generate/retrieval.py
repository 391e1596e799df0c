# SPDX-License-Identifier: Apache-2.0
"""Which source frame each new mouth is made from, chosen over the whole shot by dynamic programming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.pose import turnedness

__all__ = ["MouthAsk", "choose_sources"]

_APERTURE_WEIGHT = 0.3
_CHIN_WEIGHT = 0.3
_POSE_WEIGHT_PER_DEGREE = 0.003
_TURN_WEIGHT_PER_DEGREE, _TURN_SLACK_DEGREES = 0.015, 6.0
_LIGHT_WEIGHT = 0.3
_OPEN_FOR_CLOSED_WEIGHT = 1.5
_CLOSED_SOURCE_GAP = 0.025
_TEETH_GAP = 0.6
_USUAL_WHITENESS_SPREAD = 0.04
_HOLE_GAP = 0.4
_ROLLED_GAP = 0.6
_USUAL_REDNESS = 0.85  # of closed lips' own: five actors' stay above 0.9, rolled in ones fall to 0.7
_LEAST_REDNESS = 0.1
_TOO_DARK = 0.04  # a lip line in deep shadow tells nothing
_USUAL_DARKNESS = 0.7  # of the lip line's usual light: shadows stay above it, a hole falls to half
_STRETCH_WEIGHT = 1.0
_LARGEST_STRETCH = 1.5
_BLUR_WEIGHT = 0.05
_HOLD_COST = 0.004
_BACKWARD_COST = 0.002
_JUMP_COST = 0.004
_JUMP_WEIGHT = 0.3


@dataclass(frozen=True)
class MouthAsk:
    """Mouths as retrieval compares them, M of them, all float32 in inter-ocular distances and degrees.

    `lips` (M, 120) are 40 lip points upright and relative to the nose base; `gap` (M,) the inner-lip gap;
    `chin` (M,) the chin below the nose base; `angles` (M, 3) yaw, pitch, roll; `light` (M, 192 and more)
    thumbnails of the lower face in the track's usual light, 0..1, and what light they had.
    """

    lips: NDArray[np.float32]
    gap: NDArray[np.float32]
    chin: NDArray[np.float32]
    angles: NDArray[np.float32]
    light: NDArray[np.float32]


def choose_sources(
    asked: MouthAsk,
    sources: MouthAsk,
    source_rows: NDArray[np.int64],
    inside: NDArray[np.float32],
    sharpness: NDArray[np.float32],
    redness: NDArray[np.float32],
    seed: int = 0,
) -> NDArray[np.int64]:
    """Source (0..N-1) for each of T asked mouths: the path of least cost (Viterbi 1967) over all sources.

    Going on to the next source frame is free and going back one nearly so, so runs of consecutive frames
    form and teeth do not pop; a jump costs as much as the mouth opening would change (`inside`, (N, ..., 3)
    working values). Sources that are open, show teeth or a hole, or have the lower lip rolled in (`redness`
    (N,), see `MouthLook`) where closed lips are asked, would be stretched past 1.5 times, or are blurred by
    motion cost more. `seed` other than 0 shuffles near ties, for another take.
    """
    count, last = len(source_rows), len(asked.gap)
    jumps = _jump_costs(source_rows, inside)
    fixed = _BLUR_WEIGHT * np.clip(0.6 - sharpness / max(float(np.median(sharpness)), 1e-6), 0, None)
    if seed:
        fixed = fixed + np.random.default_rng(seed).uniform(0, 0.01, count)
    light = (sources.light**2).mean(axis=1)
    unsealed = (
        _settled_gap(sources.gap, source_rows)
        + _TEETH_GAP * _shown_teeth(sources.gap, inside)
        + _HOLE_GAP * _shown_hole(sources.gap, inside)
        + _ROLLED_GAP * _rolled_in(sources.gap, redness)
    )
    back = np.zeros((last, count), dtype=np.int16)
    total = np.zeros(count, dtype=np.float32)
    for step in range(last):
        cost = _mouth_costs(asked, step, sources, light, unsealed) + fixed
        if step == 0:
            total = cost.astype(np.float32)
            continue
        arriving = total[:, None] + jumps
        back[step] = arriving.argmin(axis=0)
        total = (arriving[back[step], np.arange(count)] + cost).astype(np.float32)
    path = np.zeros(last, dtype=np.int64)
    path[-1] = int(total.argmin())
    for step in range(last - 1, 0, -1):
        path[step - 1] = back[step, path[step]]
    return path


def _mouth_costs(
    asked: MouthAsk,
    step: int,
    sources: MouthAsk,
    light_power: NDArray[np.float32],
    unsealed: NDArray[np.float32],
) -> NDArray[np.float32]:
    lips = np.sqrt(((sources.lips - asked.lips[step]) ** 2).mean(axis=1) * 3)
    gap = asked.gap[step]
    turn = (sources.angles - asked.angles[step]) ** 2
    cost = lips + _APERTURE_WEIGHT * np.abs(sources.gap - gap)
    cost += _CHIN_WEIGHT * np.abs(sources.chin - asked.chin[step])
    cost += _POSE_WEIGHT_PER_DEGREE * np.sqrt(turn[:, 0] + turn[:, 1] + turn[:, 2] / 4)
    # On a turned head a source turned otherwise shows a cheek that is not there, or lacks one that is.
    minded = turnedness(float(asked.angles[step, 0]))
    if minded:
        away = np.clip(np.sqrt(turn[:, 0]) - _TURN_SLACK_DEGREES, 0, None)
        cost += minded * _TURN_WEIGHT_PER_DEGREE * away
    power = light_power - 2 * (sources.light @ asked.light[step]) / sources.light.shape[1]
    cost += _LIGHT_WEIGHT * np.sqrt(np.clip(power + (asked.light[step] ** 2).mean(), 0, None))
    if gap < 0.005:
        cost += _OPEN_FOR_CLOSED_WEIGHT * np.clip(unsealed - _CLOSED_SOURCE_GAP, 0, None)
    cost += _STRETCH_WEIGHT * np.clip(gap - _LARGEST_STRETCH * sources.gap - 0.02, 0, None)
    return np.asarray(cost, dtype=np.float32)


def _settled_gap(gap: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The widest gap of each source and its direct neighbours in time: (N,).

    The tracker snaps lips shut a frame before they meet and after they part, so the first and last closed
    frame of a closure often still show teeth.
    """
    settled = gap.copy()
    consecutive = np.flatnonzero(rows[1:] == rows[:-1] + 1)
    settled[consecutive] = np.maximum(settled[consecutive], gap[consecutive + 1])
    settled[consecutive + 1] = np.maximum(settled[consecutive + 1], gap[consecutive])
    return settled


def _shown_teeth(gap: NDArray[np.float32], inside: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much whiter the lip line is than this actor's closed lips usually are: (N,), 0 upwards.

    The tracker also calls lips closed that let teeth through; teeth are white, lips lack green or blue.
    """
    whiteness = inside.reshape(len(inside), -1, 3).min(axis=2).mean(axis=1)
    closed = whiteness[gap <= _CLOSED_SOURCE_GAP]
    if len(closed) == 0:
        return np.zeros(len(gap), dtype=np.float32)
    return np.asarray(np.clip(whiteness - np.median(closed) - _USUAL_WHITENESS_SPREAD, 0, None), np.float32)


def _shown_hole(gap: NDArray[np.float32], inside: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much darker the middle of the lip line is than this actor's closed lips: (N,), 0 to 0.7.

    Rounded lips leave a dark hole that the tracker calls closed.
    """
    light = inside.mean(axis=-1)
    columns = light.shape[-1]
    if light.ndim > 2 and columns >= 4:
        light = light[..., columns // 4 : columns - columns // 4]  # corners are dark in any mouth
    darkest = np.percentile(light.reshape(len(light), -1), 10, axis=1)
    closed = darkest[gap <= _CLOSED_SOURCE_GAP]
    usual = float(np.median(closed)) if len(closed) else 0.0
    if usual < _TOO_DARK:
        return np.zeros(len(gap), dtype=np.float32)
    return np.asarray(np.clip(_USUAL_DARKNESS - darkest / usual, 0, _USUAL_DARKNESS), np.float32)


def _rolled_in(gap: NDArray[np.float32], redness: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far the lower lip falls short of the red of this actor's closed lips: (N,), 0 upwards.

    Where it is rolled in, landmarks still draw it, and skin would be stretched to be a lip.
    """
    closed = redness[gap <= _CLOSED_SOURCE_GAP]
    usual = float(np.median(closed)) if len(closed) else 0.0
    if usual < _LEAST_REDNESS:  # a grey picture, or lips like the skin
        return np.zeros(len(gap), dtype=np.float32)
    return np.asarray(np.clip(_USUAL_REDNESS - redness / usual, 0, 1), np.float32)


def _jump_costs(rows: NDArray[np.int64], inside: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cost (N, N) of showing source j right after source i."""
    count = len(rows)
    flat = inside.reshape(count, -1)
    consecutive = np.flatnonzero(rows[1:] == rows[:-1] + 1)
    follows = np.arange(count)
    follows[consecutive] += 1
    expected = flat[follows]
    power = (flat**2).mean(axis=1)
    squared = power[follows][:, None] + power[None] - 2 * (expected @ flat.T) / flat.shape[1]
    costs = _JUMP_COST + _JUMP_WEIGHT * np.sqrt(np.clip(squared, 0, None))
    np.fill_diagonal(costs, _HOLD_COST)
    costs[consecutive + 1, consecutive] = _BACKWARD_COST
    costs[consecutive, consecutive + 1] = 0.0
    return np.asarray(costs, dtype=np.float32)

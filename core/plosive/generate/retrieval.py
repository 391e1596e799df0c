# SPDX-License-Identifier: Apache-2.0
"""Which source frame each new mouth is made from, chosen over the whole shot by dynamic programming."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.faces.pose import turnedness
from plosive.generate.byshape import squared_distances
from plosive.generate.path import Steps, best_path

__all__ = ["MouthAsk", "SourceLooks", "choose_sources"]

_APERTURE_WEIGHT = 0.3
_CHIN_WEIGHT = 0.3
_POSE_WEIGHT_PER_DEGREE = 0.003
_TURN_WEIGHT_PER_DEGREE, _TURN_SLACK_DEGREES = 0.015, 6.0
_LIGHT_WEIGHT = 0.3
_SHOWN_WEIGHT = 0.2
_ASKED_OF_SHOWN = 3  # upper teeth, lower teeth, dark: no sound tells tongue
_TUCK_WEIGHT = 0.06
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
_STRETCH_WEIGHT = 2.0
_LARGEST_STRETCH, _LARGEST_LIP_STRETCH = 1.5, 1.25
_BLURRED, _BLUR_WEIGHT = 0.8, 1.0  # of the usual sharpness of such a mouth: less is smeared by motion
_JUMP_WEIGHT, _BACK_WEIGHT = 0.4, 0.3
_SUDDEN = 2.0  # of the usual change from frame to frame: what changes more is not shown to and fro
_FULLY_SHOWN_GAP, _LEAST_SHOWN = 0.08, 0.3
_NEVER, _BESIDE_OWN = np.float32(1e3), np.float32(0.02)
_CHUNK = 128


@dataclass(frozen=True)
class MouthAsk:
    """Mouths as retrieval compares them, M of them, all float32 in inter-ocular distances and degrees.

    `lips` (M, 120) are 40 lip points upright and relative to the nose base; `gap` (M,) the inner-lip gap;
    `chin` (M,) the chin below the nose base; `lip_heights` (M, 2) of upper and lower lip; `angles` (M, 3)
    yaw, pitch, roll; `light` (M, 3 and more) the skin around the mouth in the track's usual light, 0..1, and
    what light it had. `shown` (M, 4) and `trust` (M,) are as in `Interiors`, `tuck` (M,) how far the lower
    lip is under the upper teeth, 0..1.
    """

    lips: NDArray[np.float32]
    gap: NDArray[np.float32]
    chin: NDArray[np.float32]
    lip_heights: NDArray[np.float32]
    angles: NDArray[np.float32]
    light: NDArray[np.float32]
    shown: NDArray[np.float32]
    trust: NDArray[np.float32]
    tuck: NDArray[np.float32]


@dataclass(frozen=True)
class SourceLooks:
    """What else is known of N sources: `order` (N,) rises by exactly 1 from one frame to the next of the same
    take; `inside` (N, ..., 3) working values and `redness` (N,) as in `MouthLook`; `sharpness` (N,) is 1
    where lips are as sharp as this actor's usually are in that shape; `cost` (N,) is added to what choosing
    each costs, None for nothing.
    """

    order: NDArray[np.int64]
    inside: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    redness: NDArray[np.float32]
    cost: NDArray[np.float32] | None = None


def choose_sources(
    asked: MouthAsk,
    sources: MouthAsk,
    looks: SourceLooks,
    own: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Source (0..N-1) for each of T asked mouths: the path of least cost over all sources.

    Runs of consecutive frames form, so teeth do not pop; a jump costs as much as the mouth opening would
    change, less where the mouth asked for is nearly closed and shows little of it. Sources that are open,
    show teeth or a hole, or have the lower lip rolled in where closed lips are asked, would be stretched past
    1.5 times (a lip past 1.25), or are blurred by motion cost more; so do those that show other than asked
    between the lips. `own` (T,) is the source that is each frame's own plate, -1 for none: it is never taken,
    since what the mouth did there must not reach what it shall do. `seed` other than 0 shuffles near ties,
    for another take.
    """
    count = len(looks.order)
    fixed = _BLUR_WEIGHT * np.clip(_BLURRED - looks.sharpness, 0, None)
    if looks.cost is not None:
        fixed = fixed + looks.cost
    if seed:
        fixed = fixed + np.random.default_rng(seed).uniform(0, 0.01, count).astype(np.float32)
    unsealed = (
        _settled_gap(sources.gap, looks.order)
        + _TEETH_GAP * _shown_teeth(sources.gap, looks.inside)
        + _HOLE_GAP * _shown_hole(sources.gap, looks.inside)
        + _ROLLED_GAP * _rolled_in(sources.gap, looks.redness)
    )
    shown = np.clip(asked.gap / _FULLY_SHOWN_GAP, _LEAST_SHOWN, 1).astype(np.float32)
    costs = _costs(asked, sources, unsealed, fixed, own if count > 1 else None)
    return best_path(costs, _steps(looks.order, looks.inside), shown)


def _costs(
    asked: MouthAsk,
    sources: MouthAsk,
    unsealed: NDArray[np.float32],
    fixed: NDArray[np.float32],
    own: NDArray[np.int64] | None,
) -> Iterator[NDArray[np.float32]]:
    """Cost (N,) of every source for each asked mouth."""
    for first in range(0, len(asked.gap), _CHUNK):
        part = slice(first, first + _CHUNK)
        cost = _mouth_costs(asked, part, sources, unsealed) + fixed
        if own is not None:
            _keep_off(cost, own, first)
        yield from cost


def _keep_off(cost: NDArray[np.float32], own: NDArray[np.int64], first: int) -> None:
    """Forbid each row its own frame and make those beside it a little dearer, in place: a source held through
    its own row would else give way to another for just that frame.
    """
    rows = np.arange(first, first + len(cost))
    for away, dearer in ((0, _NEVER), (1, _BESIDE_OWN), (2, _BESIDE_OWN / 2)):
        for other in {rows[0] + away, rows[0] - away}:
            beside = rows - rows[0] + other
            there = np.flatnonzero((beside >= 0) & (beside < len(own)))
            there = there[own[beside[there]] >= 0]
            cost[there, own[beside[there]]] += dearer


def _mouth_costs(
    asked: MouthAsk, part: slice, sources: MouthAsk, unsealed: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Costs (C, N) of the asked mouths in `part`."""
    gap = asked.gap[part, None]
    cost = np.sqrt(squared_distances(asked.lips[part], sources.lips) * (3 / sources.lips.shape[1]))
    cost += _APERTURE_WEIGHT * np.abs(sources.gap - gap)
    cost += _CHIN_WEIGHT * np.abs(sources.chin - asked.chin[part, None])
    turn = (sources.angles[None] - asked.angles[part, None]) ** 2
    cost += _POSE_WEIGHT_PER_DEGREE * np.sqrt(turn[..., 0] + turn[..., 1] + turn[..., 2] / 4)
    # On a turned head a source turned otherwise shows a cheek that is not there, or lacks one that is.
    minded = np.array([turnedness(float(yaw)) for yaw in asked.angles[part, 0]], dtype=np.float32)
    if minded.any():
        away = np.clip(np.sqrt(turn[..., 0]) - _TURN_SLACK_DEGREES, 0, None)
        cost += minded[:, None] * _TURN_WEIGHT_PER_DEGREE * away
    light = squared_distances(asked.light[part], sources.light) / sources.light.shape[1]
    cost += _LIGHT_WEIGHT * np.sqrt(light)
    other = np.zeros_like(cost)
    for column in range(_ASKED_OF_SHOWN):
        other += (sources.shown[:, column] - asked.shown[part, column, None]) ** 2
    # Of a source that does not tell what it shows, the usual difference is taken.
    usual = other @ sources.trust / max(float(sources.trust.sum()), 1e-6)
    other = usual[:, None] + sources.trust * (other - usual[:, None])
    cost += _SHOWN_WEIGHT * asked.trust[part, None] * other
    cost += _TUCK_WEIGHT * np.clip(asked.tuck[part, None] - sources.tuck, 0, None)
    opened = _OPEN_FOR_CLOSED_WEIGHT * np.clip(unsealed - _CLOSED_SOURCE_GAP, 0, None)
    cost += np.where(gap < 0.005, opened, np.float32(0))
    cost += _STRETCH_WEIGHT * np.clip(gap - _LARGEST_STRETCH * sources.gap, 0, None)
    for lip in range(2):
        height = asked.lip_heights[part, lip, None]
        cost += _STRETCH_WEIGHT * np.clip(
            height - _LARGEST_LIP_STRETCH * sources.lip_heights[:, lip], 0, None
        )
    return np.asarray(cost, dtype=np.float32)


def _steps(order: NDArray[np.int64], inside: NDArray[np.float32]) -> Steps:
    flat = inside.reshape(len(order), -1)
    follows = np.append(order[1:] == order[:-1] + 1, False)
    expected = flat[np.arange(len(order)) + follows]
    change = np.sqrt(squared_distances(expected, flat) / flat.shape[1])
    away = np.append(np.sqrt(((flat[1:] - flat[:-1]) ** 2).mean(axis=1)), 0)
    sudden = np.clip(away - _SUDDEN * float(np.median(away)), 0, None)
    weights = np.float32(_JUMP_WEIGHT), np.float32(_BACK_WEIGHT)
    return Steps(follows, weights[0] * change, (weights[1] * sudden).astype(np.float32))


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

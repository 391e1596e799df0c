# SPDX-License-Identifier: Apache-2.0
"""Under- and over-articulation: how far each sound's mouth shape is reached.

After Lindblom's H&H theory (1990) and his study of vowel reduction (1963). Under-articulated speech
undershoots its targets, short sounds the most, and its vowels move to the middle and to their neighbours.
Over-articulated (clear) speech reaches them, and sounds differ more from their neighbours. This is another
axis than the jaw and lip gains (JALI, Edwards et al. 2016): those scale the whole movement about the resting
mouth, this one changes sounds by how long they last and by what stands beside them.

p, b, m, f, v and rest stay as they are, whatever is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.motion.actor import ActorRange
from plosive.motion.fitting import ActorMotion
from plosive.motion.speed import lowered

__all__ = ["articulated"]

_BLUR_SECONDS = 0.060  # at 0: a vowel of 60 ms keeps two fifths of its height, one of 200 ms nine tenths
_CENTRED = 0.5  # of the way to the neutral mouth at 0
_NEUTRAL_PERCENTILE = 30  # between words lips are parted less than in most sounds (Gick et al. 2004)
_CONTRAST_SECONDS = 0.075  # a sound is set off from the 150 ms around it
_CONTRAST = 1.2
_WIDENED = 0.25  # away from the neutral mouth at 2: clear speech widens its vowels
_ROOM = 0.1  # of the open mouth's span: how far beyond the actor's extremes a mouth may go
_APERTURE, _WIDTH = 0, 1
_OPEN = 0.04  # of face height: what is not p, b or m must not look closed


def articulated(
    motion: ActorMotion,
    actor: ActorRange,
    amount: NDArray[np.float64],
    centre_seconds: Sequence[Fraction],
) -> ActorMotion:
    """`motion` with its sounds reached less (`amount` below 1, down to 0) or more (up to 2) than found.

    `amount` is (T,), `centre_seconds` the T ascending frame centres. Frames where it is 1, where lips are
    closed or tucked, and where the mouth rests, keep their exact values; on ramps between, the change fades.
    Beyond what the actor shows there is a little room only, and no channel moves faster than the actor's own
    (in proportion to `amount`) or than it did.
    """
    values = motion.values.astype(np.float64)
    kept = np.maximum(np.maximum(motion.closure, motion.tuck), motion.rest).astype(np.float64)
    free = np.clip(1 - kept, 0, 1)
    spoken = values[(free > 0.5) & (values[:, _APERTURE] > _OPEN)]
    if (amount == 1).all() or not len(spoken):
        return motion
    times = np.array([float(centre - centre_seconds[0]) for centre in centre_seconds])
    under, over = np.clip(1 - amount, 0, 1), np.clip(amount - 1, 0, 1)
    neutral = np.percentile(spoken, _NEUTRAL_PERCENTILE, axis=0)
    neutral[_WIDTH] = np.median(spoken[:, _WIDTH])

    slack = _mean_around(values, free, times, _BLUR_SECONDS * under)
    slack = neutral + (1 - _CENTRED * under)[:, None] * (slack - neutral)
    less = np.where(((under > 0) & (free > 0))[:, None], values + free[:, None] * (slack - values), values)

    # Rest is no sound to be set off from; a closure is.
    spread = np.full(len(times), _CONTRAST_SECONDS)
    around = _mean_around(values, 1 - motion.rest.astype(np.float64), times, spread)
    added = _CONTRAST * (values - around) + _WIDENED * (values - neutral)
    more = less + (free * over)[:, None] * added
    more = _softly_within(more, less, actor.bounds, _ROOM * (actor.open[2] - actor.open[0]))
    more[:, _APERTURE] = np.maximum(more[:, _APERTURE], np.minimum(less[:, _APERTURE], _OPEN))
    step = np.diff(times)[:, None] * actor.peak_speeds * (1 + np.maximum(over[1:], over[:-1]))[:, None]
    step = np.maximum(step, np.abs(np.diff(less, axis=0)))
    more = _no_faster(more, less, step, (over == 0) | (free == 0))
    return replace(motion, values=more.astype(np.float32))


def _mean_around(
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    times: NDArray[np.float64],
    sigma: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Gaussian mean of `values` (T, C) over time, `sigma` (T,) seconds its standard deviation, frames counted
    by `weight` (T,); a frame that has none in reach keeps its value.
    """
    count = len(times)
    total, norm = np.zeros_like(values), np.zeros(count)
    reach = 3 * float(sigma.max())
    for step in range(count):
        if not (times[step:] - times[: count - step] <= reach).any():
            break
        before, after = np.arange(count - step), np.arange(step, count)
        for here, there in ((before, after), (after, before))[: 2 if step else 1]:
            away = (times[there] - times[here]) / np.maximum(sigma[here], 1e-9)
            share = np.exp(-0.5 * away**2) * weight[there]
            total[here] += share[:, None] * values[there]
            norm[here] += share
    return np.where((norm > 0)[:, None], total / np.maximum(norm, 1e-300)[:, None], values)


def _softly_within(
    wanted: NDArray[np.float64],
    base: NDArray[np.float64],
    bounds: NDArray[np.float64],
    room: NDArray[np.float64],
) -> NDArray[np.float64]:
    """`wanted` (T, C), what lies beyond `bounds` (2, C) and `base` pressed into `room` (C,)."""
    low, high = np.minimum(bounds[0], base.min(axis=0)), np.maximum(bounds[1], base.max(axis=0))
    room = np.maximum(room, 1e-9)
    above = room * -np.expm1(-np.maximum(wanted - high, 0) / room)
    below = room * -np.expm1(-np.maximum(low - wanted, 0) / room)
    return np.asarray(np.clip(wanted, low, high) + above - below)


def _no_faster(
    wanted: NDArray[np.float64],
    base: NDArray[np.float64],
    step: NDArray[np.float64],
    pinned: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """`wanted` (T, C) with no step between frames larger than `step` (T - 1, C), which `base` obeys.

    `pinned` (T,) frames keep `base` exactly. The mean of the largest curve below and the smallest above.
    """
    travel = np.concatenate([np.zeros((1, step.shape[1])), np.cumsum(step, axis=0)])
    ceiling = lowered(np.where(pinned[:, None], base, np.inf), travel)
    floor = -lowered(np.where(pinned[:, None], -base, np.inf), travel)
    wanted = np.clip(wanted, floor, ceiling)
    limited = (lowered(wanted, travel) - lowered(-wanted, travel)) / 2
    return np.where(pinned[:, None], base, limited)

# SPDX-License-Identifier: Apache-2.0
"""Curves in range units carried over to one actor's own range of motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.motion.actor import ActorRange
from plosive.motion.curves import CHANNELS, MotionCurves
from plosive.motion.gains import channel_gains
from plosive.motion.speed import slowed
from plosive.motion.visemes import REST, SIBILANTS

__all__ = ["WIDTH_SHARE", "ActorMotion", "fit_to_range"]

_TYPICAL = np.array(
    [
        [0.24, 0.36, 0.23, 0.37, 0.38],
        [0.53, 0.56, 0.42, 0.59, 0.57],
        [0.81, 0.70, 0.74, 0.86, 0.77],
    ]
)  # 10th, 50th, 90th percentile of the curves themselves while open, range units, 16 speakers, 73 s
_APERTURE, _WIDTH, _JAW, _OUTER, _ROUNDING = range(5)
_OWN_CURVE_FRAMES = 75  # a dub this long (3 s) counts as much as the typical one
_MOST_CORRECTION = 0.3  # of the span from closed to wide open
_SMILE_CLOSED = 0.5  # closed lips smile less wide than parted ones; all of it looked like a stretched frown
WIDTH_SHARE = 0.6  # predicted widths are weak (r 0.4 to 0.55): move them little


@dataclass(frozen=True)
class ActorMotion:
    """Mouth curves in an actor's own measured units.

    `values` is (T, 5) float32, columns as `CHANNELS`, in the units of `faces.measure.mouth_channels`;
    `closure`, `tuck`, `rest` (T,) float32 as in `MotionCurves`.
    """

    values: NDArray[np.float32]
    closure: NDArray[np.float32]
    tuck: NDArray[np.float32]
    rest: NDArray[np.float32]


def fit_to_range(
    curves: MotionCurves,
    actor: ActorRange,
    *,
    jaw_gain: NDArray[np.float64] | float = 1.0,
    lip_gain: NDArray[np.float64] | float = 1.0,
    width_offset: NDArray[np.float64] | float = 0.0,
    correction: NDArray[np.float64] | None = None,
    unedited: MotionCurves | None = None,
) -> ActorMotion:
    """`curves` (T frames) in the range of `actor`.

    Percentiles 10, 50 and 90 of the curves while open go to those of the actor while open, a closed mouth to
    the actor's closed mouth, linearly between. Where an artist drew
    `curves`, the percentiles are those of the `unedited` ones: a larger movement must come out larger.
    `correction` (T, 5), the actor's units, is added where nothing
    is closed, tucked or at rest. Gains, one number or (T,), come after the fit, which would undo them in the
    curves: `jaw_gain` scales how far the jaw opens, `lip_gain` how far lips spread and round, about the
    closed mouth, and the lip gap follows both. `width_offset`, one number or (T,), is what the actor's mood
    adds to the width of parted lips, and half of it to closed ones. No channel moves faster than the actor's
    lips do, and aperture is exactly 0 where `closure` or `rest` is 1.
    """
    values = _carried_over(curves, actor, curves if unedited is None else unedited)
    free = np.clip(1 - np.maximum(np.maximum(curves.closure, curves.rest), curves.tuck), 0, 1)
    if correction is not None:
        most = _MOST_CORRECTION * (actor.open[2] - actor.open[0])
        values += np.clip(correction, -most, most) * free[:, None]
    np.clip(values, actor.bounds[0], actor.bounds[1], out=values)
    _apply_gains(values, actor, _kept_narrow(jaw_gain, curves), lip_gain)
    parted = np.clip(values[:, _APERTURE] / actor.open[0, _APERTURE], 0, 1) * (1 - curves.closure)
    _stretch(values, width_offset * (_SMILE_CLOSED + (1 - _SMILE_CLOSED) * parted * (1 - curves.rest)))
    values[:, _APERTURE] = np.maximum(values[:, _APERTURE], 0) * (1 - curves.rest) * (curves.closure < 1)
    _slow_down(values, curves, actor, jaw_gain, lip_gain)
    return ActorMotion(
        values.astype(np.float32), curves.closure.copy(), curves.tuck.copy(), curves.rest.copy()
    )


def _carried_over(curves: MotionCurves, actor: ActorRange, unedited: MotionCurves) -> NDArray[np.float64]:
    typical = _typical(unedited)
    values = np.empty(curves.values.shape)
    for column in range(len(CHANNELS)):
        ru, knots = curves.values[:, column].astype(np.float64), actor.open[:, column]
        if column == _WIDTH:
            share = WIDTH_SHARE * (knots[2] - knots[0])
            values[:, column] = knots[1] + share * _relative(ru, typical[:, column])
        else:
            x = np.concatenate([[REST[column]], typical[:, column]])
            y = np.concatenate([[actor.closed[column]], knots])
            values[:, column] = _interpolated(ru, x, np.maximum.accumulate(y))
    return values


def _typical(curves: MotionCurves) -> NDArray[np.float64]:
    """Percentiles (3, 5) of these curves while open, drawn to the typical ones when there are few frames."""
    spoken = curves.values[(curves.rest == 0) & (curves.closure == 0) & (curves.values[:, _APERTURE] > 0.1)]
    if not len(spoken):
        return _TYPICAL
    own = np.percentile(spoken, (10, 50, 90), axis=0)
    weight = len(spoken) / (len(spoken) + _OWN_CURVE_FRAMES)
    return np.asarray(weight * own + (1 - weight) * _TYPICAL)


def _relative(ru: NDArray[np.float64], typical: NDArray[np.float64]) -> NDArray[np.float64]:
    """Range units as distance from the middle, 1 from the 10th to the 90th percentile."""
    return np.asarray((ru - typical[1]) / max(typical[2] - typical[0], 0.1))


def _interpolated(
    ru: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Piecewise linear through (x, y), going on straight beyond both ends."""
    x = np.maximum.accumulate(x + np.arange(len(x)) * 1e-3)  # a flat dub must not divide by zero
    inside = np.interp(ru, x, y)
    below = (ru - x[0]) * (y[1] - y[0]) / (x[1] - x[0])
    above = (ru - x[-1]) * (y[-1] - y[-2]) / (x[-1] - x[-2])
    return np.asarray(inside + np.minimum(below, 0) + np.maximum(above, 0))


def _gains(
    jaw_gain: NDArray[np.float64] | float, lip_gain: NDArray[np.float64] | float
) -> tuple[NDArray[np.float64], ...]:
    """The gain of each channel, (T,) or one number."""
    return channel_gains(np.asarray(jaw_gain, np.float64), np.asarray(lip_gain, np.float64))


def _kept_narrow(jaw_gain: NDArray[np.float64] | float, curves: MotionCurves) -> NDArray[np.float64]:
    """The jaw's gain (T,) without what is above 1 in s, z, sh, zh, ch and j, which need the jaw high."""
    sibilant = np.array([symbol in SIBILANTS for symbol in curves.symbols], bool)
    gain = np.broadcast_to(np.asarray(jaw_gain, np.float64), sibilant.shape)
    return np.where(sibilant, np.minimum(gain, 1.0), gain)


def _apply_gains(
    values: NDArray[np.float64],
    actor: ActorRange,
    jaw_gain: NDArray[np.float64] | float,
    lip_gain: NDArray[np.float64] | float,
) -> None:
    about = actor.closed.copy()
    about[_WIDTH] = actor.open[1, _WIDTH]
    for column, gain in enumerate(_gains(jaw_gain, lip_gain)):
        values[:, column] = about[column] + (values[:, column] - about[column]) * gain


def _stretch(values: NDArray[np.float64], width_offset: NDArray[np.float64] | float) -> None:
    """Widths changed by `width_offset`; the red of the lips keeps its area, so stretched lips get thinner."""
    share = values[:, _WIDTH] / (values[:, _WIDTH] + width_offset)
    gap = np.clip(values[:, _APERTURE], 0, values[:, _OUTER])
    outer = gap + (values[:, _OUTER] - gap) * share
    values[:, _ROUNDING] *= share * outer / values[:, _OUTER]
    values[:, _WIDTH] /= share
    values[:, _OUTER] = outer


def _slow_down(
    values: NDArray[np.float64],
    curves: MotionCurves,
    actor: ActorRange,
    jaw_gain: NDArray[np.float64] | float,
    lip_gain: NDArray[np.float64] | float,
) -> None:
    """Twice the motion may be twice as fast: the artist asked for it."""
    seconds = np.array([float(centre) for centre in curves.centre_seconds])
    for column, gain in enumerate(_gains(jaw_gain, lip_gain)):
        fastest = float(actor.peak_speeds[column] * max(1.0, float(gain.max(initial=1.0))))
        opens = column in (_APERTURE, _OUTER, _ROUNDING)
        values[:, column] = slowed(values[:, column], seconds, fastest, opens=opens)

# SPDX-License-Identifier: Apache-2.0
"""Curves in range units carried over to one actor's own range of motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.motion.curves import CHANNELS, MotionCurves
from plosive.motion.visemes import REST

__all__ = ["GENERIC_CLOSED", "GENERIC_OPEN", "WIDTH_SHARE", "ActorMotion", "fit_to_range"]

GENERIC_CLOSED = (0.003, 0.56, 0.740, 0.32, 0.56)
"""A closed mouth in the units of `plosive.faces.measure.mouth_channels`: median of 16 speakers."""

GENERIC_OPEN = (
    (0.074, -0.045, 0.003, 0.073, 0.113),
    (0.154, 0.000, 0.020, 0.174, 0.245),
    (0.253, 0.035, 0.055, 0.258, 0.412),
)
"""10th, 50th and 90th percentile of a talking mouth while open, above its closed value (width: about its
middle; aperture: as it is): medians of 16 speakers, GRID and broadcast, 23 to 350 open frames each."""

_TYPICAL = np.array(
    [
        [0.29, 0.40, 0.27, 0.35, 0.35],
        [0.51, 0.59, 0.43, 0.54, 0.52],
        [0.75, 0.74, 0.68, 0.76, 0.70],
    ]
)  # 10th, 50th, 90th percentile of the curves themselves while open, range units, over 90 s of speech
_PER_APERTURE = np.array([1.0, 0.0, 0.19, 1.0, 1.5])  # what each channel gains as the lips part
_APERTURE, _WIDTH = 0, 1
_OPEN = 0.03  # of face height; sealed lips read 0.001 to 0.01
_FEW_FRAMES, _ENOUGH_FRAMES = 5, 30
_OWN_CURVE_FRAMES = 75  # a dub this long (3 s) counts as much as the typical one
WIDTH_SHARE = 0.6  # predicted widths are weak (r 0.4 to 0.55): move them little
_LEAST_SPAN, _MOST_SPAN = 0.4, 2.0  # of the generic span, for widths


@dataclass(frozen=True)
class ActorMotion:
    """Mouth curves in an actor's own measured units.

    `values` is (T, 5) float32, columns as `CHANNELS`, in the units of `faces.measure.mouth_channels`;
    `closure`, `tuck`, `rest` (T,) float32 as in `MotionCurves`. `generic` names the channels for which the
    plate showed too little and the range of other people was used.
    """

    values: NDArray[np.float32]
    closure: NDArray[np.float32]
    tuck: NDArray[np.float32]
    rest: NDArray[np.float32]
    generic: tuple[str, ...]


def fit_to_range(curves: MotionCurves, measured: NDArray[np.float32]) -> ActorMotion:
    """`curves` in the range the actor shows in the plate.

    `measured` is (N, 5) float32 from `faces.measure.mouth_channels`; rows with NaN (no face) are left out
    and N may be 0. Percentiles 10, 50 and 90 of the curves while open go to those of the plate while
    open, a closed mouth to the actor's closed mouth, linearly between. Where the plate shows few open
    frames or hardly moves, its percentiles give way to generic ones upon the actor's own closed mouth.
    Aperture is exactly 0 where `closure` is 1.
    """
    plate = np.asarray(measured, np.float64).reshape(-1, len(CHANNELS))
    plate = plate[np.isfinite(plate).all(axis=1)]
    closed = _closed(plate)
    knots, trust = _open_knots(plate, closed)
    typical = _typical(curves)
    values = np.empty(curves.values.shape)
    for column in range(len(CHANNELS)):
        ru = curves.values[:, column].astype(np.float64)
        if column == _WIDTH:
            share = WIDTH_SHARE * (knots[2, column] - knots[0, column])
            values[:, column] = knots[1, column] + share * _relative(ru, typical[:, column])
        else:
            x = np.concatenate([[REST[column]], typical[:, column]])
            y = np.concatenate([[closed[column]], knots[:, column]])
            values[:, column] = _interpolated(ru, x, np.maximum.accumulate(y))
    _limit(values, plate, knots)
    values[:, _APERTURE] = np.maximum(values[:, _APERTURE], 0) * (1 - curves.rest) * (curves.closure < 1)
    generic = tuple(name for name, sure in zip(CHANNELS, trust, strict=True) if sure < 0.5)
    return ActorMotion(
        values.astype(np.float32), curves.closure.copy(), curves.tuck.copy(), curves.rest.copy(), generic
    )


def _closed(plate: NDArray[np.float64]) -> NDArray[np.float64]:
    """The actor's closed mouth (5,): seen, else reckoned back from the open one, else generic."""
    shut = plate[plate[:, _APERTURE] < _OPEN]
    if len(shut) >= 3 or len(shut) == len(plate) > 0:
        closed = np.median(shut, axis=0)
    elif len(plate):
        closed = np.median(plate - plate[:, :1] * _PER_APERTURE, axis=0)
    else:
        closed = np.array(GENERIC_CLOSED)
    closed[_APERTURE] = 0.0
    return np.asarray(closed)


def _open_knots(
    plate: NDArray[np.float64], closed: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentiles 10, 50, 90 of the open mouth (3, 5), and how far each channel is the actor's own (5,)."""
    generic = np.array(GENERIC_OPEN) + closed
    if len(plate):
        generic[:, _WIDTH] = np.median(plate[:, _WIDTH]) + np.array(GENERIC_OPEN)[:, _WIDTH]
    parted = plate[plate[:, _APERTURE] >= _OPEN]
    if len(parted) <= _FEW_FRAMES:
        return generic, np.zeros(len(CHANNELS))
    own = np.percentile(parted, (10, 50, 90), axis=0)
    usual = generic[2] - generic[0]
    # An always gaping mouth (laughing, breathing) must not make every sound wide.
    own[0, _APERTURE] = min(own[0, _APERTURE], 0.45 * own[2, _APERTURE])
    own[1, _APERTURE] = min(own[1, _APERTURE], 0.75 * own[2, _APERTURE])
    enough = np.clip((len(parted) - _FEW_FRAMES) / (_ENOUGH_FRAMES - _FEW_FRAMES), 0, 1)
    span = (own[2] - own[0]) / usual
    trust = enough * np.clip(span / 0.3, 0, 1)
    knots = trust * own + (1 - trust) * generic
    middle, half = knots[1, _WIDTH], (knots[2, _WIDTH] - knots[0, _WIDTH]) / 2
    half = np.clip(half, _LEAST_SPAN * usual[_WIDTH] / 2, _MOST_SPAN * usual[_WIDTH] / 2)
    knots[:, _WIDTH] = middle - half, middle, middle + half
    return knots, trust


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


def _limit(values: NDArray[np.float64], plate: NDArray[np.float64], knots: NDArray[np.float64]) -> None:
    """Keeps extremes near what the actor does: a tenth beyond the widest seen, or half a span beyond p90."""
    top = knots[2] + 0.5 * (knots[2] - knots[0])
    bottom = knots[0] - 1.5 * (knots[2] - knots[0])
    if len(plate):
        seen = np.percentile(plate, 99, axis=0)
        top = np.maximum(np.minimum(top, seen + 0.1 * (knots[2] - knots[0])), knots[2])
    np.clip(values, bottom, top, out=values)

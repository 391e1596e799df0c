# SPDX-License-Identifier: Apache-2.0
"""One actor's own range of motion: how the mouth rests, how far it opens, how fast it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.motion.curves import CHANNELS
from plosive.motion.footage import MouthFootage
from plosive.motion.mood import slow_width

__all__ = ["GENERIC_CLOSED", "GENERIC_OPEN", "ActorRange", "actor_range"]

GENERIC_CLOSED = (0.003, 0.56, 0.740, 0.32, 0.56)
"""A closed mouth in the units of `plosive.faces.measure.mouth_channels`: median of 16 speakers."""

GENERIC_OPEN = (
    (0.074, -0.045, 0.003, 0.073, 0.113),
    (0.154, 0.000, 0.020, 0.174, 0.245),
    (0.253, 0.035, 0.055, 0.258, 0.412),
)
"""10th, 50th and 90th percentile of a talking mouth while open, above its closed value (width: about its
middle; aperture: as it is): medians of 16 speakers, GRID and broadcast, 23 to 350 open frames each."""

_PER_APERTURE = np.array([1.0, 0.0, 0.19, 1.0, 1.5])  # what each channel gains as the lips part
_APERTURE, _WIDTH = 0, 1
_OPEN = 0.03  # of face height; sealed lips read 0.001 to 0.01
_FEW_FRAMES, _ENOUGH_FRAMES = 5, 30
_LEAST_SPAN, _MOST_SPAN = 0.4, 2.0  # of the generic span, for widths
_SLOWEST, _FASTEST = 9.0, 15.0  # range units a second: strokes of real lips peak at 4 to 15, 25 looks wrong
_ENOUGH_SPEEDS = 60
_PEAK_OVER_P95 = 1.4  # the 99th percentile of speeds over the 95th: 1.2 to 1.7 in 16 clips
_STILL_SECONDS, _STILL_SHARE = 0.2, 0.15


@dataclass(frozen=True)
class ActorRange:
    """What one actor's mouth does, in the units of `faces.measure.mouth_channels`; columns as `CHANNELS`.

    `closed` (5,) is the closed mouth. `open` (3, 5) are the 10th, 50th and 90th percentile of the open one,
    `bounds` (2, 5) the least and the most a curve may ask for. `peak_speeds` (5,), units a second, is the
    fastest it moves. `parted_share` of the frames show parted lips; `still_aperture` is the median aperture
    where the lips hold still for 0.4 s, None where they never do. `sides` (2,) as in `MouthFootage`, median
    over the closed mouth where one is seen. `frames` were measured in `takes` takes, the plate the first of
    them. `generic` names the channels for which they showed too little and the range of other people was
    used.
    """

    closed: NDArray[np.float64]
    open: NDArray[np.float64]
    bounds: NDArray[np.float64]
    peak_speeds: NDArray[np.float64]
    parted_share: float
    still_aperture: float | None
    sides: tuple[float, float] | None
    frames: int
    takes: int
    generic: tuple[str, ...]


def actor_range(footage: Sequence[MouthFootage]) -> ActorRange:
    """The range of the actor seen in `footage`: the plate first, then other takes; any may be empty.

    Other takes are moved so that their closed mouth is the plate's: lens and head differ a little between
    takes. Widths are taken without their slow part (`slow_width`). Where few open frames are there or the
    mouth hardly moves, percentiles give way to generic ones upon the actor's own closed mouth.
    """
    shots = [_known(one) for one in footage]
    shots = [one for one in shots if len(one.values)]
    level = [one.values - np.outer(slow_width(one), np.eye(len(CHANNELS))[_WIDTH]) for one in shots]
    rows, closed = _pooled(level)
    knots, trust = _open_knots(rows, closed)
    parted = rows[:, _APERTURE] >= _OPEN
    return ActorRange(
        closed=closed,
        open=knots,
        bounds=_bounds(rows, knots),
        peak_speeds=_peak_speeds(shots, closed, knots),
        parted_share=float(parted.mean()) if len(rows) else 0.0,
        still_aperture=_still_aperture(shots, float(knots[2, _APERTURE])),
        sides=_sides(shots),
        frames=len(rows),
        takes=len(shots),
        generic=tuple(name for name, sure in zip(CHANNELS, trust, strict=True) if sure < 0.5),
    )


def _known(footage: MouthFootage) -> MouthFootage:
    """The rows without NaN (a face that was not found)."""
    values = np.asarray(footage.values, np.float32).reshape(-1, len(CHANNELS))
    seen = np.isfinite(values).all(axis=1)
    sides = None if footage.sides is None else footage.sides[seen]
    return MouthFootage(values[seen], footage.centre_seconds[seen], sides)


def _pooled(takes: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """All rows (N, 5) in the units of the first take, and the closed mouth (5,)."""
    if not takes:
        return np.zeros((0, len(CHANNELS))), _closed(np.zeros((0, len(CHANNELS))))
    if not _shows_closed(takes[0]):  # then another take's closed mouth is the best that is known
        closing = next((take for take in takes if _shows_closed(take)), takes[0])
        return np.concatenate(takes), _closed(closing)
    closed = _closed(takes[0])
    return np.concatenate([takes[0], *(take - _closed(take) + closed for take in takes[1:])]), closed


def _shows_closed(rows: NDArray[np.float64]) -> bool:
    shut = np.count_nonzero(rows[:, _APERTURE] < _OPEN)
    return bool(shut >= 3 or shut == len(rows) > 0)


def _closed(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The closed mouth (5,): seen, else reckoned back from the open one, else generic."""
    if _shows_closed(rows):
        closed = np.median(rows[rows[:, _APERTURE] < _OPEN], axis=0)
    elif len(rows):
        closed = np.median(rows - rows[:, :1] * _PER_APERTURE, axis=0)
    else:
        closed = np.array(GENERIC_CLOSED)
    closed[_APERTURE] = 0.0
    return np.asarray(closed)


def _open_knots(
    rows: NDArray[np.float64], closed: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentiles 10, 50, 90 of the open mouth (3, 5), and how far each channel is the actor's own (5,)."""
    generic = np.array(GENERIC_OPEN) + closed
    if len(rows):
        generic[:, _WIDTH] = np.median(rows[:, _WIDTH]) + np.array(GENERIC_OPEN)[:, _WIDTH]
    parted = rows[rows[:, _APERTURE] >= _OPEN]
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


def _bounds(rows: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Extremes near what the actor does: a tenth beyond the widest seen, or half a span beyond p90."""
    span = knots[2] - knots[0]
    top, bottom = knots[2] + 0.5 * span, knots[0] - 1.5 * span
    if len(rows):
        seen = np.percentile(rows, 99, axis=0)
        top = np.maximum(np.minimum(top, seen + 0.1 * span), knots[2])
    return np.asarray(np.stack([bottom, top]))


def _peak_speeds(
    shots: Sequence[MouthFootage], closed: NDArray[np.float64], knots: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Peak speeds of strokes: the actor's own, between the slowest and the fastest of lips at all.

    A mouth that hardly moves in its footage tells nothing of how fast it could.
    """
    reach = np.maximum(knots[2] - np.minimum(closed, knots[0]), 1e-3)
    speeds = np.concatenate([one.speeds for one in shots]) if shots else np.zeros((0, len(CHANNELS)))
    if not len(speeds):
        return np.asarray(reach * _FASTEST)
    own = _PEAK_OVER_P95 * np.percentile(speeds, 95, axis=0)
    share = np.clip(own / (_SLOWEST * reach) * 2 - 1, 0, 1) * min(len(speeds) / _ENOUGH_SPEEDS, 1)
    mixed = share * own + (1 - share) * _FASTEST * reach
    return np.asarray(np.clip(mixed, _SLOWEST * reach, _FASTEST * reach))


def _still_aperture(shots: Sequence[MouthFootage], wide: float) -> float | None:
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    still = []
    for one in shots:
        if one.frame_seconds <= 0:
            continue
        size = 2 * max(round(_STILL_SECONDS / one.frame_seconds), 1) + 1
        aperture = one.values[:, _APERTURE]
        if len(aperture) >= size:
            travel = maximum_filter1d(aperture, size) - minimum_filter1d(aperture, size)
            still.append(aperture[travel < _STILL_SHARE * wide])
    held = np.concatenate(still) if still else np.zeros(0)
    return float(np.median(held)) if len(held) else None


def _sides(shots: Sequence[MouthFootage]) -> tuple[float, float] | None:
    """The lopsidedness of the first take that was measured: corners when closed, lips when open."""
    for one in shots:
        if one.sides is None:
            continue
        shut = one.values[:, _APERTURE] < _OPEN
        corners = one.sides[shut, 0] if shut.any() else one.sides[:, 0]
        parted = one.sides[~shut, 1] if not shut.all() else np.zeros(1)
        return float(np.median(corners)), float(np.median(parted))
    return None

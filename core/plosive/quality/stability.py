# SPDX-License-Identifier: Apache-2.0
"""What changes from frame to frame that should not: brightness, the mouth's inside, the mouth's place."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.quality.observation import FaceObservation
from plosive.quality.take import Take

__all__ = ["Stability", "measure_stability"]

_OPEN_APERTURE_IOD = 0.04
_DARK = 0.02  # keeps logarithms finite in black
_LEAST_OPEN_PAIRS = 8
_USUAL_POPPING = (0.05, 5.0)  # change of the inside at no motion, and per inter-ocular distance of opening
_USUAL_PEAK = 2.0
_USUAL_JITTER_IOD = 0.0055  # at 25 frames a second
_USUAL_FLICKER = 1.8  # lower skin over upper skin, median of the clips in docs/quality.md


@dataclass(frozen=True)
class Stability:
    """Ratios to the plate's own mean (or to what is usual, `is_against_plate` False), 1 = as steady.

    `flicker_frames`, `popping_frames` (T,) per frame, NaN where not measured; `flicker`, `popping` their
    means, `popping_peaks` the 95th percentile of popping over the plate's. `jitter`: second difference of
    the mouth's place on the face.
    """

    flicker: float
    flicker_frames: NDArray[np.float32]
    popping: float | None
    popping_peaks: float | None
    popping_frames: NDArray[np.float32]
    jitter: float
    frames: int
    open_pairs: int
    is_against_plate: bool


def measure_stability(take: Take) -> Stability | None:
    """None where fewer than three frames in a row show the mouth.

    Flicker is the absolute second temporal difference of log luma of chin and cheeks, sampled at landmarks
    so that motion does not count, less that of nose and cheekbones so that the scene's own light does not.
    Popping is the mean absolute change of log luma over a grid tied to the lips, while they are apart, over
    what the change of opening explains (a line fitted to the plate's frames).
    """
    ours = _flicker(take.seen, take.usable)
    count = int(np.count_nonzero(np.isfinite(ours)))
    if count == 0:
        return None
    own_change, own_opening = _inside_changes(take.seen, take.usable)
    own_jitter = _jitter(take.seen, take.usable)
    if take.plate is not None and take.has_plate:
        theirs = _flicker(take.plate, take.plate_usable)
        usual = float(np.nanmean(theirs)) if np.isfinite(theirs).any() else float(np.nanmean(ours))
        line, peak = _popping_line(*_inside_changes(take.plate, take.plate_usable))
        usual_jitter = _jitter(take.plate, take.plate_usable)
    else:
        usual = _USUAL_FLICKER * float(np.nanmean(_upper_flicker(take.seen, take.usable)))
        line, peak = _USUAL_POPPING, None
        usual_jitter = _USUAL_JITTER_IOD * float(take.frame_rate / Fraction(25)) ** -2
    flicker = ours / max(usual, 1e-4)
    popping = own_change / (line[0] + line[1] * own_opening)
    known = np.isfinite(popping)
    peaks = float(np.nanpercentile(popping, 95)) if known.sum() >= 3 else None
    return Stability(
        flicker=float(np.nanmean(flicker)),
        flicker_frames=flicker.astype(np.float32),
        popping=float(np.nanmean(popping)) if known.sum() >= 3 else None,
        popping_peaks=peaks / (peak or _USUAL_PEAK) if peaks is not None else None,
        popping_frames=popping.astype(np.float32),
        jitter=own_jitter / max(usual_jitter, 1e-5),
        frames=count,
        open_pairs=int(known.sum()),
        is_against_plate=take.has_plate,
    )


def _log(luma: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(np.log(np.maximum(luma.astype(np.float64), 0) + _DARK))


def _second(
    values: NDArray[np.float64], seen: FaceObservation, usable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Absolute second difference along time of `values` (T, N); NaN unless three frames in a row are
    usable.
    """
    result = np.full(values.shape, np.nan)
    if len(values) < 3:
        return result
    steady = (seen.indices[2:] - seen.indices[:-2] == 2) & usable[2:] & usable[1:-1] & usable[:-2]
    result[1:-1][steady] = np.abs(values[2:] - 2 * values[1:-1] + values[:-2])[steady]
    return result


def _flicker(seen: FaceObservation, usable: NDArray[np.bool_]) -> NDArray[np.float64]:
    relative = _log(seen.skin) - _log(seen.upper).mean(axis=1, keepdims=True)
    return _median_rows(_second(relative, seen, usable))


def _upper_flicker(seen: FaceObservation, usable: NDArray[np.bool_]) -> NDArray[np.float64]:
    upper = _log(seen.upper)
    return _median_rows(_second(upper - upper.mean(axis=1, keepdims=True), seen, usable))


def _median_rows(values: NDArray[np.float64]) -> NDArray[np.float64]:
    result = np.full(len(values), np.nan)
    known = np.isfinite(values).all(axis=1)
    result[known] = np.median(values[known], axis=1)
    return result


def _inside_changes(
    seen: FaceObservation, usable: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Change of the mouth's inside and of its opening since the frame before: two (T,), NaN where closed."""
    change, opening = np.full(len(seen), np.nan), np.full(len(seen), np.nan)
    if len(seen) < 2:
        return change, opening
    parted = (seen.aperture > _OPEN_APERTURE_IOD) & usable
    linked = (np.diff(seen.indices) == 1) & parted[1:] & parted[:-1]
    change[1:][linked] = np.abs(np.diff(_log(seen.inside), axis=0)).mean(axis=1)[linked]
    opening[1:][linked] = np.abs(np.diff(seen.aperture.astype(np.float64)))[linked]
    return change, opening


def _popping_line(
    change: NDArray[np.float64], opening: NDArray[np.float64]
) -> tuple[tuple[float, float], float | None]:
    """Change of the inside against change of opening in the plate (offset, slope), and its usual peak."""
    known = np.isfinite(change)
    if known.sum() < _LEAST_OPEN_PAIRS:
        return _USUAL_POPPING, None
    x, y = opening[known], change[known]
    slope = max(float(np.cov(x, y)[0, 1] / max(float(x.var(ddof=1)), 1e-9)), 0.0)
    # A floor of half the mean: a line through a noisy cloud may start at zero or below.
    offset = max(float(y.mean() - slope * x.mean()), 0.5 * float(y.mean()))
    slope = max((float(y.mean()) - offset) / max(float(x.mean()), 1e-6), 0.0)
    peak = float(np.percentile(y / (offset + slope * x), 95))
    return (offset, slope), peak


def _jitter(seen: FaceObservation, usable: NDArray[np.bool_]) -> float:
    """Median second difference of the mouth's middle, across and down, in inter-ocular distances."""
    second = _second(seen.lips.mean(axis=1).astype(np.float64), seen, usable)
    known = np.isfinite(second).all(axis=1)
    return float(second[known].mean()) if known.any() else 0.0

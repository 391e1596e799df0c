# SPDX-License-Identifier: Apache-2.0
"""Fine detail of the mouth against the plate's own mouth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.quality.take import Take

__all__ = ["Sharpness", "measure_sharpness"]

_NOISE_POWER = 2e-6  # rounding to 8 bits, (1/255)^2 / 12, and a little
_ALIKE_FRAMES = 9
_APERTURE_UNIT_IOD = 0.02
_FRAMES_UNIT = 40.0
_USUAL_LIPS_OVER_EYES = np.array([0.3, 0.45, 0.6])  # log power, median of the clips in docs/quality.md
_FAST_SHARE = 2 / 3


@dataclass(frozen=True)
class Sharpness:
    """`per_frame` (T,) amplitude of detail over the reference's, geometric mean over three bands; NaN where
    the mouth is not measured. `bands` (3,): their medians. `fast`: the median over the third of frames
    whose lips move fastest. `is_against_plate` False: against the same face's eyes and nose, as usual in
    real footage.
    """

    overall: float
    fast: float
    bands: NDArray[np.float64]
    per_frame: NDArray[np.float32]
    frames: int
    fast_frames: int
    is_against_plate: bool


def measure_sharpness(take: Take) -> Sharpness | None:
    """Each frame against the nine plate frames whose mouths are open alike, the nearer in time the better.

    Detail is the power between Gaussians of 0.7, 1.4 and 2.8 pixels (differences of Gaussians, Burt and
    Adelson 1983) at the picture's own size, so that softening by a fraction of a pixel shows.
    """
    rows = np.flatnonzero(take.usable)
    if len(rows) < 3:
        return None
    power = np.log(take.seen.detail.astype(np.float64) + _NOISE_POWER)
    if take.plate is not None and take.has_plate:
        plate_power = np.log(take.plate.detail.astype(np.float64) + _NOISE_POWER)
        reference = _alike(take, plate_power[:, 0], rows)
    else:
        reference = power[rows, 1] + _USUAL_LIPS_OVER_EYES
    ratio = np.exp((power[rows, 0] - reference) / 2)
    combined = np.exp(np.log(ratio).mean(axis=1))
    per_frame = np.full(len(take.seen), np.nan, dtype=np.float32)
    per_frame[rows] = combined
    speed = take.lip_speed[rows]
    known = np.isfinite(speed)
    fast = known & (speed >= np.quantile(speed[known], _FAST_SHARE)) if known.any() else known
    return Sharpness(
        overall=float(np.median(combined)),
        fast=float(np.median(combined[fast])) if fast.any() else float(np.median(combined)),
        bands=np.median(ratio, axis=0),
        per_frame=per_frame,
        frames=len(rows),
        fast_frames=int(np.count_nonzero(fast)),
        is_against_plate=take.has_plate,
    )


def _alike(take: Take, plate_power: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean log power (len(rows), bands) of the plate's frames most alike in opening."""
    assert take.plate is not None
    pool = np.flatnonzero(take.plate_usable)
    apertures, indices = take.plate.aperture[pool], take.plate.indices[pool]
    reference = np.empty((len(rows), plate_power.shape[1]))
    for place, row in enumerate(rows.tolist()):
        away = np.abs(apertures - take.seen.aperture[row]) / _APERTURE_UNIT_IOD
        away = away + np.abs(indices - take.seen.indices[row]) / _FRAMES_UNIT
        count = min(_ALIKE_FRAMES, len(pool))
        nearest = pool[np.argpartition(away, count - 1)[:count]]
        reference[place] = plate_power[nearest].mean(axis=0)
    return reference

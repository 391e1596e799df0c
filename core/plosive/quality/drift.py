# SPDX-License-Identifier: Apache-2.0
"""Slow change over a clip that makes one person look like another: colour, lips at rest, teeth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.quality.observation import FaceObservation
from plosive.quality.take import Take

__all__ = ["Drift", "measure_drift"]

_LEAST_FRAMES = 24
_CLOSED_APERTURE_IOD, _OPEN_APERTURE_IOD = 0.02, 0.06
_LEAST_CLOSED, _LEAST_OPEN = 3, 5
_TEETH_PERCENTILE = 90


@dataclass(frozen=True)
class Drift:
    """From the first to the last half of a take, less the plate's own: `colour` of the lower face against the
    upper (CIE76), `outline` of closed lips (RMS, inter-ocular distances), `teeth`: the brightest of the open
    mouth against the upper face (natural logarithm). None where too few frames show it.
    """

    colour: float
    outline: float | None
    teeth: float | None
    frames: int
    closed_frames: int
    open_frames: int


def measure_drift(take: Take) -> Drift | None:
    """None for fewer than 24 frames."""
    rows = np.flatnonzero(take.usable)
    if len(rows) < _LEAST_FRAMES:
        return None
    plate = take.plate if take.has_plate else None
    plate_rows = np.flatnonzero(take.plate_usable)
    halfway = float(np.median(take.seen.indices[rows]))
    colour = _colour_shift(take.seen, rows, halfway)
    outline = _outline_shift(take.seen, rows, halfway)
    teeth = _teeth_shift(take.seen, rows, halfway)
    if plate is not None:
        own = _colour_shift(plate, plate_rows, halfway)
        colour = colour - own if own is not None and colour is not None else colour
        plate_outline, plate_teeth = (
            _outline_shift(plate, plate_rows, halfway),
            _teeth_shift(plate, plate_rows, halfway),
        )
        outline = outline - plate_outline if outline is not None and plate_outline is not None else outline
        teeth = teeth - plate_teeth if teeth is not None and plate_teeth is not None else teeth
    aperture = take.seen.aperture[rows]
    return Drift(
        colour=0.0 if colour is None else float(np.linalg.norm(colour)),
        outline=None if outline is None else float(np.sqrt((outline**2).mean())),
        teeth=None if teeth is None else abs(teeth),
        frames=len(rows),
        closed_frames=int(np.count_nonzero(aperture <= _CLOSED_APERTURE_IOD)),
        open_frames=int(np.count_nonzero(aperture >= _OPEN_APERTURE_IOD)),
    )


def _halves(
    seen: FaceObservation, rows: NDArray[np.int64], halfway: float, least: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    first, last = rows[seen.indices[rows] <= halfway], rows[seen.indices[rows] > halfway]
    return (first, last) if min(len(first), len(last)) >= least else None


def _colour_shift(
    seen: FaceObservation, rows: NDArray[np.int64], halfway: float
) -> NDArray[np.float64] | None:
    import cv2

    halves = _halves(seen, rows, halfway, _LEAST_FRAMES // 4)
    if halves is None:
        return None
    lower = cv2.cvtColor(seen.lower_colour[None], cv2.COLOR_RGB2Lab)[0].astype(np.float64)
    upper = cv2.cvtColor(seen.upper_colour[None], cv2.COLOR_RGB2Lab)[0].astype(np.float64)
    relative = lower - upper
    return np.asarray(np.median(relative[halves[1]], axis=0) - np.median(relative[halves[0]], axis=0))


def _outline_shift(
    seen: FaceObservation, rows: NDArray[np.int64], halfway: float
) -> NDArray[np.float64] | None:
    closed = rows[seen.aperture[rows] <= _CLOSED_APERTURE_IOD]
    halves = _halves(seen, closed, halfway, _LEAST_CLOSED)
    if halves is None:
        return None
    lips = seen.lips.astype(np.float64)
    return np.asarray(np.median(lips[halves[1]], axis=0) - np.median(lips[halves[0]], axis=0))


def _teeth_shift(seen: FaceObservation, rows: NDArray[np.int64], halfway: float) -> float | None:
    parted = rows[seen.aperture[rows] >= _OPEN_APERTURE_IOD]
    halves = _halves(seen, parted, halfway, _LEAST_OPEN)
    if halves is None:
        return None
    bright = np.log(np.percentile(seen.inside, _TEETH_PERCENTILE, axis=1) + 0.02)
    relative = bright - np.log(seen.upper.mean(axis=1) + 0.02)
    return float(np.median(relative[halves[1]]) - np.median(relative[halves[0]]))

# SPDX-License-Identifier: Apache-2.0
"""How well, and how far, the mouth follows what the dub asks of it; and whether it rests in silence."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.motion import MouthFootage, actor_range, fit_to_range, motion_curves
from plosive.motion.fitting import WIDTH_SHARE
from plosive.motion.lag import correlations
from plosive.quality.take import Take
from plosive.quality.timing import Timing

__all__ = ["Articulation", "Silence", "measure_articulation", "measure_silence"]

_SURE = 0.5
_MOST_LAG_SECONDS = 0.2
_LEAST_SPOKEN_FRAMES = 12
_LEAST_SILENT_FRAMES = 3
_CLOSED_APERTURE = 0.03  # of face height
_APERTURE, _WIDTH, _JAW = 0, 1, 2


@dataclass(frozen=True)
class Articulation:
    """`correlations` and `amplitudes` (3,): aperture, width, jaw. Amplitude is the spread (10th to 90th
    percentile) of the measured curve while someone speaks over that of the expected one in this actor's
    range. `expected`, `measured` (T, 3) are both curves in range units: 0 closed, 1 wide open.
    """

    correlations: NDArray[np.float64]
    amplitudes: NDArray[np.float64]
    expected: NDArray[np.float32]
    measured: NDArray[np.float32]
    frames: int
    is_actors_range: bool


@dataclass(frozen=True)
class Silence:
    """Frames in pauses: how far the lips are apart beyond this actor's rest (10th percentile of all frames,
    in inter-ocular distances) and how fast their outline moves (inter-ocular distances a second).
    """

    excess_aperture: float
    lip_speed: float
    frames: int


def measure_articulation(take: Take, timing: Timing | None) -> Articulation | None:
    """Compare at the lag that was found, if it is sure and within 0.2 s: timing is judged by itself.

    The actor's range is the plate's where one is there; else that of other people upon the actor's own closed
    mouth. None where fewer than 12 frames are spoken.
    """
    lag = 0.0
    if timing is not None and timing.confidence >= _SURE and abs(timing.lag_ms) <= 1000 * _MOST_LAG_SECONDS:
        lag = timing.lag_ms / 1000
    spoken = take.expectation.is_spoken(take.times - lag) & take.usable
    if np.count_nonzero(spoken) < _LEAST_SPOKEN_FRAMES:
        return None
    expected = _expected(take, lag)
    columns = [_APERTURE, _WIDTH, _JAW]
    ours = take.seen.channels[:, columns].astype(np.float64)
    theirs = expected[:, columns].astype(np.float64)
    low, high = np.percentile(theirs[spoken], (10, 90), axis=0)
    spread = np.maximum(high - low, 1e-4)
    spread[_WIDTH] /= WIDTH_SHARE  # the generator moves widths little; an actor does not
    own_low, own_high = np.percentile(ours[spoken], (10, 90), axis=0)
    plain = take.expectation.values(take.times, lag)[:, columns]
    # Both curves in range units: the affine map that carries the expected curve there.
    scale, shift = _affine(theirs[take.usable], plain[take.usable])
    return Articulation(
        correlations=correlations(ours[take.usable], theirs[take.usable]),
        amplitudes=(own_high - own_low) / spread,
        expected=plain.astype(np.float32),
        measured=np.where(take.usable[:, None], ours * scale + shift, np.nan).astype(np.float32),
        frames=int(np.count_nonzero(spoken)),
        is_actors_range=take.has_plate,
    )


def measure_silence(take: Take) -> Silence | None:
    """None where fewer than three frames lie in a pause."""
    silent = take.expectation.is_silent(take.times) & take.usable
    if np.count_nonzero(silent) < _LEAST_SILENT_FRAMES:
        return None
    known = [take.seen.aperture[take.usable]]
    if take.plate is not None and take.has_plate:
        known.append(take.plate.aperture[take.plate_usable])
    rest = float(np.percentile(np.concatenate(known), 10))
    speed = take.lip_speed[silent]
    speed = speed[np.isfinite(speed)]
    return Silence(
        excess_aperture=max(float(take.seen.aperture[silent].mean()) - rest, 0.0),
        lip_speed=float(speed.mean()) if len(speed) else 0.0,
        frames=int(np.count_nonzero(silent)),
    )


def _expected(take: Take, lag: float) -> NDArray[np.float32]:
    """Channels (T, 5) in this actor's range. Motion is made, and its speed limited, in the dub's time."""
    expectation = take.expectation
    shift = Fraction(lag + expectation.start_seconds).limit_denominator(100_000)
    order = np.argsort(take.times, kind="stable")
    times = take.times[order]
    centres = [Fraction(time).limit_denominator(100_000) - shift for time in times.tolist()]
    rate = take.heard_rate or take.frame_rate
    curves = motion_curves(expectation.speech, centres, frame_seconds=1 / rate)
    if take.plate is not None and take.has_plate:
        rows = take.plate_usable
        shown = MouthFootage(take.plate.channels[rows], take.plate.indices[rows] / float(take.frame_rate))
    else:
        closed = (take.usable & (take.seen.channels[:, _APERTURE] < _CLOSED_APERTURE))[order]
        shown = MouthFootage(take.seen.channels[order][closed], times[closed])
    fitted = fit_to_range(curves, actor_range([shown])).values
    return fitted[np.argsort(order)]


def _affine(
    source: NDArray[np.float64], target: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(scale, shift) per column with source * scale + shift nearest to target."""
    middle = source.mean(axis=0), target.mean(axis=0)
    spread = np.maximum(source.std(axis=0), 1e-6)
    scale = np.maximum(target.std(axis=0), 1e-6) / spread
    return scale, middle[1] - middle[0] * scale

# SPDX-License-Identifier: Apache-2.0
"""How far the picture lies before or after its sound, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.motion.lag import INDEPENDENT_SECONDS, find_lag, lag_agreement, likeliest
from plosive.quality.expectation import Expectation
from plosive.quality.take import Take

__all__ = ["Timing", "WindowTiming", "measure_timing"]

_WINDOW_SECONDS, _WINDOW_STEP_SECONDS = 3.0, 1.0
_LEAST_SECONDS = 1.0


@dataclass(frozen=True)
class WindowTiming:
    """The lag around one moment."""

    centre_seconds: float
    lag_ms: float
    confidence: float


@dataclass(frozen=True)
class Timing:
    """`lag_ms` above zero: the picture comes after its sound. `confidence` 0..1 is how much of the likelihood
    over lags of +-600 ms lies within 60 ms of it. `evidence` is how many standard deviations the agreement
    within +-150 ms of no lag is above chance. `correlation` is the weighted mean over the channels at the
    lag.
    """

    lag_ms: float
    confidence: float
    evidence: float
    correlation: float
    frames: int
    windows: tuple[WindowTiming, ...]


def measure_timing(take: Take) -> Timing | None:
    """Compare measured curves with expected ones (`find_lag`); None for less than a second of face."""
    rows = np.flatnonzero(take.usable)
    seconds = len(rows) / take.rate
    if seconds < _LEAST_SECONDS:
        return None
    measured, times = take.seen.channels[rows].astype(np.float64), take.times[rows]
    found = find_lag(measured, _expected(times, take.expectation), seconds)
    windows = []
    middle = times.min() + _WINDOW_SECONDS / 2
    while middle + _WINDOW_SECONDS / 2 <= times.max() + 1.5 / take.rate:
        inside = np.abs(times - middle) <= _WINDOW_SECONDS / 2
        covered = np.count_nonzero(inside) / take.rate
        if covered >= 0.7 * _WINDOW_SECONDS:
            part = lag_agreement(measured[inside], _expected(times[inside], take.expectation))
            lag, sure = likeliest(part, covered / INDEPENDENT_SECONDS)
            windows.append(WindowTiming(round(float(middle), 3), lag * 1000, sure))
        middle += _WINDOW_STEP_SECONDS
    return Timing(
        found.seconds * 1000,
        found.confidence,
        found.evidence,
        found.correlation,
        len(rows),
        tuple(windows),
    )


def _expected(times: NDArray[np.float64], expectation: Expectation) -> Callable[[float], NDArray[np.float64]]:
    """The expected curves at `times`, by lag."""
    return lambda lag: expectation.values(times, lag)

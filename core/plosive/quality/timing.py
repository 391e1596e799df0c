# SPDX-License-Identifier: Apache-2.0
"""How far the picture lies before or after its sound, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.quality.expectation import Expectation
from plosive.quality.take import Take

__all__ = ["Timing", "WindowTiming", "correlations", "measure_timing"]

_LAGS = np.round(np.arange(-0.6, 0.6001, 0.01), 3)
_WEIGHTS = np.array([1.0, 0.5, 1.0, 1.0, 0.8])  # width is the channel that rules predict worst
_INDEPENDENT_SECONDS = 0.12  # mouths move on within a phone and a half
_NEAR_SECONDS = 0.15
_SURE_SECONDS = 0.06
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
    """Compare measured curves with expected ones at lags of +-600 ms; None for less than a second of face.

    The likelihood of a lag takes samples 0.12 s apart as independent: -n/2 ln(1 - r^2) for a positive r.
    """
    rows = np.flatnonzero(take.usable)
    seconds = len(rows) / float(take.frame_rate)
    if seconds < _LEAST_SECONDS:
        return None
    measured, times = take.seen.channels[rows].astype(np.float64), take.times[rows]
    agreement = _agreement(measured, times, take.expectation)
    independent = seconds / _INDEPENDENT_SECONDS
    lag, confidence = _likeliest(agreement, independent)
    near = float(agreement[np.abs(_LAGS) <= _NEAR_SECONDS].max())
    evidence = float(np.arctanh(min(near, 0.999)) * np.sqrt(max(independent - 3, 1)))
    windows = []
    middle = times[0] + _WINDOW_SECONDS / 2
    while middle + _WINDOW_SECONDS / 2 <= times[-1] + 1.5 / float(take.frame_rate):
        inside = np.abs(times - middle) <= _WINDOW_SECONDS / 2
        covered = np.count_nonzero(inside) / float(take.frame_rate)
        if covered >= 0.7 * _WINDOW_SECONDS:
            part = _agreement(measured[inside], times[inside], take.expectation)
            found, sure = _likeliest(part, covered / _INDEPENDENT_SECONDS)
            windows.append(WindowTiming(round(float(middle), 3), found * 1000, sure))
        middle += _WINDOW_STEP_SECONDS
    return Timing(
        lag * 1000,
        confidence,
        evidence,
        float(np.interp(lag, _LAGS, agreement)),
        len(rows),
        tuple(windows),
    )


def correlations(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson r of each column of two (T, C) arrays; 0 where a column does not vary."""
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    power = np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
    return np.asarray((one * other).sum(axis=0) / np.maximum(power, 1e-9))


def _agreement(
    measured: NDArray[np.float64], times: NDArray[np.float64], expectation: Expectation
) -> NDArray[np.float64]:
    """Weighted mean correlation at every lag."""
    return np.array(
        [
            correlations(measured, expectation.values(times, lag)) @ _WEIGHTS / _WEIGHTS.sum()
            for lag in _LAGS.tolist()
        ]
    )


def _likeliest(agreement: NDArray[np.float64], independent: float) -> tuple[float, float]:
    """The likeliest lag in seconds, to a part of a step, and the share of likelihood near it."""
    likelihood = -independent / 2 * np.log(1 - np.clip(agreement, 0, 0.999) ** 2)
    weight = np.exp(likelihood - likelihood.max())
    weight /= weight.sum()
    best = int(agreement.argmax())
    near = np.abs(_LAGS - _LAGS[best]) <= _SURE_SECONDS
    peak = np.abs(np.arange(len(_LAGS)) - best) <= 3
    lag = float((weight * _LAGS)[peak].sum() / max(float(weight[peak].sum()), 1e-12))
    return lag, float(weight[near].sum())

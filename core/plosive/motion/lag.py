# SPDX-License-Identifier: Apache-2.0
"""How far a measured mouth lies before or after the sound it belongs to, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CHANNEL_WEIGHTS",
    "INDEPENDENT_SECONDS",
    "LAGS_SECONDS",
    "Lag",
    "correlations",
    "find_lag",
    "lag_agreement",
    "likeliest",
]

LAGS_SECONDS = np.round(np.arange(-0.6, 0.6001, 0.01), 3)
"""The lags that are tried; above zero the picture comes after its sound."""

CHANNEL_WEIGHTS = np.array([1.0, 0.5, 1.0, 1.0, 0.8])
"""How much each of `CHANNELS` says of a lag: width is the one that rules predict worst."""

INDEPENDENT_SECONDS = 0.12
"""Mouths move on within a phone and a half: samples this far apart count as independent."""

_NEAR_SECONDS = 0.15
_SURE_SECONDS = 0.06


@dataclass(frozen=True)
class Lag:
    """`seconds` above zero: the picture comes after its sound. `confidence` 0..1 is how much of the
    likelihood over lags of +-600 ms lies within 60 ms of it. `evidence` is how many standard deviations the
    agreement within +-150 ms of no lag is above chance. `correlation` is the weighted mean over the channels
    at the lag.
    """

    seconds: float
    confidence: float
    evidence: float
    correlation: float


def find_lag(
    measured: NDArray[np.float64],
    expected: Callable[[float], NDArray[np.float64]],
    seconds: float,
) -> Lag:
    """Compare `measured` (T, 5), columns as `CHANNELS`, with `expected(lag)` (T, 5) at lags of +-600 ms.

    `seconds` is how much footage the T rows are: samples 0.12 s apart count as independent.
    """
    agreement = lag_agreement(measured, expected)
    independent = seconds / INDEPENDENT_SECONDS
    lag, confidence = likeliest(agreement, independent)
    near = float(agreement[np.abs(LAGS_SECONDS) <= _NEAR_SECONDS].max())
    evidence = float(np.arctanh(min(near, 0.999)) * np.sqrt(max(independent - 3, 1)))
    return Lag(lag, confidence, evidence, float(np.interp(lag, LAGS_SECONDS, agreement)))


def lag_agreement(
    measured: NDArray[np.float64], expected: Callable[[float], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Weighted mean correlation of the channels at each of `LAGS_SECONDS`."""
    weights = CHANNEL_WEIGHTS / CHANNEL_WEIGHTS.sum()
    return np.array([correlations(measured, expected(lag)) @ weights for lag in LAGS_SECONDS.tolist()])


def likeliest(agreement: NDArray[np.float64], independent: float) -> tuple[float, float]:
    """The likeliest lag in seconds, to a part of a step, and the share of likelihood near it.

    The likelihood of a lag is -n/2 ln(1 - r^2) for a positive r over n `independent` samples.
    """
    likelihood = -independent / 2 * np.log(1 - np.clip(agreement, 0, 0.999) ** 2)
    weight = np.exp(likelihood - likelihood.max())
    weight /= weight.sum()
    best = int(agreement.argmax())
    near = np.abs(LAGS_SECONDS - LAGS_SECONDS[best]) <= _SURE_SECONDS
    peak = np.abs(np.arange(len(LAGS_SECONDS)) - best) <= 3
    lag = float((weight * LAGS_SECONDS)[peak].sum() / max(float(weight[peak].sum()), 1e-12))
    return lag, float(weight[near].sum())


def correlations(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson r of each column of two (T, C) arrays; 0 where a column does not vary."""
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    power = np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
    return np.asarray((one * other).sum(axis=0) / np.maximum(power, 1e-9))

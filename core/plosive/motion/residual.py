# SPDX-License-Identifier: Apache-2.0
"""What one actor's mouth does otherwise than the rules say, learnt from footage with its own sound.

A ridge regression (Hoerl and Kennard 1970) from the sound around a frame to what the rules miss there. It is
used, channel by channel, only where it beats the rules on parts of the footage that it was not learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.motion.curves import CHANNELS
from plosive.motion.lag import correlations

__all__ = [
    "LEAST_SECONDS",
    "ChannelTrial",
    "HeardFootage",
    "LearntResidual",
    "learn_residual",
    "sound_features",
]

LEAST_SECONDS = 5.0
"""Less spoken footage than this teaches nothing: below 4 s every trial on real footage got worse."""

_RIDGE = 1000.0  # of features with spread 1: on real footage it seldom harms from here on
_TAPS, _TAP_SECONDS = 9, 0.02
_HOP_SECONDS = 0.01
_BLOCKS, _GAP_SECONDS = 5, 0.3
_LEAST_GAIN, _LEAST_DROP = 0.03, 0.02  # of r, and of the error as a share of the rules'
_LEAST_BLOCKS = 4  # of 5 with a smaller error: chance alone gives that in 3 of 16
_USUAL_LEVERAGE_PERCENTILE = 90


@dataclass(frozen=True)
class HeardFootage:
    """One shot with its own sound, N frames, at the lag that was found.

    `measured` (N, 5) and `ruled` (N, 5), what the rules make of the sound, in the actor's units; `features`
    (N, F) from `sound_features`; `centre_seconds` (N,) rising; `spoken` (N,) bool: neither at rest, closed
    nor tucked.
    """

    measured: NDArray[np.float64]
    ruled: NDArray[np.float64]
    features: NDArray[np.float64]
    centre_seconds: NDArray[np.float64]
    spoken: NDArray[np.bool_]


@dataclass(frozen=True)
class ChannelTrial:
    """How one channel did on held-back parts: correlation, and error in spans of the actor's range."""

    channel: str
    used: bool
    rules_correlation: float
    learnt_correlation: float
    rules_error: float
    learnt_error: float


@dataclass(frozen=True)
class LearntResidual:
    """`weights` (F, 5) are 0 for channels that are not used; `middle` (F,) is the features' mean.

    `spread` (F, F) turns a feature vector into its leverage: how far it lies from what was heard.
    """

    trials: tuple[ChannelTrial, ...]
    weights: NDArray[np.float64]
    middle: NDArray[np.float64]
    spread: NDArray[np.float64]
    usual_leverage: float
    spoken_seconds: float

    @property
    def is_used(self) -> bool:
        return any(trial.used for trial in self.trials)

    def correction(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """What to add to the rules, the actor's units: (T, F) -> (T, 5). Sounds unlike those it was learnt
        from are corrected less.
        """
        away = features - self.middle
        leverage = _leverage(away, self.spread)
        share = np.clip(self.usual_leverage / np.maximum(leverage, 1e-9), 0, 1)
        return np.asarray(share[:, None] * (away @ self.weights))


def sound_features(energies: NDArray[np.float32], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sound within 80 ms of each moment: (hops, 26) from `speech.mel` and (T,) -> (T, 234).

    Outside the recording the first or last hop stands.
    """
    hops = (np.arange(len(energies)) + 0.5) * _HOP_SECONDS
    taps = (np.arange(_TAPS) - _TAPS // 2) * _TAP_SECONDS
    at = seconds[:, None] + taps
    made = np.stack([np.interp(at, hops, band) for band in energies.T.astype(np.float64)], axis=2)
    return made.reshape(len(seconds), -1)


def learn_residual(footage: Sequence[HeardFootage], span: NDArray[np.float64]) -> LearntResidual | None:
    """Learn from `footage`; `span` (5,) is the actor's range, in which errors are told.

    Each of five stretches is held back in turn, with 0.3 s beside it; a channel is used when over all of them
    r rises by 0.03 and the error falls by 2 %, and the error falls in four of the five. None where less than
    `LEAST_SECONDS` are spoken.
    """
    spoken = sum(_seconds(shot) for shot in footage)
    if spoken < LEAST_SECONDS:
        return None
    features = np.concatenate([shot.features for shot in footage])
    missed = np.concatenate([_missed(shot) for shot in footage])
    ruled = np.concatenate([shot.ruled for shot in footage])
    measured = np.concatenate([shot.measured for shot in footage])
    free = np.concatenate([shot.spoken for shot in footage])
    blocks, near = _blocks(footage)
    guessed = np.zeros_like(ruled)
    leverage = np.zeros(len(ruled))
    for block in range(_BLOCKS):
        held, known = blocks == block, free & ~near[block]
        middle, weights, spread = _ridge(features[known], missed[known])
        away = features[held] - middle
        guessed[held] = away @ weights
        leverage[held] = _leverage(away, spread)
    trials = tuple(
        _trial(name, measured[free, k], ruled[free, k], guessed[free, k], blocks[free], float(span[k]))
        for k, name in enumerate(CHANNELS)
    )
    middle, weights, spread = _ridge(features[free], missed[free])
    usual = float(np.percentile(leverage[free], _USUAL_LEVERAGE_PERCENTILE))
    used = np.array([trial.used for trial in trials])
    return LearntResidual(trials, weights * used, middle, spread, usual, spoken)


def _seconds(shot: HeardFootage) -> float:
    step = float(np.median(np.diff(shot.centre_seconds))) if len(shot.centre_seconds) > 1 else 0.0
    return step * int(np.count_nonzero(shot.spoken))


def _missed(shot: HeardFootage) -> NDArray[np.float64]:
    """What the rules miss, about its own mean: an offset is the range's matter, not the sound's."""
    missed = shot.measured - shot.ruled
    rows = shot.spoken if shot.spoken.any() else slice(None)
    return np.asarray(missed - missed[rows].mean(axis=0))


def _blocks(footage: Sequence[HeardFootage]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Which of five stretches a frame lies in (N,), and whether it is in or near each (5, N)."""
    step = 10.0  # shots are laid end to end, well apart
    times, at = [], 0.0
    for shot in footage:
        times.append(shot.centre_seconds - shot.centre_seconds[:1] + at)
        at = float(times[-1][-1]) + step if len(shot.centre_seconds) else at
    seconds = np.concatenate(times)
    blocks = np.arange(len(seconds)) * _BLOCKS // len(seconds)
    edges = [(seconds[blocks == block].min(), seconds[blocks == block].max()) for block in range(_BLOCKS)]
    near = [(seconds >= first - _GAP_SECONDS) & (seconds <= last + _GAP_SECONDS) for first, last in edges]
    return blocks, np.stack(near)


def _ridge(
    features: NDArray[np.float64], missed: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(mean of the features, weights (F, 5), inverse of the regularised scatter (F, F))."""
    middle = features.mean(axis=0)
    away = features - middle
    spread = np.linalg.inv(away.T @ away + _RIDGE * np.eye(features.shape[1]))
    return middle, spread @ (away.T @ (missed - missed.mean(axis=0))), spread


def _leverage(away: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(((away @ spread) * away).sum(axis=1))


def _trial(
    channel: str,
    measured: NDArray[np.float64],
    ruled: NDArray[np.float64],
    guessed: NDArray[np.float64],
    blocks: NDArray[np.int64],
    span: float,
) -> ChannelTrial:
    learnt = ruled + guessed
    rules_r, learnt_r = (
        float(correlations(measured[:, None], curve[:, None])[0]) for curve in (ruled, learnt)
    )
    rules_error, learnt_error = _error(measured - ruled), _error(measured - learnt)
    better = sum(
        _error((measured - learnt)[blocks == block]) < _error((measured - ruled)[blocks == block])
        for block in np.unique(blocks)
    )
    used = (
        learnt_r >= rules_r + _LEAST_GAIN
        and learnt_error <= (1 - _LEAST_DROP) * rules_error
        and better >= _LEAST_BLOCKS
    )
    return ChannelTrial(channel, used, rules_r, learnt_r, rules_error / span, learnt_error / span)


def _error(missed: NDArray[np.float64]) -> float:
    """Spread about the mean: a constant offset is no mistake of shape."""
    return float(missed.std()) if len(missed) else 0.0

# SPDX-License-Identifier: Apache-2.0
"""What an actor's mouth does beside speaking: a smile that comes and goes, lips drawn in or pushed out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plosive.motion.footage import MouthFootage

__all__ = ["slow_width"]

_SPREAD_SECONDS = 0.5  # passes 0.27 Hz at half power, 0.7 Hz at a tenth of the height: no syllable, no word
_APERTURE, _WIDTH, _JAW = 0, 1, 2
_MOST_COUPLING = 0.5
_LEAST_FRAMES = 12


def slow_width(footage: MouthFootage) -> NDArray[np.float64]:
    """The slow part of the mouth's width about its own middle, (N,) inter-ocular distances.

    A smile widens the mouth for seconds, speech for tenths of one. What opening the mouth does to its width
    is first learnt where only speech acts (above 0.3 Hz) and taken out, so that a long pause or a loud
    sentence in the plate does not pass for a mood.
    """
    count = len(footage.values)
    if count < _LEAST_FRAMES or footage.frame_seconds <= 0:
        return np.zeros(count)
    values = footage.values.astype(np.float64)
    spread = _SPREAD_SECONDS / footage.frame_seconds
    slow = np.stack([_smooth(values[:, column], spread) for column in (_WIDTH, _APERTURE, _JAW)], axis=1)
    fast = values[:, [_WIDTH, _APERTURE, _JAW]] - slow
    power = fast[:, 1:].T @ fast[:, 1:]
    power[np.diag_indices(2)] += 1e-3 * count * np.array([0.08, 0.02]) ** 2 + 1e-9
    coupling = np.clip(np.linalg.solve(power, fast[:, 1:].T @ fast[:, 0]), -_MOST_COUPLING, _MOST_COUPLING)
    mood = slow[:, 0] - slow[:, 1:] @ coupling
    return np.asarray(mood - np.median(mood))


def _smooth(curve: NDArray[np.float64], spread_rows: float) -> NDArray[np.float64]:
    """A Gaussian mean over rows that knows nothing beyond either end."""
    from scipy.ndimage import gaussian_filter1d

    weight = gaussian_filter1d(np.ones(len(curve)), spread_rows, mode="constant", truncate=3)
    middle = curve.mean()
    made = gaussian_filter1d(curve - middle, spread_rows, mode="constant", truncate=3)
    return np.asarray(made / weight + middle)

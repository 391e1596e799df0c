# SPDX-License-Identifier: Apache-2.0
"""Where the picture lies against its sound."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.motion.lag import find_lag


def wave(seed: int, moments: NDArray[np.float64]) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    knots = np.arange(-2, 14, 0.12)
    return np.stack([np.interp(moments, knots, rng.normal(size=len(knots))) for _ in range(5)], axis=1)


@pytest.mark.parametrize("late", [-0.3, -0.1, 0.0, 0.08, 0.25])
def test_a_lag_is_found_under_noise(late: float) -> None:
    moments = (np.arange(200) + 0.5) / 25
    measured = wave(1, moments - late) + np.random.default_rng(2).normal(0, 0.7, (200, 5))
    found = find_lag(measured, lambda lag: wave(1, moments - lag), 8.0)
    assert found.seconds == pytest.approx(late, abs=0.02)
    assert found.confidence > 0.9
    assert (found.evidence > 3) == (abs(late) <= 0.15)


def test_another_sound_gives_no_evidence() -> None:
    moments = (np.arange(200) + 0.5) / 25
    evidence = [
        find_lag(wave(seed, moments), lambda lag: wave(99, moments - lag), 8.0).evidence for seed in range(8)
    ]
    assert max(evidence) < 2.5

# SPDX-License-Identifier: Apache-2.0
"""A smile is kept, the plate's own speech is not."""

from __future__ import annotations

import numpy as np

from plosive.motion import MouthFootage
from plosive.motion.mood import slow_width

RATE = 25


def plate(smile: bool) -> tuple[MouthFootage, np.ndarray]:
    """Twelve seconds: speech in the first half, a pause in the second; a smile from 4 s to 8 s."""
    rng = np.random.default_rng(2)
    moment = (np.arange(12 * RATE) + 0.5) / RATE
    syllables = np.clip(0.5 + 0.6 * np.sin(2 * np.pi * 4.1 * moment + rng.normal(0, 0.2, len(moment))), 0, 1)
    opening = np.where(moment < 6, syllables, 0)
    wish = 0.05 * np.exp(-(((moment - 6) / 1.5) ** 4)) * smile
    values = np.zeros((len(moment), 5), np.float32)
    values[:, 0] = 0.2 * opening
    values[:, 1] = 0.55 - 0.06 * opening + wish + rng.normal(0, 0.005, len(moment))
    values[:, 2] = 0.74 + 0.05 * opening
    return MouthFootage(values, moment), wish


def test_a_smile_comes_back_and_speech_does_not() -> None:
    smiling, wish = plate(smile=True)
    mood = slow_width(smiling)
    assert np.corrcoef(mood, wish)[0, 1] > 0.95
    assert 0.8 < np.ptp(mood) / np.ptp(wish) < 1.1
    straight, _ = plate(smile=False)
    assert np.ptp(slow_width(straight)) < 0.01, "half a minute of narrower talking is no mood"


def test_the_mood_has_no_syllables() -> None:
    smiling, _ = plate(smile=True)
    mood = slow_width(smiling)
    spectrum = np.abs(np.fft.rfft((mood - mood.mean()) * np.hanning(len(mood))))
    hertz = np.fft.rfftfreq(len(mood), 1 / RATE)
    assert spectrum[hertz > 1].max() < 0.02 * spectrum.max()
    spoken = smiling.values[:, 0][: 6 * RATE]
    assert abs(np.corrcoef(np.diff(mood[: 6 * RATE]), np.diff(spoken))[0, 1]) < 0.1


def test_too_little_has_no_mood() -> None:
    short = MouthFootage(np.ones((5, 5), np.float32), np.arange(5) / 25)
    assert (slow_width(short) == 0).all()
    assert len(slow_width(MouthFootage(np.zeros((0, 5), np.float32), np.zeros(0)))) == 0

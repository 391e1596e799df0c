# SPDX-License-Identifier: Apache-2.0
"""What an actor does otherwise than the rules: learnt where it is there, refused where it is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.motion.residual import HeardFootage, LearntResidual, learn_residual, sound_features
from plosive.speech.sound.mel import BANDS, mel_energies

Numbers = NDArray[np.float64]
SPAN = np.array([0.2, 0.08, 0.05, 0.2, 0.3])
RATE = 25


def energies(seconds: float, seed: int) -> NDArray[np.float32]:
    """Something like speech: bands that wander, each with mean 0 and spread 1."""
    from scipy.ndimage import gaussian_filter1d

    made = np.random.default_rng(seed).normal(size=(int(seconds * 100), BANDS))
    made = gaussian_filter1d(made, 5, axis=0)
    return ((made - made.mean(axis=0)) / made.std(axis=0)).astype(np.float32)


def footage(seconds: float, seed: int, learnable: float) -> HeardFootage:
    """Rules that follow the mouth at r about 0.6; aperture and jaw miss `learnable` spans of two bands."""
    rng = np.random.default_rng(seed)
    times = (np.arange(int(seconds * RATE)) + 0.5) / RATE
    sound = energies(seconds, seed)
    features = sound_features(sound, times)
    knots = np.arange(0, seconds + 0.2, 0.15)
    waves = [np.interp(times, knots, rng.normal(size=len(knots))) for _ in range(5)]
    ruled = 0.3 * SPAN * np.stack(waves, axis=1)
    told = np.interp(times, (np.arange(len(sound)) + 0.5) / 100, sound[:, 3] - sound[:, 11])
    missed = rng.normal(0, 0.15, ruled.shape) * SPAN
    missed[:, [0, 2]] += learnable * told[:, None] * SPAN[[0, 2]]
    return HeardFootage(ruled + missed, ruled, features, times, np.ones(len(times), bool))


def learnt(*shots: HeardFootage) -> LearntResidual:
    made = learn_residual(shots, SPAN)
    assert made is not None
    return made


def used(made: LearntResidual) -> list[str]:
    return [trial.channel for trial in made.trials if trial.used]


def test_what_the_sound_tells_is_learnt_for_the_channels_that_have_it() -> None:
    made = learnt(footage(20, 1, 0.25))
    assert used(made) == ["aperture", "jaw"]
    unheard = footage(8, 2, 0.25)
    correction = made.correction(unheard.features)
    missed = unheard.measured - unheard.ruled
    for column in (0, 2):
        assert np.corrcoef(correction[:, column], missed[:, column])[0, 1] > 0.6
        better = (missed - correction)[:, column].std() / missed[:, column].std()
        assert better < 0.85
    assert (correction[:, [1, 3, 4]] == 0).all()
    trial = made.trials[0]
    assert trial.learnt_correlation > trial.rules_correlation + 0.03
    assert trial.learnt_error < trial.rules_error


def test_noise_is_refused_nearly_always() -> None:
    passed = [len(used(learnt(footage(8, seed, 0.0)))) for seed in range(20)]
    assert sum(passed) <= 3  # of 100 channels


def test_several_shots_count_together_and_too_little_teaches_nothing() -> None:
    assert learn_residual([footage(3, 1, 0.3)], SPAN) is None
    both = learnt(footage(6, 1, 0.3), footage(6, 3, 0.3))
    assert both.spoken_seconds == pytest.approx(12, abs=0.2)
    assert "aperture" in used(both)


def test_an_offset_of_the_range_is_not_learnt() -> None:
    shot = footage(12, 4, 0.0)
    moved = HeardFootage(shot.measured + SPAN, shot.ruled, shot.features, shot.centre_seconds, shot.spoken)
    assert learnt(moved).trials[0].rules_error == pytest.approx(learnt(shot).trials[0].rules_error, rel=1e-6)


def test_an_unlike_sound_is_corrected_less() -> None:
    made = learnt(footage(20, 1, 0.25))
    like = footage(6, 5, 0.25).features
    grown = np.abs(made.correction(like * 6)).max() / np.abs(made.correction(like)).max()
    assert grown < 3


def test_the_colour_of_a_sound_does_not_know_its_level() -> None:
    rng = np.random.default_rng(0)
    sound = (rng.normal(size=16000) * np.abs(np.sin(np.arange(16000) / 900)) * 0.2).astype(np.float32)
    loud, quiet = mel_energies(sound), mel_energies(sound * 0.25)
    assert loud.shape == (100, BANDS)
    assert loud.dtype == np.float32
    assert np.allclose(loud, quiet, atol=0.05)
    assert (mel_energies(np.zeros(1600, np.float32)) == 0).all()
    assert mel_energies(np.zeros(0, np.float32)).shape == (0, BANDS)


def test_a_tone_raises_the_bands_around_it() -> None:
    seconds = np.arange(32000) / 16000
    hiss = np.random.default_rng(1).normal(size=32000) * 0.01
    for hertz, band in ((400, 3), (1000, 8), (3000, 17)):
        tone = hiss + 0.3 * np.sin(2 * np.pi * hertz * seconds) * (seconds > 1)
        colour = mel_energies(tone.astype(np.float32))
        risen = colour[105:].mean(axis=0) - colour[:95].mean(axis=0)
        assert abs(int(risen.argmax()) - band) <= 1

# SPDX-License-Identifier: Apache-2.0
"""Loudness, pitch and activity against sounds that are known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.speech.alignment.pauses import split_at_pauses
from plosive.speech.sound.prosody import measure_sound, speech_runs


def test_one_value_a_hop() -> None:
    for samples in (0, 1, 159, 160, 161, 16_000):
        sound = measure_sound(np.zeros(samples, np.float32))
        hops = -(-samples // 160)
        assert sound.loudness_db.shape == sound.pitch_hz.shape == sound.activity.shape == (hops,)
        assert sound.loudness_db.dtype == np.float32


def test_loudness_is_relative_to_full_scale() -> None:
    time = np.arange(16_000) / 16_000
    loud = measure_sound(np.sin(2 * np.pi * 200 * time).astype(np.float32)).loudness_db
    assert loud[10:90] == pytest.approx(-3.01, abs=0.2)
    assert measure_sound(np.zeros(1600, np.float32)).loudness_db == pytest.approx(-120, abs=0.01)


@pytest.mark.parametrize("hertz", [80, 120, 210, 330])
def test_pitch_of_a_buzz(hertz: int) -> None:
    time = np.arange(16_000) / 16_000
    buzz = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 9))
    pitch = measure_sound((0.2 * buzz).astype(np.float32)).pitch_hz
    assert np.median(pitch[10:90]) == pytest.approx(hertz, rel=0.02)


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    assert (measure_sound(noise).pitch_hz > 0).mean() < 0.1


def test_speech_is_active_and_pauses_are_not(demo_samples: NDArray[np.float32]) -> None:
    activity = measure_sound(demo_samples).activity
    assert activity[:35].max() < 0.1
    assert activity[-33:].max() < 0.1
    assert activity[45:300].mean() > 0.9
    assert len(speech_runs(activity)) == 1


def test_parts_cover_everything_and_are_cut_in_pauses() -> None:
    runs = [(start, start + 300) for start in range(50, 60_000, 400)]
    parts = split_at_pauses(runs, 60_200)
    assert parts[0][0] == 0
    assert parts[-1][1] == 60_200
    assert all(before[1] == after[0] for before, after in pairwise(parts))
    assert all(end - start <= 9_000 for start, end in parts)
    for _, cut in parts[:-1]:
        assert not any(start < cut < end for start, end in runs)


def test_a_dub_without_pauses_is_cut_all_the_same() -> None:
    assert split_at_pauses([(0, 20_000)], 20_000) == [(0, 9_000), (9_000, 18_000), (18_000, 20_000)]

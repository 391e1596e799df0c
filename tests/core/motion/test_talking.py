# SPDX-License-Identifier: Apache-2.0
"""Speech of a mouth is told from what mouths do at rest, without its sound."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.motion import MouthFootage
from plosive.motion.talking import talks

RATE = 25


def footage(height: NDArray[np.float64], rate: float = RATE) -> MouthFootage:
    """A mouth whose lips are `height` (T,) face heights apart: the outer height follows, 0.32 above."""
    noise = np.random.default_rng(3).normal(0, 0.002, (len(height), 5))
    values = np.stack([height, np.full_like(height, 0.5), height, height + 0.32, height], axis=1) + noise
    return MouthFootage(values.astype(np.float32), (np.arange(len(height)) + 0.5) / rate)


def syllables(
    seconds: NDArray[np.float64], start: float, end: float, opening: float = 0.1
) -> NDArray[np.float64]:
    """Four openings a second from `start` to `end`."""
    inside = (seconds >= start) & (seconds < end)
    return np.where(inside, opening * np.sin(2 * np.pi * (seconds - start) * 2) ** 2, 0.01)


def stroke(seconds: NDArray[np.float64], start: float, length: float, opening: float) -> NDArray[np.float64]:
    return opening * np.clip((seconds - start) / length, 0, 1)


@pytest.mark.parametrize("rate", [12.5, 23.976, 50])
def test_syllables_are_speech_and_a_little_around_them(rate: float) -> None:
    seconds = (np.arange(int(9 * rate)) + 0.5) / rate
    speaks = talks(footage(syllables(seconds, 3, 6), rate))
    assert speaks[(seconds > 3) & (seconds < 6)].all()
    assert not speaks[(seconds < 2.5) | (seconds > 6.5)].any()
    assert speaks[np.abs(seconds - 2.85) < 0.1].all()


def test_mumbled_speech_is_speech() -> None:
    seconds = np.arange(200) / RATE
    assert talks(footage(syllables(seconds, 2, 6, opening=0.04)))[60:140].all()


def test_one_word_is_speech() -> None:
    seconds = np.arange(200) / RATE
    speaks = talks(footage(syllables(seconds, 4, 4.5)))
    assert speaks[100:112].all() and speaks.sum() < 40


def test_words_less_than_a_second_apart_are_one_speech() -> None:
    seconds = np.arange(300) / RATE
    two = np.maximum(syllables(seconds, 2, 3), syllables(seconds, 4, 5))
    assert talks(footage(two))[50:125].all()
    apart = np.maximum(syllables(seconds, 2, 3), syllables(seconds, 6, 7))
    assert not talks(footage(apart))[90:135].any()


@pytest.mark.parametrize(
    "length, opening",
    [(0.25, 0.15), (0.8, 0.2), (0.1, 0.05)],
    ids=["a smile", "a slow smile", "parting lips"],
)
def test_a_single_stroke_that_stays_is_no_speech(length: float, opening: float) -> None:
    seconds = np.arange(250) / RATE
    held = stroke(seconds, 3, length, opening) - stroke(seconds, 7, length, opening)
    assert not talks(footage(held)).any()


def test_a_yawn_and_a_breath_are_no_speech() -> None:
    seconds = np.arange(250) / RATE
    yawn = stroke(seconds, 1, 1.5, 0.25) - stroke(seconds, 3, 1.5, 0.25)
    breath = stroke(seconds, 6, 0.2, 0.05) - stroke(seconds, 6.4, 0.2, 0.05)
    assert not talks(footage(yawn + breath)).any()


def test_a_still_mouth_is_no_speech_shut_or_open() -> None:
    assert not talks(footage(np.zeros(300))).any()
    assert not talks(footage(np.full(300, 0.2))).any()


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_few_frames_tell_nothing(frames: int) -> None:
    speaks = talks(footage(np.zeros(frames)))
    assert speaks.shape == (frames,) and not speaks.any()

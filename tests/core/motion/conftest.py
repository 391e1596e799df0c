# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import wave
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly

import plosive.demo
from plosive.speech import Phone, PhoneSource, Sound, Speech, analyse_speech

MakeSpeech = Callable[..., Speech]


@pytest.fixture(scope="session")
def demo_speech() -> Speech:
    """The demo's spoken line, aligned."""
    with wave.open(str(Path(plosive.demo.__file__).with_name("maybe_bob.wav"))) as sound:
        pcm = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32) / 32768
        samples = resample_poly(pcm, 320, sound.getframerate() // 50).astype(np.float32)
    return analyse_speech(samples, transcript="Maybe Bob prefers fluffy purple muffins.")


@pytest.fixture
def make_speech() -> MakeSpeech:
    """Speech from (symbol, hundredths of a second) pairs."""

    def make(phones: Sequence[tuple[str, int]]) -> Speech:
        tiles, at = [], Fraction(0)
        for symbol, hundredths in phones:
            end = at + Fraction(hundredths, 100)
            tiles.append(Phone(symbol, at, end))
            at = end
        empty = np.zeros(int(at * 100), np.float32)
        return Speech(at, tuple(tiles), (), Sound(empty, empty, empty), PhoneSource.ALIGNED, "en", 0.6)

    return make

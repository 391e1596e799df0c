# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

import plosive.demo

LINE = "Maybe Bob prefers fluffy purple muffins."


@pytest.fixture(scope="session")
def demo_line() -> str:
    return LINE


@pytest.fixture(scope="session")
def demo_samples() -> NDArray[np.float32]:
    """The demo's spoken line, mono 16 kHz."""
    with wave.open(str(Path(plosive.demo.__file__).with_name("maybe_bob.wav"))) as sound:
        pcm = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32) / 32768
        return resample_poly(pcm, 320, sound.getframerate() // 50).astype(np.float32)

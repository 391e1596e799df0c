# SPDX-License-Identifier: Apache-2.0
"""What is known of a dub: its words, its phones with times, and its sound in 10 ms steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BREATH",
    "HOP_SECONDS",
    "SAMPLE_RATE",
    "SILENCE",
    "Phone",
    "PhoneSource",
    "Sound",
    "Speech",
    "Word",
]

from enum import Enum

SAMPLE_RATE = 16_000
HOP_SECONDS = Fraction(1, 100)
SILENCE = "SIL"
BREATH = "BREATH"
"""Before a word, from where air is heard drawn in, or lips parting, to where the word begins."""


class PhoneSource(Enum):
    """How the phones were found, most trustworthy first."""

    GIVEN = "phones timed by another program"
    ALIGNED = "forced alignment of the transcript"
    RECOGNISED = "alignment of recognised words"
    DECODED = "phone decoding"
    NONE = "no speech"


@dataclass(frozen=True)
class Phone:
    """One speech sound: an ARPAbet symbol without stress digit (`B`, `AY`, ...), `SIL` or `BREATH`.

    Times are seconds of the dub. `loudness` is in standard deviations of the dub's own phones (0 = usual),
    `pitch` in standard deviations of the log pitch of its voiced phones (0 = usual or unvoiced).
    """

    symbol: str
    start_seconds: Fraction
    end_seconds: Fraction
    loudness: float = 0.0
    pitch: float = 0.0


@dataclass(frozen=True)
class Word:
    """One word with its times in the dub."""

    text: str
    start_seconds: Fraction
    end_seconds: Fraction


@dataclass(frozen=True)
class Sound:
    """The dub's sound per 10 ms hop; all arrays are float32 of one length (hops,).

    `loudness_db` is dB relative to full scale (-120 for digital silence), `pitch_hz` is 0 where
    unvoiced, `activity` is the likelihood of speech, 0..1.
    """

    loudness_db: NDArray[np.float32]
    pitch_hz: NDArray[np.float32]
    activity: NDArray[np.float32]


@dataclass(frozen=True)
class Speech:
    """A dub, understood. `phones` cover 0..`duration_seconds` without gap or overlap.

    `confidence` (0..1) is that of the phones, `voice_confidence` (0..1) how clearly speech stands apart from
    what else sounds: mean activity where someone speaks times one less the mean elsewhere.
    """

    duration_seconds: Fraction
    phones: tuple[Phone, ...]
    words: tuple[Word, ...]
    sound: Sound
    source: PhoneSource
    language: str
    confidence: float
    warnings: tuple[str, ...] = field(default=())
    voice_confidence: float = 1.0

    @property
    def is_silent(self) -> bool:
        """True when nobody speaks anywhere in the dub."""
        return all(phone.symbol in (SILENCE, BREATH) for phone in self.phones)

# SPDX-License-Identifier: Apache-2.0
"""Breaths are found where they sound, and only there."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.speech.model import BREATH, HOP_SECONDS, SAMPLE_RATE, Phone
from plosive.speech.sound.breath import with_breaths

HOPS = 300


def phones_of(*lengths: tuple[str, int]) -> tuple[Phone, ...]:
    at, made = 0, []
    for symbol, hops in lengths:
        made.append(Phone(symbol, at * HOP_SECONDS, (at + hops) * HOP_SECONDS))
        at += hops
    return tuple(made)


PHONES = phones_of(("SIL", 80), ("AA", 40), ("SIL", 90), ("AA", 40), ("SIL", 50))


@pytest.fixture
def speech() -> NDArray[np.float32]:
    """Loud noise in the words of `PHONES`, a quiet room everywhere."""
    rng = np.random.default_rng(4)
    samples = rng.normal(0, 1e-4, HOPS * 160)
    for phone in PHONES:
        if phone.symbol == "AA":
            word = slice(int(phone.start_seconds * SAMPLE_RATE), int(phone.end_seconds * SAMPLE_RATE))
            samples[word] += rng.normal(0, 0.1, word.stop - word.start)
    return samples.astype(np.float32)


def air(samples: NDArray[np.float32], start_hop: int, end_hop: int, level: float = 0.003) -> None:
    rng = np.random.default_rng(5)
    piece = slice(start_hop * 160, end_hop * 160)
    samples[piece] += rng.normal(0, level, piece.stop - piece.start).astype(np.float32)


def breaths(phones: tuple[Phone, ...]) -> list[tuple[float, float]]:
    return [(float(p.start_seconds), float(p.end_seconds)) for p in phones if p.symbol == BREATH]


def quiet() -> NDArray[np.float32]:
    return np.zeros(HOPS, np.float32)


def test_a_breath_before_the_first_word(speech: NDArray[np.float32]) -> None:
    air(speech, 40, 76)
    found = with_breaths(PHONES, speech, quiet())
    assert breaths(found) == [(pytest.approx(0.40, abs=0.05), 0.8)]
    assert [phone.symbol for phone in found] == ["SIL", "BREATH", "AA", "SIL", "AA", "SIL"]


def test_before_a_plosive_the_pause_goes_on_after_the_breath(speech: NDArray[np.float32]) -> None:
    air(speech, 20, 50)
    closing = (PHONES[0], replace(PHONES[1], symbol="P"), *PHONES[2:])
    found = with_breaths(closing, speech, quiet())
    assert [phone.symbol for phone in found[:4]] == ["SIL", "BREATH", "SIL", "P"]
    assert float(found[1].end_seconds) == pytest.approx(0.5, abs=0.06)


def test_a_smack_in_a_pause_opens_the_mouth_to_its_end(speech: NDArray[np.float32]) -> None:
    air(speech, 160, 164, 0.01)
    assert breaths(with_breaths(PHONES, speech, quiet())) == [(pytest.approx(1.6, abs=0.05), 2.1)]


def test_phones_still_cover_the_dub(speech: NDArray[np.float32]) -> None:
    air(speech, 0, 80)
    found = with_breaths(PHONES, speech, quiet())
    assert found[0].symbol == BREATH
    assert found[0].start_seconds == 0
    assert found[-1].end_seconds == 3
    assert all(a.end_seconds == b.start_seconds for a, b in pairwise(found))


def test_a_quiet_pause_has_none(speech: NDArray[np.float32]) -> None:
    assert breaths(with_breaths(PHONES, speech, quiet())) == []


def test_breathing_out_after_the_last_word_opens_nothing(speech: NDArray[np.float32]) -> None:
    air(speech, 255, 295)
    assert breaths(with_breaths(PHONES, speech, quiet())) == []


def test_a_voice_in_a_pause_is_no_breath(speech: NDArray[np.float32]) -> None:
    air(speech, 140, 205)
    activity = quiet()
    activity[140:205] = 0.9
    assert breaths(with_breaths(PHONES, speech, activity)) == []


def test_noise_everywhere_hides_breaths(speech: NDArray[np.float32]) -> None:
    air(speech, 0, HOPS, 0.01)
    assert breaths(with_breaths(PHONES, speech, quiet())) == []


def test_digital_silence_has_none() -> None:
    silence = np.zeros(HOPS * 160, np.float32)
    assert with_breaths(PHONES, silence, quiet()) == PHONES
    only = (Phone("SIL", Fraction(0), Fraction(3)),)
    assert with_breaths(only, silence, quiet()) == only

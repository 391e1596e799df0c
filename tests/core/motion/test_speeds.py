# SPDX-License-Identifier: Apache-2.0
"""The demo sentence said slowly and fast: every p, b and m still closes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.demo.sample import spoken_line
from plosive.media import read_dub
from plosive.motion import motion_curves
from plosive.speech import PhoneSource, Speech, analyse_speech
from plosive.speech.alignment.slowing import slowed

WORDS = "Maybe Bob prefers fluffy purple muffins"
LABIALS = ["M", "B", "B", "B", "P", "P", "P", "M"]
RATES = (Fraction(24000, 1001), Fraction(25), Fraction(60))


def said_at(speed: float) -> NDArray[np.float32]:
    """The sentence of the demo at `speed`, its pitch kept; mono 16 kHz."""
    line, _ = spoken_line()
    return slowed(read_dub(line).speech_samples(), 1 / speed)


@pytest.fixture(scope="module", params=[0.7, 1.0, 1.6, 2.2])
def speech(request: pytest.FixtureRequest) -> Speech:
    return analyse_speech(said_at(request.param), transcript=WORDS)


def test_every_plosive_is_heard(speech: Speech) -> None:
    assert speech.source is PhoneSource.ALIGNED
    assert [phone.symbol for phone in speech.phones if phone.symbol in LABIALS] == LABIALS


@pytest.mark.parametrize("rate", RATES)
def test_every_plosive_closes(speech: Speech, rate: Fraction) -> None:
    centres = [(k + Fraction(1, 2)) / rate for k in range(int(speech.duration_seconds * rate))]
    curves = motion_curves(speech, centres, frame_seconds=1 / rate)
    for phone in speech.phones:
        if phone.symbol in LABIALS:
            around = [
                row
                for row, centre in enumerate(centres)
                if phone.start_seconds - 1 / rate <= centre <= phone.end_seconds + 1 / rate
            ]
            assert (curves.values[around, 0] == 0).any(), phone
            assert (curves.closure[around] == 1).any(), phone


def test_vowels_open_between_them_even_when_fast(speech: Speech) -> None:
    centres = [(k + Fraction(1, 2)) / 60 for k in range(int(speech.duration_seconds * 60))]
    curves = motion_curves(speech, centres, frame_seconds=Fraction(1, 60))
    bob = next(word for word in speech.words if word.text.lower() == "bob")
    inside = [row for row, centre in enumerate(centres) if bob.start_seconds <= centre <= bob.end_seconds]
    assert curves.values[inside, 0].max() > 0.15

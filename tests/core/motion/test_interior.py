# SPDX-License-Identifier: Apache-2.0
"""Sounds show what phonetics says they show between the lips, and closed lips show nothing."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.motion import motion_curves
from plosive.motion.interior import INTERIOR, interior_beyond_shape
from plosive.motion.phonetrack import given_speech
from plosive.speech.model import Phone

CENTRES = [Fraction(2 * step + 1, 50) for step in range(25)]


def shown(*phones: str) -> NDArray[np.float32]:
    """What each of `phones` shows in its middle, said for 0.2 s each from 0.2 s on: (phones, 3)."""
    length = Fraction(1, 5)
    said = [Phone(symbol, length * (place + 1), length * (place + 2)) for place, symbol in enumerate(phones)]
    curves = motion_curves(given_speech(said, Fraction(1)), CENTRES, frame_seconds=Fraction(1, 25))
    told = interior_beyond_shape(curves)
    assert told.shape == (25, len(INTERIOR)) and told.dtype == np.float32
    return told[[5 * place + 7 for place in range(len(phones))]]


@pytest.mark.parametrize("sibilant", ["S", "Z", "SH", "CH"])
def test_sibilants_show_teeth_and_open_vowels_dark(sibilant: str) -> None:
    hissed, open_wide = shown(sibilant, "AA")
    assert hissed[0] > 0.2 and hissed[1] > 0.2 and hissed[2] < -0.2
    assert hissed[1] > open_wide[1] + 0.4
    assert open_wide[2] > hissed[2] + 0.4


def test_closed_lips_and_silence_show_nothing() -> None:
    assert not shown("M")[0].any()
    speech = given_speech([], Fraction(1))
    curves = motion_curves(speech, CENTRES, frame_seconds=Fraction(1, 25))
    assert not interior_beyond_shape(curves)[curves.rest == 1].any()


def test_no_sound_asks_for_more_than_the_actor_has() -> None:
    for vowel in ("IY", "AA", "UW", "AE"):
        assert np.abs(shown("S", vowel, "CH")).max() <= 1.2

# SPDX-License-Identifier: Apache-2.0
"""What a mouth that speaks the dub would do, at any moment of the result."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.motion import MotionCurves, motion_curves
from plosive.quality.scorecard import ScoredPhone
from plosive.speech.model import BREATH, SILENCE, Speech

__all__ = ["Expectation", "expect"]

_STEP = Fraction(1, 100)
_SETTLED_SECONDS = 0.15
_OPENING_SECONDS = 0.35
_LEAST_SILENCE_SECONDS = 0.5


@dataclass(frozen=True)
class Expectation:
    """The dub's motion every 10 ms and its phones, in seconds after the result's first frame.

    `curves` are those of `plosive.motion` (rules fitted to real speakers, none of them the actor), so they
    say when a mouth opens and closes far better than how far. `start_seconds` is where the dub begins.
    """

    speech: Speech
    curves: MotionCurves
    start_seconds: float
    end_seconds: float
    phones: tuple[ScoredPhone, ...]

    def values(self, times: NDArray[np.float64], lag_seconds: float = 0.0) -> NDArray[np.float64]:
        """Range units (T, 5), columns as `plosive.motion.CHANNELS`, of a picture that comes `lag_seconds`
        after its sound, at `times` (T,).
        """
        at = (times - lag_seconds - self.start_seconds) / float(_STEP)
        grid = np.arange(len(self.curves.values))
        return np.stack([np.interp(at, grid, column) for column in self.curves.values.T], axis=1)

    def is_silent(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether nobody has spoken for 0.15 s nor will within 0.35 s, in a pause of at least 0.5 s: (T,).

        Lips part up to 0.3 s before a word, and close within 0.1 s after one, in real footage as well.
        """
        silent = np.zeros(len(times), dtype=bool)
        for phone in self.phones:
            start, end = float(phone.start_seconds), float(phone.end_seconds)
            if phone.symbol != SILENCE or end - start < _LEAST_SILENCE_SECONDS:
                continue
            starts_dub, ends_dub = start <= self.start_seconds + 0.01, end >= self.end_seconds - 0.01
            since = start if starts_dub else start + _SETTLED_SECONDS
            until = end if ends_dub else end - _OPENING_SECONDS
            silent |= (times >= since) & (times < until)
        return silent

    def is_spoken(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether a phone other than silence sounds: (T,)."""
        spoken = np.zeros(len(times), dtype=bool)
        for phone in self.phones:
            if phone.symbol not in (SILENCE, BREATH):
                spoken |= (times >= float(phone.start_seconds)) & (times < float(phone.end_seconds))
        return spoken


def expect(speech: Speech, start_seconds: Fraction, frame_seconds: Fraction) -> Expectation:
    """`speech` laid on a result whose frames last `frame_seconds`; the dub begins at `start_seconds`."""
    count = int(speech.duration_seconds / _STEP) + 2
    centres = [number * _STEP for number in range(count)]
    curves = motion_curves(speech, centres, frame_seconds=frame_seconds)
    phones = tuple(
        ScoredPhone(phone.symbol, start_seconds + phone.start_seconds, start_seconds + phone.end_seconds)
        for phone in speech.phones
    )
    end = float(start_seconds + speech.duration_seconds)
    return Expectation(speech, curves, float(start_seconds), end, phones)

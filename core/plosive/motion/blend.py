# SPDX-License-Identifier: Apache-2.0
"""Coarticulation: visemes that pull at the mouth at once, by their dominance and nearness in time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.motion.visemes import ONSET_R, OPENING, PARTS, SEALED, SHOWN, VISEMES, VOWELS
from plosive.speech.model import BREATH, SILENCE, Phone

__all__ = ["Pull", "blended", "pulls_of"]

_OPENING_SECONDS = Fraction(3, 10)  # in a short pause the mouth hardly closes
_UNHEARD_OPENING_SECONDS = Fraction(
    1, 10
)  # in a long one lips that part earlier are heard, see speech.breath
_SHORT_PAUSE_SECONDS, _LONG_PAUSE_SECONDS = Fraction(3, 10), Fraction(1, 2)
# Range units a standard deviation of phone loudness adds to a vowel, per channel.
_LOUDNESS_GAIN = np.array([0.09, 0.0, 0.19, 0.13, 0.09, 0.0, 0.0, 0.0, 0.0])
# Range units a vowel e times as long as a usual one gains: long vowels reach further (Lindblom 1963).
_LENGTH_GAIN = np.array([0.07, 0.07, 0.02, 0.04, 0.02, 0.0, 0.0, 0.0, 0.0])
# Range units a standard deviation of pitch adds to a vowel: small, within what 15 clips can tell.
_PITCH_GAIN = np.array([0.05, 0.0, 0.05, 0.05, 0.02, 0.0, 0.0, 0.0, 0.0])
_USUAL_VOWEL_SECONDS = 0.09
_LEAST_LENGTH, _MOST_LENGTH = -1.0, 1.5
_POWER = 1.6
_REACH = 0.85  # of the fitted kernels: better on five of six GRID speakers, no worse on eight others
_REACH_LIMIT = 8.0  # kernels are below 1e-12 there
_BLOCK_FRAMES = 512
_OUTER = 3


@dataclass(frozen=True)
class Pull:
    """One viseme at work between two times (seconds); `viseme` is its name.

    `target` and `dominance` are (9,) float64: the channels of `curves.CHANNELS`, then `curves.ARTICULATORS`.
    """

    viseme: str
    start: float
    end: float
    target: NDArray[np.float64]
    dominance: NDArray[np.float64]
    reach: float


def pulls_of(phones: tuple[Phone, ...]) -> list[Pull]:
    """What pulls at the mouth, in order of time."""
    pulls: list[Pull] = []
    for number, phone in enumerate(phones):
        follows = phones[number + 1].symbol if number + 1 < len(phones) else None
        if phone.symbol == SILENCE:
            pulls += _silence(phone, first=number == 0, follows=follows)
            continue
        start, end = float(phone.start_seconds), float(phone.end_seconds)
        more = _emphasis(phone) if phone.symbol in VOWELS else 0.0
        parts = PARTS.get(phone.symbol, PARTS["AH"])
        if phone.symbol == "R" and follows in VOWELS:
            parts = ((ONSET_R, 1.0),)
        for name, share in parts:
            stop = start + share * float(phone.end_seconds - phone.start_seconds)
            pulls.append(_pull(name, start, min(stop, end), more))
            start = stop
    return pulls


def blended(pulls: list[Pull], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Curves (T, 9), columns as in `Pull`, at `times` (T,) seconds, ascending.

    Mean of the targets weighted by dominance times the kernel
    exp(-(d / (0.85 reach (h/2 + 0.035) + 0.01))^1.6), d the distance to the viseme's interval, h half its
    length: the dominance model of Cohen and Massaro (1993) with the kernel of the trials.
    """
    curves = np.zeros((len(times), len(_LOUDNESS_GAIN)))
    if not pulls:
        return curves
    start = np.array([pull.start for pull in pulls])
    end = np.array([pull.end for pull in pulls])
    scale = _REACH * np.array([pull.reach for pull in pulls]) * ((end - start) / 4 + 0.035) + 0.01
    target = np.stack([pull.target for pull in pulls])
    dominance = np.stack([pull.dominance for pull in pulls])
    far = float(scale.max()) * _REACH_LIMIT
    for first in range(0, len(times), _BLOCK_FRAMES):
        at = times[first : first + _BLOCK_FRAMES, None]
        near = (start < at[-1, 0] + far) & (end > at[0, 0] - far)
        if not near.any():
            continue
        distance = np.maximum(np.maximum(start[near] - at, at - end[near]), 0)
        weight = np.exp(-((distance / scale[near]) ** _POWER)) + 1e-12
        total = weight @ dominance[near]
        curves[first : first + _BLOCK_FRAMES] = weight @ (dominance[near] * target[near]) / total
    return curves


def _emphasis(vowel: Phone) -> NDArray[np.float64]:
    """What loudness, pitch and length add to the targets of a vowel (as in JALI, Edwards et al. 2016)."""
    seconds = float(vowel.end_seconds - vowel.start_seconds)
    length = np.clip(np.log(max(seconds, 0.03) / _USUAL_VOWEL_SECONDS), _LEAST_LENGTH, _MOST_LENGTH)
    return np.asarray(_LOUDNESS_GAIN * vowel.loudness + _PITCH_GAIN * vowel.pitch + _LENGTH_GAIN * length)


def _pull(name: str, start: float, end: float, more: NDArray[np.float64] | float = 0.0) -> Pull:
    """Viseme `name` between two times, its targets raised by `more`."""
    viseme = VISEMES[name]
    target = np.array((*viseme.target, *SHOWN[name])) + more
    lips = viseme.dominance[_OUTER]
    return Pull(
        name, start, end, target, np.array((*viseme.dominance, *(lips,) * len(SHOWN[name]))), viseme.reach
    )


def _silence(phone: Phone, *, first: bool, follows: str | None) -> list[Pull]:
    """A pause: sealed, then opening for the word after it, unless a breath tells when the mouth opens."""
    start, end = phone.start_seconds, phone.end_seconds
    middle = end
    if follows not in (None, BREATH):
        if first or end - start >= _LONG_PAUSE_SECONDS:
            middle = max(start, end - _UNHEARD_OPENING_SECONDS)
        elif end - start >= _SHORT_PAUSE_SECONDS:
            middle = max(start, end - _OPENING_SECONDS)
    return [
        _pull(name, float(since), float(until))
        for name, since, until in ((SEALED, start, middle), (OPENING, middle, end))
        if until > since
    ]

# SPDX-License-Identifier: Apache-2.0
"""What holds whatever the curves say: plosives close, f and v tuck, silence rests.

Timings are medians measured on 30 closures and 31 silences of real speech (motion trials, sections 6, 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.motion.visemes import LABIALS, LABIODENTALS, SIBILANTS
from plosive.speech.model import BREATH, SILENCE, Phone

__all__ = ["Window", "closures", "rests", "roundings", "sibilants", "strength_at", "tucks"]

_CLOSES_BEFORE = 0.040  # lips meet this long before the aligned start
_OPENS_AFTER = 0.0
_SHORTEST_CLOSURE = 0.060
_FRAMES_PER_CLOSURE = 1.1  # a window this long always holds a frame centre
_LONGEST_STOP = 0.180  # 90th percentile; an aligned p or b beyond it holds silence or breath
_CLOSURE_CENTRE = -0.030  # against the middle of the phone
_CLOSURE_RAMP = 0.040
_TUCK_RAMP = 0.050
_SIBILANT_RAMP = 0.060
_LONG_PAUSE = 0.5  # shorter pauses stay parted
_SHORTEST_FIRST = 0.2
_SEALS_WITHIN = 0.040  # after the last sound: real lips are sealed 30 ms after it (median)
_OPENS_BEFORE = 0.100  # a word without a breath that is heard
_UNSEALS_EARLY = 0.020
_UNSEALS_WITHIN = 0.120


@dataclass(frozen=True)
class Window:
    """A rule at `level` from `start` to `end` (seconds), rising and falling over the ramps."""

    start: float
    end: float
    rise: float
    fall: float
    level: float = 1.0


def closures(phones: Sequence[Phone], frame_seconds: float) -> list[Window]:
    """Where p, b and m hold the lips shut, long enough to be seen at this frame interval."""
    shortest = max(_SHORTEST_CLOSURE, _FRAMES_PER_CLOSURE * frame_seconds)
    windows: list[Window] = []
    for first, last in _runs(phones, LABIALS):
        start, end = float(first.start_seconds) - _CLOSES_BEFORE, float(last.end_seconds) + _OPENS_AFTER
        if end - start > _LONGEST_STOP and first is last and first.symbol != "M":
            middle = (start + _CLOSES_BEFORE + end - _OPENS_AFTER) / 2 + _CLOSURE_CENTRE
            start, end = middle - _LONGEST_STOP / 2, middle + _LONGEST_STOP / 2
        short = max(shortest - (end - start), 0.0) / 2
        windows.append(Window(start - short, end + short, _CLOSURE_RAMP, _CLOSURE_RAMP))
    return windows


def tucks(phones: Sequence[Phone], frame_seconds: float) -> list[Window]:
    """Where f and v hold the lower lip under the upper teeth."""
    windows: list[Window] = []
    for first, last in _runs(phones, LABIODENTALS):
        start, end = float(first.start_seconds), float(last.end_seconds)
        short = max(_FRAMES_PER_CLOSURE * frame_seconds - (end - start), 0.0) / 2
        windows.append(Window(start - short, end + short, _TUCK_RAMP, _TUCK_RAMP))
    return windows


def roundings(phones: Sequence[Phone]) -> list[Window]:
    """Where w nearly closes the lips."""
    return [
        Window(float(first.start_seconds), float(last.end_seconds), _CLOSURE_RAMP, _CLOSURE_RAMP)
        for first, last in _runs(phones, frozenset({"W"}))
    ]


def sibilants(phones: Sequence[Phone]) -> list[Window]:
    """Where s, z, sh, zh, ch and j keep the teeth near each other: a low jaw would whistle away the sound."""
    return [
        Window(float(first.start_seconds), float(last.end_seconds), _SIBILANT_RAMP, _SIBILANT_RAMP)
        for first, last in _runs(phones, SIBILANTS)
    ]


def rests(phones: Sequence[Phone]) -> list[Window]:
    """Where the mouth rests sealed: pauses of half a second and more, until the mouth opens for a word.

    It opens where a breath is heard, else just before the word. After the last word nobody breathes in
    for more, and a first p, b or m comes from closed lips: there silence seals however short it is.
    """
    windows: list[Window] = []
    for number, phone in enumerate(phones):
        if phone.symbol != SILENCE:
            continue
        start, end = float(phone.start_seconds), float(phone.end_seconds)
        first, last = number == 0, number == len(phones) - 1
        since = start - 1.0 if first else start + _SEALS_WITHIN
        if last:
            windows.append(Window(since, end + 1.0, _SEALS_WITHIN, 0.0))
            continue
        breath = phones[number + 1] if phones[number + 1].symbol == BREATH else None
        pause = (end if breath is None else float(breath.end_seconds)) - start
        labial = breath is None and phones[number + 1].symbol in LABIALS
        breathed = number > 0 and phones[number - 1].symbol == BREATH
        if pause < (_SHORTEST_FIRST if first else _LONG_PAUSE) and not (labial and (first or breathed)):
            continue
        opens = end - _OPENS_BEFORE if breath is None else end
        if labial:
            windows.append(Window(since, end, _SEALS_WITHIN, 0.0))
        elif opens > since:
            windows.append(Window(since, opens - _UNSEALS_EARLY, _SEALS_WITHIN, _UNSEALS_WITHIN))
    return windows


def strength_at(
    windows: Iterable[Window], times: NDArray[np.float64], *, snap: bool = False
) -> NDArray[np.float64]:
    """Strength 0..1 of a rule at ascending `times` (T,); ramps are smooth.

    With `snap` a window that holds none of the times still gives its nearest one full strength.
    """
    strength = np.zeros(len(times))
    tiny = 1e-9
    for window in windows:
        low = int(np.searchsorted(times, window.start - window.rise - tiny))
        high = int(np.searchsorted(times, window.end + window.fall + tiny, side="right"))
        at = times[low:high]
        rising = (at - window.start + window.rise + tiny) / max(window.rise, tiny)
        falling = (window.end + window.fall - at + tiny) / max(window.fall, tiny)
        ramp = np.clip(np.minimum(rising, falling), 0, 1)
        strength[low:high] = np.maximum(strength[low:high], window.level * ramp * ramp * (3 - 2 * ramp))
        inside = (at >= window.start - tiny) & (at <= window.end + tiny)
        if snap and len(times) and not inside.any():
            middle = (window.start + window.end) / 2
            nearest = int(np.abs(times - middle).argmin())
            if abs(times[nearest] - middle) < 0.1:
                strength[nearest] = 1.0
    return strength


def _runs(phones: Sequence[Phone], symbols: frozenset[str]) -> list[tuple[Phone, Phone]]:
    """First and last phone of each unbroken run of `symbols`."""
    runs: list[tuple[Phone, Phone]] = []
    for number, phone in enumerate(phones):
        if phone.symbol in symbols:
            if runs and number and phones[number - 1] is runs[-1][1]:
                runs[-1] = (runs[-1][0], phone)
            else:
                runs.append((phone, phone))
    return runs

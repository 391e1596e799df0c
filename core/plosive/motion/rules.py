# SPDX-License-Identifier: Apache-2.0
"""What holds whatever the curves say: plosives close, f and v tuck, silence rests.

Timings are medians measured on 30 closures and 31 silences of real speech (motion trials, sections 6, 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.motion.visemes import LABIALS, LABIODENTALS
from plosive.speech.model import Phone

__all__ = ["Window", "closures", "rests", "roundings", "strength_at", "tucks"]

_CLOSES_BEFORE = 0.030  # lips meet this long before the aligned start
_OPENS_AFTER = 0.010
_SHORTEST_CLOSURE = 0.060
_FRAMES_PER_CLOSURE = 1.1  # a window this long always holds a frame centre
_LONGEST_STOP = 0.180  # 90th percentile; an aligned p or b beyond it holds silence or breath
_CLOSURE_CENTRE = -0.020  # against the middle of the phone
_CLOSURE_RAMP = 0.040
_TUCK_RAMP = 0.050
_LONG_PAUSE = 0.5  # shorter pauses stay parted
_SEALS_WITHIN = 0.080
_OPENS_OVER = 0.300
_UNSEALS_WITHIN = 0.150
_LABIAL_SEAL = 1.0  # lips that part and close again before p, b or m read as chatter


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


def rests(phones: Sequence[Phone]) -> list[Window]:
    """Where the mouth rests sealed: pauses over half a second, up to the breath before the next phrase.

    After the last word nobody breathes in for more, and a first p, b or m comes from closed lips: there
    silence seals however short it is.
    """
    windows: list[Window] = []
    for number, phone in enumerate(phones):
        start, end = float(phone.start_seconds), float(phone.end_seconds)
        first, last = number == 0, number == len(phones) - 1
        sealed_first = first and not last and phones[number + 1].symbol in LABIALS
        seals_soon = last or sealed_first
        shortest = 0.0 if first and last else _SEALS_WITHIN if seals_soon else _LONG_PAUSE
        if phone.symbol != "SIL" or end - start <= shortest:
            continue
        since = start - 1.0 if first else start + _SEALS_WITHIN
        if last:
            windows.append(Window(since, end + 1.0, _SEALS_WITHIN, 0.0))
            continue
        if end - _OPENS_OVER > since:
            windows.append(Window(since, end - _OPENS_OVER, _SEALS_WITHIN, _UNSEALS_WITHIN))
        if phones[number + 1].symbol in LABIALS:
            windows.append(Window(since, end, _SEALS_WITHIN, 0.0, _LABIAL_SEAL))
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

# SPDX-License-Identifier: Apache-2.0
"""Frame rates and times of Hiero as exact fractions.

`TimeBase.toRational()` tells numerator and denominator (Foundry's Python reference); of a media's own rate
there is only text or a number in its metadata (`foundry.source.framerate`, hiero.core.Keys).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

__all__ = ["exact", "rate_of", "rate_of_text"]

_FINEST = 100_000
_SLACK = Fraction(6, 1000)  # 23.97, 23.976 and 23.98 are all written for 24000/1001


def rate_of(timed: Any) -> Fraction | None:
    """Of a Sequence or Clip; None where it has none."""
    numerator, denominator = timed.framerate().toRational()
    return Fraction(int(numerator), int(denominator)) if numerator and denominator else None


def rate_of_text(text: str) -> Fraction | None:
    """What "23.976", "24000/1001" or "25" stands for; None: no rate."""
    try:
        told = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        return None
    if told <= 0:
        return None
    if told.denominator == 1 or "/" in text:
        return told
    ntsc = Fraction(round(told * 1001 / 1000) * 1000, 1001)
    return ntsc if ntsc and abs(told - ntsc) < _SLACK else told


def exact(time: float) -> Fraction:
    """A time that Hiero tells as a float, such as 0.333333, as the fraction that was meant."""
    return Fraction(time).limit_denominator(_FINEST)

# SPDX-License-Identifier: Apache-2.0
"""Frame rates and times of edits, made exact: editing programs write them as rounded decimal numbers."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import Any

from plosive.errors import RangeError

__all__ = ["clock_seconds", "exact_seconds", "exact_value", "nearest_frame", "snapped_rate"]

_WITHIN = Fraction(1, 10_000)  # of the rate: 23.98 is 24000/1001, 24.01 is not 24
_COARSE = Fraction(6, 1000)  # two decimals, as some programs write 23.98 and 59.94
_SLOWEST = 1 / 1000  # a frame that lasts longer is none
_LONGEST = 10**14  # of any rate: days of nanoseconds
_NOISE = Fraction(1, 10_000)  # of a frame


def snapped_rate(rate: float | Fraction) -> Fraction:
    """The exact rate meant: 23.976, 23.98 and 23.976024627685547 are 24000/1001, 29.97 is 30000/1001, 24.0 is
    24.

    Whole rates and whole rates over 1.001 are what cameras and editing programs know; any other is taken as
    it is. Raises RangeError for what is no rate.
    """
    if not isfinite(rate) or not _SLOWEST <= rate <= 10_000_000:
        raise RangeError(f"The edit has a frame rate of {rate}, which is none; write the edit out anew.")
    exact = Fraction(rate)
    whole = round(exact)
    if whole and abs(exact - whole) <= _WITHIN:
        return Fraction(whole)
    broadcast = Fraction(round(exact * Fraction(1001, 1000)) * 1000, 1001)
    if broadcast and abs(exact - broadcast) <= max(_WITHIN * exact, _COARSE if exact < 130 else 0):
        return broadcast
    return exact.limit_denominator(1_000_000)


def exact_value(value: float) -> Fraction:
    """A count of frames without the noise of floating point: whole within a ten-thousandth of a frame."""
    if not isfinite(value) or abs(value) > _LONGEST:
        raise RangeError(f"The edit has a time of {value}, which is none; write the edit out anew.")
    exact = Fraction(value)
    whole = round(exact)
    return Fraction(whole) if abs(exact - whole) <= _NOISE else exact.limit_denominator(1_000_000)


def exact_seconds(time: Any) -> Fraction:
    """Seconds of an `opentimelineio.opentime.RationalTime`. Raises RangeError for what is no time."""
    return exact_value(time.value) / snapped_rate(time.rate)


def clock_seconds(time: Any, media_rate: float | None) -> Fraction:
    """Seconds of a `RationalTime` on the clock of media that has `media_rate` frames a second, None for
    unknown.

    A time of another rate was made from a frame of the media with the rates as they are written: 883159 at
    23.976 is frame 884043 at 24 (Hiero and Resolve write so), though at 24000/1001 it would be 884042. Where
    both are one rate rounded two ways, a time is a count of frames as it stands, or was made so, whichever
    gives a whole frame: 1937905.99057 at 23.976024627685547 is frame 1937904 at 23.976.
    """
    rate = snapped_rate(time.rate)
    if media_rate is None or media_rate == time.rate:
        return exact_value(time.value) / rate
    media = snapped_rate(media_rate)
    counted = exact_value(time.value)
    converted = exact_value(float(Fraction(time.value) * Fraction(media_rate) / Fraction(time.rate)))
    if media == rate and _off_whole(counted) <= _off_whole(converted):
        return counted / media
    return converted / media


def _off_whole(frames: Fraction) -> Fraction:
    return abs(frames - round(frames))


def nearest_frame(seconds: Fraction, rate: Fraction) -> int:
    """The frame that begins nearest to a moment; halves go up."""
    return (seconds * rate + Fraction(1, 2)).__floor__()

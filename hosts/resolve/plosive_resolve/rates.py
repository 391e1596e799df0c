# SPDX-License-Identifier: Apache-2.0
"""Frame rates and timecode as Resolve writes them, made exact.

Resolve tells rates as floats or text cut to two or three places (23.976, "29.97 DF"); what is meant are the
NTSC rates n * 1000 / 1001 (SMPTE ST 12-1) or a plain number.
"""

from __future__ import annotations

import re
from fractions import Fraction

__all__ = ["exact", "frames_of_timecode", "rate_of", "timecode_of_frames"]

_NTSC_BASES = (24, 30, 48, 60, 72, 96, 120)
_NTSC_SLACK = Fraction(1, 100)
_TIMECODE = re.compile(r"(\d+):(\d\d):(\d\d)([:;.])(\d+)")
_FINEST = 1_000_000


def exact(value: object) -> Fraction | None:
    """A number of Resolve's as a fraction, float noise taken off; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return Fraction(value).limit_denominator(_FINEST)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def rate_of(told: object) -> Fraction | None:
    """Frames per second from 23.976, "23.98", "29.97 DF", "25.0"; None for what is no rate."""
    text = re.match(r"\s*(\d+(?:\.\d+)?)", str(told))
    if text is None:
        return None
    value = Fraction(text.group(1))
    if not 0 < value <= 1000:
        return None
    for base in _NTSC_BASES:
        if abs(value - Fraction(base * 1000, 1001)) < _NTSC_SLACK:
            return Fraction(base * 1000, 1001)
    return value


def frames_of_timecode(timecode: str, rate: Fraction) -> int | None:
    """Frames since midnight; with ; or . before the frames it is drop frame. None for what is none."""
    match = _TIMECODE.fullmatch(timecode.strip())
    if match is None:
        return None
    hours, minutes, seconds, frames = (int(match.group(place)) for place in (1, 2, 3, 5))
    base = round(rate)
    count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    if match.group(4) != ":":
        dropped = base // 15  # 2 of 30, 4 of 60
        total_minutes = hours * 60 + minutes
        count -= dropped * (total_minutes - total_minutes // 10)
    return count


def timecode_of_frames(count: int, rate: Fraction, is_drop_frame: bool = False) -> str:
    """HH:MM:SS:FF, with ; before the frames where frames are dropped."""
    base = round(rate)
    if is_drop_frame:
        dropped = base // 15
        per_minute = base * 60 - dropped
        per_ten = per_minute * 10 + dropped
        tens, rest = divmod(count, per_ten)
        count += dropped * 9 * tens
        if rest >= base * 60:
            count += dropped * (1 + (rest - base * 60) // per_minute)
    seconds, frames = divmod(count, base)
    mark = ";" if is_drop_frame else ":"
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{frames:02}"

# SPDX-License-Identifier: Apache-2.0
"""SMPTE timecode, spoken times and frame ranges, all exact.

Timecode counts frames; it is a *name* for a frame, not a clock. At 29.97 a non-drop timecode runs
slow against the clock, a drop-frame one skips names (never frames) to keep up. Real seconds are
always frame number over rate, as a fraction.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from plosive.errors import RangeError

__all__ = ["FrameRange", "Timecode", "parse_frame_range", "parse_time"]

_TIMECODE = re.compile(r"(\d{1,2}):([0-5]?\d):([0-5]?\d)([:;.,])(\d{1,3})")
_CLOCK = re.compile(r"(?:(\d+):)?([0-5]?\d):([0-5]?\d(?:\.\d*)?)")
_RANGE = re.compile(r"\s*(-?\d+)\s*(?:-\s*(-?\d+)\s*)?")


@dataclass(frozen=True)
class Timecode:
    """The timecode of one frame.

    `frame_number` counts frames from 00:00:00:00 (>= 0); `rate` is the true rate (30000/1001, 24, ...).
    """

    frame_number: int
    rate: Fraction
    is_drop_frame: bool = False

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise RangeError(f"A frame rate of {self.rate} makes no timecode; give a rate above 0.")
        if self.frame_number < 0:
            raise RangeError("Timecode before 00:00:00:00 does not exist; start later.")
        if self.is_drop_frame and not allows_drop_frame(self.rate):
            raise RangeError(
                f"Drop-frame timecode exists only at 29.97, 59.94 and 119.88 fps, not at "
                f"{_spoken(self.rate)}; write ':' before the frames."
            )

    @property
    def frames_per_counted_second(self) -> int:
        """Names in one timecode second: 24 for 23.976, 30 for 29.97."""
        return math.ceil(self.rate)

    @property
    def seconds(self) -> Fraction:
        """Real seconds since the frame named 00:00:00:00."""
        return self.frame_number / self.rate

    @property
    def fields(self) -> tuple[int, int, int, int]:
        """(hours, minutes, seconds, frames), wrapped at 24 hours."""
        base = self.frames_per_counted_second
        number = self.frame_number
        if self.is_drop_frame:
            dropped = base // 15
            per_minute = 60 * base - dropped
            per_ten_minutes = 600 * base - 9 * dropped
            tens, rest = divmod(number, per_ten_minutes)
            number += 9 * dropped * tens
            if rest >= 60 * base:  # the first of ten minutes drops nothing
                number += dropped * (1 + (rest - 60 * base) // per_minute)
        number %= 24 * 3600 * base
        seconds, frames = divmod(number, base)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return hours, minutes, seconds, frames

    def __str__(self) -> str:
        hours, minutes, seconds, frames = self.fields
        digits = max(2, len(str(self.frames_per_counted_second - 1)))
        mark = ";" if self.is_drop_frame else ":"
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{frames:0{digits}d}"

    @property
    def packed(self) -> tuple[int, int] | None:
        """Time and user word of SMPTE 12M as EXR and DPX store them (packed BCD, bit 6 for drop frame); None
        past 39 frames a second, for which they have no room.
        """
        hours, minutes, seconds, frames = self.fields
        if frames > 39:
            return None
        fields = ((hours, 24), (minutes, 16), (seconds, 8), (frames, 0))
        word = sum((value // 10 << 4 | value % 10) << shift for value, shift in fields)
        return word | (0x40 if self.is_drop_frame else 0), 0

    def __add__(self, frames: int) -> Timecode:
        return Timecode(self.frame_number + frames, self.rate, self.is_drop_frame)

    @staticmethod
    def parse(text: str, rate: Fraction) -> Timecode:
        """The timecode written as `HH:MM:SS:FF`; `;`, `,` or `.` before the frames means drop frame.

        Raises RangeError for malformed text, frames past the rate, or a name that drop frame skips.
        """
        match = _TIMECODE.fullmatch(text.strip())
        if match is None:
            raise RangeError(f"'{text}' is no timecode; write it as HH:MM:SS:FF.")
        hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
        is_drop_frame = match[4] != ":"
        zero = Timecode(0, rate, is_drop_frame)
        base = zero.frames_per_counted_second
        if hours > 23 or frames >= base:
            raise RangeError(
                f"Timecode '{text}' does not exist at {_spoken(rate)} fps: "
                f"hours end at 23, frames at {base - 1}."
            )
        total_minutes = hours * 60 + minutes
        number = (total_minutes * 60 + seconds) * base + frames
        if is_drop_frame:
            dropped = base // 15
            if minutes % 10 and seconds == 0 and frames < dropped:
                raise RangeError(f"Timecode '{text}' is one that drop frame skips; take the next one.")
            number -= dropped * (total_minutes - total_minutes // 10)
        return Timecode(number, rate, is_drop_frame)


@dataclass(frozen=True)
class FrameRange:
    """Frames of a plate by their own numbers, both ends included."""

    first_frame: int
    last_frame_inclusive: int

    @property
    def duration_frames(self) -> int:
        return self.last_frame_inclusive - self.first_frame + 1


def allows_drop_frame(rate: Fraction) -> bool:
    """Whether drop-frame timecode is defined at this rate: multiples of 30000/1001."""
    return rate.denominator == 1001 and rate.numerator % 30000 == 0


def parse_time(text: str, rate: Fraction) -> Fraction:
    """Exact seconds of `HH:MM:SS:FF` (timecode at `rate`), `[HH:]MM:SS[.sss]`, or seconds (`1.5`, `-0.04`,
    `1001/24000`).

    Raises RangeError when the text is none of them.
    """
    text = text.strip()
    if _TIMECODE.fullmatch(text) and text.count(":") + text.count(";") == 3:
        return Timecode.parse(text, rate).seconds
    clock = _CLOCK.fullmatch(text)
    if clock:
        return (int(clock[1] or 0) * 60 + int(clock[2])) * 60 + Fraction(clock[3])
    if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+|\d+/0*[1-9]\d*)", text):
        return Fraction(text)
    raise RangeError(f"'{text}' is no time; write a timecode (01:00:00:00) or seconds (1.5).")


def parse_frame_range(text: str, first_frame: int, last_frame_inclusive: int) -> FrameRange:
    """The range `FIRST-LAST` (or one frame) in the plate's own frame numbers.

    Raises RangeError when it is malformed, runs backwards, or leaves the plate's frames.
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        raise RangeError(f"'{text}' is no frame range; write FIRST-LAST, for example 1001-1048.")
    first = int(match[1])
    last = int(match[2]) if match[2] is not None else first
    if last < first:
        raise RangeError(f"The range {text.strip()} runs backwards; write {last}-{first}.")
    if first < first_frame or last > last_frame_inclusive:
        raise RangeError(
            f"The range {first}-{last} leaves the plate, whose frames are "
            f"{first_frame}-{last_frame_inclusive}."
        )
    return FrameRange(first, last)


def _spoken(rate: Fraction) -> str:
    return str(rate.numerator) if rate.denominator == 1 else f"{float(rate):.3f}"

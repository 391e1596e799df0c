# SPDX-License-Identifier: Apache-2.0
"""Which frames of the plate OUT holds, where it holds only a part of them."""

from __future__ import annotations

from dataclasses import dataclass

from plosive.errors import OptionError, RangeError
from plosive.media.plate import PlateInfo
from plosive.media.timecode import FrameRange, Timecode
from plosive.verify.check import Status
from plosive.verify.options import VerifyOptions
from plosive.verify.record import Admissions

__all__ = ["Part", "part_of_movie", "part_of_numbers"]


@dataclass(frozen=True)
class Part:
    """`frames` (plate numbers) are all that OUT holds. `why` tells how that is known; `status` how much it
    excuses that the others are missing.
    """

    frames: FrameRange
    why: str
    status: Status

    @property
    def sentence(self) -> str:
        first, last = self.frames.first_frame, self.frames.last_frame_inclusive
        return f"OUT holds frames {first}-{last} of the plate alone, {self.why}."


def part_of_numbers(options: VerifyOptions, admissions: Admissions, first: int, last: int) -> Part | None:
    """The part of a plate of frames `first` to `last` that --range or the report beside OUT names; None where
    that is all. Raises OptionError when --range leaves the plate.
    """
    if options.part is not None:
        begin, end = options.part
        if not first <= begin <= end <= last:
            raise OptionError(
                f"--range {begin}-{end} leaves the plate, whose frames are {first}-{last}; name frames in it."
            )
        found = Part(FrameRange(begin, end), "as --range says", Status.PASS)
    elif admissions.part is not None:
        begin, end = admissions.part
        if not first <= begin <= end <= last:
            return None
        found = Part(FrameRange(begin, end), "as the report beside it says", Status.REPORTED)
    else:
        return None
    return None if (begin, end) == (first, last) else found


def part_of_movie(
    options: VerifyOptions, admissions: Admissions, plate: PlateInfo, out: PlateInfo
) -> Part | None:
    """The same of a movie, whose timecode tells, too, when it begins later than the plate's. Raises
    OptionError.
    """
    found = part_of_numbers(options, admissions, plate.first_frame, plate.last_frame_inclusive)
    if found is not None or options.part is not None or admissions.part is not None:
        return found
    if plate.start_timecode is None or out.start_timecode is None or plate.frame_rate != out.frame_rate:
        return None
    try:
        starts = [
            Timecode.parse(text, plate.frame_rate).frame_number
            for text in (plate.start_timecode, out.start_timecode)
        ]
    except RangeError:
        return None
    first = plate.first_frame + starts[1] - starts[0]
    last = first + out.frame_count - 1
    if first <= plate.first_frame or last > plate.last_frame_inclusive:
        return None
    return Part(FrameRange(first, last), "as its timecode says", Status.INFO)

# SPDX-License-Identifier: Apache-2.0
"""Which frames a dub's curves lie on: a plate's, a motion file's, or as many as the dub needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plosive.errors import OptionError
from plosive.media import Dub, Timecode, open_plate
from plosive.media.placement import place_dub
from plosive.motion import MotionTrack, frame_centres

__all__ = ["DEFAULT_RATE", "MotionFrames", "motion_frames"]

DEFAULT_RATE = Fraction(24)


@dataclass(frozen=True)
class MotionFrames:
    """Frames by their centres in dub time, the first one's number, and its timecode."""

    centre_seconds: tuple[Fraction, ...]
    frame_rate: Fraction
    first_frame: int
    start: Timecode
    notes: tuple[str, ...] = ()

    def even(self) -> tuple[Fraction, ...]:
        """The same stretch of time in frames of equal length."""
        start = Fraction(1, 2) / self.frame_rate - self.centre_seconds[0]
        return frame_centres(len(self.centre_seconds), self.frame_rate, start)


def motion_frames(
    dub: Dub,
    given: MotionTrack | None,
    plate: Path | None,
    audio_start: str | None,
    rate: Fraction | None,
    first_frame: int | None,
) -> MotionFrames:
    """The frames asked for. Raises OptionError for options that do not go together, and what opening the
    plate and laying the dub on it raise.
    """
    if plate is not None:
        if first_frame is not None:
            raise OptionError("--first-frame comes with the plate already; leave it or --plate out.")
        return _of_plate(dub, plate, audio_start, rate)
    if audio_start is not None:
        raise OptionError("--audio-start says where in a plate the dub begins; name the plate with --plate.")
    if given is not None and given.curves is not None and rate is None:
        number = given.first_frame if first_frame is None else first_frame
        return _numbered(given.curves.centre_seconds, given.frame_rate, number)
    rate = rate or DEFAULT_RATE
    count = max(1, math.ceil(dub.duration_seconds * rate))
    return _numbered(frame_centres(count, rate), rate, first_frame or 0)


def _numbered(centres: tuple[Fraction, ...], rate: Fraction, first_frame: int) -> MotionFrames:
    return MotionFrames(centres, rate, first_frame, Timecode(0, rate))


def _of_plate(dub: Dub, plate: Path, audio_start: str | None, rate: Fraction | None) -> MotionFrames:
    with open_plate(plate, sequence_rate=rate, still_seconds=dub.duration_seconds) as reader:
        info = reader.info
        placement = place_dub(info, reader.frame_times(), dub.duration_seconds, audio_start, "plate")
    zero = info.start_timecode or "00:00:00:00"
    start = Timecode.parse(zero, info.frame_rate)
    notes = (*info.warnings, *placement.notes)
    return MotionFrames(placement.dub_centres, info.frame_rate, info.first_frame, start, notes)

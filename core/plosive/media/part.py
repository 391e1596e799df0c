# SPDX-License-Identifier: Apache-2.0
"""A part of a plate: some of its frames, under their own numbers and timecode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from plosive.errors import RangeError
from plosive.media.plate import PlateInfo
from plosive.media.timecode import FrameRange, Timecode

__all__ = ["part_info", "with_handles"]


def part_info(info: PlateInfo, frames: FrameRange, frame_times: Sequence[Fraction]) -> PlateInfo:
    """What `info` says of `frames` alone (plate numbers, inside the plate): the start timecode counts on in
    frames, dropped names left out where the plate's does. `frame_times` are those of the plate. Raises
    RangeError when they leave the plate.
    """
    offset = frames.first_frame - info.first_frame
    last = frames.last_frame_inclusive
    if offset < 0 or last > info.last_frame_inclusive or frames.duration_frames < 1:
        raise RangeError(
            f"The range {frames.first_frame}-{last} leaves the plate, whose frames are "
            f"{info.first_frame}-{info.last_frame_inclusive}."
        )
    timecode, warnings = info.start_timecode, info.warnings
    if timecode is not None and offset:
        try:
            timecode = str(Timecode.parse(timecode, info.frame_rate) + offset)
        except RangeError:
            warnings += (
                f"The timecode {timecode} of {info.path.name} cannot be counted on; it is left out.",
            )
            timecode = None
    return replace(
        info,
        first_frame=frames.first_frame,
        frame_count=frames.duration_frames,
        start_timecode=timecode,
        warnings=warnings,
        start_seconds=info.start_seconds + frame_times[offset],
    )


def with_handles(frames: FrameRange, handles: int, info: PlateInfo) -> FrameRange:
    """`frames` and up to `handles` more on both sides, as far as the plate has them."""
    return FrameRange(
        max(info.first_frame, frames.first_frame - handles),
        min(info.last_frame_inclusive, frames.last_frame_inclusive + handles),
    )

# SPDX-License-Identifier: Apache-2.0
"""Where the dub lies on the plate, in exact time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from plosive.errors import DubError, RangeError
from plosive.media.plate import PlateInfo
from plosive.media.timecode import parse_time

__all__ = ["Placement", "place_dub"]


@dataclass(frozen=True)
class Placement:
    """The dub begins `dub_start_seconds` after the first frame, which the plate shows after `before_seconds`
    (above 0 for a part of a plate).

    `held_frames` are extra frames after the plate's last, which they repeat. `frame_starts` and
    `frame_centres` (in dub time) have one entry per output frame. `notes` are sentences for the artist.
    """

    dub_start_seconds: Fraction
    held_frames: int
    frame_starts: tuple[Fraction, ...]
    dub_centres: tuple[Fraction, ...]
    notes: tuple[str, ...]
    before_seconds: Fraction = Fraction(0)


def place_dub(
    info: PlateInfo,
    frame_starts: Sequence[Fraction],
    dub_seconds: Fraction,
    audio_start: str | None,
    on_length_mismatch: str,
    least_held_frames: int = 0,
) -> Placement:
    """Lay a dub of `dub_seconds` on a plate whose frames start at `frame_starts` (seconds, exact).

    A difference of less than a frame is none. At least `least_held_frames` are held, for another dub beside
    this one. Raises RangeError for a start outside the plate, DubError
    when lengths differ and `on_length_mismatch` is `error`.
    """
    start = _start_seconds(info, audio_start)
    interval = 1 / info.frame_rate
    starts = list(frame_starts)
    plate_seconds = starts[-1] + interval
    if not 0 <= start < plate_seconds:
        raise RangeError(
            f"--audio-start {audio_start} lies outside the plate, which is {float(plate_seconds):.2f} s long."
        )
    excess = start + dub_seconds - plate_seconds
    notes: list[str] = []
    held = 0
    if abs(excess) >= interval:
        longer = "longer" if excess > 0 else "shorter"
        facts = (
            f"The dub ends {float(abs(excess)):.2f} s {'after' if excess > 0 else 'before'} the plate "
            f"({float(dub_seconds):.2f} s of dub, {float(plate_seconds):.2f} s of plate)"
        )
        if on_length_mismatch == "error":
            raise DubError(f"{facts}; give a dub of the same length, or --on-length-mismatch plate or hold.")
        if excess > 0 and on_length_mismatch == "hold":
            held = -((-excess) // interval)
            notes.append(f"{facts}: the last frame is held for {held} frames.")
        elif longer == "longer":
            notes.append(f"{facts}: the end of the dub is cut off (--on-length-mismatch hold keeps it).")
        else:
            notes.append(f"{facts}: silence follows it and the mouth rests.")
    held = max(held, least_held_frames)
    starts += [plate_seconds + number * interval for number in range(held)]
    ends = [*starts[1:], starts[-1] + interval]
    centres = tuple((begin + end) / 2 - start for begin, end in zip(starts, ends, strict=True))
    return Placement(start, int(held), tuple(starts), centres, tuple(notes))


def _start_seconds(info: PlateInfo, audio_start: str | None) -> Fraction:
    """A timecode counts on the plate's own timecode where it has one; plain seconds from its first frame."""
    if audio_start is None:
        return Fraction(0)
    seconds = parse_time(audio_start, info.frame_rate)
    is_timecode = sum(audio_start.count(mark) for mark in ":;") == 3
    if info.start_timecode is not None and is_timecode:
        seconds -= parse_time(info.start_timecode, info.frame_rate)
    return seconds

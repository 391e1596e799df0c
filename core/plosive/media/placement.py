# SPDX-License-Identifier: Apache-2.0
"""Where the dub lies on the plate, in exact time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from plosive.errors import DubError, RangeError
from plosive.media.plate import PlateInfo
from plosive.media.retime import RetimeWish
from plosive.media.timecode import parse_time

__all__ = ["Placement", "is_of_lengths", "place_dub", "place_retimed", "retime_notes"]

_OF_LENGTHS = re.compile(r"The dub ends [0-9.]+ s (after|before) the plate ")


@dataclass(frozen=True)
class Placement:
    """The dub begins `dub_start_seconds` after the first frame (below 0: before it, its head is not heard),
    which the plate shows after `before_seconds` (above 0 for a part of a plate). Of a retimed plate
    `shown_seconds` tell how long the timeline shows each frame, `shown_gaps` how far the next one that it
    shows lies at most, in seconds of the dub.

    `held_frames` are extra frames after the plate's last, which they repeat. `frame_starts` and
    `frame_centres` (in dub time) have one entry per output frame. `notes` are sentences for the artist.
    """

    dub_start_seconds: Fraction
    held_frames: int
    frame_starts: tuple[Fraction, ...]
    dub_centres: tuple[Fraction, ...]
    notes: tuple[str, ...]
    before_seconds: Fraction = Fraction(0)
    shown_seconds: tuple[Fraction, ...] = ()
    shown_gaps: tuple[Fraction, ...] = ()

    @property
    def is_retimed(self) -> bool:
        """Whether the plate plays at another speed than the dub; times of frames may fall then."""
        return bool(self.shown_gaps)

    @property
    def last_centre(self) -> Fraction:
        """The latest moment of the dub that any frame shows."""
        return max(self.dub_centres)


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
    this one. A dub may begin before the plate: what lies before the first frame is cut off. Raises RangeError
    for a start after the plate's end or a dub that is over before the plate begins, DubError when they do not
    end together and `on_length_mismatch` is `error`.
    """
    start = _start_seconds(info, audio_start)
    interval = 1 / info.frame_rate
    starts = list(frame_starts)
    plate_seconds = starts[-1] + interval
    if start >= plate_seconds:
        raise RangeError(
            f"--audio-start {audio_start} lies outside the plate, which is {float(plate_seconds):.2f} s long."
        )
    if start + dub_seconds <= 0:
        raise _over_before(audio_start, dub_seconds)
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


def is_of_lengths(note: str) -> bool:
    """Whether a note of `place_dub` tells that dub and plate do not end together. In a shot of a reel it says
    nothing: the dub runs on in the next one.
    """
    return _OF_LENGTHS.search(note) is not None


def place_retimed(
    info: PlateInfo,
    frame_starts: Sequence[Fraction],
    wish: RetimeWish,
    audio_start: str | None,
    dub_seconds: Fraction | None = None,
) -> Placement:
    """Lay a dub, which is in the timeline's time, on a plate that plays there as `wish` says. The dub begins
    when the plate's moment `audio_start` is shown; where that is None with one speed at the plate's first
    frame (backwards: at its end), with keys at their second 0. A moment before the first frame is shown as
    if the plate's speed there had gone on. Raises RangeError for a start after the plate's end, or before it
    where no frame shows anything of `dub_seconds`, OptionError for keys that are none.
    """
    starts = tuple(frame_starts)
    end = starts[-1] + 1 / info.frame_rate
    begin = None if audio_start is None else _start_seconds(info, audio_start)
    if begin is not None and begin > end:
        raise RangeError(
            f"--audio-start {audio_start} lies outside the plate, which is {float(end):.2f} s long."
        )
    retime = wish.placed(info, starts, begin)
    zero = retime.timeline_seconds(begin) if begin is not None else Fraction(0)
    bounds = (*starts, end)
    shown = [retime.shown(*pair) for pair in pairwise(bounds)]
    if begin is not None and begin < 0:
        last = dub_seconds if dub_seconds is not None else max(centre for centre, _ in shown) - zero
        if not any(0 <= centre - zero <= last for centre, _ in shown):
            raise _over_before(audio_start, dub_seconds)
    heard_at = retime.plate_moments(zero)
    placement = Placement(
        heard_at[0] if heard_at else begin or Fraction(0),
        0,
        starts,
        tuple(centre - zero for centre, _ in shown),
        (),
        shown_seconds=tuple(length for _, length in shown),
        shown_gaps=retime.shown_gaps(bounds),
    )
    return replace(placement, notes=retime_notes(placement, info.first_frame))


def retime_notes(placement: Placement, first_frame: int) -> tuple[str, ...]:
    """Sentences on frames of a retimed plate that the timeline holds, or never shows."""
    notes: list[str] = []
    gaps = placement.shown_gaps
    for number, (length, gap) in enumerate(zip(placement.shown_seconds, gaps, strict=True), first_frame):
        if length > gap + 1:
            moment = float(placement.dub_centres[number - first_frame])
            notes.append(
                f"Frame {number} is held for {float(length):.2f} s: one picture has one mouth, that of "
                f"{moment:.2f} s of the dub."
            )
    unseen = [number for number, length in enumerate(placement.shown_seconds, first_frame) if not length]
    if unseen:
        notes.append(
            f"{len(unseen)} frames ({unseen[0]} to {unseen[-1]}) are never shown: they take the mouth of the "
            "nearest moment."
        )
    return tuple(notes)


def _over_before(audio_start: str | None, dub_seconds: Fraction | None) -> RangeError:
    length = "" if dub_seconds is None else f", which is {float(dub_seconds):.2f} s long,"
    return RangeError(
        f"--audio-start {audio_start} lies so far before the plate that nothing of the dub{length} is heard "
        "in it; give a later start."
    )


def _start_seconds(info: PlateInfo, audio_start: str | None) -> Fraction:
    """A timecode counts on the plate's own timecode where it has one; plain seconds from its first frame."""
    if audio_start is None:
        return Fraction(0)
    seconds = parse_time(audio_start, info.frame_rate)
    is_timecode = sum(audio_start.count(mark) for mark in ":;") == 3
    if info.start_timecode is not None and is_timecode:
        seconds -= parse_time(info.start_timecode, info.frame_rate)
    return seconds

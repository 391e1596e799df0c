# SPDX-License-Identifier: Apache-2.0
"""From a placed clip and its media to a shot: which frames are shown, and which are asked for."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from plosive.conform.shot import Shot, ShotMedia
from plosive.conform.times.rates import nearest_frame
from plosive.conform.times.retime_map import RetimeMap
from plosive.conform.walk import Placed
from plosive.media.timecode import FrameRange

__all__ = ["planned_shot"]


def planned_shot(
    number: int,
    placed: Placed,
    media: ShotMedia | None,
    edit_rate: Fraction,
    handles: int,
    warnings: tuple[str, ...] = (),
) -> Shot:
    """The shot of a clip; `handles` are frames of the edit at both ends: at double speed twice as many of the
    media, of a freeze none.

    Clips begin at the frame of the edit nearest to their start, and there show their first frame.
    """
    first = nearest_frame(placed.start_seconds, edit_rate)
    end = nearest_frame(placed.end_seconds, edit_rate)
    shown_first = min(first, nearest_frame(placed.shown_start_seconds, edit_rate))
    shown_end = max(end, nearest_frame(placed.shown_end_seconds, edit_rate))
    notes = list(warnings)
    start_position = media.position(placed.source_start) if media is not None else Fraction(0)
    media_rate = media.rate if media is not None else edit_rate
    interval = 1 / edit_rate
    if placed.keys and media is not None:
        moved = first * interval - placed.start_seconds
        keys = tuple((at + moved, media.position(clock)) for at, clock in placed.keys)
        retime = RetimeMap(keys, interval, placed.is_listed)
    else:
        retime = RetimeMap.linear(first * interval, start_position, placed.speed * media_rate, interval)
    played = source = None
    before = after = 0
    if shown_end <= shown_first:
        notes.append(f"'{placed.item.name}' has no length.")
    elif media is not None:
        swept = retime.swept(shown_first, shown_end - 1)
        played, note = _existing(swept, media, placed.item.name)
        if note:
            notes.append(note)
    if played is not None and media is not None:
        pace = max(abs(retime.speeds[0]), abs(retime.speeds[-1])) / edit_rate
        source = _with_handles(played, ceil(handles * pace), media.available)
        before = played.first_frame - source.first_frame
        after = source.last_frame_inclusive - played.last_frame_inclusive
    return Shot(
        number=number,
        name=placed.item.name,
        otio_path=placed.path,
        track_names=placed.track_names,
        media=media,
        edit_rate=edit_rate,
        record=FrameRange(first, end - 1),
        record_start_seconds=placed.start_seconds,
        record_end_seconds=placed.end_seconds,
        shown=FrameRange(shown_first, shown_end - 1),
        transition_in_frames=first - shown_first,
        transition_out_frames=shown_end - end,
        source_start_seconds=placed.source_start,
        source_end_seconds=placed.source_end,
        retime=retime,
        played_frames=played,
        source_frames=source,
        handles_before=before,
        handles_after=after,
        is_enabled=placed.is_enabled,
        other_references=tuple(
            key for key in placed.item.media_references() if key != placed.item.active_media_reference_key
        ),
        warnings=tuple(notes),
    )


def _existing(swept: tuple[int, int], media: ShotMedia, name: str) -> tuple[FrameRange | None, str]:
    """The frames that exist of those that are shown, and what to say of the others."""
    if media.available is None:
        return FrameRange(*swept), ""
    there = media.available
    first = max(swept[0], there.first_frame)
    last = min(swept[1], there.last_frame_inclusive)
    span = f"{there.first_frame}-{there.last_frame_inclusive}"
    if first > last:
        return None, (
            f"'{name}' shows frames {swept[0]}-{swept[1]} of {media.name}, which has {span}: "
            "nothing of it exists."
        )
    if (first, last) == swept:
        return FrameRange(*swept), ""
    return FrameRange(first, last), (
        f"'{name}' shows frames {swept[0]}-{swept[1]} of {media.name}, which has {span}: "
        "the rest is left alone."
    )


def _with_handles(played: FrameRange, handles: int, available: FrameRange | None) -> FrameRange:
    first, last = played.first_frame - handles, played.last_frame_inclusive + handles
    if available is not None:
        first, last = max(first, available.first_frame), min(last, available.last_frame_inclusive)
    else:
        first = max(first, min(0, played.first_frame))
    return FrameRange(first, last)

# SPDX-License-Identifier: Apache-2.0
"""Whether an item shows the result where its clip was: read again from the timeline, never believed.

An item and its result are read by the same calls, so whatever these count from and however they round, both
must differ by exactly the frames that the result leaves out at its head.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from plosive_host import PlosiveHostError
from plosive_resolve.clip_use import ClipUse, use_of
from plosive_resolve.media_view import Media
from plosive_resolve.speed import read_speed
from plosive_resolve.timeline_view import Item

__all__ = ["why_not_shown", "why_other_frames"]


def why_not_shown(clip: ClipUse, item: Item | None, result: Media, first_frame: int) -> str:
    """Empty where `item` shows, at every timeline frame of `clip`, the frame of `result` that is made from
    the frame the clip shows there; `first_frame` is what the result's first one is made from. Else why not.
    """
    if item is None:
        return "it is not on the timeline"
    place, wanted = item.place, clip.item.place
    if place.start_frame != wanted.start_frame:
        return f"it begins on frame {_text(place.start_frame)} instead of {_text(wanted.start_frame)}"
    if place.duration_frames != wanted.duration_frames:
        return f"it lasts {_text(place.duration_frames)} frames instead of {_text(wanted.duration_frames)}"
    if item.media is None or item.media.media_id != result.media_id:
        return "it shows other media"
    return why_other_frames(clip, item, first_frame)


def why_other_frames(clip: ClipUse, item: Item, first_frame: int) -> str:
    """As `why_not_shown`, of the frames alone: `item` may lie elsewhere."""
    speed = read_speed(item, clip.media_rate, clip.timeline_rate).speed
    if item.speed is None:
        # worked out from lengths, and of two equal lengths not always the same way
        speed = clip.speed if _is_as_long(item, clip) else speed
    if speed != clip.speed:
        return f"it plays at {float(speed * 100):g} % instead of {float(clip.speed * 100):g} %"
    try:
        use = use_of(item, clip.timeline_id, clip.timeline_rate, clip.speed)
    except PlosiveHostError as error:
        return str(error)
    shift = first_frame - use.media.first_number
    start = use.first_record_frame - clip.first_record_frame
    for frame in range(clip.first_record_frame, clip.last_record_frame_inclusive + 1):
        shown = use.media_frame_shown(frame + start) + shift
        if shown != clip.media_frame_shown(frame):
            return (
                f"on frame {frame} it shows the plate's frame {shown} instead of "
                f"{clip.media_frame_shown(frame)}"
            )
    return ""


def _is_as_long(item: Item, clip: ClipUse) -> bool:
    """Whether both consume as much of their media: the seconds tell it finer than the frames."""
    told = [_seconds(one) for one in (item, clip.item)]
    if told[0] is not None and told[1] is not None:
        return abs(told[0] - told[1]) * clip.media_rate < Fraction(1, 4)
    return abs(_span(item) - _span(clip.item)) <= 1


def _seconds(item: Item) -> Fraction | None:
    if item.source_start_seconds is None or item.source_end_seconds is None:
        return None
    return item.source_end_seconds - item.source_start_seconds


def _span(item: Item) -> int:
    return (item.source_end or 0) - (item.source_start or 0)


def _text(value: Any) -> str:
    return f"{float(value):g}" if value.denominator != 1 else str(value)

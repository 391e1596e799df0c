# SPDX-License-Identifier: Apache-2.0
"""Markers of an edit, wherever they are pinned, as frames of the edit."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from plosive.conform.edit import EditMarker
from plosive.conform.times.rates import clock_seconds, exact_seconds, nearest_frame
from plosive.conform.walk import Placed, available_range
from plosive.media.timecode import FrameRange

__all__ = ["item_markers", "timeline_markers"]


def timeline_markers(timeline: Any, rate: Fraction, duration_frames: int) -> Iterator[EditMarker]:
    """Markers of the timeline itself, counted from its first frame or, by some programs, in its timecode."""
    start = timeline.global_start_time
    offset = exact_seconds(start) if start is not None else Fraction(0)
    end = Fraction(duration_frames) / rate
    for marker in timeline.tracks.markers:
        first = exact_seconds(marker.marked_range.start_time)
        if first >= end and offset and first >= offset:
            first -= offset
        yield _marker(marker, first, first + exact_seconds(marker.marked_range.duration), rate, None)


def item_markers(placed: Placed, rate: Fraction, shot: int | None) -> Iterator[EditMarker]:
    """Markers on a track, compound clip or clip, pinned to its own time, as far as they are seen."""
    for marker in placed.item.markers:
        own_start = _own_seconds(marker, placed)
        own_end = own_start + exact_seconds(marker.marked_range.duration)
        if placed.speed:
            ends = sorted((own - placed.source_start) / placed.speed for own in (own_start, own_end))
            first, last = (placed.start_seconds + one for one in ends)
        else:
            first, last = placed.start_seconds, placed.end_seconds
        if last < placed.start_seconds or first >= placed.end_seconds:
            continue
        first, last = max(first, placed.start_seconds), min(last, placed.end_seconds)
        yield _marker(marker, first, last, rate, shot)


def _own_seconds(marker: Any, placed: Placed) -> Fraction:
    """The marker's start on the item's clock; counted in a clip's frames, whatever rate it is written in."""
    import opentimelineio as otio

    given = available_range(placed.item) if isinstance(placed.item, otio.schema.Clip) else None
    return clock_seconds(marker.marked_range.start_time, given.start_time.rate if given is not None else None)


def _marker(marker: Any, first: Fraction, last: Fraction, rate: Fraction, shot: int | None) -> EditMarker:
    begins = nearest_frame(first, rate)
    return EditMarker(
        name=marker.name,
        colour=str(marker.color or ""),
        comment=str(getattr(marker, "comment", "") or ""),
        record=FrameRange(begins, max(begins, nearest_frame(last, rate) - 1)),
        shot=shot,
    )

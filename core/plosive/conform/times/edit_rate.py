# SPDX-License-Identifier: Apache-2.0
"""The frame rate of an edit, which OpenTimelineIO does not state: it follows from the times in it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from plosive.conform.times.rates import exact_seconds, snapped_rate
from plosive.errors import RangeError
from plosive.media.timecode import Timecode, allows_drop_frame

__all__ = ["drops_frames", "edit_rate_of"]

_SLOWEST, _FASTEST = 5, 400  # others are clocks (1, 1000, 90000 a second), no frame rates


def edit_rate_of(timeline: Any, edl_rate: Fraction | None = None) -> Fraction:
    """Frames a second: that of the timeline's start where its clips use it too, else what most clips and gaps
    on video tracks last in, else the start's, else what audio lasts in. Raises RangeError where nothing says
    it.
    """
    if edl_rate is not None:
        return edl_rate
    start = timeline.global_start_time
    stated = _frame_rate(start.rate) if start is not None else None
    for kind in ("Video", "Audio"):
        counted = Counter(
            rate for rate in map(_frame_rate, _rates(timeline.tracks, kind)) if rate is not None
        )
        if stated is not None and (stated in counted or not counted):
            return stated
        if counted:
            return counted.most_common(1)[0][0]
    raise RangeError(
        f"The edit '{timeline.name}' does not say how many frames a second it has; name it with --rate."
    )


def drops_frames(timeline: Any, rate: Fraction) -> bool:
    """Whether the edit's timecode is drop frame: as its file says, else where its start is a whole minute
    only so, as 107892 frames are 01:00:00;00.
    """
    if not allows_drop_frame(rate):
        return False
    said = timeline.metadata.get("fcp_xml", {}).get("timecode", {})
    display = said.get("displayformat") if hasattr(said, "get") else None
    if display in ("DF", "NDF"):
        return bool(display == "DF")
    if "plosive_drop_frame" in timeline.metadata:
        return bool(timeline.metadata["plosive_drop_frame"])
    start = timeline.global_start_time
    frame = round(exact_seconds(start) * rate) if start is not None else 0
    if frame <= 0:
        return False
    dropped, counted = (Timecode(frame, rate, is_drop) for is_drop in (True, False))
    return dropped.fields[2:] == (0, 0) and counted.fields[2:] != (0, 0)


def _frame_rate(rate: float) -> Fraction | None:
    try:
        exact = snapped_rate(rate)
    except RangeError:
        return None
    return exact if _SLOWEST <= exact <= _FASTEST else None


def _rates(stack: Any, kind: str) -> list[float]:
    """The rates in which what lies on tracks of a kind lasts, outermost level only where it says them."""
    import opentimelineio as otio

    rates: list[float] = []
    inner: list[Any] = []
    for track in stack:
        if getattr(track, "kind", kind) != kind or not isinstance(track, otio.core.Composition):
            continue
        for item in track:
            if not isinstance(item, otio.core.Item):
                continue
            if item.source_range is not None:
                rates.append(item.source_range.duration.rate)
            elif isinstance(item, otio.schema.Clip):
                given = item.media_reference.available_range if item.media_reference is not None else None
                rates += [given.duration.rate] if given is not None else []
            elif isinstance(item, otio.schema.Stack):
                inner.append(item)
    if not rates:
        for item in inner:
            rates += _rates(item, kind)
    return rates

# SPDX-License-Identifier: Apache-2.0
"""Final Cut Pro 7 XML: speeds, subclips, stills and what is switched off, which the adapter of OpenTimelineIO
keeps as metadata only.

Facts of the format, as Final Cut Pro and Premiere write it: a clip with a speed has its in point in frames of
the retimed clip, and the filter `timeremap` says which media frame each of those shows, by keys (`graphdict`)
or by a speed in per cent alone. All frames of a subclip count from its own beginning, which `startoffset`
says. `enabled` is an element of tracks and clips.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from plosive.conform.times.rates import exact_seconds, snapped_rate
from plosive.conform.times.warp import TIME_MAP
from plosive.conform.walk import contents_seconds

__all__ = ["mended"]

_MOST_DENOMINATOR = 1_000_000


@dataclass(frozen=True)
class _Remap:
    """`keys` are (frame of the retimed clip, frame of the media); none where one `speed` holds."""

    speed: Fraction
    keys: tuple[tuple[Fraction, Fraction], ...]
    is_variable: bool

    def frame(self, retimed: Fraction, media_frames: Fraction) -> Fraction:
        if not self.keys:
            return retimed * self.speed + (media_frames if self.speed < 0 else 0)
        chosen = (self.keys[0], self.keys[1])
        for pair in pairwise(self.keys):
            if pair[0][0] > retimed:
                break
            chosen = pair
        (start, first), (end, last) = chosen
        return first + (retimed - start) * (last - first) / (end - start)


def mended(timeline: Any) -> Any:
    """The adapter's timeline with a time warp on each clip and nested sequence that has a speed, its source
    range at the lowest frame shown, as elsewhere in OpenTimelineIO; a speed that changes becomes a time
    effect with keys.
    """
    import opentimelineio as otio

    for item in timeline.find_children(descended_from_type=otio.core.Item):
        said = item.metadata.get("fcp_xml", {})
        if str(said.get("enabled", "")).upper() == "FALSE":
            item.enabled = False
        if item.source_range is None:
            continue
        remap = _remap(item)
        if remap is not None:
            _apply(item, remap)
        elif str(said.get("stillframe", "")).upper() == "TRUE":
            item.effects.append(otio.schema.FreezeFrame())
        skipped = _offsets(item)[0]
        if skipped:
            start = item.source_range.start_time
            moved = otio.opentime.RationalTime(start.value + float(skipped), start.rate)
            item.source_range = otio.opentime.TimeRange(moved, item.source_range.duration)
    return timeline


def _offsets(item: Any) -> tuple[Fraction, Fraction]:
    """Frames of the media before and after a subclip."""
    said = item.metadata.get("fcp_xml", {}).get("subclipinfo")
    if not hasattr(said, "get"):
        return Fraction(0), Fraction(0)
    start, end = (_number(said.get(name), Fraction(0)) for name in ("startoffset", "endoffset"))
    return start, end


def _apply(item: Any, remap: _Remap) -> None:
    import opentimelineio as otio

    source = item.source_range
    rate = snapped_rate(source.start_time.rate)
    given = item.media_reference.available_range if isinstance(item, otio.schema.Clip) else None
    media_start = exact_seconds(given.start_time) if given is not None else Fraction(0)
    media_frames = exact_seconds(given.duration) * rate if given is not None else Fraction(0)
    if isinstance(item, otio.core.Composition):
        media_frames = contents_seconds(item) * rate
    media_frames -= sum(_offsets(item))
    length = exact_seconds(source.duration) * rate
    begins = (exact_seconds(source.start_time) - media_start) * rate
    if remap.is_variable:
        inner = [at for at, _ in remap.keys if begins < at < begins + length]
        keys = [
            (str((at - begins) / rate), str((remap.frame(at, media_frames) - begins) / rate))
            for at in (begins, *inner, begins + length)
        ]
        item.effects.append(
            otio.schema.TimeEffect("Time Remap", effect_name="TimeMap", metadata={TIME_MAP: keys})
        )
        return
    lowest = min(remap.frame(begins, media_frames), remap.frame(begins + length, media_frames))
    start = otio.opentime.RationalTime(float(media_start * rate + lowest), source.start_time.rate)
    item.source_range = otio.opentime.TimeRange(start, source.duration)
    scalar = float(remap.speed)
    kind = otio.schema.LinearTimeWarp if scalar else otio.schema.FreezeFrame
    item.effects.append(kind(**({"time_scalar": scalar} if scalar else {})))


def _remap(clip: Any) -> _Remap | None:
    """What a clip's time remap filter says; None without one, and where it changes nothing."""
    for effect in clip.effects:
        said = effect.metadata.get("fcp_xml", {})
        if said.get("effectid") != "timeremap":
            continue
        parameters = {str(one.get("parameterid")): one for one in _listed(said.get("parameter"))}
        speed = _number(parameters.get("speed", {}).get("value"), Fraction(100)) / 100
        if str(parameters.get("reverse", {}).get("value", "")).upper() == "TRUE":
            speed = -abs(speed)
        keys = tuple(
            (_number(key.get("when"), Fraction(0)), _number(key.get("value"), Fraction(0)))
            for key in _listed(parameters.get("graphdict", {}).get("keyframe"))
        )
        keys = tuple(sorted(dict(keys).items()))
        is_variable = _number(parameters.get("variablespeed", {}).get("value"), Fraction(0)) != 0
        if speed == 1 and not is_variable:
            return None
        return _Remap(speed, keys if len(keys) > 1 else (), is_variable and len(keys) > 1)
    return None


def _listed(value: Any) -> Iterator[Mapping[str, Any]]:
    """One element or several of the adapter's metadata, those with parts of their own."""
    several = [value] if hasattr(value, "get") else (value or [])
    return (one for one in several if hasattr(one, "get"))


def _number(value: Any, otherwise: Fraction) -> Fraction:
    try:
        return Fraction(str(value)).limit_denominator(_MOST_DENOMINATOR)
    except (ValueError, ZeroDivisionError):
        return otherwise

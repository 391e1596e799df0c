# SPDX-License-Identifier: Apache-2.0
"""An independent renderer of edits: OpenTimelineIO says what stands where, PyAV and Pillow decode it; nothing
of Plosive is used. Knows what the test reels hold: clips, gaps, dissolves, nested stacks, linear time warps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Layer:
    """A clip's picture in one frame of the edit. `index` counts frames in the file from 0."""

    clip: str
    path: str
    index: int

    def picture(self) -> Picture:
        return pictures(self.path)[self.index]


@cache
def pictures(path: str) -> list[Picture]:
    """All frames of a movie as decoded, or of a folder of images in the order of their names."""
    if Path(path).is_dir():
        from PIL import Image

        return [np.asarray(Image.open(file)) for file in sorted(Path(path).glob("*.png"))]
    with av.open(path) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def played(timeline: Any) -> Iterator[list[Layer]]:
    """The layers of every frame of the edit: one, two where two dissolve, none in gaps; the topmost track
    that shows something counts.
    """
    rate = Fraction(timeline.global_start_time.rate).limit_denominator(1001)
    count = max(frames_of(track, rate) for track in timeline.tracks if track.kind == "Video")
    for number in range(count):
        yield in_stack(timeline.tracks, Fraction(number), rate)


def in_stack(stack: Any, frame: Fraction, rate: Fraction) -> list[Layer]:
    for track in reversed(list(stack)):
        if isinstance(track, otio.schema.Track) and (track.kind != "Video" or not track.enabled):
            continue
        found = in_track(track, frame, rate)
        if found:
            return found
    return []


def in_track(track: Any, frame: Fraction, rate: Fraction) -> list[Layer]:
    at = Fraction(0)
    layers: list[Layer] = []
    items = list(track)
    for place, item in enumerate(items):
        if isinstance(item, otio.schema.Transition):
            continue
        length = frames_of(item, rate)
        before = items[place - 1] if place else None
        after = items[place + 1] if place + 1 < len(items) else None
        early = before.in_offset.value if isinstance(before, otio.schema.Transition) else 0
        late = after.out_offset.value if isinstance(after, otio.schema.Transition) else 0
        if at - int(early) <= frame < at + length + int(late) and item.enabled:
            layers += of_item(item, frame - at, rate)
        at += length
    return layers


def of_item(item: Any, frame: Fraction, rate: Fraction) -> list[Layer]:
    if isinstance(item, otio.schema.Gap):
        return []
    if isinstance(item, otio.schema.Stack):
        start = Fraction(item.source_range.start_time.value) if item.source_range is not None else 0
        return in_stack(item, frame + start, rate)
    speed = Fraction(1)
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):
            speed *= Fraction(effect.time_scalar)
    reference = item.media_reference
    there = reference.available_range.start_time
    media_rate = Fraction(there.rate).limit_denominator(1001)
    source = item.source_range.start_time
    source_rate = Fraction(source.rate).limit_denominator(1001)
    begin = (Fraction(source.value) / source_rate - Fraction(there.value) / media_rate) * media_rate
    pace = speed * media_rate / rate
    if speed < 0:  # the range is played from its end: the last frame in it is shown first
        index = math.floor(begin - pace * (frames_of(item, rate) - frame - 1))
    else:
        index = math.floor(begin + frame * pace)
    if isinstance(reference, otio.schema.ImageSequenceReference):
        return [Layer(item.name, reference.target_url_base, index)]
    return [Layer(item.name, reference.target_url, index)]


def frames_of(item: Any, rate: Fraction) -> int:
    if isinstance(item, otio.schema.Transition):
        return 0
    if item.source_range is not None:
        duration = item.source_range.duration
        return round(Fraction(duration.value) / Fraction(duration.rate).limit_denominator(1001) * rate)
    if isinstance(item, otio.schema.Track):
        return sum(frames_of(child, rate) for child in item)
    return max(frames_of(child, rate) for child in item)

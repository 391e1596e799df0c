# SPDX-License-Identifier: Apache-2.0
"""The timeline as pictures and sound, made by Plosive's own readers: what a test compares a result with.

The topmost enabled clip on an enabled track is seen whole (takes, speed and nested timelines are played).
Transforms, composites, opacity, grades, transitions and Fusion compositions are NOT: a clip is never blended
with another. Sound is the sum of all enabled audio tracks; at another speed it is played faster, pitch and
all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fakes.resolve.cut import ItemState, TimelineState
from fakes.resolve.media import MediaState
from plosive.media import PlateFrame, open_plate

__all__ = ["Shown", "TimelineRenderer", "shown", "shown_frames"]


@dataclass(frozen=True)
class Shown:
    """What a frame of a timeline shows: frame `media_frame` (from 0) of a file, which has the number
    `file_number` in a sequence (else the same), as `item` puts it there.
    """

    media: MediaState
    media_frame: int
    item: ItemState

    @property
    def file_number(self) -> int:
        return self.media.first_file_number + self.media_frame


def shown(timeline: TimelineState, frame: int) -> Shown | None:
    """What absolute frame `frame` shows, through nested timelines; None for black and generators."""
    item = timeline.shown_at(frame)
    if item is None or item.media is None:
        return None
    inside = item.shown_media_frame(frame - item.record_start, timeline.rate)
    if item.media.timeline is not None:
        return shown(item.media.timeline, item.media.timeline.start_frame + inside)
    return Shown(item.media, inside, item)


def shown_frames(timeline: TimelineState, first_frame: int, last_frame_inclusive: int) -> list[Shown | None]:
    """`shown` of every frame of a range."""
    return [shown(timeline, frame) for frame in range(first_frame, last_frame_inclusive + 1)]


class TimelineRenderer:
    """Frames and sound of a timeline. Use as a context manager; media is opened when it is first seen."""

    def __init__(self, timeline: TimelineState) -> None:
        self.timeline = timeline
        self._readers: dict[str, Any] = {}
        self._streams: dict[str, tuple[Iterator[PlateFrame], int, PlateFrame | None]] = {}
        self._sounds: dict[str, tuple[NDArray[np.float32], int]] = {}

    def __enter__(self) -> TimelineRenderer:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()
        self._streams.clear()

    def frame(self, frame: int) -> PlateFrame | None:
        """The plate's frame that absolute frame `frame` shows, samples and all; None for black."""
        seen = shown(self.timeline, frame)
        return None if seen is None else self.media_frame(seen.media, seen.media_frame)

    def picture(self, frame: int) -> NDArray[np.uint8]:
        """(height, width, 3) uint8 of what is seen, in the media's own size; black in the timeline's."""
        plate = self.frame(frame)
        if plate is None:
            return np.zeros((self.timeline.height, self.timeline.width, 3), np.uint8)
        return plate.rgb8()

    def media_frame(self, media: MediaState, index: int) -> PlateFrame:
        """Frame `index` (from 0) of a clip of the media pool; in order they are decoded once."""
        stream, at, last = self._streams.get(media.id, (iter(()), -1, None))
        if last is not None and at == index:
            return last
        if last is None or index < at or index > at + 50:
            stream, at = iter(self._reader(media).frames(index)), index - 1
        while at < index:
            last = next(stream)
            at += 1
        assert last is not None
        self._streams[media.id] = (stream, at, last)
        return last

    def _reader(self, media: MediaState) -> Any:
        if media.id not in self._readers:
            path = Path(media.path)
            if media.kind == "sequence":
                head, _, rest = path.name.partition("[")
                first, _, tail = rest.partition("]")
                digits = len(first.partition("-")[0])
                path = path.with_name(f"{head}%0{digits}d{tail}")
                self._readers[media.id] = open_plate(path, sequence_rate=media.rate)
            else:
                self._readers[media.id] = open_plate(path)
        return self._readers[media.id]

    def sound(
        self, first_frame: int, last_frame_inclusive: int, sample_rate: int = 48_000, channels: int = 1
    ) -> NDArray[np.float32]:
        """(channels, samples) float32 of a range: every frame has exactly its share of samples. One channel
        is the mean of a clip's channels; of two, a mono clip is on both.
        """
        timeline = self.timeline
        start_seconds = Fraction(first_frame) / timeline.rate
        count = round((last_frame_inclusive + 1 - first_frame) / timeline.rate * sample_rate)
        mix = np.zeros((channels, count), np.float32)
        for track in timeline.audio:
            for item in track.items:
                if track.is_enabled and item.is_enabled and item.kind == "audio" and item.media is not None:
                    self._add(mix, item, start_seconds, sample_rate)
        return mix

    def _add(
        self, mix: NDArray[np.float32], item: ItemState, start_seconds: Fraction, sample_rate: int
    ) -> None:
        media, rate = item.media, self.timeline.rate
        assert media is not None
        first = round((item.record_start / rate - start_seconds) * sample_rate)
        end = round((item.record_end_exclusive / rate - start_seconds) * sample_rate)
        low, high = max(first, 0), min(end, mix.shape[1])
        if low >= high or not item.speed:
            return
        samples, own_rate = self._samples(media)
        picked = item.channel_map.get("channels")
        if picked:
            samples = samples[[channel - 1 for channel in picked]]
        source = round(item.source_in / media.rate * own_rate)
        step = item.speed * own_rate / sample_rate
        wanted = np.arange(low - first, high - first, dtype=np.int64)
        places = source + wanted * step.numerator // step.denominator
        is_there = (places >= 0) & (places < samples.shape[1])
        block = np.zeros((samples.shape[0], high - low), np.float32)
        block[:, is_there] = samples[:, places[is_there]]
        if mix.shape[0] == 1 or block.shape[0] != mix.shape[0]:
            block = np.broadcast_to(block.mean(axis=0), (mix.shape[0], high - low))
        mix[:, low:high] += block

    def _samples(self, media: MediaState) -> tuple[NDArray[np.float32], int]:
        if media.timeline is not None:
            inner = media.timeline
            with TimelineRenderer(inner) as below:
                last = inner.start_frame + media.frame_count - 1
                return below.sound(inner.start_frame, last, 48_000, 2), 48_000
        if media.path not in self._sounds:
            from plosive.media import read_dub
            from plosive.media.audio import decoded_blocks

            dub = read_dub(os.fspath(media.path))
            blocks = list(decoded_blocks(dub.path, dub.stream_index))
            self._sounds[media.path] = (np.concatenate(blocks, axis=1), dub.sample_rate)
        return self._sounds[media.path]

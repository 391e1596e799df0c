# SPDX-License-Identifier: Apache-2.0
"""A timeline as it is: tracks, items, and which frame of which media each frame of it shows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from fakes.resolve.media import MediaState, new_id

__all__ = ["ItemState", "TakeState", "TimelineState", "TrackState"]


@dataclass
class TakeState:
    """A take: the frames first to last (from 0 in the media) of a clip of the media pool."""

    media: MediaState
    first_frame: int
    last_frame_inclusive: int


@dataclass
class ItemState:
    """Something on a track.

    `record_start` counts from 00:00:00:00 in frames of the timeline. `source_in` is where the media's time
    stands when the item begins, in the media's frames from its first (forwards: the begin of the first frame
    that is seen; backwards, `speed` below 0: the end of it). `speed` is media time per timeline time; 0 is a
    freeze.
    """

    kind: str  # video, audio, generator, transition
    name: str
    record_start: int
    duration: int
    media: MediaState | None = None
    source_in: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    takes: list[TakeState] = field(default_factory=list)
    selected_take: int = 0
    is_enabled: bool = True
    clip_color: str = ""
    flags: list[str] = field(default_factory=list)
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    fusion_comps: list[Any] = field(default_factory=list)
    grade: str = ""
    channel_map: dict[str, Any] = field(default_factory=dict)
    link_group: int = 0
    is_errored: bool = False
    id: str = field(default_factory=new_id)

    @property
    def record_end_exclusive(self) -> int:
        return self.record_start + self.duration

    def media_frames_per_frame(self, timeline_rate: Fraction) -> Fraction:
        """Frames of the media that pass in one frame of the timeline; below 0 backwards."""
        assert self.media is not None
        return self.speed * self.media.rate / timeline_rate

    def media_position(self, offset_frames: Fraction | int, timeline_rate: Fraction) -> Fraction:
        """Where the media's time stands this many frames after the item's begin, in media frames."""
        return self.source_in + offset_frames * self.media_frames_per_frame(timeline_rate)

    def shown_media_frame(self, offset_frame: int, timeline_rate: Fraction) -> int:
        """The frame of the media (from 0) that the timeline shows this many frames after the item's begin.

        [I] The frame whose time it is when the timeline's frame begins; Resolve's choice between two frames
        at other rates is written nowhere. Backwards a frame begins with its end.
        """
        position = self.media_position(offset_frame, timeline_rate)
        if self.speed < 0:
            return math.ceil(position) - 1
        return math.floor(position)


@dataclass
class TrackState:
    name: str
    subtype: str = ""
    items: list[ItemState] = field(default_factory=list)
    is_enabled: bool = True
    is_locked: bool = False

    def overlaps(self, first: int, end_exclusive: int) -> bool:
        return any(
            item.record_start < end_exclusive and first < item.record_end_exclusive
            for item in self.items
            if item.kind != "transition"
        )


@dataclass
class TimelineState:
    """A timeline at `rate`, whose first frame has the number `start_frame` (01:00:00:00 at 24: 86400)."""

    name: str
    rate: Fraction
    start_frame: int
    is_drop_frame: bool = False
    width: int = 1920
    height: int = 1080
    video: list[TrackState] = field(default_factory=lambda: [TrackState("Video 1")])
    audio: list[TrackState] = field(default_factory=lambda: [TrackState("Audio 1", "stereo")])
    subtitle: list[TrackState] = field(default_factory=list)
    playhead_frame: int = 0
    selected: list[ItemState] = field(default_factory=list)
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)
    marks: dict[str, dict[str, int]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    pool_item: MediaState | None = None
    links: int = 0
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        self.playhead_frame = self.playhead_frame or self.start_frame

    def tracks(self, kind: str) -> list[TrackState]:
        return {"video": self.video, "audio": self.audio, "subtitle": self.subtitle}[kind]

    @property
    def end_frame_exclusive(self) -> int:
        ends = [
            item.record_end_exclusive
            for kind in ("video", "audio", "subtitle")
            for track in self.tracks(kind)
            for item in track.items
        ]
        return max(ends, default=self.start_frame)

    def find(self, item: ItemState) -> tuple[str, int] | None:
        """(kind of track, index from 1) of an item; None when it is not on the timeline."""
        for kind in ("video", "audio", "subtitle"):
            for index, track in enumerate(self.tracks(kind), 1):
                if any(one is item for one in track.items):
                    return kind, index
        return None

    def all_items(self) -> list[ItemState]:
        return [
            item
            for kind in ("video", "audio", "subtitle")
            for track in self.tracks(kind)
            for item in track.items
        ]

    def new_link(self) -> int:
        self.links += 1
        return self.links

    def shown_at(self, frame: int) -> ItemState | None:
        """What is seen at a frame of the timeline: the topmost enabled clip on an enabled track."""
        for track in reversed(self.video):
            if track.is_enabled:
                for item in track.items:
                    seen = item.is_enabled and item.kind != "transition"
                    if seen and item.record_start <= frame < item.record_end_exclusive:
                        return item
        return None

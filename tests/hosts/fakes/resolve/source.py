# SPDX-License-Identifier: Apache-2.0
"""What a TimelineItem tells of its media: offsets, source frames and times, speed, channels."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from fakes.resolve.api import Handle, api
from fakes.resolve.cut import ItemState, TimelineState
from fakes.resolve.rejection import FakeRejection

if TYPE_CHECKING:
    from fakes.resolve.poolitem import MediaPoolItem

__all__ = ["ItemSource"]


class ItemSource(Handle):
    """Every number of these misleads in a way of its own: see the methods."""

    _timeline: TimelineState
    _item: ItemState

    @property
    def _is_ghost(self) -> bool:
        return self._timeline.find(self._item) is None

    def _number(self, value: Fraction | int, as_float: bool) -> float | None:
        if self._is_ghost:
            return None
        return float(value) if as_float else math.floor(value)

    @api()
    def GetMediaPoolItem(self) -> MediaPoolItem | None:
        """[V] None of generators, titles and transitions."""
        from fakes.resolve.poolitem import MediaPoolItem

        if self._is_ghost or self._item.media is None:
            return None
        return MediaPoolItem(self._app, self._item.media)

    @api()
    def GetLeftOffset(self, subframePrecision: bool = False) -> float | None:
        """[M] 100%: the media's frames before the item, exact; retimed: in the warped domain (position /
        speed; backwards counted from the media's end); of sound in the timeline's frames.
        """
        offset = self._left_offset()
        return None if offset is None else self._number(offset, subframePrecision)

    @api()
    def GetRightOffset(self, subframePrecision: bool = False) -> float | None:
        """[V] how far the item could be extended at its end; units as GetLeftOffset."""
        left, item = self._left_offset(), self._item
        if left is None or item.media is None:
            return None
        if not item.speed:
            return self._number(0, subframePrecision)
        rate = self._timeline.rate
        in_timeline = self._offset_is_in_timeline_frames
        whole = Fraction(item.media.frame_count) / abs(item.speed)
        used = Fraction(item.duration)
        if in_timeline:
            whole *= rate / item.media.rate
        else:
            used *= item.media.rate / rate
        return self._number(max(whole - left - used, Fraction(0)), subframePrecision)

    @property
    def _offset_is_in_timeline_frames(self) -> bool:
        return self._item.kind == "audio" or self._app.behaviour.video_left_offset_rate == "timeline"

    def _left_offset(self) -> Fraction | None:
        item = self._item
        if self._is_ghost or item.media is None:
            return None
        if not item.speed:
            return item.source_in
        position = item.source_in if item.speed > 0 else item.media.frame_count - item.source_in
        warped = position / abs(item.speed)
        if self._offset_is_in_timeline_frames:
            warped *= self._timeline.rate / item.media.rate
        return warped

    @api()
    def GetSourceStartFrame(self) -> int | None:
        """[M] the media's frame that the item begins with, in the media's rate (of sound, too), from the
        media's first; may be off by one (switch); backwards the last frame of the range; >= 19.0.
        """
        item = self._item
        if self._is_ghost or item.media is None:
            return None
        first = math.ceil(item.source_in) - 1 if item.speed < 0 else math.floor(item.source_in)
        shift = self._app.behaviour.source_start_shift if item.kind == "video" else 0
        return max(first + shift, 0) + self._start_number

    @api()
    def GetSourceEndFrame(self) -> int | None:
        """[M] measurements differ (switch): exclusive where media and timeline have one rate and inclusive
        where they differ; or short by one to three. Backwards the frame before the range (below
        GetSourceStartFrame); a freeze: the same as the start.
        """
        item, rate = self._item, self._timeline.rate
        if self._is_ghost or item.media is None:
            return None
        if not item.speed:
            return math.floor(item.source_in) + self._start_number
        end, short = item.media_position(item.duration, rate), self._app.behaviour.source_end_short
        if short is None:
            short = int(item.media.rate != rate) if item.speed > 0 else 0
        if item.speed < 0:
            return math.ceil(end) - 1 + short + self._start_number
        return math.ceil(end) - short + self._start_number

    @api()
    def GetSourceStartTime(self) -> float | None:
        """[M] seconds, with the media's start timecode in them."""
        return self._source_seconds(Fraction(0))

    @api()
    def GetSourceEndTime(self) -> float | None:
        """[M] as GetSourceStartTime; exclusive."""
        return self._source_seconds(Fraction(self._item.duration))

    def _source_seconds(self, offset: Fraction) -> float | None:
        item = self._item
        told = self._app.behaviour.source_times
        if self._is_ghost or item.media is None or told == "none":
            return None
        position = item.media_position(offset, self._timeline.rate)
        seconds = float((item.media.start_timecode_frame + position) / item.media.rate)
        return round(seconds, 3) if told == "milliseconds" else seconds

    @property
    def _start_number(self) -> int:
        assert self._item.media is not None
        return self._item.media.start_number(self._app.behaviour.sequence_numbers)

    @api((21, 1))
    def GetSpeed(self) -> dict[str, Any] | None:
        """[V] {'Percentage': 200.0}; below 0 backwards [I]; what else is in it is not known [?]."""
        if self._is_ghost or self._item.media is None:
            return None
        return {"Percentage": float(self._item.speed * 100)}

    @api((21, 1), failed=False)
    def SetSpeed(self, speedOptions: dict[str, Any]) -> bool:
        """[V] {'Percentage': ..., 'RippleTimeline': bool}: [I] the length changes as far as there is room;
        the frame it begins with stays.
        """
        unknown = set(speedOptions) - {"Percentage", "RippleTimeline"}
        if unknown or "Percentage" not in speedOptions:
            raise FakeRejection(f"SetSpeed: keys {sorted(speedOptions)}")
        place = self._timeline.find(self._item)
        if (
            place is None
            or self._item.media is None
            or self._timeline.tracks(place[0])[place[1] - 1].is_locked
        ):
            return False
        speed = Fraction(str(speedOptions["Percentage"])) / 100
        item = self._item
        if not speed:
            return False
        if (speed < 0) != (item.speed < 0):
            item.source_in = item.media_position(item.duration, self._timeline.rate)
        wanted = max(1, math.floor(item.duration * abs(item.speed / speed)))
        others = [one for one in self._timeline.tracks(place[0])[place[1] - 1].items if one is not item]
        limit = min((o.record_start for o in others if o.record_start > item.record_start), default=None)
        room = wanted if limit is None else min(wanted, limit - item.record_start)
        item.duration, item.speed = room, speed
        return True

    @api()
    def GetSourceAudioChannelMapping(self) -> str | None:
        """[V] JSON: {"embedded_audio_channels", "linked_audio", "track_mapping": {"1": {"channel_idx": [...],
        "mute", "type"}}}; of a picture without sound an empty text.
        """
        media = self._item.media
        if self._is_ghost or media is None or not media.audio_channels:
            return ""
        channels = self._item.channel_map.get("channels") or list(range(1, media.audio_channels + 1))
        kind = {1: "Mono", 2: "Stereo", 6: "5.1"}.get(len(channels), f"Adaptive {len(channels)}")
        mapping = {
            "embedded_audio_channels": media.audio_channels,
            "linked_audio": {},
            "track_mapping": {"1": {"channel_idx": channels, "mute": False, "type": kind}},
        }
        return json.dumps(mapping)

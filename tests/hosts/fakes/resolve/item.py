# SPDX-License-Identifier: Apache-2.0
"""TimelineItem: a clip on a track."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from fakes.resolve.api import api
from fakes.resolve.cut import ItemState, TimelineState
from fakes.resolve.markers import ColoredHandle
from fakes.resolve.rejection import FakeRejection
from fakes.resolve.taking import ItemTakes

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication
    from fakes.resolve.fusion import FusionComp
    from fakes.resolve.poolitem import MediaPoolItem

__all__ = ["PROPERTIES", "TimelineItem"]

PROPERTIES: dict[str, Any] = {
    "Pan": 0.0,
    "Tilt": 0.0,
    "ZoomX": 1.0,
    "ZoomY": 1.0,
    "ZoomGang": True,
    "RotationAngle": 0.0,
    "AnchorPointX": 0.0,
    "AnchorPointY": 0.0,
    "Pitch": 0.0,
    "Yaw": 0.0,
    "FlipX": False,
    "FlipY": False,
    "CropLeft": 0.0,
    "CropRight": 0.0,
    "CropTop": 0.0,
    "CropBottom": 0.0,
    "CropSoftness": 0.0,
    "CropRetain": False,
    "DynamicZoomEase": 0,
    "CompositeMode": 0,
    "Opacity": 100.0,
    "Distortion": 0.0,
    "RetimeProcess": 0,
    "MotionEstimation": 0,
    "Scaling": 0,
    "ResizeFilter": 0,
}
"""[V] the 26 keys of a picture clip and what they are at first."""


class TimelineItem(ItemTakes, ColoredHandle):
    """A handle of an item. Once the item has left its timeline, getters answer None ([M] of ghosts)."""

    def __init__(self, app: FakeApplication, timeline: TimelineState, item: ItemState) -> None:
        super().__init__(app)
        self._timeline = timeline
        self._item = item

    @property
    def _is_ghost(self) -> bool:
        return self._timeline.find(self._item) is None

    @property
    def _markers(self) -> dict[int, dict[str, Any]]:
        return self._item.markers

    @property
    def _flags(self) -> list[str]:
        return self._item.flags

    def _color_holder(self) -> ItemState:
        return self._item

    # identity and place

    @api((21, 1))
    def GetType(self) -> str | None:
        """[V] 'video', 'audio', 'generator' or 'transition'."""
        return None if self._is_ghost else self._item.kind

    @api()
    def GetName(self) -> str | None:
        return None if self._is_ghost else self._item.name

    @api((20, 2), failed=False)
    def SetName(self, name: str) -> bool:
        if self._is_ghost or not name:
            return False
        self._item.name = name
        return True

    @api(failed="")
    def GetUniqueId(self) -> str:
        """[M] empty of a ghost."""
        return "" if self._is_ghost else self._item.id

    @api(failed=[])
    def GetTrackTypeAndIndex(self) -> list[Any]:
        """[V] [kind, index from 1]; >= 19.0."""
        return list(self._timeline.find(self._item) or [])

    @api()
    def GetStart(self, subframePrecision: bool = False) -> float | None:
        """[V] absolute timeline frame; a float with subframe precision."""
        return self._number(self._item.record_start, subframePrecision)

    @api()
    def GetEnd(self, subframePrecision: bool = False) -> float | None:
        """[M] exclusive: GetStart + GetDuration."""
        return self._number(self._item.record_end_exclusive, subframePrecision)

    @api()
    def GetDuration(self, subframePrecision: bool = False) -> float | None:
        return self._number(self._item.duration, subframePrecision)

    def _number(self, value: Fraction | int, as_float: bool) -> float | None:
        if self._is_ghost:
            return None
        return float(value) if as_float else math.floor(value)

    # the source

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

    @api(failed=[])
    def GetLinkedItems(self) -> list[TimelineItem]:
        """[V] the others of its link group; >= 19.0."""
        if self._is_ghost or not self._item.link_group:
            return []
        return [
            TimelineItem(self._app, self._timeline, other)
            for other in self._timeline.all_items()
            if other is not self._item and other.link_group == self._item.link_group
        ]

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

    # looks

    @api(failed=False)
    def SetClipEnabled(self, enabled: bool) -> bool:
        if self._is_ghost:
            return False
        self._item.is_enabled = enabled
        return True

    @api()
    def GetClipEnabled(self) -> bool | None:
        return None if self._is_ghost else self._item.is_enabled

    @api()
    def GetProperty(self, propertyKey: str = "") -> Any:
        """[V] one value, or all; [M] an empty dict of a transition, None of a generator."""
        if self._is_ghost or self._item.kind in ("generator", "audio"):
            return None
        if self._item.kind == "transition":
            return {}
        values = {**PROPERTIES, **self._item.properties}
        if propertyKey and propertyKey not in values:
            raise FakeRejection(f"GetProperty: {propertyKey!r} is no property of a clip")
        return values[propertyKey] if propertyKey else values

    @api(failed=False)
    def SetProperty(self, propertyKey: str, propertyValue: Any) -> bool:
        """[V] False for a value of the wrong type."""
        if propertyKey not in PROPERTIES:
            raise FakeRejection(f"SetProperty: {propertyKey!r} is no property of a clip")
        first = PROPERTIES[propertyKey]
        is_number = isinstance(propertyValue, int | float) and not isinstance(propertyValue, bool)
        if self._is_ghost or self._item.kind != "video" or (isinstance(first, bool) is is_number):
            return False
        self._item.properties[propertyKey] = propertyValue
        return True

    @api(failed=False)
    def CopyGrades(self, tgtTimelineItems: list[TimelineItem]) -> bool:
        """[V] the grade of the current version onto others; False for a ghost or nobody."""
        if self._is_ghost or not tgtTimelineItems or any(target._is_ghost for target in tgtTimelineItems):
            return False
        for target in tgtTimelineItems:
            target._item.grade = self._item.grade
        return True

    # Fusion

    @api(failed=0)
    def GetFusionCompCount(self) -> int:
        return len(self._item.fusion_comps)

    @api()
    def GetFusionCompByIndex(self, compIndex: int) -> FusionComp | None:
        """[V] 1 <= compIndex <= count."""
        from fakes.resolve.fusion import FusionComp

        if not 1 <= compIndex <= len(self._item.fusion_comps):
            return None
        return FusionComp(self._app, self._item.fusion_comps[compIndex - 1])

    @api(failed=[])
    def GetFusionCompNameList(self) -> list[str]:
        return [comp.name for comp in self._item.fusion_comps]

    @api()
    def GetFusionCompByName(self, compName: str) -> FusionComp | None:
        names = self.GetFusionCompNameList()
        return self.GetFusionCompByIndex(names.index(compName) + 1) if compName in names else None

    @api(failed=False)
    def ExportFusionComp(self, path: str, compIndex: int) -> bool:
        """[V] writes the composition as text."""
        from pathlib import Path

        if not 1 <= compIndex <= len(self._item.fusion_comps) or not Path(path).parent.is_dir():
            return False
        Path(path).write_text(json.dumps(self._item.fusion_comps[compIndex - 1].as_text()), encoding="utf-8")
        return True

    @api()
    def ImportFusionComp(self, path: str) -> FusionComp | None:
        from pathlib import Path

        from fakes.resolve.fusion import CompState, FusionComp

        if self._is_ghost or self._item.kind != "video" or not Path(path).is_file():
            return None
        comp = CompState.from_text(json.loads(Path(path).read_text(encoding="utf-8")))
        self._item.fusion_comps.append(comp)
        return FusionComp(self._app, comp)

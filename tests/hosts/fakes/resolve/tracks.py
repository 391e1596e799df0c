# SPDX-License-Identifier: Apache-2.0
"""Tracks of a Timeline."""

from __future__ import annotations

from typing import Any, Literal

from fakes.resolve.api import Handle, api
from fakes.resolve.cut import ItemState, TimelineState, TrackState
from fakes.resolve.item import TimelineItem
from fakes.resolve.rejection import FakeRejection

__all__ = ["TimelineTracks"]

TrackKind = Literal["video", "audio", "subtitle"]


class TimelineTracks(Handle):
    """Tracks count from 1; out of bounds getters answer False, an empty text or None."""

    _timeline: TimelineState

    def _track(self, kind: str, index: int) -> TrackState | None:
        tracks = self._timeline.tracks(kind)
        return tracks[index - 1] if 1 <= index <= len(tracks) else None

    def _items(self, items: list[ItemState]) -> list[TimelineItem]:
        return [TimelineItem(self._app, self._timeline, item) for item in items]

    @api(failed=0)
    def GetTrackCount(self, trackType: TrackKind) -> int:
        return len(self._timeline.tracks(trackType))

    @api(failed=False)
    def AddTrack(self, trackType: TrackKind, subTrackType: str | dict[str, Any] | None = None) -> bool:
        """[V] on top of the others. The dict {'audioType', 'index'} (>= 19.0) is deprecated since 21.1."""
        tracks = self._timeline.tracks(trackType)
        index, subtype = len(tracks) + 1, ""
        if isinstance(subTrackType, str):
            subtype = subTrackType
        elif subTrackType is not None:
            self._app.deprecated("Timeline.AddTrack(type, options)")
            if set(subTrackType) - {"audioType", "index"}:
                raise FakeRejection(f"AddTrack: keys {sorted(subTrackType)}")
            subtype = str(subTrackType.get("audioType", ""))
            wanted = subTrackType.get("index", index)
            index = wanted if 1 <= wanted <= len(tracks) else index
        if trackType != "audio" and subtype:
            return False
        name = f"{trackType.capitalize()} {len(tracks) + 1}"
        tracks.insert(index - 1, TrackState(name, (subtype or "mono") if trackType == "audio" else ""))
        return True

    @api(failed=False)
    def DeleteTrack(self, trackType: TrackKind, trackIndex: int) -> bool:
        """[V] with what is on it; [I] not the last one."""
        track = self._track(trackType, trackIndex)
        if track is None or track.is_locked or len(self._timeline.tracks(trackType)) == 1:
            return False
        del self._timeline.tracks(trackType)[trackIndex - 1]
        return True

    @api(failed="")
    def GetTrackSubType(self, trackType: TrackKind, trackIndex: int) -> str:
        track = self._track(trackType, trackIndex)
        return track.subtype if track else ""

    @api(failed="")
    def GetTrackName(self, trackType: TrackKind, trackIndex: int) -> str:
        track = self._track(trackType, trackIndex)
        return track.name if track else ""

    @api(failed=False)
    def SetTrackName(self, trackType: TrackKind, trackIndex: int, name: str) -> bool:
        track = self._track(trackType, trackIndex)
        if track is not None:
            track.name = name
        return track is not None

    @api(failed=False)
    def GetIsTrackEnabled(self, trackType: TrackKind, trackIndex: int) -> bool:
        track = self._track(trackType, trackIndex)
        return track is not None and track.is_enabled

    @api(failed=False)
    def SetTrackEnable(self, trackType: TrackKind, trackIndex: int, enabled: bool) -> bool:
        track = self._track(trackType, trackIndex)
        if track is not None:
            track.is_enabled = enabled
        return track is not None

    @api(failed=False)
    def GetIsTrackLocked(self, trackType: TrackKind, trackIndex: int) -> bool:
        track = self._track(trackType, trackIndex)
        return track is not None and track.is_locked

    @api(failed=False)
    def SetTrackLock(self, trackType: TrackKind, trackIndex: int, locked: bool) -> bool:
        track = self._track(trackType, trackIndex)
        if track is not None:
            track.is_locked = locked
        return track is not None

    @api()
    def GetItemListInTrack(self, trackType: TrackKind, index: int) -> list[TimelineItem] | None:
        """[M] transitions are items, too (no media pool item, GetProperty() is empty); None out of bounds."""
        track = self._track(trackType, index)
        if track is None:
            return None
        return self._items(
            sorted(track.items, key=lambda item: (item.record_start, item.kind == "transition"))
        )

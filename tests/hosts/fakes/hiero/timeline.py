# SPDX-License-Identifier: Apache-2.0
"""Sequences, tracks, track items and effects."""

from __future__ import annotations

from typing import Any

from fakes.hiero.media import Clip, Tagged, TimeBase, Version
from fakes.hiero.world import World

__all__ = ["AudioTrack", "EffectTrackItem", "Sequence", "TrackItem", "Transition", "VideoTrack"]


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no int")
    return value


class Transition:
    kDissolve, kFadeIn, kFadeOut, kUnknown = "dissolve", "fade in", "fade out", "unknown"

    def __init__(self, alignment: str, first: int, last: int) -> None:
        self._alignment, self._first, self._last = alignment, first, last

    def alignment(self) -> str:
        return self._alignment

    def timelineIn(self) -> int:
        return self._first

    def timelineOut(self) -> int:
        return self._last


class ReformatState:
    def __init__(self) -> None:
        self._type, self._resize, self._center = "disabled", "width", True

    def type(self) -> str:
        return self._type

    def setType(self, kind: str) -> None:
        self._type = kind

    def resizeType(self) -> str:
        return self._resize

    def setResizeType(self, kind: str) -> None:
        self._resize = kind

    def resizeCenter(self) -> bool:
        return self._center

    def setResizeCenter(self, center: bool) -> None:
        self._center = center


class TrackItemBase(Tagged):
    """`_home` is the track."""

    def __init__(self) -> None:
        super().__init__()
        self._in, self._out = 0, 0
        self._enabled = True
        self._linked: tuple[Any, ...] = ()

    def timelineIn(self) -> int:
        return self._in

    def timelineOut(self) -> int:
        return self._out

    def duration(self) -> int:
        return self._out - self._in + 1

    def isEnabled(self) -> bool:
        return self._enabled

    def setEnabled(self, enabled: bool) -> None:
        self._set("_enabled", enabled)

    def linkedItems(self) -> tuple[Any, ...]:
        return self._linked

    def parent(self) -> Any:
        return self._home

    def parentTrack(self) -> Any:
        return self._home

    def parentSequence(self) -> Any:
        return self._home._home if self._home is not None else None

    sequence = parentSequence

    def project(self) -> Any:
        sequence = self.parentSequence()
        return sequence.project() if sequence is not None else None


class TrackItem(TrackItemBase):
    kVideo, kAudio, kUnknown = "video", "audio", "unknown"

    def __init__(self, name: str, kind: str) -> None:
        super().__init__()
        self._name, self._kind = name, kind
        self._source: Any = None
        self._source_in, self._speed = 0.0, 1.0
        self._linked_to_bin = False
        self._reformat = ReformatState()
        self._before: Transition | None = None
        self._after: Transition | None = Transition(Transition.kUnknown, 0, 0)  # both ways to say: none

    def name(self) -> str:
        return self._name

    def setName(self, name: str) -> None:
        self._set("_name", name)

    def mediaType(self) -> str:
        return self._kind

    def source(self) -> Any:
        return self._source

    def setSource(self, clip: Clip, trackIndex: int = 0) -> Clip:
        self._set("_source", clip)
        if self._home is None:
            self.setTimes(0, clip.duration() - 1, 0, clip.duration() - 1)
        return clip

    def setTimes(self, first: int, last: int, source_in: float, source_out: float) -> None:
        if _whole(last) < _whole(first):
            raise RuntimeError("the item would have no frames")
        self._set("_in", first)
        self._set("_out", last)
        self._set("_source_in", float(source_in))
        if last > first:
            self._set("_speed", (source_out - source_in) / (last - first))

    def sourceIn(self) -> float:
        return self._source_in

    def sourceOut(self) -> float:
        return self._source_in + (self.duration() - 1) * self._speed

    def playbackSpeed(self) -> float:
        return self._speed

    def setPlaybackSpeed(self, speed: float) -> None:
        self._set("_speed", float(speed))

    def mapTimelineToSource(self, time: float) -> float:
        return self._source_in + (time - self._in) * self._speed

    def inTransition(self) -> Transition | None:
        return self._before

    def outTransition(self) -> Transition | None:
        return self._after

    def reformatState(self) -> ReformatState:
        return self._reformat

    def link(self, other: TrackItem) -> None:
        self._set("_linked", (*self._linked, other))
        other._set("_linked", (*other._linked, self))

    def versionLinkedToBin(self) -> bool:
        return self._linked_to_bin

    def setVersionLinkedToBin(self, linked: bool, updateVersion: bool = False) -> None:
        self._set("_linked_to_bin", linked)

    def currentVersion(self) -> Version:
        return self._source._home

    def setCurrentVersion(self, version: Version) -> None:
        if version.parent() is None or version.parent() is not self._source.binItem():
            raise RuntimeError("not a version of this item's clip")
        if self._home.isLocked():
            raise RuntimeError("the track is locked")
        if self._linked_to_bin:
            version.parent().setActiveVersion(version)
        self._play(version.item())

    def _play(self, clip: Clip) -> None:
        self._set("_source", clip)
        if World.now.version_shift:
            self._set("_source_in", self._source_in + World.now.version_shift)


class EffectTrackItem(TrackItemBase):
    def __init__(self, kind: str, first: int = 0, last: int = 0) -> None:
        super().__init__()
        self._kind, self._in, self._out = kind, first, last
        self._index = -1
        self.knobs: dict[str, Any] = {}

    def name(self) -> str:
        return f"{self._kind}1"

    def isRetimeEffect(self) -> bool:
        return self._kind == "TimeWarp"

    def subTrackIndex(self) -> int:
        return self._index


class TrackBase(Tagged):
    """`_home` is the sequence."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._items: tuple[TrackItem, ...] = ()
        self._enabled, self._locked = True, False

    def name(self) -> str:
        return self._name

    trackName = name

    def items(self) -> tuple[TrackItem, ...]:
        return tuple(sorted(self._items, key=lambda one: one._in))

    def isEnabled(self) -> bool:
        return self._enabled

    def setEnabled(self, enabled: bool) -> None:
        self._set("_enabled", enabled)

    def isLocked(self) -> bool:
        return self._locked

    def parent(self) -> Any:
        return self._home

    def project(self) -> Any:
        return self._home.project() if self._home is not None else None

    def trackIndex(self) -> int:
        return (self._home._video if isinstance(self, VideoTrack) else self._home._audio).index(self)

    def addTrackItem(self, item: TrackItem) -> TrackItem:
        if self._home is None:
            raise RuntimeError("the track is in no sequence")
        if self._locked:
            raise RuntimeError("the track is locked")
        kept = tuple(one for one in self._items if one._out < item._in or one._in > item._out)
        self._set("_items", (*kept, item))
        item._set("_home", self)
        if World.now.placed_shift:
            item._set("_source_in", item._source_in + World.now.placed_shift)
        return item


class VideoTrack(TrackBase):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._effects: tuple[EffectTrackItem, ...] = ()

    def createTrackItem(self, name: str) -> TrackItem:
        return TrackItem(name, TrackItem.kVideo)

    def subTrackItems(self) -> tuple[tuple[EffectTrackItem, ...], ...]:
        return tuple((one,) for one in self._effects)

    def createEffect(
        self,
        effectType: str | None = None,
        cloneFrom: EffectTrackItem | None = None,
        copyFrom: EffectTrackItem | None = None,
        trackItem: TrackItem | None = None,
        timelineIn: int | None = None,
        timelineOut: int | None = None,
        subTrackIndex: int | None = None,
    ) -> EffectTrackItem:
        first, last = (trackItem._in, trackItem._out) if trackItem else (timelineIn or 0, timelineOut or 0)
        made = EffectTrackItem(copyFrom._kind if copyFrom else str(effectType), first, last)
        made.knobs = dict(copyFrom.knobs) if copyFrom else {}
        made._index = len(self._effects) if subTrackIndex is None else subTrackIndex
        made._home = self
        self._set("_effects", (*self._effects, made))
        if trackItem is not None:
            made._linked = (trackItem,)
            trackItem._set("_linked", (*trackItem._linked, made))
        return made


class AudioTrack(TrackBase):
    def createTrackItem(self, name: str) -> TrackItem:
        return TrackItem(name, TrackItem.kAudio)


class Sequence(Tagged):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._rate = TimeBase(24)
        self._video: tuple[VideoTrack, ...] = ()
        self._audio: tuple[AudioTrack, ...] = ()
        self._start = 86400

    def name(self) -> str:
        return self._name

    def framerate(self) -> TimeBase:
        return self._rate

    def setFramerate(self, rate: TimeBase) -> None:
        self._set("_rate", rate)

    def timecodeStart(self) -> int:
        return self._start

    def videoTracks(self) -> tuple[VideoTrack, ...]:
        return self._video

    def audioTracks(self) -> tuple[AudioTrack, ...]:
        return self._audio

    def addTrack(self, track: TrackBase) -> TrackBase:
        track._set("_home", self)
        name = "_video" if isinstance(track, VideoTrack) else "_audio"
        self._set(name, (*getattr(self, name), track))
        return track

    def editFinished(self, trackItems: Any = None) -> None:
        pass

    def binItem(self) -> Any:
        return self._home._home if self._home is not None else None

    def project(self) -> Any:
        return self.binItem().project() if self.binItem() is not None else None

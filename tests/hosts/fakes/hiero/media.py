# SPDX-License-Identifier: Apache-2.0
"""Media, clips, versions and bins."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from fakes.hiero.world import FakeMedia, Recorded, World

__all__ = ["Bin", "BinItem", "Clip", "DataCollection", "MediaSource", "Tag", "TimeBase", "Version"]


class TimeBase:
    def __init__(self, rate: Any) -> None:
        self._rate = Fraction(rate)

    def toRational(self) -> tuple[int, int]:
        return self._rate.numerator, self._rate.denominator

    def toFloat(self) -> float:
        return float(self._rate)

    def toString(self) -> str:
        return f"{float(self._rate):.4f}".rstrip("0").rstrip(".")

    __str__ = toString


class DataCollection:
    def __init__(self, values: dict[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def hasKey(self, key: str) -> bool:
        return key in self._values

    def keys(self) -> list[str]:
        return list(self._values)

    def value(self, key: str) -> str:
        if key not in self._values:
            raise RuntimeError(f"no value for {key}")
        return self._values[key]

    def setValue(self, key: str, value: str) -> None:
        assert isinstance(key, str) and isinstance(value, str), "strings only"
        self._values[key] = value


class Tag:
    def __init__(self, name: str, icon: str = "", editable: bool = True) -> None:
        self._name, self._icon, self._note = name, icon, ""
        self._metadata = DataCollection()

    def name(self) -> str:
        return self._name

    def note(self) -> str:
        return self._note

    def setNote(self, note: str) -> None:
        self._note = note

    def metadata(self) -> DataCollection:
        return self._metadata

    def copy(self) -> Tag:
        made = Tag(self._name, self._icon)
        made._note, made._metadata = self._note, DataCollection(self._metadata._values)
        return made


class Tagged(Recorded):
    def __init__(self) -> None:
        super().__init__()
        self._tags: tuple[Tag, ...] = ()

    def tags(self) -> tuple[Tag, ...]:
        return self._tags

    def addTag(self, tag: Tag) -> Tag:
        kept = tag.copy()  # the tag that is kept is not the one that was given
        self._set("_tags", (*self._tags, kept))
        return kept


class MediaFileInfo:
    def __init__(self, media: FakeMedia) -> None:
        self._media = media

    def filename(self) -> str:
        is_sequence = "#" in self._media.path
        span = f" ({self._media.first}-{self._media.last_inclusive})" if is_sequence else ""
        return self._media.path + span

    def startFrame(self) -> int:
        return self._media.first

    def endFrame(self) -> int:
        return self._media.last_inclusive


class MediaSource:
    def __init__(self, path: str) -> None:
        found = World.now.probe(path)
        self._media = found or FakeMedia(path, is_present=False, has_video=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MediaSource) and self._media.path == other._media.path

    def __hash__(self) -> int:
        return hash(self._media.path)

    def isMediaPresent(self) -> bool:
        return self._media.is_present

    def isOffline(self) -> bool:
        return not self._media.is_present

    def hasVideo(self) -> bool:
        return self._media.has_video

    def hasAudio(self) -> bool:
        return self._media.has_audio

    def fileinfos(self) -> tuple[MediaFileInfo, ...]:
        return tuple(MediaFileInfo(self._media) for _ in range(self._media.file_count))

    def firstpath(self) -> str:
        return self._media.path

    def startTime(self) -> int:
        return self._media.first if self._media.has_video else self._media.start_time

    def duration(self) -> int:
        return self._media.last_inclusive - self._media.first + 1

    def metadata(self) -> DataCollection:
        media, told = self._media, {}
        if media.has_video:
            told["foundry.source.framerate"] = TimeBase(media.rate).toString()
        if media.samples:
            told["foundry.source.numsamples"] = str(media.samples)
            told["foundry.source.samplerate"] = str(media.sample_rate)
        return DataCollection(told)


class Clip(Tagged):
    def __init__(self, source: MediaSource | str, first: int | None = None, last: int | None = None) -> None:
        super().__init__()
        self._source = MediaSource(source) if isinstance(source, str) else source
        media = self._source._media
        self._first = media.first if first is None else first
        self._last = media.last_inclusive if last is None else last
        if not media.has_video:
            self._first, self._last = 0, media.last_inclusive - media.first
        self._rate = TimeBase(media.rate)
        self._colour = "default"
        self._soft: tuple[int, int] | None = None
        self._effects: tuple[Any, ...] = ()
        self._name = media.path.rpartition("/")[2]

    def name(self) -> str:
        return self._name

    def setName(self, name: str) -> None:
        self._set("_name", name)

    def mediaSource(self) -> MediaSource:
        return self._source

    def sourceIn(self) -> int:
        return self._first

    def sourceOut(self) -> int:
        return self._last

    def duration(self) -> int:
        return self._last - self._first + 1

    def framerate(self) -> TimeBase:
        return self._rate

    def setFramerate(self, rate: TimeBase) -> None:
        self._set("_rate", rate)

    def sourceMediaColourTransform(self) -> str:
        return self._colour

    def setSourceMediaColourTransform(self, name: str) -> None:
        self._set("_colour", name)

    def softTrimsEnabled(self) -> bool:
        return self._soft is not None

    def enableSoftTrims(self, first: int, last: int) -> None:
        self._soft = (first, last)

    def softTrimsInTime(self) -> int:
        return self._soft[0] if self._soft else 0

    def softTrimsOutTime(self) -> int:
        return self._soft[1] if self._soft else self.duration() - 1

    def subTrackItems(self) -> tuple[Any, ...]:
        return self._effects

    def binItem(self) -> BinItem | None:
        return self._home._home if self._home is not None else None

    def project(self) -> Any:
        return self.binItem().project() if self.binItem() else None  # type: ignore[union-attr]


class Version(Recorded):
    def __init__(self, item: Any) -> None:
        super().__init__()
        self._item = item
        item._set("_home", self)

    def item(self) -> Any:
        return self._item

    def name(self) -> str:
        return str(self._item.name())

    def parent(self) -> BinItem | None:
        return self._home


class BinItem(Recorded):
    def __init__(self, item: Any) -> None:
        super().__init__()
        first = Version(item)
        first._home = self
        self._versions: tuple[Version, ...] = (first,)
        self._active = first

    def name(self) -> str:
        return self._active.name()

    def activeItem(self) -> Any:
        return self._active.item()

    def activeVersion(self) -> Version:
        return self._active

    def items(self) -> tuple[Version, ...]:
        return self._versions

    def numVersions(self) -> int:
        return len(self._versions)

    def addVersion(self, version: Version, position: int = -1) -> Version:
        paths = [one.item()._source for one in self._versions]
        if version.item()._source in paths:
            raise RuntimeError("the path already exists as a version")
        at = len(self._versions) if position == -1 else position
        self._set("_versions", (*self._versions[:at], version, *self._versions[at:]))
        version._set("_home", self)
        return version

    def setActiveVersion(self, version: Version) -> Version:
        if version not in self._versions:
            raise RuntimeError("not a version of this item")
        self._set("_active", version)
        for item in self.project().trackItems():
            if item.versionLinkedToBin() and self.isClipVersion(item.source()):
                item._play(version.item())
        return version

    def isClipVersion(self, clip: Clip) -> bool:
        return any(one.item() is clip for one in self._versions)

    def parentBin(self) -> Bin | None:
        return self._home

    def project(self) -> Any:
        return self._home.project() if self._home is not None else None


class Bin(Recorded):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._children: tuple[Any, ...] = ()

    def name(self) -> str:
        return self._name

    def items(self) -> tuple[Any, ...]:
        return self._children

    def bins(self) -> tuple[Bin, ...]:
        return tuple(one for one in self._children if isinstance(one, Bin))

    def clips(self) -> tuple[BinItem, ...]:
        return tuple(
            one for one in self._children if isinstance(one, BinItem) and isinstance(one.activeItem(), Clip)
        )

    def addItem(self, item: Any) -> Any:
        item._set("_home", self)
        self._set("_children", (*self._children, item))
        return item

    def project(self) -> Any:
        return self._home.project() if self._home is not None else None

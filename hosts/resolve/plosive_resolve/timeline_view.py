# SPDX-License-Identifier: Apache-2.0
"""A timeline at one moment: its tracks and items, frozen.

Frames are the timeline's own, absolute (01:00:00:00 at 24 is 86400). An item that answers nothing (Resolve
hands out such ghosts after a placement that it dropped) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from plosive_host import PlosiveHostError
from plosive_resolve.application import can
from plosive_resolve.media_view import Media, media_of
from plosive_resolve.rates import exact, rate_of

if TYPE_CHECKING:
    from resolve_api import Timeline, TimelineItem

__all__ = ["Item", "ItemPlace", "TimelineView", "Track", "item_of", "place_of", "view_timeline"]


@dataclass(frozen=True)
class ItemPlace:
    """Where an item lies: from `start_frame` up to, without, `end_frame_exclusive`. `item_id` is its own for
    ever. Fractions of frames are for sound.
    """

    item_id: str
    name: str
    start_frame: Fraction
    end_frame_exclusive: Fraction
    live: TimelineItem = field(compare=False, repr=False)

    @property
    def duration_frames(self) -> Fraction:
        return self.end_frame_exclusive - self.start_frame

    def overlaps(self, other: ItemPlace) -> bool:
        return self.start_frame < other.end_frame_exclusive and other.start_frame < self.end_frame_exclusive


@dataclass(frozen=True)
class Track:
    """`kind` is video or audio; `index` counts from 1, the lowest picture."""

    kind: str
    index: int
    name: str
    is_enabled: bool
    is_locked: bool
    items: tuple[ItemPlace, ...]


@dataclass(frozen=True)
class TimelineView:
    timeline_id: str
    name: str
    rate: Fraction
    start_frame: int
    tracks: tuple[Track, ...]
    live: Timeline = field(compare=False, repr=False)

    def of_kind(self, kind: str) -> tuple[Track, ...]:
        return tuple(track for track in self.tracks if track.kind == kind)

    def find(self, item_id: str) -> tuple[Track, ItemPlace] | None:
        return next(
            ((track, item) for track in self.tracks for item in track.items if item.item_id == item_id), None
        )


@dataclass(frozen=True)
class Item:
    """Everything Resolve tells of one item; None for what it does not tell. `left_offset` and `right_offset`,
    how far it could be lengthened, are in frames of the timeline as they are played, `source_start` and
    `source_end` in frames of the media: the last one is only near (see `clip_use`). `source_start_seconds`
    and `source_end_seconds` (exclusive) have the media's start timecode in them. `speed` is 1 for as shot,
    below 0 backwards; told from 21.1 on. `take_index` counts from 1, 0: no take selector.
    """

    place: ItemPlace
    track_kind: str
    track_index: int
    is_enabled: bool
    left_offset: Fraction | None
    right_offset: Fraction | None
    source_start: int | None
    source_end: int | None
    source_start_seconds: Fraction | None
    source_end_seconds: Fraction | None
    speed: Fraction | None
    take_index: int
    take_count: int
    linked_ids: frozenset[str]
    media: Media | None


def view_timeline(timeline: Timeline) -> TimelineView:
    """Raises PlosiveHostError (UNREADABLE) where Resolve tells no frame rate."""
    rate = rate_of(timeline.GetSetting("timelineFrameRate"))
    if rate is None:
        raise PlosiveHostError(
            "Resolve does not tell the timeline's frame rate; open the timeline on the Edit page and close "
            "any open window, then try again.",
            "UNREADABLE",
        )
    return TimelineView(
        timeline_id=str(timeline.GetUniqueId() or ""),
        name=str(timeline.GetName() or ""),
        rate=rate,
        start_frame=int(timeline.GetStartFrame() or 0),
        tracks=tuple(_tracks(timeline)),
        live=timeline,
    )


def place_of(live: TimelineItem | None) -> ItemPlace | None:
    """None for a ghost."""
    if live is None:
        return None
    start, end, item_id = exact(live.GetStart(True)), exact(live.GetEnd(True)), live.GetUniqueId()
    if start is None or end is None or not item_id or end <= start:
        return None
    return ItemPlace(str(item_id), str(live.GetName() or ""), start, end, live)


def item_of(live: TimelineItem | None) -> Item | None:
    """None for a ghost."""
    place = place_of(live)
    told = live.GetTrackTypeAndIndex() if live is not None else None
    if live is None or place is None or not told:
        return None
    return Item(
        place=place,
        track_kind=str(told[0]),
        track_index=int(told[1]),
        is_enabled=live.GetClipEnabled() is not False,
        left_offset=exact(live.GetLeftOffset(True)),
        right_offset=exact(live.GetRightOffset(True)),
        source_start=_whole(live.GetSourceStartFrame()),
        source_end=_whole(live.GetSourceEndFrame()),
        source_start_seconds=exact(live.GetSourceStartTime()),
        source_end_seconds=exact(live.GetSourceEndTime()),
        speed=_speed(live),
        take_index=_whole(live.GetSelectedTakeIndex()) or 0,
        take_count=_whole(live.GetTakesCount()) or 0,
        linked_ids=frozenset(str(one.GetUniqueId()) for one in live.GetLinkedItems() or () if one),
        media=media_of(live.GetMediaPoolItem()),
    )


def _tracks(timeline: Timeline) -> Iterator[Track]:
    for kind in ("video", "audio"):
        for index in range(1, int(timeline.GetTrackCount(kind) or 0) + 1):
            places = (place_of(live) for live in timeline.GetItemListInTrack(kind, index) or ())
            yield Track(
                kind,
                index,
                str(timeline.GetTrackName(kind, index) or ""),
                timeline.GetIsTrackEnabled(kind, index) is not False,
                timeline.GetIsTrackLocked(kind, index) is True,
                tuple(place for place in places if place is not None),
            )


def _whole(value: object) -> int | None:
    number = exact(value)
    return None if number is None else round(number)


def _speed(live: TimelineItem) -> Fraction | None:
    if not can(live, "GetSpeed"):
        return None
    told = live.GetSpeed()
    percent = exact(told.get("Percentage")) if isinstance(told, Mapping) else None
    return None if percent is None else percent / 100

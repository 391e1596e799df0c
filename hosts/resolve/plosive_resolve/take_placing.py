# SPDX-License-Identifier: Apache-2.0
"""A result as a take of its clip: grade, size, retime, markers and transitions stay, since the clip does.

Nobody writes down whether AddTake's last frame is included, whether the new take is selected, or what a take
does to a retimed clip. So each way is tried and read back, and taken away again where it shows anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plosive_host import PlosiveHostError
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.fingerprint import fingerprint
from plosive_resolve.item_lookup import find_item, find_live
from plosive_resolve.media_view import Media, media_of
from plosive_resolve.read_back import why_not_shown
from plosive_resolve.timeline_view import Item, TimelineView, view_timeline

if TYPE_CHECKING:
    from resolve_api import Timeline, TimelineItem

__all__ = ["TakePlaced", "place_as_take", "place_whole_take", "take_of", "undo_take"]


@dataclass(frozen=True)
class TakePlaced:
    """`take_index` of the result, `take_before` the one that was selected, 0: there was no take selector."""

    item_id: str
    take_index: int
    take_before: int


def take_of(live: TimelineItem, media: Media) -> int:
    """Index, from 1, of the take that shows `media`; 0: none does."""
    for index in range(1, int(live.GetTakesCount() or 0) + 1):
        take = live.GetTakeByIndex(index)
        shown = media_of(take.get("mediaPoolItem")) if isinstance(take, dict) else None
        if shown is not None and shown.media_id == media.media_id:
            return index
    return 0


def place_as_take(
    timeline: Timeline, view: TimelineView, home: Item, clip: ClipUse, result: Media, first_frame: int
) -> TakePlaced | str:
    """Onto the item `home`, which lies where the clip does; `view` is the timeline as it is. Why not, where
    no way shows the right frames; the item is as it was then. Raises PlosiveHostError (PLACING) where it
    could not be put back.
    """
    item_id = home.place.item_id
    others = fingerprint(view).without(item_id)
    live, count, selected = home.place.live, home.take_count, home.take_index
    why = "Resolve took no take"
    for bounds in _bounds(clip, result, first_frame):
        if not live.AddTake(result.in_pool, *bounds):
            continue
        added = int(live.GetTakesCount() or 0)
        placed = TakePlaced(item_id, added, selected)
        if added > count and (live.GetSelectedTakeIndex() == added or live.SelectTakeByIndex(added)):
            why = why_not_shown(clip, find_item(timeline, item_id, home.track_index), result, first_frame)
            if not why and fingerprint(view_timeline(timeline)).without(item_id) == others:
                return placed
            why = why or "other clips moved with it"
        undo_take(timeline, placed)
        _require_put_back(timeline, item_id, others, selected)
    return why


def place_whole_take(timeline: Timeline, view: TimelineView, home: Item, media: Media) -> TakePlaced | None:
    """All of `media`, which is as long as `home`; None where that changes anything but what it shows."""
    live, item_id = home.place.live, home.place.item_id
    others = fingerprint(view).without(item_id)
    if not live.AddTake(media.in_pool):
        return None
    placed = TakePlaced(item_id, int(live.GetTakesCount() or 0), home.take_index)
    live.SelectTakeByIndex(placed.take_index)
    item = find_item(timeline, item_id, home.track_index)
    if item is not None and item.media is not None and item.media.media_id == media.media_id:
        same = (item.place.start_frame, item.place.end_frame_exclusive) == (
            home.place.start_frame,
            home.place.end_frame_exclusive,
        )
        is_plain = not item.left_offset and item.speed in (None, 1)
        if same and is_plain and fingerprint(view_timeline(timeline)).without(item_id) == others:
            return placed
    undo_take(timeline, placed)
    _require_put_back(timeline, item_id, others, home.take_index)
    return None


def undo_take(timeline: Timeline, placed: TakePlaced) -> None:
    """Away with the take; a clip that had no takes is a plain one again."""
    found = find_live(timeline, placed.item_id)
    if found is None:
        return
    live = found[1]
    live.SelectTakeByIndex(placed.take_before or 1)
    live.DeleteTakeByIndex(placed.take_index)
    if not placed.take_before and live.GetTakesCount() == 1:
        live.FinalizeTake()


def _bounds(clip: ClipUse, result: Media, first_frame: int) -> Iterator[tuple[int, ...]]:
    """Arguments of AddTake to try: all of the result where that is what the clip plays, else from the first
    to the last frame, the last one included and not.
    """
    low, high = clip.played_indices
    shift = clip.media.first_number - first_frame
    first, last = low + shift, high + shift
    count = result.frame_count or 0
    if (first, last) == (0, count - 1):
        yield ()
    base = result.source_base
    yield base + first, base + last
    if last + 1 < count:
        yield base + first, base + last + 1


def _require_put_back(timeline: Timeline, item_id: str, others: object, selected: int) -> None:
    view = view_timeline(timeline)
    item = find_item(timeline, item_id)
    if item is None or item.take_index != selected or fingerprint(view).without(item_id) != others:
        raise PlosiveHostError(
            f"A take could not be taken away again on {view.name}; undo the last step in Resolve.",
            "PLACING",
        )

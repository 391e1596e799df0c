# SPDX-License-Identifier: Apache-2.0
"""Items of a timeline looked up anew, without reading all of it: handles of an earlier look may be ghosts,
and every question to Resolve takes its time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plosive_resolve.timeline_view import Item, item_of

if TYPE_CHECKING:
    from resolve_api import Timeline, TimelineItem

__all__ = ["find_item", "find_live", "item_ids"]

_TRIES = 3  # no answer is not an empty track


def item_ids(timeline: Timeline, track_index: int) -> dict[str, TimelineItem]:
    """The picture items of a track by their ids; ghosts have none."""
    lives = None
    for _ in range(_TRIES):
        lives = timeline.GetItemListInTrack("video", track_index)
        if lives is not None:
            break
    found = {str(live.GetUniqueId() or ""): live for live in lives or () if live is not None}
    found.pop("", None)
    return found


def find_live(timeline: Timeline, item_id: str, track_index: int = 0) -> tuple[int, TimelineItem] | None:
    """(track, handle) of a picture item, None where it is not there. `track_index` is where it is likely."""
    count = int(timeline.GetTrackCount("video") or 0)
    order = sorted(range(1, count + 1), key=lambda index: index != track_index)
    for index in order:
        live = item_ids(timeline, index).get(item_id)
        if live is not None:
            return index, live
    return None


def find_item(timeline: Timeline, item_id: str, track_index: int = 0) -> Item | None:
    """As `find_live`, read."""
    found = find_live(timeline, item_id, track_index)
    return item_of(found[1]) if found else None

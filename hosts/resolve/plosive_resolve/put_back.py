# SPDX-License-Identifier: Apache-2.0
"""The net under placing: whatever goes wrong meanwhile, what was placed of a result is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from plosive_host import PlosiveHostError
from plosive_resolve.application import Host
from plosive_resolve.held_state import unlocked
from plosive_resolve.item_lookup import find_live, item_ids
from plosive_resolve.marks import read_marks
from plosive_resolve.media_view import Media, media_of
from plosive_resolve.naming import BIN_NAME
from plosive_resolve.take_placing import TakePlaced, take_of, undo_take
from plosive_resolve.timeline_view import Item, TimelineView
from plosive_resolve.track_placing import delete_items

if TYPE_CHECKING:
    from resolve_api import Timeline, TimelineItem

__all__ = ["put_back_on_failure"]


@contextmanager
def put_back_on_failure(
    host: Host, timeline: Timeline, view: TimelineView, home: Item, result: Media
) -> Iterator[None]:
    """`view` is the timeline as it was, `home` the item in it that may get `result` as a take. What fails is
    raised again; where Resolve answers nothing (one of its windows is open) nothing can be put back either.
    """
    try:
        yield
    except BaseException:
        for step in (_take, _items, _tracks):
            with suppress(PlosiveHostError, AttributeError, TypeError):  # None where an answer should be
                step(host, timeline, view, home, result)
        raise


def _take(_host: Host, timeline: Timeline, _view: TimelineView, home: Item, result: Media) -> None:
    found = find_live(timeline, home.place.item_id, home.track_index)
    if found is None:
        return
    track_index, live = found
    added = take_of(live, result)
    if added > home.take_count:
        with unlocked(timeline, track_index):
            undo_take(timeline, TakePlaced(home.place.item_id, added, home.take_index))


def _items(host: Host, timeline: Timeline, view: TimelineView, _home: Item, result: Media) -> None:
    """Only what shows the result: a clip that `view` lacks may be the artist's, missed by a failed look."""
    known = {item.item_id for track in view.of_kind("video") for item in track.items}
    for index in range(1, int(timeline.GetTrackCount("video") or 0) + 1):
        lives = item_ids(timeline, index)
        new = [item_id for item_id in sorted(set(lives) - known) if _shows(lives[item_id], result)]
        if new:
            with unlocked(timeline, index):
                delete_items(host, timeline, new)


def _shows(live: TimelineItem, result: Media) -> bool:
    media = media_of(live.GetMediaPoolItem())
    if media is None:
        return False
    marks = read_marks(media.marks)
    return media.media_id == result.media_id or (marks is not None and marks == read_marks(result.marks))


def _tracks(_host: Host, timeline: Timeline, view: TimelineView, _home: Item, _result: Media) -> None:
    """Tracks that were made for the result, which are empty now."""
    count = int(timeline.GetTrackCount("video") or 0)
    spare = count - len(view.of_kind("video"))
    for index in range(count, 0, -1):
        is_ours = str(timeline.GetTrackName("video", index) or "").startswith(BIN_NAME)
        if spare > 0 and is_ours and timeline.GetItemListInTrack("video", index) == []:
            spare -= bool(timeline.DeleteTrack("video", index))

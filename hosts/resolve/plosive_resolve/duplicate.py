# SPDX-License-Identifier: Apache-2.0
"""A copy of the artist's timeline that takes the results, while the timeline itself stays as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from plosive_host import PlosiveHostError
from plosive_resolve.application import Host
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.held_state import every_timeline
from plosive_resolve.naming import BIN_NAME
from plosive_resolve.timeline_view import Item, item_of, view_timeline

if TYPE_CHECKING:
    from resolve_api import Timeline

__all__ = ["duplicate_for"]


def duplicate_for(host: Host, timeline: Timeline, clip: ClipUse) -> tuple[Timeline, ClipUse, bool]:
    """The copy, made unless one from an earlier clip still has this one in its place; the clip as it lies
    there; whether it was made: then it is the open timeline. Raises PlosiveHostError (PLACING).
    """
    name = str(timeline.GetName())
    names = []
    for other in every_timeline(host.project):
        names.append(str(other.GetName()))
        if names[-1].startswith(f"{name} {BIN_NAME}"):
            twin = _twin(other, clip)
            if twin is not None:
                return other, replace(clip, item=twin), False
    number = 1
    while f"{name} {BIN_NAME} {number}" in names:
        number += 1
    made = timeline.DuplicateTimeline(f"{name} {BIN_NAME} {number}")
    twin = _twin(made, clip) if made is not None else None
    if made is not None and twin is None:
        host.media_pool.DeleteTimelines([made])
    if made is None or twin is None:
        raise PlosiveHostError(
            f"{name} could not be duplicated; the result is in the bin {BIN_NAME}.", "PLACING"
        )
    return made, replace(clip, item=twin), True


def _twin(timeline: Timeline, clip: ClipUse) -> Item | None:
    """What lies there in the clip's place."""
    place, media_id = clip.item.place, clip.item.media.media_id if clip.item.media else ""
    for track in view_timeline(timeline).of_kind("video"):
        if track.index != clip.item.track_index:
            continue
        for other in track.items:
            if (other.start_frame, other.end_frame_exclusive) != (
                place.start_frame,
                place.end_frame_exclusive,
            ):
                continue
            item = item_of(other.live)
            if item is not None and item.media is not None:
                known = {media_id, clip.media.media_id}
                takes = {
                    str(take["mediaPoolItem"].GetUniqueId())
                    for index in range(1, item.take_count + 1)
                    for take in [other.live.GetTakeByIndex(index)]
                    if isinstance(take, dict) and take.get("mediaPoolItem") is not None
                }
                if known & (takes | {item.media.media_id}):
                    return item
    return None

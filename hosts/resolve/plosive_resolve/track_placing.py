# SPDX-License-Identifier: Apache-2.0
"""A result as a clip of its own on a track above.

AppendToTimeline takes source frames with an exclusive end, floors the length at another rate, drops what
would lie over something else or on a locked track without a word, and may hand back a ghost: what it answers
counts for nothing, the track is read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from plosive_resolve.application import Host, can
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.held_state import edit_page
from plosive_resolve.item_lookup import find_item, find_live, item_ids
from plosive_resolve.media_view import Media
from plosive_resolve.naming import BIN_NAME
from plosive_resolve.read_back import why_not_shown
from plosive_resolve.timeline_view import TimelineView

if TYPE_CHECKING:
    from resolve_api import ClipInfo, Timeline

__all__ = ["TrackPlaced", "delete_items", "place_on_track", "place_whole", "track_above", "undo_track"]

_DELETE_TRIES = 3


@dataclass(frozen=True)
class TrackPlaced:
    """`is_new_track`: the track was made for it."""

    item_id: str
    track_index: int
    is_new_track: bool


def track_above(
    host: Host, timeline: Timeline, view: TimelineView, clip: ClipUse, item_track_index: int
) -> tuple[int, bool, str]:
    """(index of a track for the result, whether it was made, a sentence for the artist or nothing): one of
    Plosive's own above the clip with room, else a new one right above the clip; 21.1 only adds tracks on top.
    """
    length = _longest(clip)
    start = clip.item.place.start_frame
    end = start + length
    for track in view.of_kind("video"):
        is_free = all(item.end_frame_exclusive <= start or item.start_frame >= end for item in track.items)
        if track.index > item_track_index and track.name.startswith(BIN_NAME) and is_free:
            return track.index, False, ""
    wanted, note = len(view.of_kind("video")) + 1, ""
    covered = [
        track.name
        for track in view.of_kind("video")
        if track.index > item_track_index and any(clip.item.place.overlaps(item) for item in track.items)
    ]
    is_made = False
    if covered and host.edition.version[:2] < (21, 1):
        is_made = bool(timeline.AddTrack("video", {"index": item_track_index + 1}))
        wanted = item_track_index + 1 if is_made else wanted
    elif covered:
        note = (
            f"The result lies on top, over {', '.join(covered)}: this Resolve adds tracks only there. Move "
            "that track's clips above it."
        )
    if not is_made and not timeline.AddTrack("video"):
        return 0, False, "Resolve added no track"
    timeline.SetTrackName("video", wanted, BIN_NAME)
    return wanted, True, note


def place_on_track(
    host: Host, timeline: Timeline, clip: ClipUse, result: Media, first_frame: int, track_index: int
) -> str:
    """The id of the item that shows the result where the clip is; else empty, and nothing is left there.
    Retimed clips need `SetSpeed` (21.1).
    """
    if clip.is_retimed and not can(clip.item.place.live, "SetSpeed"):
        return ""
    low, high = clip.played_indices
    shift = clip.media.first_number - first_frame
    for end_exclusive in _ends(clip, low, high):
        first, end = low + shift, end_exclusive + shift
        if not 0 <= first < end <= (result.frame_count or 0):
            continue
        item_id = _append(host, timeline, result, first, end, track_index, clip.item.place.start_frame)
        if not item_id:
            continue
        if clip.is_retimed:
            found = find_live(timeline, item_id, track_index)
            if found is not None:
                found[1].SetSpeed({"Percentage": float(clip.speed * 100), "RippleTimeline": False})
        if not why_not_shown(clip, find_item(timeline, item_id, track_index), result, first_frame):
            return item_id
        delete_items(host, timeline, [item_id])
    return ""


def place_whole(
    host: Host, timeline: Timeline, media: Media, frame_count: int, track_index: int, record_frame: Fraction
) -> str:
    """All of a clip of the media pool; its id, empty where it is not there as long as it should be."""
    item_id = _append(host, timeline, media, 0, frame_count, track_index, record_frame)
    if not item_id:
        return ""
    item = find_item(timeline, item_id, track_index)
    if item is not None and item.place.duration_frames == frame_count:
        return item_id
    delete_items(host, timeline, [item_id])
    return ""


def delete_items(host: Host, timeline: Timeline, doomed_ids: list[str]) -> bool:
    """Whether they are gone. DeleteClips may fail the first time."""
    with edit_page(host):
        for _ in range(_DELETE_TRIES):
            found = [find_live(timeline, item_id) for item_id in doomed_ids]
            lives = [one[1] for one in found if one is not None]
            if not lives:
                return True
            timeline.DeleteClips(lives, False)
    return all(find_live(timeline, item_id) is None for item_id in doomed_ids)


def undo_track(host: Host, timeline: Timeline, placed: TrackPlaced) -> bool:
    """Whether the item, and the track that was made for it, are gone."""
    is_gone = delete_items(host, timeline, [placed.item_id]) if placed.item_id else True
    if is_gone and placed.is_new_track and not item_ids(timeline, placed.track_index):
        timeline.DeleteTrack("video", placed.track_index)
    return is_gone


def _append(
    host: Host,
    timeline: Timeline,
    media: Media,
    first: int,
    end_exclusive: int,
    track_index: int,
    record_frame: Fraction,
) -> str:
    """The new item's id; empty where none came."""
    for _ in range(2):
        known = set(item_ids(timeline, track_index))
        info: ClipInfo = {
            "mediaPoolItem": media.in_pool,
            "startFrame": media.source_base + first,
            "endFrame": media.source_base + end_exclusive,
            "mediaType": 1,
            "trackIndex": track_index,
            "recordFrame": round(record_frame),
        }
        answer = host.media_pool.AppendToTimeline([info])
        new = sorted(set(item_ids(timeline, track_index)) - known)
        if answer and len(new) == 1:
            return new[0]
        if not new:
            return ""
        delete_items(host, timeline, new)  # placed by a call that failed: gone when the project is saved
    return ""


def _longest(clip: ClipUse) -> int:
    """Frames of the timeline that it may take up while it is placed: a fast clip is longer before it is
    retimed.
    """
    low, high = clip.played_indices
    plain = ceil((high + 2 - low) * clip.timeline_rate / clip.media_rate)
    return max(clip.duration_record_frames, plain if clip.is_retimed else 0)


def _ends(clip: ClipUse, low: int, high: int) -> Iterator[int]:
    """Exclusive source ends to try, likeliest first: lengths are floored at other rates and speeds."""
    if clip.is_frame_for_frame:
        yield high + 1
        return
    least = ceil(clip.duration_record_frames * clip.step)
    yield from dict.fromkeys((low + least, high + 1, low + least + 1, low + least - 1))

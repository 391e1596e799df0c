# SPDX-License-Identifier: Apache-2.0
"""A retimed result, where neither a take nor a clip on a track can be given the speed: a timeline of its own,
made from OpenTimelineIO, which is laid on the track as one clip. The artist can open it like any nested
timeline.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from plosive_resolve.application import Host, can
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.held_state import every_timeline, find_timeline
from plosive_resolve.media_view import Media, media_of
from plosive_resolve.otio_text import otio_text
from plosive_resolve.read_back import why_other_frames
from plosive_resolve.result_media import result_bin
from plosive_resolve.timeline_view import item_of, view_timeline

if TYPE_CHECKING:
    from resolve_api import Timeline

__all__ = ["NestedPlaced", "place_nested", "remove_nested"]

NestedPlaced = tuple[str, str]
"""(id of the item on the artist's timeline, id of the timeline in it); both empty: it could not be done."""


def place_nested(
    host: Host,
    timeline: Timeline,
    clip: ClipUse,
    result: Media,
    first_frame: int,
    lay: Callable[[Media], str],
) -> NestedPlaced:
    """`lay` puts the nested timeline, which is as long as the clip, on the artist's and gives the id of its
    item, empty where it cannot. Nothing is left where it fails. The artist's timeline is the open one, before
    and after. What marks the result marks the nested timeline in the media pool, too.
    """
    project, pool = host.project, host.media_pool
    folder = pool.GetCurrentFolder()
    pool.SetCurrentFolder(result_bin(host))
    try:
        for position in _positions(clip, first_frame):
            made = _import(host, clip, result, position)
            project.SetCurrentTimeline(timeline)
            if made is None:
                continue
            nested = _media_of_whole(clip, made, first_frame)
            if nested is not None:
                nested.in_pool.SetThirdPartyMetadata(dict(result.marks))
            item_id = lay(nested) if nested is not None else ""
            if item_id:
                return item_id, str(made.GetUniqueId())
            pool.DeleteTimelines([made])
            project.SetCurrentTimeline(timeline)
    finally:
        if folder is not None:
            pool.SetCurrentFolder(folder)
    return "", ""


def remove_nested(host: Host, timeline_id: str) -> None:
    """The nested timeline, once nothing shows it any more."""
    nested = find_timeline(host.project, timeline_id) if timeline_id else None
    if nested is not None:
        host.media_pool.DeleteTimelines([nested])


def _positions(clip: ClipUse, first_frame: int) -> Iterator[Fraction]:
    """Where the clip may begin in the result, for readers that count backwards from either end."""
    shift = clip.media.first_number - first_frame
    yield clip.position + shift
    if clip.speed < 0:
        yield clip.position + shift - 1
        yield clip.position + shift - clip.duration_record_frames * clip.step


def _import(host: Host, clip: ClipUse, result: Media, position: Fraction) -> Timeline | None:
    """The timeline, or None. Its name must be new, in the file and in the project."""
    names = {timeline.GetName() for timeline in every_timeline(host.project)}
    stem = os.path.splitext(result.name)[0]
    number = 1
    while f"{stem} retimed {number}" in names:
        number += 1
    name = f"{stem} retimed {number}"
    if result.rate is None or position < 0:
        return None
    text = otio_text(name, result, clip.timeline_rate, position, clip.duration_record_frames, clip.speed)
    with TemporaryDirectory(prefix="plosive-") as folder:
        path = os.path.join(folder, "retimed.otio")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return host.media_pool.ImportTimelineFromFile(
            path,
            {
                "timelineName": name,
                "importSourceClips": True,
                "sourceClipsPath": os.path.dirname(result.path),
            },
        )


def _media_of_whole(clip: ClipUse, made: Timeline, first_frame: int) -> Media | None:
    """The nested timeline in the media pool; None where it would show other frames than the clip."""
    inner = [item for track in view_timeline(made).of_kind("video") for item in track.items]
    item = item_of(inner[0].live) if len(inner) == 1 else None
    if item is None or item.place.duration_frames != clip.duration_record_frames:
        return None
    if why_other_frames(clip, item, first_frame) or not can(made, "GetMediaPoolItem"):
        return None
    return media_of(made.GetMediaPoolItem())

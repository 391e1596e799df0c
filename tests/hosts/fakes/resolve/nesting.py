# SPDX-License-Identifier: Apache-2.0
"""Compound clips and timelines as clips."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fakes.resolve.cut import ItemState, TimelineState, TrackState
from fakes.resolve.media import MediaState

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication

__all__ = ["as_media", "compound_of"]


def as_media(timeline: TimelineState, kind: str, name: str) -> MediaState:
    """A timeline as a clip of the media pool; it has no file."""
    return MediaState(
        name=name,
        path="",
        kind=kind,
        rate=timeline.rate,
        frame_count=timeline.end_frame_exclusive - timeline.start_frame,
        start_timecode_frame=timeline.start_frame,
        width=timeline.width,
        height=timeline.height,
        audio_channels=2 if any(track.items for track in timeline.audio) else 0,
        sample_rate=48000,
        timeline=timeline,
    )


def compound_of(
    app: FakeApplication, timeline: TimelineState, items: list[ItemState], info: dict[str, str]
) -> ItemState:
    """Moves items into a timeline of their own and puts it in their place, on the lowest of their tracks."""
    first = min(item.record_start for item in items)
    end = max(item.record_end_exclusive for item in items)
    name = info.get("name", "Compound Clip 1")
    inner = TimelineState(name, timeline.rate, 0, timeline.is_drop_frame, timeline.width, timeline.height)
    homes: dict[str, list[TrackState]] = {}
    for item in items:
        place = timeline.find(item)
        assert place is not None
        kind, index = place
        track = timeline.tracks(kind)[index - 1]
        track.items[:] = [one for one in track.items if one is not item]
        homes.setdefault(kind, []).append(track)
        while len(inner.tracks(kind)) < index:
            inner.tracks(kind).append(
                TrackState(f"{kind.capitalize()} {len(inner.tracks(kind)) + 1}", track.subtype)
            )
        item.record_start -= first
        inner.tracks(kind)[index - 1].items.append(item)
    media = as_media(inner, "compound", name)
    media.frame_count = end - first
    media.start_timecode_frame = 0
    app.project.current_folder.clips.append(media)
    link = timeline.new_link() if len(homes) > 1 else 0
    made = []
    for kind in ("video", "audio"):
        if kind in homes:
            item = ItemState(kind, name, first, end - first, media, Fraction(0), link_group=link)
            lowest = min(homes[kind], key=timeline.tracks(kind).index)
            lowest.items.append(item)
            made.append(item)
    return made[0]

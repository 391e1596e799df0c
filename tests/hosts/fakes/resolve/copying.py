# SPDX-License-Identifier: Apache-2.0
"""Copies of timelines: items are new ones, media is the same."""

from __future__ import annotations

import copy
from dataclasses import replace

from fakes.resolve.cut import ItemState, TimelineState, TrackState
from fakes.resolve.media import new_id

__all__ = ["copied", "copied_item"]


def copied_item(item: ItemState) -> ItemState:
    """The same again with an id of its own."""
    return replace(
        item,
        id=new_id(),
        takes=[replace(take) for take in item.takes],
        flags=list(item.flags),
        markers=copy.deepcopy(item.markers),
        properties=dict(item.properties),
        channel_map=dict(item.channel_map),
        fusion_comps=copy.deepcopy(item.fusion_comps),
    )


def copied(timeline: TimelineState, name: str) -> TimelineState:
    """A timeline as DuplicateTimeline makes it."""

    def tracks(kind: str) -> list[TrackState]:
        return [
            replace(track, items=[copied_item(item) for item in track.items])
            for track in timeline.tracks(kind)
        ]

    return replace(
        timeline,
        id=new_id(),
        name=name,
        video=tracks("video"),
        audio=tracks("audio"),
        subtitle=tracks("subtitle"),
        selected=[],
        markers=copy.deepcopy(timeline.markers),
        marks=copy.deepcopy(timeline.marks),
        settings=dict(timeline.settings),
        pool_item=None,
    )

# SPDX-License-Identifier: Apache-2.0
"""What belongs to a clip and goes with its result to another track, as far as Resolve lets a script."""

from __future__ import annotations

import os
from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from plosive_resolve.application import can
from plosive_resolve.timeline_view import Item, TimelineView

if TYPE_CHECKING:
    from resolve_api import TimelineItem

__all__ = ["carry"]


def carry(source: Item, target: Item, view: TimelineView, frame_shift: int) -> tuple[str, ...]:
    """Grade, size and position, composite mode, Fusion compositions, markers, flags and whether it is
    switched on. `frame_shift` is what a marker's frame, which counts in the media, loses. Sentences on what
    stayed behind.
    """
    notes: list[str] = []
    name = source.place.name
    from_live, to_live = source.place.live, target.place.live
    if not from_live.CopyGrades([to_live]):
        notes.append(f"The grade of {name} was not copied; copy it by hand.")
    missing = _properties(from_live, to_live)
    if missing:
        notes.append(f"{name}: {', '.join(missing)} could not be copied.")
    if not _compositions(from_live, to_live):
        notes.append(f"The Fusion composition of {name} was not copied.")
    for frame, marker in (from_live.GetMarkers() or {}).items():
        to_live.AddMarker(
            float(frame) - frame_shift,
            str(marker.get("color", "Blue")),
            str(marker.get("name", "")),
            str(marker.get("note", "")),
            float(marker.get("duration", 1)),
            str(marker.get("customData", "")),
        )
    for flag in from_live.GetFlagList() or ():
        to_live.AddFlag(flag)
    if not source.is_enabled:
        to_live.SetClipEnabled(False)
    if _has_transition(source, view):
        notes.append(f"{name} has a transition, which its result on another track has not.")
    return tuple(notes)


def _properties(from_live: TimelineItem, to_live: TimelineItem) -> list[str]:
    """Names of those that were not taken. Only what differs is set: some values cannot be set to what they
    are.
    """
    wanted, there = from_live.GetProperty(), to_live.GetProperty()
    if not isinstance(wanted, Mapping) or not isinstance(there, Mapping):
        return []
    return [
        str(name)
        for name, value in wanted.items()
        if there.get(name) != value and not to_live.SetProperty(name, value)
    ]


def _compositions(from_live: TimelineItem, to_live: TimelineItem) -> bool:
    count = int(from_live.GetFusionCompCount() or 0)
    if not count:
        return True
    with TemporaryDirectory(prefix="plosive-") as folder:
        for index in range(1, count + 1):
            path = os.path.join(folder, f"{index}.comp")
            if not from_live.ExportFusionComp(path, index) or to_live.ImportFusionComp(path) is None:
                return False
    return True


def _has_transition(source: Item, view: TimelineView) -> bool:
    """A transition is an item without media that lies over an end of the clip."""
    place = source.place
    for track in view.of_kind("video"):
        if track.index != source.track_index:
            continue
        for other in track.items:
            ends = (place.start_frame, place.end_frame_exclusive)
            is_over_end = any(other.start_frame <= end <= other.end_frame_exclusive for end in ends)
            if other.item_id != place.item_id and other.overlaps(place) and is_over_end:
                return not can(other.live, "GetMediaPoolItem") or other.live.GetMediaPoolItem() is None
    return False

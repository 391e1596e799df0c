# SPDX-License-Identifier: Apache-2.0
"""How a result shows on the timeline: clip colour, and a marker with its score."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plosive_resolve.clip_use import ClipUse
from plosive_resolve.timeline_view import Item

if TYPE_CHECKING:
    from resolve_api import TimelineItem

__all__ = ["CLIP_COLOR", "Marked", "mark", "metadata_of", "unmark"]

CLIP_COLOR = "Violet"
_GOOD, _FAIR = 4.0, 3.0
_MARKER_NAME = "Lip Sync"


@dataclass(frozen=True)
class Marked:
    """What was there before: clip colour (empty: none), and the custom data of our marker."""

    color_before: str
    custom_data: str


def metadata_of(version: int, dub: str, job_id: str) -> dict[str, str]:
    """For Resolve's own metadata fields, which people see."""
    return {"Comments": f"Plosive lip sync v{version} of {dub or 'a dub'} (job {job_id or 'not told'})"}


def mark(item: Item, clip: ClipUse, job_id: str, version: int, result: Mapping[str, Any]) -> Marked:
    """The marker is on the clip's first frame, or the next one that has none; frames of a clip's markers
    count in its media.
    """
    live = item.place.live
    custom_data = json.dumps({"plosive_job": job_id, "version": version}, sort_keys=True)
    before = str(live.GetClipColor() or "")
    live.SetClipColor(CLIP_COLOR)
    score = result.get("score")
    first = round(item.left_offset or 0)
    for frame in range(first, first + clip.duration_record_frames):
        if live.AddMarker(
            float(frame), _color(score), f"{_MARKER_NAME} v{version}", _note(result), 1.0, custom_data
        ):
            break
    return Marked(before, custom_data)


def unmark(live: TimelineItem, marked: Marked) -> None:
    live.DeleteMarkerByCustomData(marked.custom_data)
    if marked.color_before:
        live.SetClipColor(marked.color_before)
    else:
        live.ClearClipColor()


def _color(score: object) -> str:
    if not isinstance(score, (int, float)):
        return "Blue"
    return "Green" if score >= _GOOD else "Yellow" if score >= _FAIR else "Red"


def _note(result: Mapping[str, Any]) -> str:
    """Score, what was synced, and flagged ranges, a line each."""
    lines: list[str] = []
    score = result.get("score")
    if isinstance(score, (int, float)):
        lines.append(f"Score {score:.1f} of 5")
    synced, total = result.get("frames_synced"), result.get("frames_total")
    if synced is not None and total:
        lines.append(f"{synced} of {total} frames synced")
    flagged = result.get("flagged")
    for flag in flagged if isinstance(flagged, Sequence) else ():
        span = flag.get("range", {})
        lines.append(f"{span.get('first_frame')}-{span.get('last_frame_inclusive')}: {flag.get('reason')}")
    lines += [str(note) for note in result.get("notes") or ()]
    return "\n".join(lines)

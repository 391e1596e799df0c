# SPDX-License-Identifier: Apache-2.0
"""What a run came to, in sentences for the artist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from plosive_resolve.clip_work import ClipWork

__all__ = ["report", "title_of"]

_MOST_WARNINGS = 6
_MOST_FLAGS = 3
# Of every clip of an edit, so only in the log: its dub goes on over the next one, a part is scored without
# the whole plate, and how frames were coded.
_EVERYDAY = re.compile(r"(\S{1,40}: )?(The dub ends |The result is a part of the plate|Frames: )")
_PLACES = {
    "take": "as take {take} of the clip",
    "track": "on video track {track}",
    "timeline": "on {timeline}",
}


def title_of(works: Sequence[ClipWork]) -> str:
    placed = sum(work.placed is not None for work in works)
    if placed == len(works):
        return "Lip Sync Clip: done"
    if all(work.is_cancelled for work in works if work.placed is None):
        return "Lip Sync Clip: cancelled"
    return "Lip Sync Clip: not everything was done" if placed else "Lip Sync Clip: nothing was placed"


def report(works: Sequence[ClipWork]) -> list[str]:
    """One sentence or more for each clip."""
    return [sentence for work in works for sentence in _sentences(work)]


def _sentences(work: ClipWork) -> Iterator[str]:
    if work.error is not None:
        yield f"{work.name}: {work.error}"
        return
    if work.placed is None or work.watch is None:
        yield f"{work.name}: nothing was done."
        return
    placed, result = work.placed, work.watch.job.get("result") or {}
    where = _PLACES[placed.mode].format(
        take=placed.take_index, track=placed.track_index, timeline=placed.timeline_name
    )
    if placed.was_there:
        yield f"{work.name}: this very result is there already, so nothing was changed."
        return
    earlier = ", from an earlier run" if work.watch.is_known or result.get("from_cache") else ""
    yield f"{work.name}: version {placed.version} lies {where}{earlier}; {_figures(result)}."
    for flag in work.flagged[:_MOST_FLAGS]:
        span = flag["range"]
        yield f"Look at frames {span['first_frame']} to {span['last_frame_inclusive']}: {flag['reason']}"
    prepared = work.prepared.notes if work.prepared is not None else ()
    told = [*work.watch.warnings, *(str(note) for note in result.get("notes") or ())]
    warnings = [*prepared, *placed.notes, *(one for one in dict.fromkeys(told) if not _EVERYDAY.match(one))]
    yield from warnings[:_MOST_WARNINGS]
    if len(warnings) > _MOST_WARNINGS:
        yield f"{len(warnings) - _MOST_WARNINGS} more remarks are in the log."


def _figures(result: dict[str, object]) -> str:
    text = f"{result.get('frames_synced') or 0} of {result.get('frames_total') or 0} frames have a new mouth"
    score = result.get("score")
    if isinstance(score, (int, float)):
        text += f", score {score:.1f}"
    return text

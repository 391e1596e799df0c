# SPDX-License-Identifier: Apache-2.0
"""A result as a track item of its own above the clip, with the clip's linked effects, reformatting and tags.

`Sequence.addTrack` puts a track on top of all others: where something lies between that shows over the clip,
the result would cover it, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import hiero.core

from plosive_hiero.clip_use import ClipUse
from plosive_hiero.look import find_item, look_of, near
from plosive_hiero.marks import TAG_NAME, Mark, mark_of
from plosive_hiero.reading import has_transition
from plosive_hiero.undoing import edited
from plosive_host import PlosiveHostError

__all__ = ["BIN_NAME", "place_above", "result_above", "why_not_above"]

BIN_NAME = "Plosive"


def result_above(item: Any, mark: Mark) -> Any:
    """The track item of an earlier result over `item` that holds the same frames, None: there is none."""
    for track in _tracks_above(item):
        for one in track.items():
            if (one.timelineIn(), one.timelineOut()) != (item.timelineIn(), item.timelineOut()):
                continue
            there = mark_of(one.source())
            if there is not None and _range(there) == _range(mark):
                return one
    return None


def why_not_above(item: Any) -> str:
    """Why a result cannot lie over `item`; empty: it can."""
    name = str(item.name())
    if has_transition(item):
        return f"{name} has a transition, which an item above would hide; take the result as a version."
    cover = next(_covers(item), None)
    if cover is not None and _free_track(item) is None:
        return f"{cover.name()} lies above {name} and would be hidden; take the result as a version."
    return ""


def place_above(item: Any, use: ClipUse, clip: Any, mark: Mark, step: str) -> tuple[str, ...]:
    """Returns notes. Raises PlosiveHostError (PLACING): nothing is changed then."""
    why_not = why_not_above(item)
    if why_not:
        raise PlosiveHostError(why_not, "PLACING")
    sequence, project = item.parentSequence(), item.project()
    offset = 0 if use.media.is_sequence else mark.first_number
    shift = offset + int(clip.sourceIn())
    times = [
        use.position_at(frame) - shift for frame in range(use.timeline_in, use.timeline_out_inclusive + 1)
    ]
    effects = [
        one
        for one in item.linkedItems()
        if isinstance(one, hiero.core.EffectTrackItem) and one.parentTrack() == item.parentTrack()
    ]
    before = look_of(item)

    def edit() -> str:
        _bin(project).addItem(hiero.core.BinItem(clip))
        track = _free_track(item) or _new_track(sequence)
        made = _item(track, item, use, clip, times)
        track.addTrackItem(made)
        for effect in effects:
            copy = track.createEffect(copyFrom=effect, trackItem=made, subTrackIndex=effect.subTrackIndex())
            copy.setEnabled(effect.isEnabled())
        return str(made.guid())

    def check(guid: str) -> None:
        seen = look_of(find_item(sequence, guid, "The result"))
        wanted = (use.timeline_in, use.timeline_out_inclusive, str(clip.guid()))
        found = (seen.timeline_in, seen.timeline_out_inclusive, seen.source)
        is_right = found == wanted and near(seen.source_times, times) and len(seen.linked) == len(effects)
        if not is_right or look_of(find_item(sequence, before.guid, before.guid)) != before:
            raise PlosiveHostError(
                f"Hiero placed the result of {use.name} other than it was told, so that was undone; take the "
                "result as a version.",
                "PLACING",
            )

    edited(project, step, sequence, edit, check)
    return ()


def _item(track: Any, item: Any, use: ClipUse, clip: Any, times: list[Fraction]) -> Any:
    """A track item of the result that is not on its track yet. All four times are set at once: each setter
    alone may shrink or grow the item.
    """
    made = track.createTrackItem(str(item.name()))
    made.setSource(clip)
    made.setTimes(use.timeline_in, use.timeline_out_inclusive, float(times[0]), float(times[-1]))
    if made.playbackSpeed() != item.playbackSpeed():
        made.setPlaybackSpeed(item.playbackSpeed())
    state, shown = item.reformatState(), made.reformatState()
    shown.setType(state.type())
    shown.setResizeType(state.resizeType())
    shown.setResizeCenter(state.resizeCenter())
    made.setVersionLinkedToBin(False)
    made.setEnabled(item.isEnabled())
    for tag in item.tags():
        made.addTag(tag.copy())
    return made


def _tracks_above(item: Any) -> Iterator[Any]:
    own = int(item.parentTrack().trackIndex())
    for track in item.parentSequence().videoTracks():
        if int(track.trackIndex()) > own:
            yield track


def _covers(item: Any) -> Iterator[Any]:
    """What shows over `item`, lowest track first; results of Plosive's not counted."""
    for track in _tracks_above(item):
        for one in _over(item, track) if track.isEnabled() else ():
            if one.isEnabled() and mark_of(one.source()) is None:
                yield one


def _over(item: Any, track: Any) -> list[Any]:
    return [
        one
        for one in track.items()
        if one.timelineIn() <= item.timelineOut() and one.timelineOut() >= item.timelineIn()
    ]


def _free_track(item: Any) -> Any:
    """A track of Plosive's with room for the result, below all that shows over `item`; None: none is."""
    cover = next(_covers(item), None)
    highest = int(cover.parentTrack().trackIndex()) if cover is not None else None
    for track in _tracks_above(item):
        is_ours = any(tag.name() == TAG_NAME for tag in track.tags()) and not track.isLocked()
        is_below = highest is None or int(track.trackIndex()) < highest
        if is_ours and is_below and track.isEnabled() and not _over(item, track):
            return track
    return None


def _new_track(sequence: Any) -> Any:
    names = {str(track.name()) for track in sequence.videoTracks()}
    number, name = 1, TAG_NAME
    while name in names:
        number += 1
        name = f"{TAG_NAME} {number}"
    track = hiero.core.VideoTrack(name)
    sequence.addTrack(track)
    track.addTag(hiero.core.Tag(TAG_NAME))
    return track


def _bin(project: Any) -> Any:
    top = project.clipsBin()
    for one in top.bins():
        if one.name() == BIN_NAME:
            return one
    return top.addItem(hiero.core.Bin(BIN_NAME))


def _range(mark: Mark) -> tuple[str, int, int]:
    return mark.plate_path, mark.first_number, mark.last_number_inclusive

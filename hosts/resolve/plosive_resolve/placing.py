# SPDX-License-Identifier: Apache-2.0
"""Puts a finished result where its clip is, and takes it away again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from plosive_host import PlosiveHostError
from plosive_resolve.application import Host, no_answer
from plosive_resolve.carrying import carry
from plosive_resolve.choices import Choices
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.duplicate import duplicate_for
from plosive_resolve.fingerprint import Fingerprint, require_unchanged
from plosive_resolve.held_state import opened_timeline, unlocked
from plosive_resolve.item_lookup import find_item, find_live
from plosive_resolve.marking import Marked, mark, metadata_of, unmark
from plosive_resolve.marks import read_marks
from plosive_resolve.media_view import Media, media_of
from plosive_resolve.naming import version_of_path
from plosive_resolve.nested_placing import place_nested, remove_nested
from plosive_resolve.put_back import put_back_on_failure
from plosive_resolve.result_media import import_result, result_file
from plosive_resolve.take_placing import TakePlaced, place_as_take, place_whole_take, take_of, undo_take
from plosive_resolve.timeline_view import Item, TimelineView, item_of, view_timeline
from plosive_resolve.track_placing import TrackPlaced, place_on_track, place_whole, track_above, undo_track

if TYPE_CHECKING:
    from resolve_api import Timeline

__all__ = ["Placed", "place", "undo"]


@dataclass(frozen=True)
class Placed:
    """`mode` is take, track or timeline: what was done, which may differ from what was asked for (`notes` are
    sentences that say why). `item_id` is the item that now shows the result on the timeline `timeline_id`, as
    its take `take_index` (0: none) or on track `track_index`; `version` is the result's. `was_there`: the
    same result was there already, and nothing was changed.
    """

    mode: str
    item_id: str
    timeline_id: str
    timeline_name: str
    version: int
    take_index: int = 0
    track_index: int = 0
    notes: tuple[str, ...] = ()
    was_there: bool = False
    take: TakePlaced | None = field(default=None, repr=False)
    track: TrackPlaced | None = field(default=None, repr=False)
    nested_timeline_id: str = ""
    marked: Marked | None = field(default=None, repr=False)


def place(
    host: Host,
    clip: ClipUse,
    job_result: Mapping[str, Any],
    choices: Choices,
    fingerprint: Fingerprint,
    job_id: str = "",
    dub: str = "",
) -> Placed:
    """`job_result` is a job's `result` as PROTOCOL.md tells it (with `flagged` of a `score` beside it, where
    there is one); `fingerprint` was taken when the clip was read. The artist's page, open timeline, current
    bin and locks are as before afterwards. Raises PlosiveHostError: CHANGED, PLACING; then nothing is on the
    timeline that was not.
    """
    file = result_file(clip, job_result, choices)
    version = version_of_path(file.path)
    with opened_timeline(host, fingerprint.timeline_id) as timeline, ExitStack() as held:
        view = view_timeline(timeline)
        require_unchanged(fingerprint, view, clip.item.place.item_id)
        result = import_result(host, file, clip, job_id, dub, metadata_of(version, dub, job_id))
        is_copy = choices.output_mode == "timeline"
        if is_copy:
            timeline, clip, is_new = duplicate_for(host, timeline, clip)
            held.enter_context(opened_timeline(host, str(timeline.GetUniqueId())))
            view = view_timeline(timeline)
        try:
            placed = _placed(host, timeline, view, clip, result, file.first_frame, choices, version)
        except PlosiveHostError:
            if is_copy and is_new:
                host.media_pool.DeleteTimelines([timeline])
            raise
        if placed.was_there:
            return placed
        placed = replace(placed, mode="timeline" if is_copy else placed.mode)
        item = find_item(timeline, placed.item_id, placed.track_index)
        if item is None:  # right, as it was read back, but a window of Resolve has come up since
            note = f"{clip.name}: the result is placed, but was not marked."
            return replace(placed, notes=(*placed.notes, note))
        marked = mark(item, clip, job_id, version, job_result)
        return replace(placed, marked=marked)


def undo(host: Host, placed: Placed) -> None:
    """The timeline as before `place`; the media stays in the bin. Raises PlosiveHostError (PLACING)."""
    if placed.was_there:
        return
    with opened_timeline(host, placed.timeline_id) as timeline:
        found = find_live(timeline, placed.item_id)
        if found is None:
            return
        track_index, live = found
        with unlocked(timeline, track_index):
            if placed.marked is not None:
                unmark(live, placed.marked)
            if placed.take is not None:
                undo_take(timeline, placed.take)
            is_gone = placed.track is None or undo_track(host, timeline, placed.track)
        if not is_gone:
            raise PlosiveHostError(
                f"The result on {placed.timeline_name} could not be taken away; delete it by hand.", "PLACING"
            )
        remove_nested(host, placed.nested_timeline_id)


def _placed(
    host: Host,
    timeline: Timeline,
    view: TimelineView,
    clip: ClipUse,
    result: Media,
    first_frame: int,
    choices: Choices,
    version: int,
) -> Placed:
    above = _earlier_result(view, clip)
    home = above or find_item(timeline, clip.item.place.item_id, clip.item.track_index)
    if home is None:
        raise PlosiveHostError(f"{clip.name} is not on {view.name}.", "PLACING")
    common = (str(timeline.GetUniqueId()), view.name, version)
    there = _already(view, clip, home, result)
    if there:
        return Placed("track" if above else "take", there, *common, was_there=True)
    notes: list[str] = []
    with put_back_on_failure(host, timeline, view, home, result):
        if choices.output_mode != "track" or above is not None:
            # a version 2 goes where version 1 is: never a second clip over the first
            with unlocked(timeline, home.track_index):
                taken = place_as_take(timeline, view, home, clip, result, first_frame)
            if isinstance(taken, TakePlaced):
                return _as_take(taken, home, above is not None, common)
            if above is not None and above.media is not None and above.media.kind == "made":
                renewed = _nested_take(host, timeline, view, clip, above, result, first_frame, common)
                if renewed is not None:
                    return renewed
            notes.append(
                f"A take of {clip.name} would not show the right frames ({taken}): it lies above it."
            )
        return _on_new_track(host, timeline, view, clip, home, result, first_frame, common, notes)


def _as_take(
    taken: TakePlaced, home: Item, is_above: bool, common: tuple[str, str, int], nested_timeline_id: str = ""
) -> Placed:
    return Placed(
        "track" if is_above else "take",
        taken.item_id,
        *common,
        take_index=taken.take_index,
        track_index=home.track_index,
        take=taken,
        nested_timeline_id=nested_timeline_id,
    )


def _nested_take(
    host: Host,
    timeline: Timeline,
    view: TimelineView,
    clip: ClipUse,
    above: Item,
    result: Media,
    first_frame: int,
    common: tuple[str, str, int],
) -> Placed | None:
    """A next version of a retimed result that is a nested timeline: the next one is a take of its item."""
    taken: list[TakePlaced] = []

    def lay(nested: Media) -> str:
        placed = place_whole_take(timeline, view, above, nested)
        taken.extend([placed] if placed is not None else [])
        return placed.item_id if placed is not None else ""

    with unlocked(timeline, above.track_index):
        _, nested_id = place_nested(host, timeline, clip, result, first_frame, lay)
    return _as_take(taken[0], above, True, common, nested_id) if taken else None


def _on_new_track(
    host: Host,
    timeline: Timeline,
    view: TimelineView,
    clip: ClipUse,
    home: Item,
    result: Media,
    first_frame: int,
    common: tuple[str, str, int],
    notes: list[str],
) -> Placed:
    index, is_new, note = track_above(host, timeline, view, clip, home.track_index)
    if not index:
        raise PlosiveHostError(f"{note}; the result is in the bin Plosive.", "PLACING")
    nested = ""
    with unlocked(timeline, index):
        item_id = place_on_track(host, timeline, clip, result, first_frame, index)
        if not item_id:
            start, count = clip.item.place.start_frame, clip.duration_record_frames
            item_id, nested = place_nested(
                host,
                timeline,
                clip,
                result,
                first_frame,
                lambda media: place_whole(host, timeline, media, count, index, start),
            )
        if not item_id:
            undo_track(host, timeline, TrackPlaced("", index, is_new))
            raise PlosiveHostError(
                f"Resolve placed the result of {clip.name} wrongly in every way there is, so it was taken "
                "away again; it is in the bin Plosive.",
                "PLACING",
            )
        target = find_item(timeline, item_id, index)
        source = find_item(timeline, home.place.item_id)
        if target is None or source is None:
            raise no_answer()
        plate = clip.rendered_from or clip.media
        shift = 0 if nested else first_frame + clip.rendered_shift - plate.first_number
        notes += carry(source, target, view, shift)
    if nested:
        notes.append(f"{clip.name} is retimed: its result is a nested timeline that plays at its speed.")
    if note:
        notes.append(note)
    return Placed(
        "track",
        item_id,
        *common,
        track_index=index,
        notes=tuple(notes),
        track=TrackPlaced(item_id, index, is_new),
        nested_timeline_id=nested,
    )


def _earlier_result(view: TimelineView, clip: ClipUse) -> Item | None:
    """The result of Plosive that lies over the clip at the same place, topmost first."""
    for track in reversed(view.of_kind("video")):
        if track.index <= clip.item.track_index:
            return None
        for place_ in track.items:
            same = (place_.start_frame, place_.end_frame_exclusive) == (
                clip.item.place.start_frame,
                clip.item.place.end_frame_exclusive,
            )
            media = media_of(place_.live.GetMediaPoolItem()) if same else None
            marks = read_marks(media.marks) if media is not None else None
            if marks is not None and marks.plate_id == clip.media.media_id:
                return item_of(place_.live)
    return None


def _already(view: TimelineView, clip: ClipUse, home: Item, result: Media) -> str:
    """The item that shows this very result already."""
    if home.media is not None:
        marks = (
            read_marks(home.media.marks) if home.media.kind == "made" else None
        )  # nested, as it is retimed
        if home.media.media_id == result.media_id or (marks and marks == read_marks(result.marks)):
            return home.place.item_id
    if home.take_count and take_of(home.place.live, result):
        home.place.live.SelectTakeByIndex(take_of(home.place.live, result))
        return home.place.item_id
    return ""

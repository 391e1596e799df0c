# SPDX-License-Identifier: Apache-2.0
"""Which clips the artist means: the selected ones, the one under the playhead, or the one whose Fusion
composition a tool is in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from plosive_host import PlosiveHostError
from plosive_resolve.application import Host, can
from plosive_resolve.clip_use import ClipUse, use_of, why_rendered
from plosive_resolve.marks import ResultMarks, read_marks
from plosive_resolve.media_view import Media, media_of
from plosive_resolve.rates import frames_of_timecode
from plosive_resolve.timeline_view import Item, TimelineView, item_of, view_timeline

if TYPE_CHECKING:
    from resolve_api import Timeline, TimelineItem

__all__ = ["clips_meant"]


def clips_meant(host: Host, tool: Any = None) -> list[ClipUse]:
    """In the order of the timeline, each once. A result of Plosive stands for the plate it was made from.
    `tool` is a tool of a Fusion composition, as scripts of the Tool menu get it: the composition that is open
    is that of the clip under the playhead. Raises PlosiveHostError: NO_TIMELINE, NO_PICTURE where nothing
    that can be synced is meant, UNREADABLE.
    """
    timeline = host.timeline
    view = view_timeline(timeline)
    lives = [] if tool is not None else _selected(timeline)
    if not lives:
        lives = _under_playhead(view, is_on_fusion_page=tool is not None)
    if not lives:
        raise PlosiveHostError(
            "No clip is selected and none lies under the playhead; put the playhead on the clip whose mouth "
            "shall move.",
            "NO_PICTURE",
        )
    uses: dict[str, ClipUse] = {}
    refusals: list[PlosiveHostError] = []
    for live in lives:
        item = item_of(live)
        if item is None or item.track_kind != "video":
            continue
        try:
            use = _use(item, view)
        except PlosiveHostError as error:  # one title among the selected clips spoils nothing
            refusals.append(error)
            continue
        uses.setdefault(use.item.place.item_id, use)
    if not uses:
        raise (
            refusals[0]
            if refusals
            else PlosiveHostError(
                "Only sound is selected; choose the picture clip whose mouth shall move.", "NO_PICTURE"
            )
        )
    return sorted(uses.values(), key=lambda use: (use.first_record_frame, use.item.track_index))


def _selected(timeline: Timeline) -> list[TimelineItem]:
    """Selected picture items; none where this Resolve cannot tell (before 21.0.4)."""
    if not can(timeline, "GetSelectedClips"):
        return []
    selected = [live for live in timeline.GetSelectedClips() or () if live is not None]
    pictures = [live for live in selected if (live.GetTrackTypeAndIndex() or ("", 0))[0] == "video"]
    return pictures or selected


def _under_playhead(view: TimelineView, is_on_fusion_page: bool) -> list[TimelineItem]:
    """What is seen there: the topmost clip with media that is switched on, so that a title over the clip is
    no matter. Which one `GetCurrentVideoItem` gives is written nowhere, but the Fusion page shows that one
    and tells no timecode.
    """
    timeline = view.live
    told = None if is_on_fusion_page else timeline.GetCurrentTimecode()
    frame = frames_of_timecode(told, view.rate) if told else None
    if frame is not None:
        for track in reversed(view.of_kind("video")):
            for place in track.items if track.is_enabled else ():
                if not place.start_frame <= frame < place.end_frame_exclusive:
                    continue
                item = item_of(place.live)
                if item is not None and item.is_enabled and item.media is not None:
                    return [place.live]
    current = timeline.GetCurrentVideoItem()
    return [] if current is None else [current]


def _use(item: Item, view: TimelineView) -> ClipUse:
    marks = read_marks(item.media.marks) if item.media is not None else None
    if marks is None:
        return use_of(item, view.timeline_id, view.rate)
    beneath = _plate_beneath(item, marks, view)
    if beneath is not None:
        return replace(_use(beneath, view), version_of=item.place.item_id)
    plate = _plate_among_takes(item, marks)
    if plate is None:
        raise PlosiveHostError(
            f"{item.place.name} is a result of Plosive whose plate {marks.plate_path} is no longer on the "
            "timeline; choose the plate.",
            "NO_PICTURE",
        )
    return _on_plate(use_of(item, view.timeline_id, view.rate), plate, marks)


def _plate_beneath(item: Item, marks: ResultMarks, view: TimelineView) -> Item | None:
    """The clip on a lower track that the result covers."""
    for track in reversed(view.of_kind("video")):
        if track.index >= item.track_index:
            continue
        for place in track.items:
            if not place.overlaps(item.place):
                continue
            candidate = item_of(place.live)
            if candidate is None or candidate.media is None:
                continue
            media = candidate.media
            shown = read_marks(media.marks)  # the plate may show an earlier take of Plosive itself
            if marks.plate_id in (media.media_id, shown.plate_id if shown else ""):
                return candidate
    return None


def _plate_among_takes(item: Item, marks: ResultMarks) -> Media | None:
    for index in range(1, item.take_count + 1):
        take = item.place.live.GetTakeByIndex(index)
        media = media_of(take.get("mediaPoolItem")) if isinstance(take, dict) else None
        if media is not None and read_marks(media.marks) is None and media.media_id == marks.plate_id:
            return media
    return None


def _on_plate(use: ClipUse, plate: Media, marks: ResultMarks) -> ClipUse:
    """What the clip would play of the plate, where it plays a result made from it."""
    shift = marks.plate_first_frame - use.media.first_number
    count = plate.frame_count or use.frame_count + shift
    return replace(
        use,
        media=plate,
        position=use.position + marks.plate_first_frame - plate.first_number,
        first_frame=use.first_frame + shift,
        last_frame_inclusive=use.last_frame_inclusive + shift,
        frame_count=count,
        needs_rendering=why_rendered(plate, use.name),
    )

# SPDX-License-Identifier: Apache-2.0
"""Timeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.resolve.api import api
from fakes.resolve.copying import copied
from fakes.resolve.cut import TimelineState
from fakes.resolve.item import TimelineItem
from fakes.resolve.markers import MarkedHandle
from fakes.resolve.nesting import compound_of
from fakes.resolve.rates import rate_text
from fakes.resolve.rejection import FakeRejection
from fakes.resolve.tracks import TimelineTracks
from plosive.errors import RangeError
from plosive.media.timecode import Timecode

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication
    from fakes.resolve.poolitem import MediaPoolItem

__all__ = ["Timeline"]


class Timeline(TimelineTracks, MarkedHandle):
    """A timeline. Frames are absolute: 01:00:00:00 at 24 is 86400 [V]."""

    def __init__(self, app: FakeApplication, timeline: TimelineState) -> None:
        super().__init__(app)
        self._timeline = timeline

    @property
    def _markers(self) -> dict[int, dict[str, Any]]:
        return self._timeline.markers

    @api()
    def GetName(self) -> str:
        return self._timeline.name

    @api(failed=False)
    def SetName(self, timelineName: str) -> bool:
        if not timelineName or any(one.name == timelineName for one in self._app.project.timelines):
            return False
        self._timeline.name = timelineName
        return True

    @api(failed="")
    def GetUniqueId(self) -> str:
        return self._timeline.id

    @api()
    def GetStartFrame(self) -> int:
        return self._timeline.start_frame

    @api()
    def GetEndFrame(self) -> int:
        """[?] whether exclusive; so here."""
        return self._timeline.end_frame_exclusive

    @api()
    def GetStartTimecode(self) -> str:
        return self._timecode(self._timeline.start_frame)

    def _timecode(self, frame: int) -> str:
        return str(Timecode(frame, self._timeline.rate, self._timeline.is_drop_frame))

    # playhead and selection

    @api()
    def GetCurrentTimecode(self) -> str:
        return self._timecode(self._timeline.playhead_frame)

    @api(failed=False)
    def SetCurrentTimecode(self, timecode: str) -> bool:
        try:
            frame = Timecode.parse(timecode, self._timeline.rate).frame_number
        except RangeError:
            return False
        if self._app.page in ("media", "fusion") or not self._is_current:
            return False
        self._timeline.playhead_frame = frame
        return True

    @property
    def _is_current(self) -> bool:
        return self._app.project.current_timeline is self._timeline

    @api()
    def GetCurrentVideoItem(self) -> TimelineItem | None:
        """[V] at the playhead; [?] topmost or lowest: switch; None of a timeline that is not the current one
        [I].
        """
        if not self._is_current:
            return None
        frame = self._timeline.playhead_frame
        found = [
            item
            for track in self._timeline.video
            if track.is_enabled
            for item in track.items
            if item.is_enabled
            and item.kind != "transition"
            and item.record_start <= frame < item.record_end_exclusive
        ]
        if not found:
            return None
        one = found[-1] if self._app.behaviour.current_item == "topmost" else found[0]
        return TimelineItem(self._app, self._timeline, one)

    @api((21, 0, 4), failed=[])
    def GetSelectedClips(self) -> list[TimelineItem]:
        """[V] what is selected on the timeline; video and audio."""
        return self._items([item for item in self._timeline.selected if self._timeline.find(item)])

    @api(failed={})
    def GetMarkInOut(self) -> dict[str, dict[str, int]]:
        """[M] frames relative to the start of the timeline; keys are missing where nothing is marked."""
        return {kind: dict(marks) for kind, marks in self._timeline.marks.items()}

    @api(failed=False)
    def SetMarkInOut(self, mark_in: int, mark_out: int, type: str = "all") -> bool:
        for kind in ("video", "audio") if type == "all" else (type,):
            self._timeline.marks[kind] = {"in": mark_in, "out": mark_out}
        return True

    @api(failed=False)
    def ClearMarkInOut(self, type: str = "all") -> bool:
        for kind in ("video", "audio") if type == "all" else (type,):
            self._timeline.marks.pop(kind, None)
        return True

    # edits

    @api(failed=False)
    def DeleteClips(self, timelineItems: list[TimelineItem], ripple: bool = False) -> bool:
        """[M] on the Edit page only; may fail the first time; [I] nothing from a locked track."""
        app = self._app
        if app.page != "edit" or not timelineItems:
            return False
        if app.behaviour.first_delete_fails:
            app.behaviour.first_delete_fails = False
            return False
        places = [(item._item, self._timeline.find(item._item)) for item in timelineItems]
        for _, place in places:
            if place is None or self._timeline.tracks(place[0])[place[1] - 1].is_locked:
                return False
        if ripple:
            raise FakeRejection("DeleteClips with ripple moves the artist's other clips")
        for item, place in places:
            assert place is not None
            track = self._timeline.tracks(place[0])[place[1] - 1]
            track.items[:] = [one for one in track.items if one is not item]
        return True

    @api(failed=False)
    def SetClipsLinked(self, timelineItems: list[TimelineItem], linked: bool) -> bool:
        if not timelineItems or any(item._is_ghost for item in timelineItems):
            return False
        group = self._timeline.new_link() if linked else 0
        for item in timelineItems:
            item._item.link_group = group
        return True

    @api()
    def CreateCompoundClip(
        self, timelineItems: list[TimelineItem], clipInfo: dict[str, str] | None = None
    ) -> TimelineItem | None:
        """[V] puts a clip of the kind 'Compound' in the place of items, which lie in it from then on."""
        if not timelineItems or any(item._is_ghost for item in timelineItems):
            return None
        made = compound_of(self._app, self._timeline, [item._item for item in timelineItems], clipInfo or {})
        return TimelineItem(self._app, self._timeline, made)

    @api()
    def DuplicateTimeline(self, timelineName: str = "") -> Timeline | None:
        """[M] the copy becomes the current timeline; [I] None when the name is taken."""
        project = self._app.project
        names = [one.name for one in project.timelines]
        if timelineName in names:
            return None
        twin = copied(self._timeline, timelineName or f"{self._timeline.name} copy")
        project.add_timeline(twin)
        return Timeline(self._app, twin)

    # settings and files

    @api(failed="")
    def GetSetting(self, settingName: str = "") -> Any:
        """[V] values are text; one that is not known is an empty text."""
        timeline = self._timeline
        values = {
            "timelineFrameRate": rate_text(timeline.rate),
            "timelinePlaybackFrameRate": rate_text(timeline.rate),
            "timelineDropFrameTimecode": str(int(timeline.is_drop_frame)),
            "timelineResolutionWidth": str(timeline.width),
            "timelineResolutionHeight": str(timeline.height),
            "useCustomSettings": "0",
            **timeline.settings,
        }
        return values.get(settingName, "") if settingName else values

    @api(failed=False)
    def SetSetting(self, settingName: str, settingValue: str) -> bool:
        if settingName == "timelineFrameRate" and self._timeline.all_items():
            return False
        self._timeline.settings[settingName] = settingValue
        return True

    @api()
    def GetMediaPoolItem(self) -> MediaPoolItem | None:
        from fakes.resolve.poolitem import MediaPoolItem

        media = self._timeline.pool_item
        return MediaPoolItem(self._app, media) if media else None

    @api(failed=False)
    def Export(self, fileName: str, exportType: float | str, exportSubtype: float | str = -1.0) -> bool:
        """[M] types are floats read off the live object; text writes nothing. Only OTIO and DRT are played
        (a DRT is a mark that one was written).
        """
        from fakes.resolve.dump import write_otio

        target = Path(fileName)
        if isinstance(exportType, str) or not target.parent.is_dir():
            return False
        if exportType == self._app.constants["EXPORT_OTIO"]:
            write_otio(self._timeline, target)
            return True
        if exportType == self._app.constants["EXPORT_DRT"]:
            target.write_bytes(b"DRT of " + self._timeline.name.encode())
            return True
        raise FakeRejection(f"Export: type {exportType} is not played")

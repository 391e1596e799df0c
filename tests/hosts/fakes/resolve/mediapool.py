# SPDX-License-Identifier: Apache-2.0
"""MediaPool: bins, imports, and the only way to put clips on a timeline."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

from fakes.resolve.api import Handle, api
from fakes.resolve.cut import ItemState, TimelineState
from fakes.resolve.item import TimelineItem
from fakes.resolve.media import FolderState, MediaState
from fakes.resolve.poolitem import Folder, MediaPoolItem
from fakes.resolve.probing import ProbeFailure, probe_file, probe_sequence
from fakes.resolve.rejection import FakeRejection
from fakes.resolve.timeline import Timeline

__all__ = ["MediaPool"]

CLIP_KEYS = {"mediaPoolItem", "startFrame", "endFrame", "mediaType", "trackIndex", "recordFrame"}
IMPORT_KEYS = {"FilePath", "StartIndex", "EndIndex"}
TIMELINE_KEYS = {
    "timelineName",
    "importSourceClips",
    "sourceClipsPath",
    "sourceClipsFolders",
    "interlaceProcessing",
}


class MediaPool(Handle):
    """The media pool of the current project."""

    @property
    def _root(self) -> FolderState:
        return self._app.project.root_folder

    def _folder_of(self, media: MediaState) -> FolderState | None:
        for folder in self._root.walk():
            if any(one is media for one in folder.clips):
                return folder
        return None

    @api()
    def GetRootFolder(self) -> Folder:
        return Folder(self._app, self._root)

    @api()
    def GetCurrentFolder(self) -> Folder:
        return Folder(self._app, self._app.project.current_folder)

    @api(failed=False)
    def SetCurrentFolder(self, folder: Folder) -> bool:
        if all(one is not folder._folder for one in self._root.walk()):
            return False
        self._app.project.current_folder = folder._folder
        return True

    @api()
    def AddSubFolder(self, folder: Folder, name: str) -> Folder | None:
        """[I] None when there is one of the name; [?] the new one becomes current: so here."""
        if not name or any(one.name == name for one in folder._folder.folders):
            return None
        made = FolderState(name)
        folder._folder.folders.append(made)
        self._app.project.current_folder = made
        return Folder(self._app, made)

    @api(failed=False)
    def DeleteFolders(self, subfolders: list[Folder]) -> bool:
        doomed = [folder._folder for folder in subfolders]
        for parent in self._root.walk():
            parent.folders[:] = [one for one in parent.folders if all(one is not gone for gone in doomed)]
        if all(one is not self._app.project.current_folder for one in self._root.walk()):
            self._app.project.current_folder = self._root
        return True

    @api(failed=False)
    def DeleteClips(self, clips: list[MediaPoolItem]) -> bool:
        """[V] from the media pool; [I] what is used on a timeline goes from there too: refused."""
        for clip in clips:
            for timeline in self._app.project.timelines:
                uses = [item for item in timeline.all_items() if item.media is clip._media]
                takes = [
                    take for item in timeline.all_items() for take in item.takes if take.media is clip._media
                ]
                if uses or takes:
                    raise FakeRejection(f"DeleteClips: {clip._media.name} is in use on {timeline.name}")
            folder = self._folder_of(clip._media)
            if folder is None:
                return False
            folder.clips.remove(clip._media)
        return bool(clips)

    @api(failed=False)
    def MoveClips(self, clips: list[MediaPoolItem], targetFolder: Folder) -> bool:
        for clip in clips:
            folder = self._folder_of(clip._media)
            if folder is None:
                return False
            folder.clips.remove(clip._media)
            targetFolder._folder.clips.append(clip._media)
        return True

    @api(failed=[])
    def GetSelectedClips(self) -> list[MediaPoolItem]:
        """[V] of the media pool, not of the timeline; >= 19.0."""
        return [MediaPoolItem(self._app, media) for media in self._app.project.selected_media]

    @api(failed="")
    def GetUniqueId(self) -> str:
        return self._root.id + "-pool"

    # imports

    @api(failed=[])
    def ImportMedia(self, items: list[Any]) -> list[MediaPoolItem]:
        """[M] into the current folder only. Paths, or {'FilePath', 'StartIndex', 'EndIndex'} for sequences
        with a pattern such as a.%04d.exr; what cannot be read, or is in the folder already ([?]), is left
        out.
        """
        made: list[MediaState] = []
        rate = self._app.project.rate
        for item in items:
            try:
                if isinstance(item, str):
                    media = probe_file(item, rate)
                elif isinstance(item, dict):
                    if set(item) - IMPORT_KEYS or "FilePath" not in item:
                        raise FakeRejection(f"ImportMedia: keys {sorted(item)}")
                    first, last = item.get("StartIndex"), item.get("EndIndex")
                    if first is None or last is None:
                        media = probe_file(item["FilePath"], rate)
                    else:
                        media = probe_sequence(item["FilePath"], int(first), int(last), rate)
                else:
                    raise FakeRejection(f"ImportMedia: {item!r} is no path and no clip info")
            except ProbeFailure:
                continue
            folder = self._app.project.current_folder
            if any(one.path == media.path for one in folder.clips):
                continue
            folder.clips.append(media)
            made.append(media)
        return [MediaPoolItem(self._app, media) for media in made]

    @api()
    def CreateEmptyTimeline(self, name: str) -> Timeline | None:
        """[I] None when the name is taken; it becomes the current timeline, at the project's rate."""
        project = self._app.project
        if not name or any(one.name == name for one in project.timelines):
            return None
        start = Fraction(3600) * math.ceil(project.rate)
        made = TimelineState(name, project.rate, int(start), width=project.width, height=project.height)
        project.add_timeline(made)
        return Timeline(self._app, made)

    @api()
    def ImportTimelineFromFile(
        self, filePath: str, importOptions: dict[str, Any] | None = None
    ) -> Timeline | None:
        """[M] None, without a reason, when the name exists or the document is not of Resolve's shape; with
        importSourceClips False every item of an OTIO is offline.
        """
        from fakes.resolve.undump import read_otio

        options = importOptions or {}
        if set(options) - TIMELINE_KEYS:
            raise FakeRejection(f"ImportTimelineFromFile: keys {sorted(options)}")
        if not Path(filePath).is_file():
            return None
        made = read_otio(self._app, Path(filePath), options)
        if made is None:
            return None
        self._app.project.add_timeline(made)
        return Timeline(self._app, made)

    @api(failed=False)
    def DeleteTimelines(self, timeline: list[Timeline]) -> bool:
        project = self._app.project
        for one in timeline:
            if all(held is not one._timeline for held in project.timelines):
                return False
            project.remove_timeline(one._timeline)
        return bool(timeline)

    # the edit

    @api()
    def AppendToTimeline(self, clips: list[Any], *more: MediaPoolItem) -> list[TimelineItem] | None:
        """[M] onto the current timeline. startFrame and endFrame are source frames, endFrame is EXCLUSIVE; at
        another rate the length is floored; where something lies already nothing is placed and a ghost comes
        back; a locked track, or one that is not there, gives nothing. Without recordFrame: at the track's
        end.
        """
        project, behaviour = self._app.project, self._app.behaviour
        timeline = project.current_timeline
        if more:
            self._app.deprecated("MediaPool.AppendToTimeline(clip, ...)")
        if timeline is None:
            return []
        placed: list[TimelineItem] = []
        for clip in [*clips, *more]:
            info = clip if isinstance(clip, dict) else {"mediaPoolItem": clip}
            if set(info) - CLIP_KEYS or not isinstance(info.get("mediaPoolItem"), MediaPoolItem):
                raise FakeRejection(f"AppendToTimeline: {info}")
            for key in set(info) - {"mediaPoolItem"}:
                if isinstance(info[key], bool) or not isinstance(info[key], int | float):
                    raise FakeRejection(f"AppendToTimeline: {key} must be a number, not {info[key]!r}")
            placed += [
                TimelineItem(self._app, timeline, item)
                for item in self._place(timeline, info["mediaPoolItem"]._media, info)
            ]
        if behaviour.next_append_errors:
            behaviour.next_append_errors = False
            for item in placed:
                item._item.is_errored = True
            return None
        return placed

    def _place(self, timeline: TimelineState, media: MediaState, info: dict[str, Any]) -> list[ItemState]:
        zero = media.start_number(self._app.behaviour.sequence_numbers)
        first = Fraction(info.get("startFrame", zero)) - zero
        end = Fraction(info.get("endFrame", zero + media.frame_count)) - zero
        if first.denominator != 1 or end.denominator != 1 or not 0 <= first < end <= media.frame_count:
            raise FakeRejection(
                f"AppendToTimeline: source frames {info.get('startFrame')} to {info.get('endFrame')} "
                f"(exclusive) of {media.name}, which has {media.frame_count} from {zero}"
            )
        duration = math.floor((end - first) * timeline.rate / media.rate)
        wanted = {1: ("video",), 2: ("audio",)}.get(info.get("mediaType", 0), ("video", "audio"))
        kinds = [kind for kind in wanted if (media.has_video if kind == "video" else media.has_audio)]
        index = int(info.get("trackIndex", 1))
        if duration < 1 or not kinds:
            return []
        link = timeline.new_link() if len(kinds) > 1 else 0
        made = []
        for kind in kinds:
            tracks = timeline.tracks(kind)
            if not 1 <= index <= len(tracks) or tracks[index - 1].is_locked:
                continue
            track = tracks[index - 1]
            ends = [item.record_end_exclusive for item in track.items]
            start = int(info.get("recordFrame", max(ends, default=timeline.start_frame)))
            item = ItemState(kind, media.name, start, duration, media, first, link_group=link)
            made.append(item)
            if start >= timeline.start_frame and not track.overlaps(start, start + duration):
                track.items.append(item)
        return made

# SPDX-License-Identifier: Apache-2.0
"""A project as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from fakes.resolve.cut import TimelineState
from fakes.resolve.media import FolderState, MediaState, new_id
from fakes.resolve.renderqueue import RenderQueue

__all__ = ["ProjectState"]


@dataclass
class ProjectState:
    """A project: its media, timelines and render queue. `rate` is that of new timelines and of imported
    sound.
    """

    name: str = "Show"
    rate: Fraction = Fraction(24)
    width: int = 1920
    height: int = 1080
    root_folder: FolderState = field(default_factory=lambda: FolderState("Master"))
    timelines: list[TimelineState] = field(default_factory=list)
    current_timeline: TimelineState | None = None
    selected_media: list[MediaState] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    render: RenderQueue = field(default_factory=RenderQueue)
    saves: int = 0
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        self.current_folder = self.root_folder

    def add_timeline(self, timeline: TimelineState) -> None:
        """[M] a new timeline becomes the current one; it is a clip of the media pool, too."""
        from fakes.resolve.nesting import as_media

        self.timelines.append(timeline)
        self.current_timeline = timeline
        timeline.pool_item = as_media(timeline, "timeline", timeline.name)
        self.current_folder.clips.append(timeline.pool_item)

    def remove_timeline(self, timeline: TimelineState) -> None:
        self.timelines[:] = [one for one in self.timelines if one is not timeline]
        for folder in self.root_folder.walk():
            folder.clips[:] = [clip for clip in folder.clips if clip is not timeline.pool_item]
        if self.current_timeline is timeline:
            self.current_timeline = self.timelines[-1] if self.timelines else None

    def save(self) -> None:
        """[M] what an append placed that answered with an error is gone after a save."""
        self.saves += 1
        for timeline in self.timelines:
            for kind in ("video", "audio"):
                for track in timeline.tracks(kind):
                    track.items[:] = [item for item in track.items if not item.is_errored]

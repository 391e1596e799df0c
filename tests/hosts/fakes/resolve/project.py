# SPDX-License-Identifier: Apache-2.0
"""Project, with its render queue, and ProjectManager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.resolve.api import Handle, api
from fakes.resolve.mediapool import MediaPool
from fakes.resolve.rates import rate_from_text, rate_text
from fakes.resolve.rejection import FakeRejection
from fakes.resolve.rendering import RenderHandle
from fakes.resolve.timeline import Timeline

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication
    from fakes.resolve.projectstate import ProjectState

__all__ = ["Project", "ProjectManager"]


class Project(RenderHandle):
    """The project that is open."""

    def __init__(self, app: FakeApplication, project: ProjectState) -> None:
        super().__init__(app)
        self._project = project

    @api()
    def GetName(self) -> str:
        return self._project.name

    @api(failed=False)
    def SetName(self, projectName: str) -> bool:
        self._project.name = projectName or self._project.name
        return bool(projectName)

    @api(failed="")
    def GetUniqueId(self) -> str:
        return self._project.id

    @api()
    def GetMediaPool(self) -> MediaPool:
        return MediaPool(self._app)

    @api(failed=0)
    def GetTimelineCount(self) -> int:
        return len(self._project.timelines)

    @api()
    def GetTimelineByIndex(self, idx: int) -> Timeline | None:
        """[V] from 1."""
        if not 1 <= idx <= len(self._project.timelines):
            return None
        return Timeline(self._app, self._project.timelines[idx - 1])

    @api()
    def GetCurrentTimeline(self) -> Timeline | None:
        current = self._project.current_timeline
        return Timeline(self._app, current) if current else None

    @api(failed=False)
    def SetCurrentTimeline(self, timeline: Timeline) -> bool:
        if all(one is not timeline._timeline for one in self._project.timelines):
            return False
        self._project.current_timeline = timeline._timeline
        return True

    @api(failed="")
    def GetSetting(self, settingName: str = "") -> Any:
        """[V] values are text."""
        values = {
            "timelineFrameRate": rate_text(self._project.rate),
            "timelinePlaybackFrameRate": rate_text(self._project.rate),
            "timelineResolutionWidth": str(self._project.width),
            "timelineResolutionHeight": str(self._project.height),
            **self._project.settings,
        }
        return values.get(settingName, "") if settingName else values

    @api(failed=False)
    def SetSetting(self, settingName: str, settingValue: str) -> bool:
        """[M] timelineFrameRate only while there is no timeline; never timelinePlaybackFrameRate."""
        if settingName == "timelinePlaybackFrameRate":
            return False
        if settingName == "timelineFrameRate":
            rate = rate_from_text(settingValue)
            if rate is None or self._project.timelines:
                return False
            self._project.rate = rate
            return True
        self._project.settings[settingName] = settingValue
        return True


class ProjectManager(Handle):
    """Projects of the library; only the open one is played."""

    @api()
    def GetCurrentProject(self) -> Project:
        return Project(self._app, self._app.project)

    @api(failed=False)
    def SaveProject(self) -> bool:
        """[M] 'Untitled Project' cannot be saved: False, and without a window it hangs for ever. What an
        append placed that had answered with an error is gone afterwards.
        """
        if self._app.project.name == "Untitled Project":
            if self._app.behaviour.is_headless:
                raise FakeRejection(
                    "SaveProject of 'Untitled Project' hangs for ever when Resolve has no window"
                )
            return False
        self._app.project.save()
        return True

    @api(failed=[])
    def GetProjectListInCurrentFolder(self) -> list[str]:
        return [self._app.project.name]

    @api(failed={})
    def GetCurrentDatabase(self) -> dict[str, str]:
        return {"DbType": "Disk", "DbName": "Local Database"}

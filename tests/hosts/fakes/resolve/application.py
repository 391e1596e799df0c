# SPDX-License-Identifier: Apache-2.0
"""The program: what every handle looks into, the object `resolve`, and what scripts find when they run."""

from __future__ import annotations

from typing import Any, Literal

from fakes.resolve.api import Handle, api
from fakes.resolve.cut import TimelineState
from fakes.resolve.edition import FakeBehaviour, FakeEdition
from fakes.resolve.fusion import CompState, Fusion, FusionComp, FusionTool
from fakes.resolve.mediapool import MediaPool
from fakes.resolve.project import Project, ProjectManager
from fakes.resolve.projectstate import ProjectState
from fakes.resolve.rejection import FakeRejection
from fakes.resolve.renderqueue import FORMATS, RenderJob
from fakes.resolve.storage import MediaStorage
from fakes.resolve.timeline import Timeline

__all__ = ["FakeApplication", "Resolve"]

PAGES = ("media", "cut", "edit", "fusion", "color", "fairlight", "deliver")
CONSTANTS = {
    "EXPORT_AAF": 0.0,
    "EXPORT_DRT": 1.0,
    "EXPORT_EDL": 2.0,
    "EXPORT_FCP_7_XML": 3.0,
    "EXPORT_FCPXML_1_8": 4.0,
    "EXPORT_FCPXML_1_9": 5.0,
    "EXPORT_FCPXML_1_10": 6.0,
    "EXPORT_TEXT_CSV": 9.0,
    "EXPORT_OTIO": 15.0,
    "EXPORT_NONE": -1.0,
}
"""[V] names; [M] floats; the values are [I]: nobody may rely on them."""


class FakeApplication:
    """DaVinci Resolve as it runs: one project, a page, a log of every call in `calls`."""

    def __init__(self, edition: FakeEdition | None = None, behaviour: FakeBehaviour | None = None) -> None:
        self.edition = edition or FakeEdition()
        self.behaviour = behaviour or FakeBehaviour()
        self.project = ProjectState()
        self.page = "edit"
        self.modal_text = ""
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.failing_calls: set[int] = set()
        """Calls, counted from 1 as in `calls`, that fail without a word."""
        self.modal_at_call = 0
        """From this call on a modal is up."""
        self.console: list[str] = []
        self.is_console_shown = False
        self.constants = dict(CONSTANTS)
        self.windows: list[Any] = []
        self.timers: list[Any] = []
        self.files_to_pick: list[str] = []
        """What the artist picks in file and folder requesters, in turn; nothing left: cancelled."""
        self.ui_script: list[Any] = []
        """What the artist does in windows: see fakes.resolve.ui."""

    def resolve(self) -> Resolve:
        return Resolve(self)

    def deprecated(self, what: str) -> None:
        """[V] forms with several signatures are deprecated since 21.1: refused there."""
        if self.edition.has((21, 1)):
            raise FakeRejection(f"{what} is deprecated since 21.1")

    def called(self, name: str) -> int:
        """How often a method was called: 'MediaPool.AppendToTimeline'."""
        return sum(where == name for where, _ in self.calls)

    def render_name(self, job: RenderJob) -> str:
        """The name of what a job writes."""
        name = job.settings.get("CustomName", job.timeline.name)
        return f"{name}.{job.format if job.format in FORMATS.values() else 'mov'}"

    def script_globals(
        self,
        folder: Literal["Edit", "Comp", "Tool", "Utility"] = "Edit",
        comp: CompState | None = None,
        tool_name: str = "MediaIn1",
    ) -> dict[str, Any]:
        """The globals of a script of a folder: resolve, fusion, fu, bmd, app; comp of Comp; comp and tool of
        Tool.

        Raises FakeRejection on Free 21.1 and later, which lists no Python scripts.
        """
        from fakes.resolve.ui import Bmd

        if not self.edition.runs_python_scripts:
            raise FakeRejection(f"{self.edition}: Python scripts are not in the menu")
        found: dict[str, Any] = {
            "resolve": self.resolve(),
            "fusion": Fusion(self),
            "fu": Fusion(self),
            "app": Fusion(self),
            "bmd": Bmd(self),
            "__name__": "__main__",
        }
        if folder in ("Comp", "Tool"):
            timeline = self.project.current_timeline
            item = timeline.shown_at(timeline.playhead_frame) if timeline else None
            comp = comp or (item.fusion_comps[0] if item and item.fusion_comps else CompState())
            found["comp"] = FusionComp(self, comp)
            if folder == "Tool":
                tools = {tool.name: tool for tool in comp.tools}
                found["tool"] = FusionTool(self, comp, tools[tool_name])
        return found

    @property
    def timeline(self) -> TimelineState:
        """The current timeline. Raises AssertionError when there is none."""
        assert self.project.current_timeline is not None
        return self.project.current_timeline


class Resolve(Handle):
    """The object `resolve`."""

    def __getattr__(self, name: str) -> Any:
        constants = object.__getattribute__(self, "_app").constants
        if name in constants:
            return constants[name]
        return super().__getattr__(name)

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *self._app.constants])

    @api(works_under_modal=True)
    def GetProductName(self) -> str:
        return self._app.edition.product_name

    @api(works_under_modal=True)
    def GetVersion(self) -> list[Any]:
        """[V] [major, minor, patch, build, suffix]."""
        major, minor, patch = (*self._app.edition.version, 0, 0)[:3]
        return [major, minor, patch, 5, ""]

    @api(works_under_modal=True)
    def GetVersionString(self) -> str:
        return ".".join(str(part) for part in self.GetVersion()[:4])

    @api()
    def GetProjectManager(self) -> ProjectManager:
        return ProjectManager(self._app)

    @api()
    def GetMediaStorage(self) -> MediaStorage:
        return MediaStorage(self._app)

    @api((21, 1))
    def GetCurrentProject(self) -> Project:
        return Project(self._app, self._app.project)

    @api((21, 1))
    def GetCurrentTimeline(self) -> Timeline | None:
        current = self._app.project.current_timeline
        return Timeline(self._app, current) if current else None

    @api((21, 1))
    def GetMediaPool(self) -> MediaPool:
        return MediaPool(self._app)

    @api()
    def Fusion(self) -> Fusion:
        return Fusion(self._app)

    @api(works_under_modal=True)
    def GetCurrentPage(self) -> str | None:
        """[V] None without a window."""
        return None if self._app.behaviour.is_headless else self._app.page

    @api(failed=False)
    def OpenPage(self, pageName: str) -> bool:
        if pageName not in PAGES:
            return False
        self._app.page = pageName
        return True

# SPDX-License-Identifier: Apache-2.0
"""Fusion: compositions of clips and their tools, as far as a script of ours looks at them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakes.resolve.api import Handle, api

if TYPE_CHECKING:
    from fakes.resolve.application import FakeApplication
    from fakes.resolve.ui import UIManager

__all__ = ["CompState", "Fusion", "FusionComp", "FusionTool", "ToolState"]


@dataclass
class ToolState:
    """A node: `regid` is its type (MediaIn, MediaOut, Blur, ...)."""

    name: str
    regid: str
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass
class CompState:
    """A composition of a clip: MediaIn1 and MediaOut1 at first."""

    name: str = "Composition 1"
    tools: list[ToolState] = field(
        default_factory=lambda: [ToolState("MediaIn1", "MediaIn"), ToolState("MediaOut1", "MediaOut")]
    )
    data: dict[str, Any] = field(default_factory=dict)
    locks: int = 0

    def as_text(self) -> dict[str, Any]:
        tools = [{"name": tool.name, "regid": tool.regid, "inputs": tool.inputs} for tool in self.tools]
        return {"name": self.name, "tools": tools}

    @staticmethod
    def from_text(text: dict[str, Any]) -> CompState:
        return CompState(text["name"], [ToolState(**tool) for tool in text["tools"]])


class FusionTool(Handle):
    """[M] dir() of a tool leaves out GetAttrs and SetAttrs, which work."""

    def __init__(self, app: FakeApplication, comp: CompState, tool: ToolState) -> None:
        super().__init__(app)
        self._comp = comp
        self._tool = tool

    @property
    def Name(self) -> str:
        return self._tool.name

    @property
    def ID(self) -> str:
        return self._tool.regid

    @property
    def Composition(self) -> FusionComp:
        return FusionComp(self._app, self._comp)

    @api(failed={})
    def GetAttrs(self) -> dict[str, Any]:
        return {"TOOLS_Name": self._tool.name, "TOOLS_RegID": self._tool.regid, "TOOLB_Selected": True}

    @api()
    def GetInput(self, name: str, time: float = 0.0) -> Any:
        return self._tool.inputs.get(name)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in ("GetAttrs", "SetAttrs")]


class FusionComp(Handle):
    """A composition."""

    def __init__(self, app: FakeApplication, comp: CompState) -> None:
        super().__init__(app)
        self._comp = comp

    @property
    def ActiveTool(self) -> FusionTool | None:
        return FusionTool(self._app, self._comp, self._comp.tools[0]) if self._comp.tools else None

    @property
    def CurrentTime(self) -> float:
        return 0.0

    @api(failed={})
    def GetAttrs(self) -> dict[str, Any]:
        return {"COMPS_Name": self._comp.name, "COMPS_FileName": "", "COMPN_CurrentTime": 0.0}

    @api(failed={})
    def GetToolList(self, selected: bool = False, regid: str = "") -> dict[int, FusionTool]:
        """[V] a table from 1."""
        tools = [tool for tool in self._comp.tools if regid in ("", tool.regid)]
        return {number: FusionTool(self._app, self._comp, tool) for number, tool in enumerate(tools, 1)}

    @api()
    def FindTool(self, name: str) -> FusionTool | None:
        found = [tool for tool in self._comp.tools if tool.name == name]
        return FusionTool(self._app, self._comp, found[0]) if found else None


class Fusion(Handle):
    """The `fusion` (or `fu`) of a script."""

    @property
    def UIManager(self) -> UIManager | None:
        """[M] Studio only since 19.1: on Free nothing comes back, and a modal is up."""
        from fakes.resolve.ui import UIManager

        if not self._app.edition.has_user_interface:
            self._app.modal_text = "You have reached a limitation with DaVinci Resolve"
            return None
        return UIManager(self._app)

    @property
    def CurrentComp(self) -> FusionComp | None:
        """[V] also GetCurrentComp(): the composition of the clip under the playhead, on the Fusion page."""
        return self._current()

    def _current(self) -> FusionComp | None:
        timeline = self._app.project.current_timeline
        item = timeline.shown_at(timeline.playhead_frame) if timeline else None
        return FusionComp(self._app, item.fusion_comps[0]) if item and item.fusion_comps else None

    @api()
    def GetCurrentComp(self) -> FusionComp | None:
        return self._current()

    @api()
    def GetResolve(self) -> Any:
        return self._app.resolve()

    @api()
    def RequestFile(self, path: str = "") -> str | None:
        """[M] public scripts: the chosen file's path, None when cancelled."""
        return self._app.files_to_pick.pop(0) if self._app.files_to_pick else None

    @api()
    def RequestDir(self, path: str = "") -> str | None:
        return self._app.files_to_pick.pop(0) if self._app.files_to_pick else None

    @api()
    def ShowConsole(self, shown: bool) -> None:
        """[M] public scripts call it; whether every edition obeys is not known."""
        self._app.is_console_shown = shown

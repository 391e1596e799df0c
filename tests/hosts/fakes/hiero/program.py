# SPDX-License-Identifier: Apache-2.0
"""The modules hiero, hiero.core and hiero.ui, a project, and views with a selection."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from fakes.hiero import media, timeline
from fakes.hiero.world import Recorded, World

__all__ = ["Menu", "Project", "View", "install"]


class Project(Recorded):
    def __init__(self, name: str, path: str) -> None:
        super().__init__()
        self._name, self._path = name, path
        self._bin = media.Bin("Sequences")
        self._bin._home = self

    def _is_in_project(self) -> bool:
        return True

    def name(self) -> str:
        return self._name

    def path(self) -> str:
        return self._path

    def project(self) -> Project:
        return self

    def clipsBin(self) -> media.Bin:
        return self._bin

    def beginUndo(self, name: str) -> None:
        World.now.begin(name)

    def endUndo(self) -> None:
        World.now.end()

    def undo(self) -> None:
        World.now.undo()

    def undoItemText(self) -> str:
        return World.now.steps[-1][0] if World.now.steps else ""

    def trackItems(self) -> list[timeline.TrackItem]:
        sequences = [one.activeItem() for one in self._bin.items() if isinstance(one, media.BinItem)]
        return [
            item
            for one in sequences
            if isinstance(one, timeline.Sequence)
            for track in (*one.videoTracks(), *one.audioTracks())
            for item in track.items()
        ]


class Event:
    def __init__(self, menu: Menu, sender: Any) -> None:
        self.menu, self.sender = menu, sender


class Events:
    def __init__(self) -> None:
        self.interests: dict[str, list[Callable[[Event], None]]] = {}

    def registerInterest(self, event: str, callback: Callable[[Event], None]) -> None:
        kind, _, view = event.partition("/")
        assert kind == "kShowContextMenu" and view in ("kTimeline", "kBin", "kSpreadsheet", "kViewer"), event
        self.interests.setdefault(event, []).append(callback)

    def send(self, event: str, sender: Any) -> Menu:
        menu = Menu()
        for callback in self.interests.get(event, ()):
            callback(Event(menu, sender))
        return menu


class Menu:
    """A QMenu about to be shown."""

    def __init__(self) -> None:
        self.actions: list[Any] = []

    def addAction(self, action: Any) -> None:
        self.actions.append(action)


class View:
    """Timeline editor, bin view or spreadsheet."""

    def __init__(self, selection: tuple[Any, ...]) -> None:
        self._selection = selection

    def selection(self) -> tuple[Any, ...]:
        return self._selection


def install(monkeypatch: pytest.MonkeyPatch) -> World:
    """A fresh one; modules of plosive_hiero are loaded anew for it."""
    World.now = World()
    hiero, core, ui = (types.ModuleType(name) for name in ("hiero", "hiero.core", "hiero.ui"))
    for name in ("Bin", "BinItem", "Clip", "MediaSource", "Tag", "TimeBase", "Version"):
        setattr(core, name, getattr(media, name))
    for name in ("AudioTrack", "EffectTrackItem", "Sequence", "TrackItem", "Transition", "VideoTrack"):
        setattr(core, name, getattr(timeline, name))
    core.events = Events()  # type: ignore[attr-defined]
    core.env = {"ProductName": "NukeStudio", "VersionString": "15.1v3"}  # type: ignore[attr-defined]
    core.isHieroPlayer = lambda: False  # type: ignore[attr-defined]
    ui.mainWindow = lambda: None  # type: ignore[attr-defined]
    hiero.core, hiero.ui = core, ui  # type: ignore[attr-defined]
    for module in (hiero, core, ui):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for name in [name for name in sys.modules if name.split(".")[0] == "plosive_hiero"]:
        monkeypatch.delitem(sys.modules, name)
    return World.now

# SPDX-License-Identifier: Apache-2.0
"""The right-click menus, with a Qt that is only as large as they need; and the dialog with a real one."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.hiero import World
from fakes.hiero.program import View
from fakes.hiero.scene import Cut
from plosive_install.sources import host_files


class Signal:
    def __init__(self) -> None:
        self.slots: list[Callable[..., None]] = []

    def connect(self, slot: Callable[..., None]) -> None:
        self.slots.append(slot)


class FakeAction:
    def __init__(self, title: str, parent: Any) -> None:
        self.title, self.triggered, self.is_enabled = title, Signal(), True

    def setObjectName(self, name: str) -> None:
        self.name = name

    def setEnabled(self, enabled: bool) -> None:
        self.is_enabled = enabled


@pytest.fixture(params=["PySide6", "PySide2"])
def menu(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    for package in ("PySide6", "PySide2"):
        for name in ("", ".QtCore", ".QtGui", ".QtWidgets"):
            made = types.ModuleType(package + name) if package == request.param else None
            monkeypatch.setitem(sys.modules, package + name, made)
    where = "QtGui" if request.param == "PySide6" else "QtWidgets"
    sys.modules[f"{request.param}.{where}"].QAction = FakeAction  # type: ignore[attr-defined]
    return importlib.import_module("plosive_hiero.menu").add_menus()


def test_all_three_menus_have_it(menu: Any, cut: Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = cut.clip(cut.media())
    item = cut.item(clip, 0, 5, 10)
    sound = cut.dub(0, 10)
    events = sys.modules["hiero.core"].events
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        sys.modules["plosive_hiero.menu"], "lip_sync", lambda selection, desk: calls.append(selection)
    )
    for view, selected in (("kTimeline", item), ("kSpreadsheet", item), ("kBin", clip.binItem())):
        shown = events.send(f"kShowContextMenu/{view}", View((selected,)))
        assert [action.title for action in shown.actions] == ["Lip Sync Clip"] and menu.action.is_enabled
        menu.action.triggered.slots[0](False)
        assert calls.pop() == (selected,)
    for nothing in ((sound,), (cut.v1,), (cut.sequence.binItem(),), (), (cut.project.clipsBin(),)):
        events.send("kShowContextMenu/kTimeline", View(nothing))
        assert not menu.action.is_enabled, nothing
    assert events.send("kShowContextMenu/kBin", object()).actions == []
    broken = View((item,))
    broken.selection = lambda: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    assert events.send("kShowContextMenu/kTimeline", broken).actions == []  # told to the log only


def test_a_second_call_adds_nothing(menu: Any) -> None:
    again = importlib.import_module("plosive_hiero.menu").add_menus()
    events = sys.modules["hiero.core"].events
    assert again is menu and len(events.interests["kShowContextMenu/kBin"]) == 1


def test_hiero_player_gets_none(world: World) -> None:
    sys.modules["hiero.core"].isHieroPlayer = lambda: True  # type: ignore[attr-defined]
    assert importlib.import_module("plosive_hiero.menu").add_menus() is None


def test_the_startup_file_of_the_repository(
    menu: Any, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository / "hosts" / "nuke" / "Python" / "Startup" / "plosive_startup.py"
    monkeypatch.setattr(sys, "path", [one for one in sys.path if "hosts" not in one and "plugin" not in one])
    for name in [name for name in sys.modules if name.startswith(("plosive_hiero", "plosive_host"))]:
        monkeypatch.delitem(sys.modules, name)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {"__file__": str(path)})
    events = sys.modules["hiero.core"].events
    assert len(events.interests["kShowContextMenu/kTimeline"]) == 2  # the fixture's, and this one
    folders = [str(repository / "hosts" / "nuke"), str(repository / "plugin")]
    assert sys.path[-2:] == folders


def test_the_installer_takes_it_along(repository: Path) -> None:
    files = host_files("nuke", sys.executable, repository / "hosts")
    assert "Python/Startup/plosive_startup.py" in files.entries
    assert "plosive_hiero/menu.py" in files.package and "plosive_host/dialog.py" in files.package


QT = """
import sys, types
hiero = types.ModuleType("hiero"); hiero.ui = types.ModuleType("hiero.ui"); hiero.ui.mainWindow = lambda: None
sys.modules.update({"hiero": hiero, "hiero.ui": hiero.ui})
from plosive_hiero.qt_modules import QtCore, QtWidgets
app = QtWidgets.QApplication([])
from plosive_hiero.qt_dialog import DialogWindow, ask_dialog
from plosive_hiero.qt_screen import QtScreen, action
from plosive_hiero.sync_dialog import sync_dialog, why_not_yet, choices_of
from plosive_hiero.voices import VoiceFound
voices = [VoiceFound("A1", "Dialogue", (), False, ""), VoiceFound("A2", "MX", (), False, "", False)]
dialog = sync_dialog(["sh010"], voices, "/tmp/out", "", False)
check = lambda values: why_not_yet(values, voices, False)
window = DialogWindow(dialog, dialog.defaults(), check, None)
assert window.values() == dialog.checked(window.values(), "Qt"), window.values()
assert window.values() == dialog.defaults()
accept = window.buttons.button(QtWidgets.QDialogButtonBox.Ok)
assert accept.isEnabled() and accept.text() == "Lip Sync"
boxes = window.window.findChildren(QtWidgets.QCheckBox)
boxes[0].setChecked(False)
assert not accept.isEnabled() and "Choose the dub" in window.why.text()
boxes[0].setChecked(True); boxes[1].setChecked(True)
assert "each needs its face" in window.why.text()
if len(sys.argv) > 1:
    window.window.grab().save(sys.argv[1])
QtCore.QTimer.singleShot(100, lambda: app.activeModalWidget().accept())
begun = {**dialog.defaults(), "jaw": 140, "language": "sw"}
assert ask_dialog(dialog, begun, lambda values: "", None) == begun
QtCore.QTimer.singleShot(100, lambda: app.activeModalWidget().reject())
assert ask_dialog(dialog, dialog.defaults(), lambda values: "", None) is None
screen, cancelled, ticks = QtScreen(), [], []
bar = screen.bar("Lip Sync sh010", lambda: cancelled.append(1))
bar.show("render: frame 1 of 2", 50); bar.close(); app.processEvents()
assert cancelled == []
bar = screen.bar("Lip Sync sh010", lambda: cancelled.append(1))
bar._window.findChild(QtWidgets.QPushButton).click(); app.processEvents()
assert cancelled == [1]
bar.close()
stop = screen.tick(lambda: ticks.append(1))
QtCore.QTimer.singleShot(450, app.quit); app.exec()
stop(); seen = len(ticks); assert seen >= 2
QtCore.QTimer.singleShot(250, app.quit); app.exec()
assert len(ticks) == seen
assert action("Lip Sync Clip").text() == "Lip Sync Clip"
screen.tell("Lip Sync", "done"); app.processEvents()
print("drawn")
"""


def test_a_real_qt(repository: Path) -> None:
    """PySide6 where it is installed (`pip install PySide6-Essentials`), without a display."""
    if importlib.util.find_spec("PySide6") is None:
        pytest.skip("PySide6 is not installed")
    folders = [repository / "hosts" / "nuke", repository / "plugin", *map(Path, filter(None, sys.path))]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "QT_QPA_PLATFORM": "offscreen",
    }
    picture = os.environ.get("PLOSIVE_TEST_PICTURE", "")
    command = [sys.executable, "-c", QT, *([picture] if picture else [])]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    if "libEGL" in done.stderr or "libGL" in done.stderr:
        pytest.skip("this machine has no libraries for Qt's windows")
    assert done.stdout.strip().endswith("drawn"), done.stdout + done.stderr

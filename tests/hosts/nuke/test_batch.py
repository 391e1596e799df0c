# SPDX-License-Identifier: Apache-2.0
"""`nuke -t`: no progress bar, no message, no main thread that would ever be idle."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import Any

import pytest

from fakes.nuke import FakeNuke
from fakes.nuke.scene import ScriptedSession, lip_sync, make_result, read_node, write_plate
from plosive_host import PlosiveHostError


@pytest.fixture
def node(terminal: FakeNuke, tmp_path: Path) -> Any:
    session = ScriptedSession
    session.made = []
    node = lip_sync(terminal, read_node(terminal, write_plate(tmp_path / "a", 1, 4), 1, 4))
    node["dub"].setValue("/dubs/de.wav")
    return node


def answering(monkeypatch: pytest.MonkeyPatch, error: str = "") -> None:
    """A Plosive that does each job at once, in a thread of its own, as the real session's callbacks come."""

    class Answering(ScriptedSession):
        def request(self, kind: str, fields: Any = None, *given: Any, **callbacks: Any) -> None:
            super().request(kind, fields, *given, **callbacks)
            threading.Thread(target=self._answer).start()

        def _answer(self) -> None:
            self.event(
                {"type": "progress", "progress": {"stage": "render", "frames_done": 2, "frames_total": 4}}
            )
            if error:
                self.fail(error, "MEDIA_READ")
                return
            make_result(self.asked("submit")["sync"], 1, 4)
            self.done({"job": {"id": "J", "result": {"frames_synced": 4, "frames_total": 4}}})

    monkeypatch.setattr(importlib.import_module("plosive_nuke.desk"), "Session", Answering)


def test_it_waits_and_tells(terminal: FakeNuke, node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    result = importlib.import_module("plosive_nuke").sync_node(node)
    assert result.endswith("/plate_LipSync1_v001/plate_LipSync1_v001.%04d.exr")
    assert terminal.show(node, 3).planes["rgba.red"][0, 0] == 0.5
    assert any("v001: " in line for line in terminal.printed)
    assert terminal.tasks == [] and terminal.messages == []
    assert importlib.import_module("plosive_nuke").sync_node(node, 7).endswith("_v007.%04d.exr")
    with pytest.raises(PlosiveHostError, match="Version 7 of plate_LipSync1 is there already"):
        importlib.import_module("plosive_nuke").sync_node(node, 7)


def test_failures_are_raised(terminal: FakeNuke, node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "The plate is damaged; render it again.")
    with pytest.raises(PlosiveHostError, match="damaged"):
        importlib.import_module("plosive_nuke").sync_node(node)


def test_only_on_a_lip_sync_node_and_never_with_the_gui(terminal: FakeNuke, node: Any) -> None:
    sync_node = importlib.import_module("plosive_nuke").sync_node
    for other in (node.input(0), None, terminal.nodes.Group()):
        with pytest.raises(PlosiveHostError, match="no LipSync node"):
            sync_node(other)
    terminal.GUI = True
    with pytest.raises(PlosiveHostError, match="would freeze Nuke"):
        sync_node(node)


def test_the_button_waits_too(terminal: FakeNuke, node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    terminal.press(node, "sync")
    assert terminal.show(node, 3).planes["rgba.red"][0, 0] == 0.5
    assert node["status"].value() == "v001: 4 of 4 frames synced."
    terminal.press(node, "analyse")
    assert terminal.printed[-1] == "Lip Sync: That needs Nuke's GUI."


def test_ctrl_c_ends_the_job(terminal: FakeNuke, node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = importlib.import_module("plosive_nuke.batch")
    monkeypatch.setattr(importlib.import_module("plosive_nuke.desk"), "Session", ScriptedSession)

    def interrupted(one: Any, run: Any) -> None:
        one.pump.run_waiting()
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "_wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        batch.sync_and_wait(node)
    assert ScriptedSession.made[0].asked("cancel") == {"job_id": "JOB1"}


def test_a_button_in_the_terminal_prints_what_is_wrong(terminal: FakeNuke, node: Any) -> None:
    node["dub"].setValue("")
    terminal.press(node, "sync")
    assert terminal.printed == ["Lip Sync: LipSync1 has no dub; choose its file."]

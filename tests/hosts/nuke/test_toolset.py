# SPDX-License-Identifier: Apache-2.0
"""The node as a script: pasted, copied, saved and opened, with and without the plug-in."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fakes.nuke import FakeNuke, install
from fakes.nuke.scene import lip_sync, picture, read_node, write_plate


def test_the_file_is_what_the_panel_says(nuke: FakeNuke, repository: Path) -> None:
    toolset = importlib.import_module("plosive_nuke.toolset")
    shipped = repository / "hosts" / "nuke" / "ToolSets" / "Plosive" / "LipSync.nk"
    assert shipped.read_text(encoding="utf-8") == toolset.toolset_text()


def test_the_page_shows_this_panel(nuke: FakeNuke, repository: Path) -> None:
    panel = importlib.import_module("plosive_nuke.panel")
    page = (repository / "docs" / "nuke.md").read_text(encoding="utf-8")
    assert f"```\n{panel.panel_text()}```" in page


def test_every_knob_of_the_panel_is_there(nuke: FakeNuke) -> None:
    panel = importlib.import_module("plosive_nuke.panel").PANEL
    node = lip_sync(nuke)
    for item in panel:
        knob = node[item.name]
        assert knob.visible() is not item.is_hidden, item.name
        if item.kind == "number":
            assert knob.value() == float(item.default)
        if item.kind == "choice":
            assert (knob.value(), tuple(knob.values())) == (item.default, item.choices)
    assert node["folder"].getEvaluatedValue().endswith("/show/plosive")


def test_made_on_a_read_it_takes_its_range_and_shows_the_plate(nuke: FakeNuke, tmp_path: Path) -> None:
    read = read_node(nuke, write_plate(tmp_path / "plate", 1001, 1004), 1001, 1004)
    node = lip_sync(nuke, read)
    assert node.input(0) is read and node.maxInputs() == 2
    assert [node[name].value() for name in ("first", "last", "dub_frame")] == [1001, 1004, 1001.0]
    shown = nuke.show(node, 1003)
    assert np.array_equal(shown.planes["rgba.red"], picture(1003).planes["rgba.red"])
    nuke.undo_stack.undo()
    assert node["first"].value() == 1


def test_its_range_is_the_plates(nuke: FakeNuke, tmp_path: Path) -> None:
    """Also before there is a result: the inner Reads begin where the plate does."""
    read = read_node(nuke, write_plate(tmp_path / "plate", 1001, 1004), 1001, 1004)
    node = lip_sync(nuke, read)
    assert (node.firstFrame(), node.lastFrame()) == (1001, 1004)
    second = lip_sync(nuke, node)
    assert (second["first"].value(), second["last"].value()) == (1001, 1004)


def test_a_farm_without_the_plug_in_renders_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, repository: Path
) -> None:
    farm = install(monkeypatch, tmp_path, is_gui=False)
    monkeypatch.setattr(sys, "path", [one for one in sys.path if "hosts" not in one and "plugin" not in one])
    read = read_node(farm, write_plate(tmp_path / "plate", 1, 2), 1, 2)
    read.setSelected(True)
    node: Any = farm.nodePaste(str(repository / "hosts" / "nuke" / "ToolSets" / "Plosive" / "LipSync.nk"))
    made = write_plate(tmp_path / "made", 11, 12)
    node.node("Result")["file"].setValue(made)
    for name, value in (("first", 11), ("last", 12), ("frame_mode", "start at"), ("frame", "1")):
        node.node("Result")[name].setValue(value)
    for name, value in (("has_result", 1), ("result_first", 1), ("result_last", 2)):
        node[name].setValue(value)  # its knobChanged runs, finds no package and is silent
    assert farm.show(node, 2).planes["rgba.red"][0, 0] == 12
    write = farm.nodes.Write(file=str(tmp_path / "farm.%04d.exr"), file_type="exr", raw=True, channels="rgb")
    write.setInput(0, node)
    farm.execute(write, 1, 2)
    assert (tmp_path / "farm.0002.exr").exists()
    with pytest.raises(RuntimeError, match="needs the GUI"):
        farm.press(node, "sync")


def test_the_inner_write_is_off_and_what_is_not_chosen_is_not_read(nuke: FakeNuke) -> None:
    node = lip_sync(nuke)
    assert node.node("PlateWrite")["disable"].value() is True
    with pytest.raises(RuntimeError, match="is disabled"):
        nuke.execute(node.node("PlateWrite"), 1, 1)
    assert not any(
        plane.any() for plane in nuke.show(node, 5).planes.values()
    )  # no file of the inner Reads is named


def test_copies_and_saved_scripts_hold_all_of_it(nuke: FakeNuke, tmp_path: Path) -> None:
    read = read_node(nuke, write_plate(tmp_path / "plate", 1, 3), 1, 3)
    node = lip_sync(nuke, read)
    node["transcript"].setValue('He said: "no [really] $5"\nand left.')
    node["jaw"].setAnimated()
    node["jaw"].setValueAt(0.5, 3)
    node["face"].setValues(["automatic", "at the position", "1 Anna (frames 1 to 3)"])
    node["face"].setValue("1 Anna (frames 1 to 3)")
    nuke.nodeCopy(str(tmp_path / "copy.nk"))
    copy: Any = nuke.nodePaste(str(tmp_path / "copy.nk"))
    assert copy.name() != node.name()
    nuke.scriptSaveAs(str(tmp_path / "show" / "saved.nk"))
    before = [node.writeKnobs(), copy.writeKnobs()]
    nuke.scriptOpen(str(tmp_path / "show" / "saved.nk"))
    again = [one for one in nuke.root().nodes() if one.Class() == "Group"]
    assert [one.writeKnobs() for one in again] == before
    for one in again:
        assert one["transcript"].value() == 'He said: "no [really] $5"\nand left.'
        assert one["jaw"].getValueAt(2) == pytest.approx(one["jaw"].getValueAt(1) / 2 + 0.25)
        assert one["face"].value() == "1 Anna (frames 1 to 3)"
        assert nuke.show(again[0], 2).planes["rgba.red"][0, 0] == 2
    with pytest.raises(ValueError):
        node["first"].value()

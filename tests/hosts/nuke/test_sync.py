# SPDX-License-Identifier: Apache-2.0
"""Sync from the press of the button to the picture in the node, with a Plosive that answers by script."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.nuke import FakeNuke
from fakes.nuke.scene import ScriptedSession, lip_sync, make_result, picture, read_node, write_plate

Sessions = type[ScriptedSession]


@pytest.fixture
def node(nuke: FakeNuke, plosive: Sessions, tmp_path: Path) -> Any:
    """On a plain Read of frames 1001 to 1010; range 1003 to 1006, handles 2."""
    pattern = write_plate(tmp_path / "a", 1001, 1010)
    node = lip_sync(nuke, read_node(nuke, pattern, 1001, 1010))
    for name, value in (("dub", "/dubs/de.wav"), ("first", 1003), ("last", 1006), ("handles", 2)):
        node[name].setValue(value)
    return node


def run_of(node: Any) -> Any:
    return importlib.import_module("plosive_nuke.desk").desk().run_of(node)


def settle(nuke: FakeNuke) -> None:
    nuke.threads.idle_until(lambda: nuke.threads.waiting == 0)


def finish(nuke: FakeNuke, session: ScriptedSession, red: float = 0.5) -> None:
    make_result(session.asked("submit")["sync"], 1001, 1010, red)
    result = {"frames_synced": 8, "frames_total": 8}
    session.done({"type": "done", "job": {"id": "J", "state": "done", "result": result}})
    settle(nuke)


def test_the_request(nuke: FakeNuke, plosive: Sessions, node: Any, tmp_path: Path) -> None:
    for name, value in (
        ("transcript", " Hallo. "), ("language", "de"), ("dub_frame", 1002.5), ("jaw", 1.2), ("seed", 7),
        ("dub_channel", 2), ("face_position", (10.0, 12.0)), ("face_frame", 1004), ("generator", "plate"),
        ("priority", 80), ("name_stem", "sh010_de"),
    ):  # fmt: skip
        node[name].setValue(value)
    node["face"].setValue("at the position")
    node["strength"].setAnimated()
    node["strength"].setValueAt(0.0, 1001)
    node["strength"].setValueAt(1.0, 1009)
    nuke.root()["fps"].setValue(23.976)
    nuke.press(node, "sync")
    asked = plosive.made[0].asked("submit")
    version = tmp_path / "show" / "plosive" / "sh010_de_v001"
    assert (asked["label"], asked["priority"]) == ("sh010_de v001", 80)
    style = asked["sync"].pop("style")
    assert asked["sync"] == {
        "clip": {
            "media_path": str(tmp_path / "a" / "plate.%04d.exr"),
            "range": {"first_frame": 1003, "last_frame_inclusive": 1006},
            "handle_frames": 2,
            "sequence_rate": "24000/1001",
        },
        "voices": [
            {
                "dub_path": "/dubs/de.wav", "dub_start_seconds": "1001/16000", "dub_channel": 2,
                "transcript": "Hallo.", "language": "de", "face": "10,6@1004",
            }
        ],
        "seed": 7,
        "generator": "plate",
        "output": {"path": f"{version}/sh010_de_v001.%04d.exr"},
        "elements": {"folder_path": f"{version}/elements"},
    }  # fmt: skip
    assert style["jaw"] == {"keys": [{"media_frame": "1001", "value": 1.2}]}
    assert [key["media_frame"] for key in style["strength"]["keys"]] == [str(at) for at in range(1001, 1009)]
    assert [key["value"] for key in style["strength"]["keys"]] == [at / 8 for at in range(8)]
    assert set(style) == {"jaw", "strength"}


def test_it_tells_how_it_goes_and_shows_the_result(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "sync")
    session, run = plosive.made[0], run_of(node)
    settle(nuke)
    assert node["status"].value() == "v001: waiting, 2 before it"
    assert session.name == "Nuke 15.1v1"
    progress = {
        "stage": "render",
        "frames_done": 4,
        "frames_total": 8,
        "frames_per_second": 2.0,
        "seconds_left": 2.0,
    }
    session.event({"type": "progress", "progress": progress})
    nuke.threads.idle_until(lambda: nuke.tasks[0].percent == 50)
    assert node["status"].value() == "v001: render: frame 4 of 8, 2.0 a second, about 2 s left"
    assert nuke.tasks[0].message == "render: frame 4 of 8, 2.0 a second, about 2 s left"
    session.event({"type": "warning", "warning": "Frame 1005 keeps the plate: the face is turned away."})
    groups = len(nuke.undo_stack.groups)
    finish(nuke, session)
    assert run.is_over and run_of(node) is None
    assert node["status"].value().startswith("v001: 8 of 8 frames synced.\nFrame 1005 keeps the plate")
    for frame in (1000, 1001, 1002, 1008, 1009, 1010):
        red = nuke.show(node, frame).planes["rgba.red"][0, 0]
        assert red == (0.5 if 1001 <= frame <= 1008 else max(frame, 1001))
    assert nuke.show(node, 1004).planes["matte.alpha"].max() == 0.5
    assert [name for name, _ in nuke.undo_stack.groups[groups:]] == ["Lip Sync v001"]
    assert node["job"].value() == ""
    assert (node.firstFrame(), node.lastFrame()) == (1001, 1010)
    nuke.undo_stack.undo()
    assert node["has_result"].value() == 0 and node.node("Result")["file"].value() == ""


def test_knobs_of_the_result(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "sync")
    settle(nuke)
    finish(nuke, plosive.made[0])
    read = node.node("Result")
    names = ("first", "last", "origfirst", "origlast", "origset", "raw", "on_error", "localizationPolicy")
    told = {name: read[name].value() for name in (*names, "frame_mode")}
    assert told == {
        "first": 1001, "last": 1008, "origfirst": 1001, "origlast": 1008, "origset": True, "raw": True,
        "on_error": "error", "localizationPolicy": "off", "frame_mode": "expression",
    }  # fmt: skip


def test_versions_are_counted_and_can_be_shown_again(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    for red in (0.25, 0.75):
        nuke.press(node, "sync")
        settle(nuke)
        finish(nuke, plosive.made[0], red)
    assert node["version"].value() == 2
    assert nuke.show(node, 1004).planes["rgba.red"][0, 0] == 0.75
    node["version"].setValue(1)
    assert nuke.show(node, 1004).planes["rgba.red"][0, 0] == 0.25
    assert nuke.show(node, 1004).metadata["plosive/version"] == "v001"
    node["version"].setValue(9)
    assert "no finished version" in node["status"].value()
    assert nuke.show(node, 1004).planes["rgba.red"][0, 0] == 0.25


def test_a_version_that_was_done_while_nobody_looked(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "sync")
    settle(nuke)
    finish(nuke, plosive.made[0], 0.25)
    nuke.press(node, "sync")
    settle(nuke)
    node["version"].setValue(2)
    assert nuke.show(node, 1004).planes["rgba.red"][0, 0] == 0.25
    assert "sync again" in node["status"].value()
    make_result(plosive.made[0].asked("submit")["sync"], 1001, 1010, 0.75)
    node["version"].setValue(1)
    node["version"].setValue(2)
    assert nuke.show(node, 1004).planes["rgba.red"][0, 0] == 0.75
    assert node["status"].value() == "v002 is shown."
    node["version"].setValue(1)
    node["version"].setValue(2)
    assert nuke.show(node, 1004).planes["rgba.red"][0, 0] == 0.75


def test_a_plate_that_starts_elsewhere(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    read = node.input(0)
    read["frame_mode"].setValue("start at")
    read["frame"].setValue("1")
    for name, value in (("first", 3), ("last", 6), ("dub_frame", 1)):
        node[name].setValue(value)
    nuke.press(node, "sync")
    sync = plosive.made[0].asked("submit")["sync"]
    assert sync["clip"]["range"] == {"first_frame": 1003, "last_frame_inclusive": 1006}
    assert sync["voices"][0]["dub_start_seconds"] == "0"
    finish(nuke, plosive.made[0])
    assert [nuke.show(node, frame).planes["rgba.red"][0, 0] for frame in (1, 8, 9)] == [0.5, 0.5, 1009]
    green = nuke.show(node, 8).planes["rgba.green"]
    assert (green == picture(1008).planes["rgba.green"]).all()


def test_a_rendered_plate(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    grade = nuke.nodes.Grade(multiply=2.0)
    grade.setInput(0, node.input(0))
    node.setInput(0, grade)
    nuke.press(node, "sync")
    sync = plosive.made[0].asked("submit")["sync"]
    assert sorted({frame for _, frame, _, _ in nuke.rendered}) == list(range(1001, 1009))
    assert "/plosive/plates/plate_main_1001-1008_" in sync["clip"]["media_path"]
    finish(nuke, plosive.made[0])
    assert nuke.show(node, 1004).planes["rgba.red"][0, 0] == 0.5
    assert nuke.show(node, 1009).planes["rgba.red"][0, 0] == 2 * 1009


@pytest.mark.parametrize("how", ["panel", "bar"])
def test_cancel(nuke: FakeNuke, plosive: Sessions, node: Any, tmp_path: Path, how: str) -> None:
    nuke.press(node, "sync")
    session = plosive.made[0]
    settle(nuke)
    if how == "panel":
        nuke.press(node, "cancel")
    else:
        nuke.threads.idle_until(lambda: bool(nuke.tasks))
        nuke.tasks[0].is_cancel_pressed = True
    nuke.threads.idle_until(lambda: any(kind == "cancel" for kind, _ in session.requests))
    assert session.asked("cancel") == {"job_id": "JOB1"}
    session.fail("The job was cancelled.", "CANCELLED")
    settle(nuke)
    assert node["status"].value() == "v001: cancelled." and nuke.messages == []
    assert list((tmp_path / "show" / "plosive").iterdir()) == []
    nuke.press(node, "sync")
    assert "_v001/" in session.asked("submit")["sync"]["output"]["path"]


def test_a_cancel_before_the_job_has_a_number(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "sync")
    nuke.press(node, "cancel")
    session = plosive.made[0]
    assert not any(kind == "cancel" for kind, _ in session.requests)
    settle(nuke)
    assert session.asked("cancel") == {"job_id": "JOB1"}


def test_a_failure_is_loud(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "sync")
    plosive.made[0].fail("The plate is damaged; render it again.", "MEDIA_READ")
    settle(nuke)
    assert node["status"].value() == "v001: The plate is damaged; render it again."
    assert "damaged" in nuke.messages[0] and "host-nuke.log" in nuke.messages[0]
    assert run_of(node) is None


def test_a_defect_while_it_is_shown_is_told(
    nuke: FakeNuke, plosive: Sessions, node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nuke.press(node, "sync")
    run = run_of(node)
    settle(nuke)
    nuke.delete(node.node("Stamp"))
    finish(nuke, plosive.made[0])
    assert run.is_over and "lacks the node Stamp" in nuke.messages[0]
    nuke.press(node, "sync")
    run = run_of(node)

    def broken(*given: object) -> None:
        raise ValueError("defect")

    monkeypatch.setattr(importlib.import_module("plosive_nuke.run"), "shown_of", broken)
    finish(nuke, plosive.made[0])
    assert run.is_over and "Showing it failed (ValueError)" in nuke.messages[1]


def test_a_colour_space_that_the_result_does_not_take_is_told(
    nuke: FakeNuke, plosive: Sessions, node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nuke.press(node, "sync")

    def refused(value: str) -> None:
        raise TypeError(value)

    monkeypatch.setattr(node.node("Result")["colorspace"], "setValue", refused)
    settle(nuke)
    finish(nuke, plosive.made[0])
    assert "The result's colorspace could not be set to default;" in node["status"].value()


def test_keys_that_say_nothing_are_left_out(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    node["lips"].setAnimated()
    for frame, value in ((1001, 1.0), (1004, 1.0), (1005, 0.0), (1008, 0.0)):
        node["lips"].setValueAt(value, frame)
    nuke.press(node, "sync")
    keys = plosive.made[0].asked("submit")["sync"]["style"]["lip"]["keys"]
    assert [(key["media_frame"], key["value"]) for key in keys] == [
        ("1001", 1.0), ("1004", 1.0), ("1005", 0.0), ("1008", 0.0),
    ]  # fmt: skip


def test_a_defect_is_told_and_logged(nuke: FakeNuke, node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise KeyError("defect")

    monkeypatch.setattr(importlib.import_module("plosive_nuke.buttons"), "make_plan", broken)
    nuke.press(node, "sync")
    assert "failed unexpectedly (KeyError)" in nuke.messages[0]
    log = Path(node["log_told"].value())
    assert "KeyError: 'defect'" in log.read_text(encoding="utf-8")


def test_one_job_at_a_time(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "sync")
    nuke.press(node, "sync")
    assert "at work already" in nuke.messages[0]
    assert [kind for kind, _ in plosive.made[0].requests] == ["submit"]


def test_a_node_deleted_meanwhile(nuke: FakeNuke, plosive: Sessions, node: Any, tmp_path: Path) -> None:
    nuke.press(node, "sync")
    run, session = run_of(node), plosive.made[0]
    settle(nuke)
    nuke.delete(node)
    session.event({"type": "progress", "progress": {"stage": "faces"}})
    finish(nuke, session)
    assert run.is_over and nuke.messages == []
    note = tmp_path / "show" / "plosive" / "plate_LipSync1_v001" / "lipsync.json"
    assert note.is_file()


def test_a_script_opened_again_takes_its_job_up(
    nuke: FakeNuke, plosive: Sessions, node: Any, tmp_path: Path
) -> None:
    nuke.press(node, "sync")
    settle(nuke)
    run = run_of(node)
    asked = plosive.made[0].asked("submit")
    nuke.scriptSaveAs(str(tmp_path / "show" / "later.nk"))
    run.is_over = True  # that Nuke has ended
    nuke.scriptOpen(str(tmp_path / "show" / "later.nk"))
    again = nuke.toNode("LipSync1")
    assert again is not None and again is not node
    nuke.press(again, "sync")
    session = plosive.made[0]
    assert session.asked("watch") == {"job_id": "JOB1"}
    make_result(asked["sync"], 1001, 1010)
    session.done({"type": "done", "job": {"id": "JOB1", "state": "done", "result": {"frames_synced": 8}}})
    settle(nuke)
    assert nuke.show(again, 1004).planes["rgba.red"][0, 0] == 0.5
    assert again["job"].value() == "" and again["version"].value() == 1


def test_plosive_that_went_away(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "sync")
    settle(nuke)
    plosive.made[0].fail("Plosive's client ended unexpectedly; start it again.", "CHILD_ENDED")
    settle(nuke)
    assert "The job goes on; press Sync to take it up." in nuke.messages[0]
    nuke.press(node, "sync")
    assert plosive.made[0].asked("watch") == {"job_id": "JOB1"}


def test_copies_have_versions_of_their_own(
    nuke: FakeNuke, plosive: Sessions, node: Any, tmp_path: Path
) -> None:
    nuke.press(node, "sync")
    settle(nuke)
    finish(nuke, plosive.made[0], 0.25)
    for one in nuke.root().nodes():
        one.setSelected(one is node)
    nuke.nodeCopy(str(tmp_path / "copy.nk"))
    node.input(0).setSelected(True)
    node.setSelected(False)
    copy: Any = nuke.nodePaste(str(tmp_path / "copy.nk"))
    assert nuke.show(copy, 1004).planes["rgba.red"][0, 0] == 0.25
    nuke.press(copy, "sync")
    settle(nuke)
    finish(nuke, plosive.made[0], 0.75)
    assert nuke.show(node, 1004).planes["rgba.red"][0, 0] == 0.25
    assert nuke.show(copy, 1004).planes["rgba.red"][0, 0] == 0.75


def test_results_that_are_not_whole_are_not_shown(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "sync")
    settle(nuke)
    sync = plosive.made[0].asked("submit")["sync"]
    make_result(sync, 1001, 1010)
    Path(sync["output"]["path"] % 1004).unlink()
    plosive.made[0].done({"type": "done", "job": {"id": "J", "result": {}}})
    settle(nuke)
    assert "are missing; sync again" in node["status"].value()
    assert node["has_result"].value() == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda node: node["dub"].setValue(""), "LipSync1 has no dub"),
        (lambda node: node["last"].setValue(1), "ends before it begins"),
        (lambda node: node["handles"].setValue(-1), "Handles are 0 to 10000"),
        (lambda node: node["folder"].setValue(""), "has no output folder"),
        (lambda node: node["name_stem"].setValue("a/b"), "holds signs that files must not have"),
        (
            lambda node: (node["transcript"].setValue("x"), node["transcript_file"].setValue("/x.txt")),
            "not both",
        ),
        (lambda node: node.app.root()["name"].setValue(""), "The script has no name yet; save it"),
    ],
)
def test_what_the_panel_lacks(
    nuke: FakeNuke, plosive: Sessions, node: Any, change: Callable[[Any], object], sentence: str
) -> None:
    change(node)
    nuke.press(node, "sync")
    assert sentence in nuke.messages[0] and sentence in node["status"].value()
    assert plosive.made == []


def test_the_occluder_lays_the_plate_over(
    nuke: FakeNuke, plosive: Sessions, node: Any, tmp_path: Path
) -> None:
    nuke.press(node, "sync")
    settle(nuke)
    finish(nuke, plosive.made[0])
    matte = read_node(nuke, write_plate(tmp_path / "m", 1001, 1010), 1001, 1010)
    node.setInput(1, matte)
    assert node["use_occluder"].value() is True
    node["occluder_channel"].setValue("rgba.green")
    shown, plate = nuke.show(node, 1004).planes["rgba.red"], picture(1004).planes["rgba.red"]
    cover = picture(1004).planes["rgba.green"]
    assert shown == pytest.approx(0.5 * (1 - cover) + plate * cover)
    node.setInput(1, None)
    assert nuke.show(node, 1004).planes["rgba.red"].max() == 0.5


def test_two_views(nuke: FakeNuke, plosive: Sessions, tmp_path: Path) -> None:
    nuke.root()["views"]._value = "left right"
    for view in ("left", "right"):
        write_plate(tmp_path / view, 1, 4)
    node = lip_sync(nuke, read_node(nuke, str(tmp_path / "%V" / "plate.%04d.exr"), 1, 4))
    node["dub"].setValue("/dubs/de.wav")
    node["views_wanted"].setValue("all views")
    nuke.press(node, "sync")
    session = plosive.made[0]
    settle(nuke)
    for red in (0.25, 0.75):
        make_result(session.asked("submit")["sync"], 1, 4, red)
        session.done({"type": "done", "job": {"id": "J", "result": {"frames_synced": 4, "frames_total": 4}}})
        settle(nuke)
    assert node.node("Result")["file"].value().endswith("_v001/plate_LipSync1_v001_%V.%04d.exr")
    assert [nuke.show(node, 2, view).planes["rgba.red"][0, 0] for view in ("left", "right")] == [0.25, 0.75]
    assert "8 of 8 frames synced" in node["status"].value()


def test_a_view_that_was_not_made_shows_the_plate(nuke: FakeNuke, plosive: Sessions, tmp_path: Path) -> None:
    nuke.root()["views"]._value = "left right"
    for view in ("left", "right"):
        write_plate(tmp_path / view, 1, 4)
    node = lip_sync(nuke, read_node(nuke, str(tmp_path / "%V" / "plate.%04d.exr"), 1, 4))
    node["dub"].setValue("/dubs/de.wav")
    nuke.press(node, "sync")
    settle(nuke)
    make_result(plosive.made[0].asked("submit")["sync"], 1, 4)
    plosive.made[0].done({"type": "done", "job": {"id": "J", "result": {}}})
    settle(nuke)
    assert [nuke.show(node, 2, view).planes["rgba.red"][0, 0] for view in ("left", "right")] == [0.5, 2.0]
    nuke.scriptSaveAs(str(tmp_path / "show" / "s.nk"))
    nuke.scriptOpen(str(tmp_path / "show" / "s.nk"))
    again = nuke.toNode("LipSync1")
    assert [nuke.show(again, 2, view).planes["rgba.red"][0, 0] for view in ("left", "right")] == [0.5, 2.0]

# SPDX-License-Identifier: Apache-2.0
"""Looks before the job, and what the other buttons do."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fakes.nuke import FakeNuke
from fakes.nuke.pictures import Picture, write_picture
from fakes.nuke.scene import HEIGHT, WIDTH, ScriptedSession, lip_sync, read_node, write_plate

Sessions = type[ScriptedSession]
PEOPLE = [
    {"number": 1, "name": "", "tracks": [{"range": {"first_frame": 1002, "last_frame_inclusive": 1006}}]},
    {"number": 2, "name": "Anna", "tracks": [{"range": {"first_frame": 1001, "last_frame_inclusive": 1003}},
                                             {"range": {"first_frame": 1008, "last_frame_inclusive": 1010}}]},
]  # fmt: skip


@pytest.fixture
def node(nuke: FakeNuke, plosive: Sessions, tmp_path: Path) -> Any:
    """On frames 1 to 10, whose files are 1001 to 1010."""
    pattern = write_plate(tmp_path / "a", 1001, 1010)
    read = read_node(nuke, pattern, 1001, 1010, frame_mode="start at", frame="1")
    node = lip_sync(nuke, read)
    node["dub"].setValue("/dubs/de.wav")
    return node


def settle(nuke: FakeNuke) -> None:
    nuke.threads.idle_until(lambda: nuke.threads.waiting == 0)


def test_analyse_lists_people_in_the_scripts_frames(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "analyse")
    session = plosive.made[0]
    assert session.asked("faces")["clip"]["range"] == {"first_frame": 1001, "last_frame_inclusive": 1010}
    session.event({"type": "progress", "progress": {"frames_done": 4, "frames_total": 10}})
    settle(nuke)
    assert node["status"].value() == "Looking for faces: 4 of 10."
    session.done({"type": "done", "faces": {"people": PEOPLE}})
    settle(nuke)
    assert node["face"].values() == [
        "automatic", "at the position", "1 (frames 2 to 6)", "2 Anna (frames 1 to 10)"
    ]  # fmt: skip
    assert node["face"].value() == "automatic"
    node["face"].setValue("2 Anna (frames 1 to 10)")
    nuke.press(node, "sync")
    assert session.asked("submit")["sync"]["voices"][0]["face"] == "2"


def test_a_face_that_was_chosen_stays_when_it_is_found_again(
    nuke: FakeNuke, plosive: Sessions, node: Any
) -> None:
    node["face"].setValues(["automatic", "at the position", "2 (frames 1 to 3)"])
    node["face"].setValue("2 (frames 1 to 3)")
    nuke.press(node, "analyse")
    plosive.made[0].done({"faces": {"people": PEOPLE}})
    settle(nuke)
    assert node["face"].value() == "2 Anna (frames 1 to 10)"
    nuke.press(node, "analyse")
    plosive.made[0].done({"faces": {"people": []}})
    settle(nuke)
    assert node["face"].value() == "automatic" and node["status"].value() == "No face was found."


def test_a_look_that_fails(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "analyse")
    plosive.made[0].fail("The plate is damaged; render it again.", "MEDIA_READ")
    settle(nuke)
    assert node["status"].value() == "The plate is damaged; render it again."
    assert "Log: " in nuke.messages[0]


def test_preview_of_the_current_frame(nuke: FakeNuke, plosive: Sessions, node: Any, tmp_path: Path) -> None:
    nuke.frame(4)
    nuke.press(node, "preview")
    session = plosive.made[0]
    asked = session.asked("frame")
    assert (asked["frame"], asked["largest_side_pixels"]) == (1004, WIDTH)
    assert asked["sync"]["output"] == {} and "elements" not in asked["sync"]
    place = Path(asked["image_path"])
    small = np.full((HEIGHT // 2, WIDTH // 2), 0.125, np.float32)  # a plate larger than a preview gets
    made = Picture(dict.fromkeys(("rgba.red", "rgba.green"), small), WIDTH // 2, HEIGHT // 2, (0, 0, 16, 9))
    write_picture(place.with_suffix(".exr"), made, list(made.planes), False, {})
    place.with_suffix(".exr").rename(place)  # the fake reads any file by what is in it
    session.done({"frame": {"is_synced": True}})
    settle(nuke)
    assert node["show"].value() == "preview" and node["status"].value() == "Frame 4 is shown."
    assert nuke.show(node, 4).planes["rgba.red"][0, 0] == 0.125
    assert nuke.show(node, 5).planes["rgba.red"][0, 0] == 1005
    nuke.press(node, "preview")
    assert not place.exists()
    session.done({"frame": {"is_synced": False, "reason": "no face is seen"}})
    settle(nuke)
    assert node["status"].value() == "Frame 4 keeps the plate: no face is seen"
    nuke.frame(40)
    nuke.press(node, "preview")
    assert "Frame 40 is not in the range 1 to 10" in nuke.messages[0]


def test_a_node_deleted_while_it_is_looked_at(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "analyse")
    nuke.delete(node)
    plosive.made[0].done({"faces": {"people": PEOPLE}})
    settle(nuke)
    assert nuke.messages == []


def test_the_sound_of_a_selected_movie(nuke: FakeNuke, node: Any, tmp_path: Path) -> None:
    movie = read_node(nuke, str(tmp_path / "dub.mov"), 1, 50, frame_mode="start at", frame="1013")
    audio = nuke.nodes.AudioRead(file=str(tmp_path / "dub.wav"))
    nuke.press(node, "from_read")
    assert "Select the one Read or AudioRead" in nuke.messages[-1]
    for one in nuke.root().nodes():
        one.setSelected(one is movie)
    nuke.press(node, "from_read")
    assert (node["dub"].value(), node["dub_frame"].value()) == (str(tmp_path / "dub.mov"), 1013.0)
    movie.setSelected(False)
    audio.setSelected(True)
    nuke.press(node, "from_read")
    assert (node["dub"].value(), node["dub_frame"].value()) == (str(tmp_path / "dub.wav"), 1013.0)
    audio["file"].setValue("plate.%04d.exr")
    nuke.press(node, "from_read")
    assert "reads no movie or audio file" in nuke.messages[-1]


def test_from_input_moves_a_dub_that_lay_at_the_beginning(nuke: FakeNuke, node: Any) -> None:
    read = node.input(0)
    read["frame"].setValue("101")
    nuke.press(node, "from_input")
    assert [node[name].value() for name in ("first", "last", "dub_frame")] == [101, 110, 101.0]
    node["dub_frame"].setValue(104)
    read["frame"].setValue("1")
    nuke.press(node, "from_input")
    assert [node[name].value() for name in ("first", "dub_frame")] == [1, 104.0]


def test_reveal(nuke: FakeNuke, node: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    nuke.press(node, "reveal")
    assert "There is no folder" in nuke.messages[0]
    (tmp_path / "show" / "plosive").mkdir()
    nuke.press(node, "reveal")
    assert started[0][-1] == str(tmp_path / "show" / "plosive")


def test_cancel_without_a_job(nuke: FakeNuke, plosive: Sessions, node: Any) -> None:
    nuke.press(node, "cancel")
    assert node["status"].value() == "Nothing is at work."
    node["job"].setValue("JOB7 0 /gone")
    nuke.press(node, "cancel")
    assert plosive.made[0].asked("cancel") == {"job_id": "JOB7"} and node["job"].value() == ""


def test_load_elements_without_any(nuke: FakeNuke, node: Any) -> None:
    nuke.press(node, "load_elements")
    assert "has no elements" in nuke.messages[0]


def test_the_elements_own_nodes_beside_the_node(nuke: FakeNuke, node: Any, tmp_path: Path) -> None:
    """In the form of elements.nk; its project settings stay out of the artist's."""
    version = tmp_path / "show" / "plosive" / "x_v001"
    (version / "elements").mkdir(parents=True)
    text = (
        'version 12.1 v1\nRoot {\n inputs 0\n first_frame 5\n fps 12\n format "320 180 0 0 320 180 1 p"\n}\n'
        "add_layer {mouth mouth.red mouth.green mouth.blue mouth.alpha}\n"
        'Read {\n inputs 0\n file "/e/elements.%04d.exr"\n raw true\n name Elements\n}\n'
        "set NElements [stack 0]\n"
        "push $NElements\nGrade {\n black_clamp false\n name MouthGrade\n}\nset NMouthGrade [stack 0]\n"
    )
    (version / "elements" / "elements.nk").write_text(text)
    node.node("Result")["file"].setValue(f"{version}/x_v001.%04d.exr".replace("\\", "/"))
    nuke.press(node, "load_elements")
    assert nuke.messages == []
    grade = nuke.toNode("MouthGrade")
    assert grade is not None and grade.input(0) is nuke.toNode("Elements")
    assert (nuke.root()["fps"].value(), nuke.root()["first_frame"].value()) == (24.0, 1)

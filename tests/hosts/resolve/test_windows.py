# SPDX-License-Identifier: Apache-2.0
"""The windows, drawn with the fake UIManager, and an artist who uses them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.resolve import FakeEdition, FakeRejection, Scene
from plosive_host import Pump
from plosive_host.dialog import Values
from plosive_resolve.application import Host, open_host
from plosive_resolve.dialog_resolve import DialogWindow
from plosive_resolve.message_window import tell
from plosive_resolve.people import Person, people_of
from plosive_resolve.progress_window import ProgressWindow
from plosive_resolve.screen import Shown
from plosive_resolve.sync_dialog import VoiceLine, sync_dialog, why_not_yet
from plosive_resolve.window import Window, can_draw

VOICES = (VoiceLine("A2", "A2 German: line.wav"), VoiceLine("A3", "A3 Music: song.wav", False))
PEOPLE = (Person("1", "Anna", 96, 210, "/tmp/face1.jpg"), Person("2", "", 40, 90))


@pytest.fixture
def scene() -> Scene:
    return Scene(24, edition=FakeEdition((21, 0, 4), True))


@pytest.fixture
def host(scene: Scene) -> Host:
    return open_host(scene.app.script_globals("Edit"))


def ask(host: Host, voices: tuple[VoiceLine, ...] = VOICES, values: Values | None = None) -> DialogWindow:
    dialog = sync_dialog("sh010: 96 frames", ["A note."], voices)
    return DialogWindow(
        host, dialog, dialog.fitting(values or {}), Pump(), lambda told: why_not_yet(told, voices)
    )


def test_accepted_as_it_comes_is_the_defaults(scene: Scene, host: Host) -> None:
    window = ask(host)
    scene.app.ui_script.append(lambda shown: shown.click("Accept"))
    assert window.run() == sync_dialog("", [], VOICES).defaults()
    assert not scene.app.windows[0].is_shown


def test_what_is_changed_comes_back(scene: Scene, host: Host) -> None:
    window = ask(host, values={"jaw": 130, "output": "track", "language": "yue", "folder": "/old"})
    seen: dict[str, Any] = {}

    def act(shown: Any) -> None:
        seen["jaw"] = (shown.elements["jaw"].Value, shown.elements["jawSlider"].Value)
        seen["output"] = shown.elements["output"].CurrentText
        seen["language"] = shown.elements["language"].CurrentText
        shown.enter("strengthSlider", Value=85)
        shown.enter("lip", Value=70)
        seen["strength"] = shown.elements["strength"].Value
        seen["lip"] = shown.elements["lipSlider"].Value
        shown.enter("handles", Value=8)
        shown.enter("output", CurrentIndex=2)
        shown.enter("transcript", PlainText="  Ja.\nNein. ") if "transcript" in shown.elements else None
        shown.click("use_58_A3")
        shown.click("use_58_A2")
        shown.click("elements")
        shown.enter("folder", Text=" /new ")
        shown.click("Accept")

    scene.app.ui_script.append(act)
    values = window.run()
    assert seen == {
        "jaw": (130, 130),
        "output": "A new track above",
        "language": "yue",
        "strength": 85,
        "lip": 70,
    }
    assert values is not None
    assert (values["strength"], values["lip"], values["jaw"], values["handles"]) == (85, 70, 130, 8)
    assert (values["output"], values["language"], values["folder"]) == ("timeline", "yue", "/new")
    assert (values["use:A2"], values["use:A3"], values["elements"]) == (False, True, True)


@pytest.mark.parametrize("leave", [lambda shown: shown.click("Cancel"), lambda shown: shown.close()])
def test_cancelled_and_closed(scene: Scene, host: Host, leave: Callable[[Any], None]) -> None:
    window = ask(host)
    scene.app.ui_script.append(leave)
    assert window.run() is None


def test_what_is_missing_keeps_it_open(scene: Scene, host: Host) -> None:
    window = ask(host, ())
    said: list[str] = []

    def too_early(shown: Any) -> None:
        shown.click("Accept")
        said.append(shown.elements["Status"].Text)
        shown.enter("dub_95_path", Text="/dubs/line.wav")
        shown.click("Accept")

    scene.app.ui_script.append(too_early)
    values = window.run()
    assert said == ["Choose the dub: tick a voice, or name a dub file."]
    assert values is not None and values["dub_path"] == "/dubs/line.wav"


def test_people_come_while_it_is_open(scene: Scene, host: Host) -> None:
    window = ask(host, VOICES[:1])
    shows = iter(((), PEOPLE, PEOPLE))

    def look() -> None:
        people = next(shows, None)
        if people is not None:
            window.show_people(people)

    def pick(shown: Any) -> bool | None:
        tree = shown.elements["faces"]
        if len(tree.rows) < 2:
            return False
        assert [row.Text[1] for row in tree.rows] == [
            "1: Anna, 96 frames, 210 pixels wide",
            "Face 2, 40 frames, 90 pixels wide",
        ]
        assert tree.rows[0].Icon[0].File == str(Path("/tmp/face1.jpg")) and 0 not in tree.rows[1].Icon
        tree.rows[1].Selected = True
        shown.fire("faces", "ItemClicked")
        shown.click("Accept")
        return None

    scene.app.ui_script.append(pick)
    values = window.run(look)
    assert values is not None and values["face:A2"] == "2"


def test_a_face_can_be_typed(scene: Scene, host: Host) -> None:
    window = ask(host, VOICES[:1])

    def act(shown: Any) -> None:
        shown.elements["face_58_A2"].values["CurrentText"] = " 640,300@1040 "
        shown.click("Accept")

    scene.app.ui_script.append(act)
    values = window.run()
    assert values is not None and values["face:A2"] == "640,300@1040"


def test_browsing(scene: Scene, host: Host) -> None:
    window = ask(host)
    scene.app.files_to_pick.append("/dubs/other.wav")

    def act(shown: Any) -> None:
        shown.enter("folder", Text="/kept")
        shown.click("dub_95_pathBrowse")
        shown.click("folderBrowse")  # cancelled
        shown.click("Accept")

    scene.app.ui_script.append(act)
    values = window.run()
    assert values is not None and (values["dub_path"], values["folder"]) == ("/dubs/other.wav", "/kept")


def test_an_error_of_a_handler_comes_out(scene: Scene, host: Host) -> None:
    window = ask(host)

    def tick() -> None:
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError, match="a defect"):
        window.run(tick)
    assert not scene.app.windows[0].is_shown
    assert [timer.is_active for timer in scene.app.timers] == [False]


def test_callbacks_of_the_session_arrive_while_a_window_is_open(scene: Scene, host: Host) -> None:
    pump = Pump()
    heard: list[str] = []

    def end() -> None:
        window.end()

    window = Window(host, "Title", (100, 100), lambda ui: ui.VGroup([ui.Label({"ID": "L"})]), pump, end)
    pump(lambda: heard.append("answer"))
    window.run(lambda: end() if heard else None)
    assert heard == ["answer"]


def test_progress_shows_and_ends_by_itself(scene: Scene, host: Host) -> None:
    steps = [Shown((f"frame {number}",), number / 4, f"/tmp/{number}.jpg") for number in range(4)]
    seen = []

    def show() -> Shown:
        window = scene.app.windows[0].elements
        seen.append((window["Text"].Text, window["Bar"].Value))
        return steps.pop(0) if steps else Shown((), 1.0, is_over=True)

    ProgressWindow(host, "Lip Sync Clip", Pump(), show, lambda: None).run()
    assert seen[1:4] == [("frame 0", 0), ("frame 1", 25), ("frame 2", 50)]
    assert scene.app.windows[0].elements["Picture"].Icon.File == "/tmp/3.jpg"


@pytest.mark.parametrize("leave", [lambda shown: shown.click("Cancel"), lambda shown: shown.close()])
def test_cancelling_waits_until_it_is_over(scene: Scene, host: Host, leave: Callable[[Any], None]) -> None:
    cancelled: list[bool] = []
    shown_after: list[str] = []

    def show() -> Shown:
        if cancelled:
            shown_after.append(scene.app.windows[0].elements["Text"].Text)
        return Shown(("at work",), 0.5, is_over=len(shown_after) > 2)

    scene.app.ui_script.extend([leave, lambda shown: shown.close()])
    ProgressWindow(host, "Lip Sync Clip", Pump(), show, lambda: cancelled.append(True)).run()
    assert cancelled == [True]
    assert shown_after[-1] == "at work\nCancelling…"


def test_a_message_names_the_log(scene: Scene, host: Host, tmp_path: Path) -> None:
    seen = []

    def act(shown: Any) -> None:
        seen.append(shown.shown_text())
        shown.click("Accept")

    scene.app.ui_script.append(act)
    tell(host, "Lip Sync Clip: done", ["First.", "Second."], tmp_path / "host-resolve.log")
    assert "First.\n\nSecond." in seen[0] and str(tmp_path / "host-resolve.log") in seen[0]
    assert scene.app.windows[0].attributes["WindowTitle"] == "Lip Sync Clip: done"


def test_the_free_edition_is_not_asked_for_windows() -> None:
    """Asking for a UIManager there puts up a modal, after which other calls fail."""
    scene = Scene(24, edition=FakeEdition((21, 0), False))
    host = open_host(scene.app.script_globals("Edit"))
    assert can_draw(host) is False
    assert scene.app.modal_text == ""


def test_the_fake_refuses_what_uimanager_lacks(host: Host) -> None:
    with pytest.raises(FakeRejection):
        host.fusion.UIManager.ProgressBar({"ID": "a"})


def test_people_of_an_answer(tmp_path: Path) -> None:
    picture = base64.b64encode(b"\xff\xd8\xffjpeg").decode()
    tracks = [{"range": {"first_frame": 5, "last_frame_inclusive": 14}, "face_width_pixels": 99.6}]
    longer = [{"range": {"first_frame": 0, "last_frame_inclusive": 95}, "face_width_pixels": 210.4}]
    faces = {
        "people": [
            {"number": 1, "name": "", "thumbnail_jpeg": "not base64!", "tracks": tracks},
            {"number": 2, "name": "Anna", "thumbnail_jpeg": picture, "tracks": longer + tracks},
        ]
    }
    people = people_of(faces, tmp_path)
    assert [person.face for person in people] == ["2", "1"]
    assert people[0].frames_seen == 106 and people[0].width_pixels == 210
    assert Path(people[0].picture_path).read_bytes() == b"\xff\xd8\xffjpeg"
    assert people[1].picture_path == ""
    assert people_of({}, tmp_path) == ()

# SPDX-License-Identifier: Apache-2.0
"""Lip Sync Clip from the click to the report: the real flow and the fake Resolve, with a daemon and a placing
that are played. What they do for real is in test_end_to_end.py.
"""

from __future__ import annotations

import dataclasses
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.resolve import FakeEdition, Scene
from plosive_host import PlosiveHostError, log_path
from plosive_resolve import asking, clip_work, entry, lip_sync_clip, progress_window
from plosive_resolve.application import open_host
from plosive_resolve.cancel_marker import CancelMarker
from plosive_resolve.choices import Choices
from plosive_resolve.dub_finding import voices_found
from plosive_resolve.flagged import flagged_of
from plosive_resolve.known_results import known_job, remember_job, results_path
from plosive_resolve.made_sounds import with_earlier_sounds
from plosive_resolve.memory import memory_path, remember
from plosive_resolve.options_file import options_path
from plosive_resolve.placing import Placed
from plosive_resolve.prepare import Prepared
from plosive_resolve.reading import clips_meant

JOB = "01KAJ3V9XQ4R8T7M2N5P6W0YZB"
RESULT = {"out_path": "/out/sh010_v001.mov", "frames_total": 64, "frames_synced": 40, "score": 4.23}


class Daemon:
    """Plays the session: what was asked is in `asked`; `answer` may be replaced by a test."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Callable[[dict[str, Any], Any], None]] = {
            "faces": lambda fields, request: request.done(faces={"people": []}),
            "submit": self.do_the_job,
        }
        self.hello_error: PlosiveHostError | None = None
        self.deliver: Any = None
        self.closed = 0

    def __call__(self, client_name: str, deliver: Any = None, **_: Any) -> Daemon:
        self.deliver = deliver
        return self

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed += 1

    def start(self, on_ready: Any = None, on_error: Any = None) -> None:
        error = self.hello_error
        self.deliver((lambda: on_error(error)) if error else (lambda: on_ready({"daemon": {}})))

    def request(
        self,
        kind: str,
        fields: dict[str, Any],
        on_event: Any = None,
        on_done: Any = None,
        on_error: Any = None,
    ) -> Any:
        self.asked.append((kind, fields))
        request = Request(len(self.asked), self.deliver, on_event, on_done, on_error)
        self.answers.get(kind, lambda fields, request: None)(fields, request)
        return request

    def do_the_job(self, fields: dict[str, Any], request: Request) -> None:
        request.event("submitted", job={"id": JOB, "state": "waiting", "jobs_ahead": 1})
        request.event("state", job={"id": JOB, "state": "running"})
        request.event("progress", progress={"stage": "render", "frames_done": 3, "frames_total": 64})
        request.event("warning", warning="Frames 7 to 9 keep the plate.")
        request.done(job={"id": JOB, "state": "done", "result": RESULT, "warnings": []})

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.asked]


class Request:
    def __init__(self, number: int, deliver: Any, on_event: Any, on_done: Any, on_error: Any) -> None:
        self.id = number
        self._deliver, self._on_event, self._on_done, self._on_error = deliver, on_event, on_done, on_error

    def event(self, kind: str, **fields: Any) -> None:
        self._deliver(lambda: self._on_event({"type": kind, **fields}))

    def done(self, **fields: Any) -> None:
        self._deliver(lambda: self._on_done(fields))

    def fail(self, sentence: str, code: str) -> None:
        self._deliver(lambda: self._on_error(PlosiveHostError(sentence, code)))


class Placing:
    """Plays the timeline engine's placing: `placed` holds what was asked for."""

    def __init__(self) -> None:
        self.placed: list[tuple[str, Any, Any]] = []
        self.error: PlosiveHostError | None = None
        self.flagged: list[Any] = []
        self.clips: list[Any] = []

    def __call__(
        self, host: Any, clip: Any, result: Any, choices: Any, before: Any, job_id: str, dub: str
    ) -> Placed:
        if self.error is not None:
            raise self.error
        self.placed.append((clip.name, before, (choices, job_id, dub)))
        self.clips.append(clip)
        assert {name: result[name] for name in RESULT} == RESULT
        self.flagged = result["flagged"]
        return Placed(choices.output_mode, clip.item.place.item_id, "id", "Reel 1", 1, take_index=2)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Daemon:
    daemon = Daemon()
    monkeypatch.setattr(lip_sync_clip, "Session", daemon)
    return daemon


@pytest.fixture
def placing(monkeypatch: pytest.MonkeyPatch) -> Placing:
    placing = Placing()
    monkeypatch.setattr(clip_work, "place", placing)

    def prepared(host: Any, clip: Any, voices: Any, choices: Any, on_progress: Any) -> Prepared:
        return Prepared(clip, voices.suggested, dataclasses.replace(choices, folder="/out"))

    monkeypatch.setattr(lip_sync_clip, "prepare_media", prepared)
    return placing


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PLOSIVE_HOST_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PLOSIVE_HOST_QUIET", "1")
    yield tmp_path
    logger = logging.getLogger("plosive.host.resolve")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def scene_of(is_studio: bool = True, version: tuple[int, ...] = (21, 0, 4), clips: int = 1) -> Scene:
    scene = Scene(24, edition=FakeEdition(version, is_studio))
    items = [
        scene.place(
            scene.picture(f"sh{number}0.mov", 100, audio_channels=2),
            source_in=10,
            duration=40,
            kind="both",
            record_frame=scene.frame(50 * number),
        )
        for number in range(1, clips + 1)
    ]
    scene.track("audio", 2).name = "German"
    for number in range(1, clips + 1):
        scene.place(scene.sound(f"line{number}.wav", 2), 2, record_frame=scene.frame(50 * number))
    scene.playhead(scene.frame(55))
    if is_studio and version >= (21, 0, 4):
        scene.select(*items)
    return scene


def run(scene: Scene, *artist: Any) -> bool:
    scene.app.ui_script.extend(artist)
    done = entry.run("lip_sync_clip", scene.app.script_globals("Edit"))
    assert scene.app.ui_script == []  # every window that was expected was there
    assert not any(window.is_shown for window in scene.app.windows)
    assert not any(timer.is_active for timer in scene.app.timers)
    return done


def accept(shown: Any) -> None:
    shown.click("Accept")


def told(scene: Scene) -> str:
    """The last window's title and text."""
    window = scene.app.windows[-1]
    return f"{window.attributes['WindowTitle']}\n{window.shown_text()}"


def test_one_clip(daemon: Daemon, placing: Placing) -> None:
    scene = scene_of()
    assert run(scene, accept, accept)
    assert daemon.kinds() == ["faces", "submit"]
    sync = daemon.asked[1][1]["sync"]
    assert sync["clip"]["range"] == {"first_frame": 10, "last_frame_inclusive": 49}
    assert sync["voices"][0]["dub_path"] == "/media/line1.wav"
    assert sync["output"] == {"versioned": {"folder_path": "/out", "stem": "sh10_10-49"}}
    assert daemon.asked[0][1]["clip"] == sync["clip"]  # so that the faces found are the job's
    name, _, (choices, job_id, dub) = placing.placed[0]
    assert (name, job_id, choices.output_mode) == ("sh10.mov", JOB, "take")
    assert "line1.wav" in dub
    text = told(scene)
    assert "Lip Sync Clip: done" in text and "version 1 lies as take 2 of the clip" in text
    assert "40 of 64 frames have a new mouth, score 4.2" in text
    assert "Frames 7 to 9 keep the plate." in text and str(log_path("resolve")) in text
    assert JOB in log_path("resolve").read_text()
    assert daemon.closed == 1


def test_flagged_frames_are_told_and_marked(daemon: Daemon, placing: Placing, tmp_path: Path) -> None:
    def flag(first: int, severity: float, sentence: str) -> dict[str, Any]:
        return {
            "first_frame": first,
            "last_frame_inclusive": first + 3,
            "severity": severity,
            "sentence": sentence,
        }

    flags = [
        flag(5, 0.2, "Late."),
        flag(20, 0.9, "The lips do not meet on p."),
        {"sentence": "of another day"},
    ]
    record = tmp_path / "record.json"
    record.write_text(json.dumps({"score": {"total": 3.1, "flags": flags}}))
    result = {**RESULT, "record_path": str(record)}
    daemon.answers["submit"] = lambda fields, request: request.done(job={"id": JOB, "result": result})
    scene = scene_of()
    assert run(scene, accept, accept)
    assert "Look at frames 20 to 23: The lips do not meet on p." in told(scene)
    assert [one["reason"] for one in placing.flagged] == ["The lips do not meet on p.", "Late."]
    record.write_text(json.dumps({"scores": {"Anna": {"flags": flags[:1]}, "Ben": {"reason": "no face"}}}))
    assert [one["range"]["first_frame"] for one in flagged_of(result)] == [5]
    record.write_text("half of it {")
    assert (
        flagged_of(result) == flagged_of({**result, "record_path": "/nowhere.json"}) == flagged_of({}) == []
    )


def test_what_was_chosen_is_remembered_for_the_project(daemon: Daemon, placing: Placing) -> None:
    scene = scene_of()

    def choose(shown: Any) -> None:
        shown.enter("jaw", Value=130)
        shown.enter("output", CurrentIndex=1)
        shown.enter("transcript", PlainText="Ja.")
        shown.click("Accept")

    def look(shown: Any) -> None:
        assert (shown.elements["jaw"].Value, shown.elements["output"].CurrentIndex) == (130, 1)
        assert shown.elements["transcript"].PlainText == "Ja."
        shown.click("Accept")

    assert run(scene, choose, accept) and run(scene, look, accept)
    assert memory_path().exists()
    assert [placed[2][0].jaw for placed in placing.placed] == [1.3, 1.3]
    assert daemon.kinds() == ["faces", "submit", "faces"]  # the same again is not asked for twice
    assert daemon.asked[1][1]["sync"]["style"] == {"jaw": {"keys": [{"media_frame": 10, "value": 1.3}]}}
    scene.timeline.tracks("video")[0].items[0].source_in += 5

    def another_clip(shown: Any) -> None:
        assert (shown.elements["jaw"].Value, shown.elements["transcript"].PlainText) == (130, "")
        shown.click("Cancel")

    assert run(scene, another_clip)


def test_the_dialog_is_cancelled(daemon: Daemon, placing: Placing) -> None:
    daemon.answers["faces"] = lambda fields, request: None
    scene = scene_of()
    assert run(scene, lambda shown: shown.close())
    assert daemon.kinds() == ["faces", "stop"]
    assert daemon.asked[1][1] == {"request": 1}
    assert len(scene.app.windows) == 1 and placing.placed == []


@pytest.mark.parametrize("is_submitted", [True, False])
def test_cancelled_while_it_runs(daemon: Daemon, placing: Placing, is_submitted: bool) -> None:
    """Before the daemon has told the job's id, too."""
    running: list[Any] = []

    def submit(fields: dict[str, Any], request: Any) -> None:
        running.append(request)
        if is_submitted:
            request.event("submitted", job={"id": JOB, "state": "waiting"})

    def cancel(fields: dict[str, Any], request: Any) -> None:
        assert fields == {"job_id": JOB}
        running[0].fail("The job was cancelled.", "CANCELLED")

    def artist(shown: Any) -> None:
        shown.click("Cancel")
        if not is_submitted:
            running[0].event("submitted", job={"id": JOB, "state": "waiting"})

    daemon.answers.update(submit=submit, cancel=cancel)
    scene = scene_of()
    assert run(scene, accept, artist, accept)
    assert daemon.kinds() == ["faces", "submit", "cancel"]
    assert "Lip Sync Clip: cancelled" in told(scene) and placing.placed == []


def test_a_daemon_that_does_not_answer_to_cancel(
    daemon: Daemon, placing: Placing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_window, "_PATIENCE_SECONDS", 0.05)
    daemon.answers["submit"] = lambda fields, request: request.event("submitted", job={"id": JOB})
    clicks = []

    def insist(shown: Any) -> bool | None:
        if "Bar" not in shown.elements:
            assert "the daemon has not answered" in shown.shown_text()
            shown.click("Accept")
            return None
        clicks.append(shown.is_shown)
        shown.close()
        return False

    scene = scene_of()
    assert run(scene, accept, insist)
    assert len(clicks) > 1 and daemon.kinds() == ["faces", "submit", "cancel"]
    assert "Lip Sync Clip: cancelled" in told(scene)


def test_a_job_that_fails_is_told(daemon: Daemon, placing: Placing) -> None:
    daemon.answers["submit"] = lambda fields, request: request.fail(
        "The plate is damaged; copy it again.", "MEDIA_READ"
    )
    scene = scene_of()
    assert run(scene, accept, accept)
    assert "nothing was placed" in told(scene)
    assert "sh10.mov: The plate is damaged; copy it again." in told(scene)


def test_a_client_that_dies_leaves_its_job(daemon: Daemon, placing: Placing) -> None:
    def submit(fields: dict[str, Any], request: Any) -> None:
        request.event("submitted", job={"id": JOB, "state": "waiting"})
        request.fail("Plosive's client ended unexpectedly; start it again.", "CHILD_ENDED")

    daemon.answers["submit"] = submit
    scene = scene_of()
    assert run(scene, accept, accept)
    assert "run Lip Sync Clip again, and the result is taken" in told(scene)


def test_a_timeline_that_was_edited_keeps_the_result(daemon: Daemon, placing: Placing) -> None:
    placing.error = PlosiveHostError("Reel 1 was edited while the result was made.", "CHANGED")
    scene = scene_of()
    assert run(scene, accept, accept)
    assert "Reel 1 was edited while the result was made. The result is /out/sh010_v001.mov." in told(scene)


def test_no_daemon(daemon: Daemon, placing: Placing) -> None:
    daemon.hello_error = PlosiveHostError("Plosive was not found; install it.", "NO_PYTHON")
    scene = scene_of()
    assert not run(scene, accept, accept)
    assert "Plosive was not found; install it." in told(scene)
    assert "submit" not in daemon.kinds()


def test_a_defect_is_told_and_logged(
    daemon: Daemon, placing: Placing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(lip_sync_clip, "voices_found", broken)
    scene = scene_of()
    assert not run(scene, accept)
    assert "a defect of its own" in told(scene) and str(log_path("resolve")) in told(scene)
    assert "ZeroDivisionError: a defect" in log_path("resolve").read_text()


def test_a_defect_while_a_job_runs_cancels_it(daemon: Daemon, placing: Placing) -> None:
    """Nobody would place what comes of it."""
    daemon.answers["submit"] = lambda fields, request: request.event("submitted", job={"id": JOB})

    def defect(shown: Any) -> None:
        raise ZeroDivisionError("a defect of the window")

    scene = scene_of()
    scene.app.ui_script.extend([accept, defect])
    with pytest.raises(ZeroDivisionError):
        try:
            lip_sync_clip.lip_sync_clip(*_arguments(scene))
        finally:
            assert daemon.asked[-1] == ("cancel", {"job_id": JOB})


def _arguments(scene: Scene) -> tuple[Any, ...]:
    from plosive_host import Pump
    from plosive_resolve.window_screen import WindowScreen

    given = scene.app.script_globals("Edit")
    host, pump, log = open_host(given), Pump(), logging.getLogger("test")
    return host, given, WindowScreen(host, pump, log), pump, log


def test_what_was_placed_can_be_taken_back(
    daemon: Daemon, placing: Placing, monkeypatch: pytest.MonkeyPatch
) -> None:
    undone: list[str] = []
    monkeypatch.setattr(lip_sync_clip, "undo", lambda host, placed: undone.append(placed.item_id))
    scene = scene_of(clips=2)
    assert run(scene, accept, lambda shown: shown.click("Undo"), accept)
    assert len(undone) == 2 and undone == [clip.item.place.item_id for clip in reversed(placing.clips)]
    assert "Lip Sync Clip: undone" in told(scene)


def test_an_edit_while_the_dialog_is_open(daemon: Daemon, placing: Placing) -> None:
    scene = scene_of()

    def edit_and_accept(shown: Any) -> None:
        scene.timeline.tracks("video")[0].items[0].record_start += 1
        shown.click("Accept")

    assert not run(scene, edit_and_accept, accept)
    assert "edited while the dialog was open" in told(scene) and "submit" not in daemon.kinds()


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_rendering_shows_itself_and_can_be_cancelled(
    daemon: Daemon, placing: Placing, monkeypatch: pytest.MonkeyPatch, is_cancelled: bool
) -> None:
    seen: list[str] = []
    plain = lip_sync_clip.prepare_media

    def rendering(host: Any, clip: Any, voices: Any, choices: Any, on_progress: Any) -> Any:
        for percent in (10, 60, 90):
            if not on_progress("Resolve renders the sound of A2", percent / 100):
                raise PlosiveHostError("It was cancelled.", "CANCELLED")
        return plain(host, clip, voices, choices, on_progress)

    def watch(shown: Any) -> bool | None:
        seen.append(f"{shown.elements['Text'].Text} {shown.elements['Bar'].Value}")
        if is_cancelled:
            shown.click("Cancel")
            return None
        return None if len(seen) == 3 else False

    monkeypatch.setattr(lip_sync_clip, "prepare_media", rendering)
    scene = scene_of()
    assert run(scene, accept, watch, accept)
    assert seen[0] == "Resolve renders the sound of A2 10"
    if is_cancelled:
        assert "Lip Sync Clip: cancelled" in told(scene) and "submit" not in daemon.kinds()
    else:
        assert seen[2].endswith(" 90") and "done" in told(scene)


def test_two_clips_have_one_dialog(daemon: Daemon, placing: Placing) -> None:
    scene = scene_of(clips=2)

    def choose(shown: Any) -> None:
        assert "faces" not in shown.elements and "sh20.mov: German" in shown.shown_text()
        shown.enter("handles", Value=4)
        shown.click("Accept")

    assert run(scene, choose, accept)
    assert daemon.kinds() == ["submit", "submit"]
    assert [name for name, _, _ in placing.placed] == ["sh10.mov", "sh20.mov"]
    assert [fields["sync"]["clip"]["handle_frames"] for _, fields in daemon.asked] == [4, 4]


def test_one_of_two_fails(daemon: Daemon, placing: Placing) -> None:
    def submit(fields: dict[str, Any], request: Any) -> None:
        if "line1" in fields["sync"]["voices"][0]["dub_path"]:
            request.fail("No face speaks here.", "FACE")
        else:
            daemon.do_the_job(fields, request)

    daemon.answers["submit"] = submit
    scene = scene_of(clips=2)
    assert run(scene, accept, accept)
    assert "not everything was done" in told(scene)
    assert "sh10.mov: No face speaks here." in told(scene) and "sh20.mov: version 1" in told(scene)


def test_without_a_dub_under_it_a_clip_of_several_asks_for_itself(daemon: Daemon, placing: Placing) -> None:
    scene = scene_of(clips=2)
    scene.timeline.tracks("audio")[1].items.pop()

    def name_a_file(shown: Any) -> None:
        assert "sh20.mov" in shown.shown_text() and "No dub lies under sh20.mov" in shown.shown_text()
        shown.enter("dub_95_path", Text="/dubs/other.wav")
        shown.click("Accept")

    assert run(scene, accept, name_a_file, accept)
    paths = [fields["sync"]["voices"][0]["dub_path"] for kind, fields in daemon.asked if kind == "submit"]
    assert paths == ["/media/line1.wav", "/dubs/other.wav"]


FREE = {"is_studio": False, "version": (20, 2)}


def test_the_free_edition_does_it_without_windows(
    daemon: Daemon, placing: Placing, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = scene_of(**FREE)
    assert run(scene)
    out = capsys.readouterr().out
    assert scene.app.windows == [] and scene.app.modal_text == ""
    assert str(options_path()) in out and options_path().exists()
    assert "Plosive: Lip Sync Clip: done" in out and f"Log: {log_path('resolve')}" in out
    assert "sh10.mov: version 1 lies as take 2 of the clip" in out
    assert scene.app.is_console_shown
    assert scene.timeline.markers == {}  # the one for cancelling is gone
    assert placing.placed[0][2][0].handle_frames == 12


def test_only_the_options_file_counts_there(
    daemon: Daemon, placing: Placing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not what was chosen in a dialog of Studio on the same machine."""
    monkeypatch.setattr(asking, "_project_key", lambda host: "the same project")
    remember("the same project", {"handles": 7, "output": "track"}, logging.getLogger("test"))
    kept = memory_path().read_text()
    assert run(scene_of(**FREE))
    assert (placing.placed[0][2][0].handle_frames, placing.placed[0][2][0].output_mode) == (12, "take")
    assert memory_path().read_text() == kept


def test_the_options_file_counts_there(daemon: Daemon, placing: Placing) -> None:
    options_path().parent.mkdir(parents=True)
    options_path().write_text('{"handles": 3, "output": "track"}')
    assert run(scene_of(**FREE))
    assert (placing.placed[0][2][0].handle_frames, placing.placed[0][2][0].output_mode) == (3, "track")


def test_deleting_the_marker_cancels(
    daemon: Daemon, placing: Placing, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from plosive_resolve import console_screen

    monkeypatch.setattr(console_screen, "_LOOK_SECONDS", 0.05)
    scene = scene_of(**FREE)
    running: list[Any] = []

    def submit(fields: dict[str, Any], request: Any) -> None:
        running.append(request)
        request.event("submitted", job={"id": JOB, "state": "waiting"})
        deliver = daemon.deliver

        def delete() -> None:
            if scene.timeline.markers:
                assert list(scene.timeline.markers) == [50]  # on the clip's first frame
                scene.timeline.markers.clear()
            else:
                deliver(delete)

        deliver(delete)

    def cancel(fields: dict[str, Any], request: Any) -> None:
        running[0].fail("The job was cancelled.", "CANCELLED")

    daemon.answers.update(submit=submit, cancel=cancel)
    assert run(scene)
    assert daemon.kinds() == ["submit", "cancel"]
    assert "Lip Sync Clip: cancelled" in capsys.readouterr().out


def test_a_marker_that_lies_there_is_left_alone() -> None:
    scene = scene_of(**FREE)
    timeline = scene.resolve.GetProjectManager().GetCurrentProject().GetCurrentTimeline()
    assert timeline.AddMarker(50, "Red", "mine", "", 1, "")
    marker = CancelMarker(timeline, 50, logging.getLogger("test"))
    assert marker.put() and sorted(scene.timeline.markers) == [50, 51]
    assert not marker.is_deleted()
    marker.remove()
    assert list(scene.timeline.markers) == [50] and not marker.is_deleted()


def test_several_voices_without_a_dialog_say_what_to_do(
    daemon: Daemon, placing: Placing, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = scene_of(**FREE)
    scene.place(scene.sound("line9.wav", 2), 3, record_frame=scene.frame(50))
    assert not run(scene)
    assert "each needs its face" in capsys.readouterr().out and "submit" not in daemon.kinds()
    options_path().write_text('{"track_faces": "A2=1, A3=2"}')
    assert run(scene)
    assert [voice["face"] for voice in daemon.asked[-1][1]["sync"]["voices"]] == ["1", "2"]


def test_nothing_under_the_playhead(daemon: Daemon) -> None:
    scene = scene_of()
    scene.select()
    scene.playhead(scene.frame(5))
    assert not run(scene, accept)
    assert "none lies under the playhead" in told(scene) and daemon.asked == []


def test_a_range_without_marks_keeps_the_dialog_open(daemon: Daemon, placing: Placing) -> None:
    scene = scene_of()
    said: list[str] = []

    def choose(shown: Any) -> None:
        shown.enter("range", CurrentIndex=1)
        shown.click("Accept")
        said.append(shown.elements["Status"].Text)
        shown.enter("range", CurrentIndex=0)
        shown.click("Accept")

    assert run(scene, choose, accept)
    assert "no in and out point" in said[0] and len(placing.placed) == 1


def test_the_range_between_the_marks(daemon: Daemon, placing: Placing) -> None:
    scene = scene_of()
    timeline = scene.resolve.GetProjectManager().GetCurrentProject().GetCurrentTimeline()
    assert timeline.SetMarkInOut(60, 69, "all")

    def choose(shown: Any) -> None:
        shown.enter("range", CurrentIndex=1)
        shown.click("Accept")

    assert run(scene, choose, accept)
    # the clip begins 50 frames after the timeline and plays the plate from frame 10 on
    assert daemon.asked[1][1]["sync"]["kept_ranges"] == [
        {"range": {"first_frame": 0, "last_frame_inclusive": 19}},
        {"range": {"first_frame": 30, "last_frame_inclusive": 61}},
    ]


def test_a_known_result_is_taken_while_its_files_are_the_same(tmp_path: Path) -> None:
    log = logging.getLogger("test")
    plate, dub, out = tmp_path / "shot.%04d.exr", tmp_path / "line.wav", tmp_path / "out.####.exr"
    for number in range(1001, 1005):
        (tmp_path / f"shot.{number}.exr").write_bytes(b"plate")
        (tmp_path / f"out.{number}.exr").write_bytes(b"result")
    dub.write_bytes(b"dub")
    clip = {"media_path": str(plate), "range": {"first_frame": 1002, "last_frame_inclusive": 1003}}
    sync = {"clip": {**clip, "handle_frames": 1}, "voices": [{"dub_path": str(dub)}]}
    job = {"id": JOB, "state": "done", "result": {"out_path": str(out)}, "warnings": ["Mind."]}
    assert known_job(sync, "1.0", log) is None
    remember_job(sync, "1.0", job, log)
    found = known_job(sync, "1.0", log)
    assert found == {"id": JOB, "result": {"out_path": str(out)}, "warnings": ["Mind."]}
    assert known_job({**sync, "seed": 2}, "1.0", log) is None
    assert known_job(sync, "1.1", log) is None
    for touched in (dub, tmp_path / "shot.1001.exr", tmp_path / "out.1004.exr"):
        kept = touched.read_bytes()
        touched.write_bytes(kept + b"!")
        assert known_job(sync, "1.0", log) is None, touched
        remember_job(sync, "1.0", job, log)
        assert known_job(sync, "1.0", log) is not None
    (tmp_path / "out.1002.exr").unlink()
    assert known_job(sync, "1.0", log) is None
    results_path().write_text("{")
    assert known_job(sync, "1.0", log) is None


def test_what_was_made_but_not_placed_is_placed_the_next_time(daemon: Daemon, placing: Placing) -> None:
    placing.error = PlosiveHostError("Reel 1 was edited while the result was made.", "CHANGED")
    scene = scene_of()
    assert run(scene, accept, accept)
    placing.error = None
    assert run(scene, accept, accept)
    assert daemon.kinds() == ["faces", "submit", "faces"]
    assert "version 1 lies as take 2 of the clip, from an earlier run" in told(scene)
    assert placing.placed[0][2][1] == JOB


def test_the_bar_never_runs_backwards_and_everyday_remarks_stay_in_the_log(
    daemon: Daemon, placing: Placing
) -> None:
    """Stages come in another order where faces or words are known."""
    everyday = "Anna: The dub ends 2.41 s after the plate (3.54 s of dub, 1.08 s of plate)."
    bars: list[int] = []
    running: list[Any] = []
    daemon.answers["submit"] = lambda fields, request: running.append(request)
    steps = [
        {"stage": "speech"},
        {"stage": "faces", "frames_done": 60, "frames_total": 64},
        {"stage": "speech"},
        {"stage": "render", "frames_done": 32, "frames_total": 64, "seconds_left": 95.2},
        {"stage": "something new"},
    ]
    texts: list[str] = []

    def artist(shown: Any) -> bool | None:
        if "Bar" not in shown.elements:
            shown.click("Accept")
            return None
        bars.append(shown.elements["Bar"].Value)
        texts.append(shown.elements["Text"].Text)
        if steps:
            running[0].event("progress", progress=steps.pop(0))
        elif len(bars) > 12:
            running[0].event("warning", warning=everyday)
            notes = ["Something lies before face 1 in frames 7-17: it stays.", "Frames: 64 patched.", "Mind."]
            running[0].event("warning", warning="Mind.")
            running[0].done(job={"id": JOB, "result": {**RESULT, "notes": notes}})
        return False

    scene = scene_of()
    assert run(scene, accept, artist)
    assert "Something lies before face 1 in frames 7-17" in told(scene) and "patched" not in told(scene)
    assert told(scene).count("Mind.") == 1
    assert bars == sorted(bars) and 60 <= bars[-1] < 100
    assert "sh10.mov: making frames, 32 of 64, about 2 min left" in texts
    assert everyday not in told(scene) and everyday in log_path("resolve").read_text()


class Narrow(io.TextIOWrapper):
    """A console of Windows, which knows no Greek."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="cp1252", errors="strict")


def test_a_console_that_cannot_show_a_name(
    daemon: Daemon, placing: Placing, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = Narrow()
    monkeypatch.setattr(sys, "stdout", narrow)
    scene = scene_of()
    scene.timeline.tracks("video")[0].items[0].name = "σκηνή.mov"
    assert run(scene, accept, accept)
    narrow.flush()
    assert b"\\u03c3" in narrow.buffer.getvalue()  # type: ignore[attr-defined]
    assert "σκηνή.mov: version 1" in told(scene) and "σκηνή" in log_path("resolve").read_text(
        encoding="utf-8"
    )


def test_no_console_at_all(daemon: Daemon, placing: Placing, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a Windows program without one; and one that was closed."""
    closed = io.StringIO()
    closed.close()
    for stdout in (None, closed):
        monkeypatch.setattr(sys, "stdout", stdout)
        assert run(scene_of(**FREE))
    assert len(placing.placed) == 2


def test_the_same_sound_is_not_kept_twice(tmp_path: Path) -> None:
    """A dub of several pieces is put together in each run."""
    scene = scene_of()
    host = open_host(scene.app.script_globals("Edit"))
    clip = clips_meant(host)[0]
    voice = voices_found(host, clip).voices[0]
    log = logging.getLogger("test")
    stem = tmp_path / "sh[10]_A2"
    for version, data in ((1, b"other"), (2, b"same"), (3, b"same"), (12, b"same")):
        Path(f"{stem}_v{version:03}.wav").write_bytes(data)
    new = f"{stem}_v012.wav"
    plain = dataclasses.replace(voice, key="A9")
    prepared = Prepared(
        clip,
        (dataclasses.replace(voice, dub_path=new), plain),
        Choices(),
        (new,),
        (f"Read from {Path(new).name}.",),
    )
    settled = with_earlier_sounds(prepared, log)
    assert [one.dub_path for one in settled.voices] == [f"{stem}_v002.wav", plain.dub_path]
    assert settled.made_paths == () and not Path(new).exists()
    assert settled.notes == ("Read from sh[10]_A2_v002.wav.",)
    assert sorted(path.name[-8:] for path in tmp_path.glob("*.wav")) == ["v001.wav", "v002.wav", "v003.wav"]
    Path(new).write_bytes(b"a new one")
    assert with_earlier_sounds(prepared, log) == prepared and Path(new).exists()


@pytest.mark.parametrize("moment", range(14))
def test_closed_at_any_moment(daemon: Daemon, placing: Placing, moment: int) -> None:
    """The artist closes what is there at one moment, and what comes after it: nothing stays behind, and a
    result is placed or its job cancelled.
    """
    looks: list[str] = []
    running: list[Any] = []
    steps = [
        lambda: running[0].event("submitted", job={"id": JOB, "state": "waiting"}),
        lambda: running[0].event("state", job={"id": JOB, "state": "running"}),
        lambda: running[0].event(
            "progress", progress={"stage": "render", "frames_done": 1, "frames_total": 9}
        ),
        lambda: running[0].event("warning", warning="Mind."),
        lambda: running[0].done(job={"id": JOB, "result": RESULT}),
    ]
    daemon.answers["submit"] = lambda fields, request: running.append(request)
    daemon.answers["cancel"] = lambda fields, request: running[0].fail("Cancelled.", "CANCELLED")

    def artist(shown: Any) -> bool:
        title = shown.attributes["WindowTitle"]
        looks.append(title)
        if len(looks) > moment or ("faces" not in shown.elements and "Bar" not in shown.elements):
            shown.close()
        elif "faces" in shown.elements and len(looks) > 2:
            shown.click("Accept")
        elif "Bar" in shown.elements and steps:
            steps.pop(0)()
        if "Bar" in shown.elements and len(looks) > moment and steps:  # the daemon goes on
            steps.pop(0)()
        return False

    scene = scene_of()
    scene.app.ui_script.append(artist)
    assert entry.run("lip_sync_clip", scene.app.script_globals("Edit"))
    assert not any(window.is_shown for window in scene.app.windows)
    assert not any(timer.is_active for timer in scene.app.timers)
    assert daemon.closed == 1
    if "submit" in daemon.kinds():
        assert len(placing.placed) == 1 or "cancel" in daemon.kinds()
    else:
        assert placing.placed == [] and len(set(looks)) == 1


@pytest.mark.parametrize("folder", ["Comp", "Tool"])
def test_on_the_fusion_page_the_open_composition_is_meant(
    daemon: Daemon, placing: Placing, folder: Any
) -> None:
    """Not what is selected on the Edit page."""
    scene = scene_of(clips=2)
    first, second = scene.timeline.tracks("video")[0].items
    scene.select(first)
    scene.playhead(scene.frame(105))
    scene.fusion_comp(second)
    scene.app.page = "fusion"
    scene.app.ui_script.extend([accept, accept])
    assert entry.run("lip_sync_clip", scene.app.script_globals(folder))
    assert [name for name, _, _ in placing.placed] == ["sh20.mov"]
    assert scene.app.page == "fusion"


def test_the_comp_menu_elsewhere_takes_what_is_selected(daemon: Daemon, placing: Placing) -> None:
    scene = scene_of(clips=2)
    scene.select(scene.timeline.tracks("video")[0].items[1])
    scene.app.ui_script.extend([accept, accept])
    assert entry.run("lip_sync_clip", scene.app.script_globals("Comp"))
    assert [name for name, _, _ in placing.placed] == ["sh20.mov"]

# SPDX-License-Identifier: Apache-2.0
"""Any call to Resolve may fail without a word, once or from then on: a result is placed right, or nothing is
left.

A window of Resolve that the artist opens while a job runs makes every call answer None.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.resolve import FakeApplication, FakeEdition, Scene
from fakes.resolve.cut import ItemState
from fakes.resolve.rendering import RenderHandle
from fakes.results import Results
from plosive_host import PlosiveHostError
from plosive_resolve import (
    Choices,
    ClipUse,
    Host,
    Placed,
    clips_meant,
    fingerprint,
    open_host,
    place,
    view_timeline,
)
from plosive_resolve.temporary_render import kept_settings


class Desk:
    """A clip on a locked track between two others, read and synced."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, version: tuple[int, ...]) -> None:
        self.scene = Scene(24, edition=FakeEdition(version))
        plate = self.scene.picture(frames=200, start_timecode="10:00:00:00")
        self.scene.place(self.scene.picture("a.mov"), duration=30)
        self.item: ItemState = self.scene.place(plate, source_in=50, duration=40)
        self.scene.place(self.scene.picture("b.mov"), duration=30)
        self.scene.timeline.video[0].is_locked = True
        self.scene.playhead(self.item.record_start)
        self.app: FakeApplication = self.scene.app
        self.results = Results(self.scene, folder, patch)

    def read(self) -> tuple[Host, ClipUse]:
        host = open_host(self.app.script_globals())
        (clip,) = clips_meant(host)
        return host, clip

    def place(self, mode: str, arm: Callable[[FakeApplication], None]) -> Placed:
        host, clip = self.read()
        choices = Choices(output_mode=mode)
        before, result = fingerprint(view_timeline(host.timeline)), self.results.of(clip, choices, score=4.0)
        arm(self.app)
        return place(host, clip, result, choices, before, "job", "dub.wav")

    def state(self) -> list[Any]:
        timeline = self.scene.timeline
        return [
            (track.name, track.is_locked, [{**vars(item), "takes": len(item.takes)} for item in track.items])
            for kind in ("video", "audio")
            for track in timeline.tracks(kind)
        ]

    def shown(self) -> list[Any]:
        frames = range(self.item.record_start, self.item.record_end_exclusive)
        items = [self.scene.timeline.shown_at(frame) for frame in frames]
        return [self.results.played(item, frame) for item, frame in zip(items, frames, strict=True) if item]


def calls_of(folder: Path, patch: pytest.MonkeyPatch, mode: str, version: tuple[int, ...]) -> int:
    """How many calls placing takes when nothing fails."""
    desk = Desk(folder, patch, version)
    begin: list[int] = []
    desk.place(mode, lambda app: begin.append(len(app.calls)))
    return len(desk.app.calls) - begin[0]


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize(("mode", "version"), [("take", (21, 0, 4)), ("track", (20, 0))])
def test_one_call_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, version: tuple[int, ...], part: int
) -> None:
    count = calls_of(tmp_path, monkeypatch, mode, version)
    assert count > 50
    for number in range(1 + part, count + 1, 9):
        desk = Desk(tmp_path, monkeypatch, version)
        before, plain = desk.state(), desk.shown()

        def arm(app: FakeApplication, number: int = number) -> None:
            app.failing_calls = {len(app.calls) + number}

        try:
            desk.place(mode, arm)
        except PlosiveHostError as error:
            assert desk.state() == before, f"call {number} failed, then: {error}"
        else:
            assert desk.shown() == [(plate, frame, True) for plate, frame, _ in plain], f"call {number}"
        assert desk.scene.timeline.video[0].is_locked
        assert [item.name for item in desk.scene.timeline.video[0].items][::2] == ["a.mov", "b.mov"]


@pytest.mark.parametrize("mode", ["take", "track"])
def test_a_window_of_resolve_comes_up_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    count = calls_of(tmp_path, monkeypatch, mode, (21, 0, 4))
    for number in range(1, count + 1, 7):
        desk = Desk(tmp_path, monkeypatch, (21, 0, 4))

        def arm(app: FakeApplication, number: int = number) -> None:
            app.modal_at_call = len(app.calls) + number

        try:
            placed = desk.place(mode, arm)
        except PlosiveHostError as error:
            assert str(error).endswith(".")
        else:
            assert placed.item_id
        assert [item.name for item in desk.scene.timeline.video[0].items][::2] == ["a.mov", "b.mov"]


def test_a_window_is_open_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path, monkeypatch, (21, 0, 4))
    desk.app.modal_text = "Preferences"
    with pytest.raises(PlosiveHostError, match="close it"):
        desk.read()


@pytest.mark.parametrize("tries_that_fail", [1, 99])
def test_render_settings_that_do_not_come_back_are_kept_as_a_preset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tries_that_fail: int
) -> None:
    """Nothing can read them: the preset is all that is left of what the artist had set."""
    desk = Desk(tmp_path, monkeypatch, (21, 0, 4))
    render = desk.app.project.render
    render.settings["CustomName"] = "mine"
    before, load, tries = render.snapshot(), RenderHandle.LoadRenderPreset, iter(range(100))

    def load_at_last(project: RenderHandle, name: str) -> bool:
        return next(tries) >= tries_that_fail and load(project, name)

    monkeypatch.setattr(RenderHandle, "LoadRenderPreset", load_at_last)
    host, _ = desk.read()
    with kept_settings(host):
        assert host.project.SetRenderSettings({"CustomName": "ours", "ExportVideo": False})
    if tries_that_fail == 1:
        assert render.snapshot() == before and not render.presets
    else:
        assert list(render.presets.values()) == [before]

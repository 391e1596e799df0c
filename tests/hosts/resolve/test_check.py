# SPDX-License-Identifier: Apache-2.0
"""Plosive Check: what it finds, in each edition, with and without a daemon."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.resolve import FakeEdition, Scene
from plosive_host import PlosiveHostError, log_path
from plosive_host.sighting import sighting_path
from plosive_resolve import check, entry
from plosive_resolve.options_file import options_path


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PLOSIVE_HOST_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PLOSIVE_HOST_QUIET", "1")
    monkeypatch.setenv("PLOSIVE_PYTHON", sys.executable)
    yield tmp_path
    logger = logging.getLogger("plosive.host.resolve")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


class Session:
    """Plays a session whose daemon answers, or does not."""

    error: PlosiveHostError | None = None

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def start(self) -> Session:
        return self

    def wait(self, seconds: float) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        devices = [{"name": "cuda:0", "label": "A card"}]
        return {
            "client_version": "1.2",
            "daemon": {
                "plosive_version": "1.2",
                "devices": devices,
                "read_roots": ["/shots"],
                "warnings": ["Old."],
            },
        }


def run(
    monkeypatch: pytest.MonkeyPatch, edition: FakeEdition, error: PlosiveHostError | None = None
) -> Scene:
    monkeypatch.setattr(Session, "error", error)
    monkeypatch.setattr(check, "Session", Session)
    scene = Scene(24, edition=edition)
    if edition.is_studio:
        scene.app.ui_script.append(lambda shown: shown.click("Accept"))
    assert entry.run("check", scene.app.script_globals("Utility"))
    return scene


def test_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = run(monkeypatch, FakeEdition((21, 0, 4), True))
    window = scene.app.windows[0]
    assert window.attributes["WindowTitle"] == "Plosive Check: all is well"
    text = window.shown_text()
    for told in (
        f"Python {sys.version_info.major}.{sys.version_info.minor}",
        "DaVinci Resolve Studio 21.0.4",
        "Windows can be drawn.",
        "Timeline Reel 1, 24 frames a second",
        f"Plosive's Python: {sys.executable}",
        "Plosive 1.2, daemon 1.2",
        "Device cuda:0: A card",
        "Warning: Old.",
        "Media is read only under /shots",
        str(log_path("resolve")),
    ):
        assert told in text, told
    seen = json.loads(sighting_path("resolve").read_text())
    assert (seen["version"], seen["edition"]) == ("21.0.4", "studio")


def test_what_is_wrong_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    options_path().parent.mkdir(parents=True)
    options_path().write_text('{"jaw": 300}')
    error = PlosiveHostError("No daemon runs and none could be started.", "DAEMON_ABSENT")
    window = run(monkeypatch, FakeEdition((20, 0), True), error).app.windows[0]
    assert window.attributes["WindowTitle"] == "Plosive Check: 2 to mend"
    assert "Wrong: No daemon runs" in window.shown_text() and 'Wrong: "jaw" in' in window.shown_text()


def test_in_the_free_edition(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    scene = run(monkeypatch, FakeEdition((21, 0), False))
    out = capsys.readouterr().out
    assert scene.app.windows == [] and scene.app.modal_text == ""
    assert "draws no windows" in out and str(options_path()) in out and "Plosive Check: all is well" in out


def test_in_a_resolve_that_is_too_old(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "Session", Session)

    class Resolve:
        """Of a version that the fake does not play."""

        def GetProductName(self) -> str:
            return "DaVinci Resolve Studio"

        def GetVersion(self) -> list[object]:
            return [18, 6, 6, 7, ""]

        def GetProjectManager(self) -> None:
            raise AssertionError("nothing is asked of it")

    given = {"resolve": Resolve()}
    assert entry.run("check", given)
    out = capsys.readouterr().out
    assert "Plosive Check: 1 to mend" in out and "works with 19.1 and later" in out
    assert not entry.run("lip_sync_clip", given)
    assert "works with 19.1 and later" in capsys.readouterr().out

# SPDX-License-Identifier: Apache-2.0
"""A fresh fake Nuke for each test."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.nuke import FakeNuke, install
from fakes.nuke.scene import ScriptedSession


@pytest.fixture
def nuke(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeNuke]:
    """Nuke 15.1 with its GUI; the script lies in tmp_path/show."""
    yield from started(monkeypatch, tmp_path)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeNuke]:
    """`nuke -t`."""
    yield from started(monkeypatch, tmp_path, is_gui=False)


def started(monkeypatch: pytest.MonkeyPatch, folder: Path, **how: Any) -> Iterator[FakeNuke]:
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    monkeypatch.delenv("OCIO", raising=False)
    fake = install(monkeypatch, folder, **how)
    fake.root()["name"]._value = str(folder / "show" / "sh010.nk")
    (folder / "show").mkdir()
    yield fake
    desk = importlib.import_module("plosive_nuke.desk").desk
    if desk.cache_info().currsize:
        desk().close()


@pytest.fixture
def plosive(monkeypatch: pytest.MonkeyPatch) -> type[ScriptedSession]:
    """Sessions are scripted; asked for after `nuke`."""
    ScriptedSession.made = []
    monkeypatch.setattr(importlib.import_module("plosive_nuke.desk"), "Session", ScriptedSession)
    return ScriptedSession

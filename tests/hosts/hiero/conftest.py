# SPDX-License-Identifier: Apache-2.0
"""A fresh fake Hiero for each test, and a cut to work on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from fakes.hiero import World, install
from fakes.hiero.scene import Cut


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    monkeypatch.setenv("PLOSIVE_HOST_DATA", str(tmp_path / "data"))
    yield install(monkeypatch)


@pytest.fixture
def cut(world: World, tmp_path: Path) -> Cut:
    """A sequence of 24 frames a second in a project saved in tmp_path."""
    return Cut(world, tmp_path, Fraction(24))

# SPDX-License-Identifier: Apache-2.0
"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def material() -> Path:
    """Real footage kept beside the repository, in ../shared/material; tests that need it skip without it."""
    folder = ROOT.parent / "shared" / "material"
    if not folder.is_dir():
        pytest.skip(f"real footage is not here: {folder} does not exist")
    return folder


@pytest.fixture(autouse=True)
def _writes_stay_out_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test runs in its own empty folder; nothing new may appear at the repository's top."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLOSIVE_LOGS", str(tmp_path / "logs"))
    before = _top_level()
    yield
    assert _top_level() <= before, "a test wrote into the repository"


def _top_level() -> set[str]:
    caches = {".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv"}
    return {path.name for path in ROOT.iterdir()} - caches

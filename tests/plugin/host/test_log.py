# SPDX-License-Identifier: Apache-2.0
"""The log of a host: one file that rotates, never an exception, always a place that can be told."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plosive_host import config_path, data_folder, host_log, log_path


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PLOSIVE_HOST_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("PLOSIVE_HOST_CONFIG", raising=False)
    yield tmp_path / "data"
    for name in ("resolve", "a/b"):
        logger = logging.getLogger(f"plosive.host.{name}")
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()


def test_one_file_however_often_it_is_asked_for(place: Path) -> None:
    assert data_folder() == place and config_path() == place / "host.json"
    host_log("resolve").info("first é")
    try:
        raise RuntimeError("why")
    except RuntimeError:
        host_log("resolve").exception("second")
    assert log_path("resolve") == place / "logs" / "host-resolve.log"
    text = log_path("resolve").read_text(encoding="utf-8")
    assert text.count("first é") == text.count("second") == 1
    assert "RuntimeError: why" in text and str(os.getpid()) in text
    assert log_path("a/b").name == "host-a_b.log"


def test_it_follows_the_folder(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host_log("resolve").info("here")
    monkeypatch.setenv("PLOSIVE_HOST_DATA", str(tmp_path / "other"))
    host_log("resolve").info("there")
    assert "there" not in (place / "logs" / "host-resolve.log").read_text()
    assert log_path("resolve").read_text().count("there") == 1
    assert log_path("resolve").parent.parent == tmp_path / "other"


def test_old_ones_go(place: Path) -> None:
    logger = host_log("resolve")
    for _ in range(60):
        logger.info("x" * 100_000)
    files = sorted(path.name for path in (place / "logs").iterdir())
    assert files == ["host-resolve.log", *(f"host-resolve.log.{number}" for number in (1, 2, 3))]
    assert all(path.stat().st_size <= 1_000_000 for path in (place / "logs").iterdir())


def test_a_file_that_another_process_holds(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows an open file can't be renamed: nothing is lost, and the file grows."""
    logger = host_log("resolve")
    logger.info("x" * 999_000)

    def refuse(*_: object) -> None:
        raise PermissionError("held")

    monkeypatch.setattr(os, "rename", refuse)
    for number in range(3):
        logger.info("after %d %s", number, "y" * 2000)
    text = log_path("resolve").read_text()
    assert [f"after {number}" in text for number in range(3)] == [True] * 3


def test_a_folder_that_cannot_be_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write_text("a file lies where the folder should be")
    spare = place.with_name("spare")
    spare.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spare))
    host_log("resolve").info("kept")
    assert log_path("resolve").parent == spare
    assert "kept" in log_path("resolve").read_text()


def test_no_place_at_all(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place.write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(place / "missing"))
    host_log("resolve").info("said")
    assert "said" in capsys.readouterr().err

# SPDX-License-Identifier: Apache-2.0
"""Room on disks: what a job may take, and when it is told that there is too little."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from plosive_daemon.disk import (
    DiskFull,
    free_bytes,
    media_bytes,
    require_room,
    require_room_left,
    room_needed,
)

Usage = namedtuple("Usage", "total used free")
GB = 10**9


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A disk whose free bytes the test says."""
    told = {"free": 10 * GB}
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 * GB, 0, told["free"]))
    return told


def test_what_a_plate_takes(tmp_path: Path) -> None:
    for number in (7, 1001, 1002, 1003):
        (tmp_path / f"shot.{number}.exr").write_bytes(bytes(100))
    (tmp_path / "shot.1001.exr.bak").write_bytes(bytes(5000))
    (tmp_path / "other.mov").write_bytes(bytes(70))
    assert media_bytes(tmp_path / "other.mov") == 70
    assert media_bytes(tmp_path / "shot.####.exr") == media_bytes(tmp_path / "shot.%04d.exr") == 400
    assert media_bytes(tmp_path) == 5470
    assert media_bytes(tmp_path / "missing.mov") == media_bytes(tmp_path / "missing" / "a.#.exr") == 0


def test_estimates() -> None:
    patched = room_needed(GB)
    assert GB < patched.out_bytes < 1.2 * GB and patched.elements_bytes == 0
    rewritten = room_needed(GB // 10, frames=240, pixels_a_frame=1920 * 1080, is_rewritten=True)
    assert 1.4 * GB < rewritten.out_bytes < 1.7 * GB
    layered = room_needed(GB, frames=240, pixels_a_frame=1920 * 1080, has_elements=True)
    assert layered.elements_bytes == 240 * 1920 * 1080 * 4


def test_before_a_job(tmp_path: Path, disk: dict[str, int]) -> None:
    out, scratch = tmp_path / "new" / "out.mov", tmp_path / "scratch"
    require_room({out: 8 * GB, scratch: GB}, GB)
    with pytest.raises(DiskFull, match=r"has 10.0 GB free, but this job may take 9.5 GB, and 1.0 GB are to"):
        require_room({out: 8 * GB, scratch: 3 * GB // 2}, GB)  # one disk: counted together
    disk["free"] = 5_000
    with pytest.raises(DiskFull, match=r"has 5 kB free.*0 kB are to stay free"):
        require_room({out: 6_000_000}, 0)


def test_while_it_runs(tmp_path: Path, disk: dict[str, int]) -> None:
    disk["free"] = GB
    require_room_left([tmp_path], 2 * GB)
    disk["free"] = GB - 1
    with pytest.raises(DiskFull, match=r"nearly full .* retry it"):
        require_room_left([tmp_path / "a" / "b.mov"], 2 * GB)


def test_a_disk_that_cannot_be_asked_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise OSError("not connected")

    assert free_bytes(tmp_path / "not" / "there") > 0
    monkeypatch.setattr(shutil, "disk_usage", refuse)
    require_room({tmp_path: 10**18}, 0)
    require_room_left([tmp_path], 10**18)

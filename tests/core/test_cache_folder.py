# SPDX-License-Identifier: Apache-2.0
"""The cache keeps what was used last, within its size."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from plosive.cache_folder import CacheFolder
from plosive.user_folders import cache_root


def write(size: int, path: Path) -> None:
    path.write_bytes(bytes(size))


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    folder = CacheFolder(tmp_path / "c", ".bin", most_bytes=250)
    for age, key in enumerate("abc"):
        assert folder.keep(key, lambda path: write(100, path))
        path = folder.find(key)
        if path is not None:
            os.utime(path, (1000 + age, 1000 + age))
    assert folder.find("a") is None
    kept = folder.find("b")  # used just now
    assert kept is not None
    folder.keep("d", lambda path: write(100, path))
    assert folder.find("c") is None
    assert folder.find("b") == kept


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    folder = CacheFolder(tmp_path / "c", ".bin")

    def full(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    assert not folder.keep("a", full)
    assert list((tmp_path / "c").iterdir()) == []


def test_its_place_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path))
    assert cache_root() == tmp_path
    monkeypatch.delenv("PLOSIVE_CACHE")
    assert "plosive" in str(cache_root()).lower()


@pytest.mark.skipif(sys.platform == "win32", reason="nobody waits there")
def test_who_comes_second_waits(tmp_path: Path) -> None:
    folder = CacheFolder(tmp_path / "cache", ".json")
    order: list[str] = []
    is_in = threading.Event()

    def first() -> None:
        with folder.alone("key"):
            is_in.set()
            time.sleep(0.2)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert is_in.wait(30)
    with folder.alone("another"):
        order.append("another")
    with folder.alone("key"):
        order.append("second")
    thread.join()
    assert order == ["another", "first", "second"]
    assert list((tmp_path / "cache").iterdir()) == []
    (tmp_path / "file").touch()
    with CacheFolder(tmp_path / "file" / "no folder", ".json").alone("key"):
        order.append("without a lock")
    assert order[-1] == "without a lock"

# SPDX-License-Identifier: Apache-2.0
"""What files hold: known again without reading them, and never when they may have changed."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from pathlib import Path

import pytest

from plosive.media import fingerprint as module
from plosive.media.fingerprint import fingerprint


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that counts as large, and as old."""
    monkeypatch.setenv("PLOSIVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "_LARGE_BYTES", 1000)
    monkeypatch.setattr(module, "_YOUNG_SECONDS", -1.0)
    path = tmp_path / "plate.mov"
    path.write_bytes(bytes(range(250)) * 8)
    return path


def test_it_is_that_of_the_content(large: Path) -> None:
    wanted = hashlib.blake2b(b"file 2000\n" + large.read_bytes(), digest_size=32).hexdigest()
    assert fingerprint([large]) == wanted == fingerprint([large])


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is known again there")
def test_a_large_file_is_read_once_until_it_is_touched(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Path] = []
    real = module._add_all
    monkeypatch.setattr(module, "_add_all", lambda digest, path: reads.append(path) or real(digest, path))
    first = fingerprint([large])
    assert fingerprint([large]) == first and len(reads) == 1
    state = large.stat()
    time.sleep(0.02)  # times of files go in steps
    large.write_bytes(bytes(range(249, -1, -1)) * 8)
    os.utime(large, ns=(state.st_atime_ns, state.st_mtime_ns))
    other = fingerprint([large])
    assert other != first and len(reads) == 2, "same size, same date, other bytes"
    monkeypatch.setattr(module, "_YOUNG_SECONDS", 60.0)
    assert fingerprint([large]) == other and len(reads) == 3, "touched too shortly ago to be sure"


def test_a_damaged_note_is_not_believed(large: Path, tmp_path: Path) -> None:
    first = fingerprint([large])
    for path in (tmp_path / "cache" / "prints").iterdir():
        path.write_text("no fingerprint")
    assert fingerprint([large]) == first

# SPDX-License-Identifier: Apache-2.0
"""Known results: found while unchanged, given out whole, the longest unused forgotten first."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from plosive.errors import MediaWriteError
from plosive_daemon.delivery import deliver
from plosive_daemon.file_marks import are_unchanged, marks_of
from plosive_daemon.results import ResultCache

KEY = "0123456789abcdef"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    path = tmp_path / "out.mov"
    path.write_bytes(bytes(range(256)) * 20_000)
    return path


def test_the_same_key_again_is_answered_from_the_first_result(tmp_path: Path, out: Path) -> None:
    cache = ResultCache(tmp_path / "results")
    assert cache.find(KEY) is None
    cache.remember(KEY, {"out": out}, {"frames_total": 5, "notes": ["Scored."]})
    known = ResultCache(tmp_path / "results").find(KEY)
    assert known is not None and known.about == {"frames_total": 5, "notes": ["Scored."]}
    place = tmp_path / "again.mov"
    assert cache.deliver(known, {"out": place})
    assert place.read_bytes() == out.read_bytes() and not place.samefile(out)
    with pytest.raises(MediaWriteError, match="exists already"):
        cache.deliver(known, {"out": place})
    place.write_bytes(b"other")
    cache.deliver(known, {"out": place}, overwrite=True)
    assert place.read_bytes() == out.read_bytes()
    cache.deliver(known, {"out": out})  # where it lies already: nothing to do
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.mov", "out.mov", "results"]
    assert cache.copied_bytes() == 0


@pytest.mark.parametrize("change", ["size", "time", "start", "end", "gone"])
def test_a_changed_result_is_not_given_out(tmp_path: Path, out: Path, change: str) -> None:
    cache = ResultCache(tmp_path / "results")
    cache.remember(KEY, {"out": out}, {})
    known = cache.find(KEY)
    assert known is not None
    state = out.stat()
    data = bytearray(out.read_bytes())
    if change == "size":
        data.append(0)
    elif change == "start":
        data[5] ^= 1
    elif change == "end":
        data[-5] ^= 1
    out.write_bytes(data)
    if change in ("start", "end"):
        os.utime(out, ns=(state.st_atime_ns, state.st_mtime_ns))
    elif change == "gone":
        out.unlink()
    if change == "gone":
        with pytest.raises(MediaWriteError, match="the file it is made from, is not there"):
            cache.deliver(known, {"out": tmp_path / "late.mov"})
    else:
        assert not cache.deliver(known, {"out": tmp_path / "late.mov"})
    assert not (tmp_path / "late.mov").exists() and not list(tmp_path.glob(".*"))
    assert cache.find(KEY) is None
    assert cache.find(KEY) is None


def test_copies_outlive_the_delivered_file(tmp_path: Path, out: Path) -> None:
    cache = ResultCache(tmp_path / "results", most_bytes=1 << 30)
    frames = {f"out:{number}": tmp_path / f"f.{number}.exr" for number in range(1001, 1101)}
    for number, path in enumerate(frames.values()):
        path.write_bytes(bytes([number]) * 100)
    cache.remember(KEY, {"out": out, **frames}, {})
    assert cache.copied_bytes() == out.stat().st_size + 100 * 100
    data = out.read_bytes()
    for path in (out, *frames.values()):
        path.unlink()
    known = cache.find(KEY)
    assert known is not None
    cache.deliver(known, {"out": out, **frames})
    assert out.read_bytes() == data
    assert all(path.read_bytes() == bytes([n]) * 100 for n, path in enumerate(frames.values()))


def test_the_longest_unused_copies_go_first(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "results", most_bytes=250)
    for name in "abc":
        path = tmp_path / name
        path.write_bytes(name.encode() * 100)
        cache.remember(name * 8, {"out": path}, {})
        if name == "b":
            assert cache.find("a" * 8) is not None
    assert cache.copied_bytes() == 200
    for name in "abc":
        (tmp_path / name).unlink()
    found = [name for name in "abc" if cache.find(name * 8) is not None]
    assert found == ["a", "c"]
    big = tmp_path / "big"
    big.write_bytes(bytes(300))
    cache.remember("d" * 8, {"out": big}, {})
    assert cache.find("d" * 8) is not None and cache.copied_bytes() == 200
    cache.forget("a" * 8)
    assert cache.copied_bytes() == 100


@pytest.mark.parametrize("damage", ["text", "folder", "empty"])
def test_a_damaged_cache_begins_anew(tmp_path: Path, out: Path, damage: str) -> None:
    folder = tmp_path / "results"
    cache = ResultCache(folder)
    cache.remember(KEY, {"out": out}, {})
    for path in folder.glob("results.db*"):
        path.unlink()
    if damage == "folder":
        (folder / "results.db").mkdir()
    else:
        (folder / "results.db").write_bytes(b"nonsense " * 1000 if damage == "text" else b"")
    assert cache.find(KEY) is None
    cache.remember(KEY, {"out": out}, {})
    assert (cache.find(KEY) is None) == (damage == "folder")


def test_strange_keys_and_missing_files_are_not_kept(tmp_path: Path, out: Path) -> None:
    cache = ResultCache(tmp_path / "results", most_bytes=1 << 30)
    cache.remember("../../escape", {"out": out}, {})
    cache.remember(KEY, {"out": tmp_path / "missing"}, {})
    assert cache.find("../../escape") is None and cache.find(KEY) is None


def test_many_at_once(tmp_path: Path, out: Path) -> None:
    caches = [ResultCache(tmp_path / "results") for _ in range(4)]
    wrong: list[str] = []

    def use(cache: ResultCache, number: int) -> None:
        for turn in range(10):
            cache.remember(f"key{number}{turn}", {"out": out}, {"n": number})
            if cache.find(f"key{number}{turn}") is None:
                wrong.append(f"{number} {turn}")

    threads = [threading.Thread(target=use, args=(cache, n)) for n, cache in enumerate(caches)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_delivery_leaves_nothing_half_done(tmp_path: Path, out: Path) -> None:
    places = [tmp_path / "one.mov", tmp_path / "missing" / "two.mov"]
    with pytest.raises(MediaWriteError, match=r"two.mov cannot be written: its folder"):
        deliver([(out, place) for place in places], overwrite=False)
    assert [path.name for path in tmp_path.glob("*.mov")] == ["out.mov"] and not list(tmp_path.glob(".*"))
    (tmp_path / "taken.mov").write_bytes(b"here")
    with pytest.raises(MediaWriteError, match="exists already"):
        deliver([(out, places[0]), (out, tmp_path / "taken.mov")], overwrite=False)
    assert not places[0].exists() and (tmp_path / "taken.mov").read_bytes() == b"here"


def test_of_many_frames_some_are_read_and_all_are_looked_at(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.exr" for number in range(200)]
    for path in paths:
        path.write_bytes(b"frame")
    marks = marks_of(paths)
    assert sum(bool(mark.digest) for mark in marks) == 64 and marks[0].digest and marks[-1].digest
    assert are_unchanged(marks)
    paths[77].write_bytes(b"frame!")
    assert not are_unchanged(marks)

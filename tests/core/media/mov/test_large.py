# SPDX-License-Identifier: Apache-2.0
"""Files around 4 GiB: sparse, a hole between two chunks, so that no disk is filled."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plosive.media.mov import AddedSound, MovRewriter, read_mov

LIMIT = 1 << 32
ZEROS = bytes(1 << 20)


class SparseSource:
    """A file whose holes are not read: the system would fill its memory with zeros."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self._size = path.stat().st_size

    def seek(self, offset: int) -> int:
        return self._file.seek(offset)

    def read(self, count: int) -> bytes:
        at = self._file.tell()
        try:
            full = os.lseek(self._file.fileno(), at, os.SEEK_DATA)
        except OSError:
            full = self._size
        if full >= at + count:
            self._file.seek(at + count)
            return ZEROS[:count]
        self._file.seek(at)
        return self._file.read(count)

    def close(self) -> None:
        self._file.close()


class SparseOutput:
    """A file in which blocks of zeros become holes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb+")
        self._end = 0

    def write(self, data: bytes) -> int:
        if data == ZEROS:
            self._file.seek(len(data), 1)
        else:
            self._file.write(data)
        self._end = max(self._end, self._file.tell())
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(self._end if whence == 2 else offset)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.truncate(self._end)
        self._file.close()


def with_hole(tools: Any, path: Path, short_of_limit: int, is_moov_first: bool, has_room: bool) -> None:
    """A hole before the last chunk of the picture, so that the file ends `short_of_limit` before 4 GiB."""
    data = bytearray(path.read_bytes())
    file = read_mov(path)
    at = int(file.tracks[0].table.chunk_offsets[-1])
    places = {name: (offset, size) for name, offset, size in tools.boxes(bytes(data))}
    moov_at, moov_size = places["/moov0"]
    mdat_at, mdat_size = places["/mdat0"]
    assert data[mdat_at - 4 : mdat_at] in (b"wide", b"free") and moov_at == mdat_at + mdat_size
    moov = data[moov_at : moov_at + moov_size]
    hole = LIMIT - short_of_limit - len(data)
    for track in file.tracks:
        stco = track.stbl.child("stco")
        assert stco is not None
        start = stco.payload_offset - moov_at + 8
        for number, offset in enumerate(track.table.chunk_offsets.tolist()):
            new = offset + (hole if offset >= at else 0) + (moov_size if is_moov_first else 0)
            struct.pack_into(">I", moov, start + 4 * number, new)
    struct.pack_into(">I", data, mdat_at, mdat_size + hole)
    if not has_room:
        data[mdat_at - 4 : mdat_at] = b"Wide"
    head = data[: mdat_at - 8] + (moov if is_moov_first else b"") + data[mdat_at - 8 : at]
    tail = data[at:moov_at] + (b"" if is_moov_first else moov)
    with path.open("wb") as output:
        output.write(head)
        output.seek(len(head) + hole)
        output.write(tail)
    if getattr(path.stat(), "st_blocks", 1 << 30) * 512 > 64 << 20:
        pytest.skip("the file system keeps no holes")


def rewritten(path: Path, out: Path, new: dict[int, bytes], dub: Path | None = None) -> tuple[str, ...]:
    file = read_mov(path)
    output = SparseOutput(out)
    sound = AddedSound(dub) if dub else None
    with MovRewriter(file, file.tracks[0], output, added_sound=sound) as writer:
        for number, content in new.items():
            writer.write_sample(number, content)
        writer.finish()
    output.close()
    return writer.notes


def _opened(path: Path) -> Any:
    return path.open("rb") if path.stat().st_size < LIMIT // 2 else SparseSource(path)


def kinds(path: Path) -> set[str]:
    return {box.fourcc for box in read_mov(path).boxes()} & {"stco", "co64"}


def pictures(path: Path) -> list[bytes]:
    samples = read_mov(path).tracks[0].samples
    with path.open("rb") as source:
        return [
            os.pread(source.fileno(), size, at)
            for at, size in zip(samples.offsets.tolist(), samples.sizes.tolist(), strict=True)
        ]


@pytest.mark.skipif(not hasattr(os, "SEEK_DATA"), reason="the system does not tell of holes")
@pytest.mark.parametrize("layout", ["moov last, wide", "moov first, no room"])
def test_past_four_gibibytes(maker: Any, tools: Any, layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file just below 4 GiB grows past it, and is patched once more as what it became."""
    monkeypatch.setattr("plosive.media.mov.rewriter.open_source", _opened)
    path, dub = maker.movie(frames=30), maker.dub()
    with_hole(tools, path, 100, "first" in layout, "no room" not in layout)
    before, told = pictures(path), tools.packets(path)
    assert kinds(path) == {"stco"}
    new = {0: bytes(3), 1: b"x" * 300_000, 29: b"y" * (len(before[29]) + 9)}

    out = path.with_stem("out")
    notes = rewritten(path, out, new, dub)
    assert any("co64" in note for note in notes)
    assert any("64-bit size" in note for note in notes)
    assert out.stat().st_size > LIMIT
    found = read_mov(out)
    sizes = {box.path: (box.size, box.header_size) for box in found.top}
    assert sizes["mdat"][1] == 16 and sizes["mdat"][0] > LIMIT
    assert ("wide" in sizes) is False
    assert "co64" in kinds(out)
    assert pictures(out) == [new.get(number, content) for number, content in enumerate(before)]
    assert int(found.tracks[0].table.chunk_offsets[-1]) > LIMIT - (1 << 22)
    again = tools.packets(out)
    assert {key: told[key] for key in (2, 3, 4)} == {key: again[key] for key in (2, 3, 4)}
    assert np.array_equal(tools.sound(out, 5), tools.sound(dub, 1))

    if "last" in layout:  # now with 64-bit places and sizes, changed in place
        last = path.with_stem("last")
        assert rewritten(out, last, {28: b"z"}) == ()
        assert pictures(last)[28:] == [b"z", new[29]]
        assert tools.packets(last)[5] == again[5]
        assert [box.path for box in read_mov(last).boxes()] == [box.path for box in found.boxes()]

# SPDX-License-Identifier: Apache-2.0
"""Where things lie in a file, and what is refused."""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.exr.structure import read_structure

if TYPE_CHECKING:
    from conftest import Exr

RGB = {"R": "half", "G": "half", "B": "half"}


def test_parts_channels_and_chunks(exr: Exr) -> None:
    path = exr.write(
        "two.exr",
        exr.part(exr.planes(50, 30, RGB | {"Z": "float"}), "zip", name="one", view="left", left=-4, top=-7),
        exr.part(exr.planes(50, 30, RGB), "piz", name="two", tile=(16, 32)),
    )
    file = read_structure(path)
    one, two = file.parts
    assert (one.name, one.view, one.compression, one.tiles) == ("one", "left", "zip", None)
    assert [(channel.name, channel.sample_bytes) for channel in one.channels] == [
        ("B", 2),
        ("G", 2),
        ("R", 2),
        ("Z", 4),
    ]
    assert [(chunk.window.top, chunk.window.height) for chunk in one.chunks()] == [
        (-7, 16),
        (9, 16),
        (25, 16),
        (41, 2),
    ]
    assert [(chunk.window.left, chunk.window.top) for chunk in two.chunks()] == [
        (0, 0),
        (16, 0),
        (0, 32),
        (16, 32),
    ]
    spans = sorted((chunk.offset, chunk.end) for part in file.parts for chunk in part.chunks())
    assert spans[0][0] == file.tables_end and spans[-1][1] == len(file.data)
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
    note = one.attributes["note"]
    assert note.value == b"kept" and file.data[note.offset : note.offset + 4] == b"kept"


def test_bytes_are_read_like_files(exr: Exr) -> None:
    path = exr.write("one.exr", exr.part(exr.planes(50, 30, RGB), "zip"))
    assert np.array_equal(
        read_structure(path.read_bytes()).parts[0].offsets, read_structure(path).parts[0].offsets
    )


@pytest.mark.parametrize("data", [b"", b"\x76\x2f\x31\x01", b"not an image at all"])
def test_what_is_no_exr(data: bytes) -> None:
    with pytest.raises(MediaReadError, match="no OpenEXR file"):
        read_structure(data, "x.exr")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MediaReadError, match=r"gone\.exr cannot be read"):
        read_structure(tmp_path / "gone.exr")


def test_every_cut_is_found(exr: Exr) -> None:
    whole = exr.write("one.exr", exr.part(exr.planes(20, 10, RGB), "zip")).read_bytes()
    for size in range(len(whole)):
        with pytest.raises(MediaReadError):
            read_structure(whole[:size], "cut.exr")


def _with(data: bytes, place: int, value: bytes) -> bytes:
    return data[:place] + value + data[place + len(value) :]


def test_lies_are_found(exr: Exr) -> None:
    path = exr.write("one.exr", exr.part(exr.planes(40, 10, RGB), "zip"))
    file = read_structure(path)
    part, data = file.parts[0], file.data
    first, second = part.chunk(0), part.chunk(1)
    window = part.attributes["dataWindow"].offset
    lies = [
        (part.table_offset, struct.pack("<q", -1)),
        (part.table_offset, struct.pack("<q", 1 << 62)),
        (part.table_offset, struct.pack("<q", second.offset)),
        (first.offset, struct.pack("<i", 16)),
        (first.offset + 4, struct.pack("<i", -1)),
        (first.offset + 4, struct.pack("<i", (1 << 31) - 1)),
        (first.offset + 4, struct.pack("<i", first.data_size + 1)),
        (window, struct.pack("<iiii", 0, 0, -1, -1)),
        (window, struct.pack("<iiii", -(1 << 31), -(1 << 31), (1 << 31) - 1, (1 << 31) - 1)),
        (window, struct.pack("<iiii", 0, 0, 9, 1 << 29)),
    ]
    for place, value in lies:
        with pytest.raises(MediaReadError):
            read_structure(_with(data, place, value), "lie.exr")


def test_what_is_not_known_is_refused(exr: Exr) -> None:
    path = exr.write("one.exr", exr.part(exr.planes(40, 10, RGB), "zip"))
    file = read_structure(path)
    part, data = file.parts[0], file.data
    strange = [
        (4, struct.pack("<I", 3)),
        (4, struct.pack("<I", 2 | 0x8000)),
        (part.attributes["compression"].offset, b"\x63"),
        (part.table_offset, bytes(8)),
    ]
    for place, value in strange:
        with pytest.raises(NotPatchableError):
            read_structure(_with(data, place, value), "strange.exr")

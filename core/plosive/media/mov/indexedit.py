# SPDX-License-Identifier: Apache-2.0
"""Changes to the index of a MOV: fields in place, boxes exchanged or added; all other bytes stay."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.media.mov.box import Box
from plosive.media.mov.samples import sample_offsets_box
from plosive.media.mov.track import MovTrack

__all__ = ["MOST_32_BITS", "IndexEdit", "listed_sizes_growth", "wide_offsets_growth"]

MOST_32_BITS = (1 << 32) - 1


class IndexEdit:
    """An editable copy of one box (`root`: moov or trak) and all in it. Offsets are those of the file."""

    def __init__(self, root: Box, data: bytes, data_offset: int) -> None:
        start = root.offset - data_offset
        self._root = root
        self._data = bytearray(data[start : start + root.size])
        self._splices: list[tuple[int, int, bytes, list[Box]]] = []

    def read(self, offset: int, size: int) -> bytes:
        at = offset - self._root.offset
        return bytes(self._data[at : at + size])

    def put(self, offset: int, new: bytes) -> None:
        """`new` in place of as many bytes at `offset`."""
        at = offset - self._root.offset
        assert at >= 0 and at + len(new) <= len(self._data)
        self._data[at : at + len(new)] = new

    def replace(self, box: Box, new: bytes) -> None:
        """`new` in place of a whole box."""
        around = [one for one in self._around(box.offset, box.end) if one is not box]
        self._splices.append((box.offset, box.end, new, around))

    def append(self, box: Box, new: bytes) -> None:
        """A box `new` after the last one in `box`, which is the root."""
        end = box.children[-1].end if box.children else box.payload_offset
        self._splices.append((end, end, new, [box]))

    def insert_before(self, box: Box, new: bytes) -> None:
        """A box `new` in front of `box`, in the same parent."""
        around = [one for one in self._around(box.offset, box.end) if one.offset < box.offset]
        self._splices.append((box.offset, box.offset, new, around))

    def put_offsets(self, track: MovTrack, offsets: NDArray[np.int64], is_wide: bool) -> None:
        """New chunk offsets; with `is_wide` a stco becomes a co64, and the index grows. Raises
        NotPatchableError when 32 bits do not hold them.
        """
        table = sample_offsets_box(track.stbl)
        assert table is not None
        head = self.read(table.payload_offset, 8)
        if table.fourcc == "co64":
            self.put(table.payload_offset + 8, _big(offsets, 8))
        elif is_wide:
            entries = _big(offsets, 8)
            self.replace(table, (16 + len(entries)).to_bytes(4, "big") + b"co64" + head + entries)
        elif len(offsets) and int(offsets.max()) > MOST_32_BITS:
            raise NotPatchableError(
                f"{track.file_name} grew past 4 GiB, and its index at the head of the file has no room for "
                "that."
            )
        else:
            self.put(table.payload_offset + 8, _big(offsets, 4))

    def put_sizes(self, track: MovTrack, sizes: NDArray[np.int64], is_listed: bool) -> None:
        """New sizes of a track's samples. A table with one size for all stays, or with `is_listed` gets an
        entry for each, and the index grows.
        """
        stsz = track.stbl.child("stsz")
        assert stsz is not None
        if not track.table.constant_size:
            self.put(stsz.payload_offset + 12, _big(sizes, 4))
        elif is_listed:
            head = self.read(stsz.payload_offset, 4) + bytes(4) + len(sizes).to_bytes(4, "big")
            self.replace(stsz, (20 + 4 * len(sizes)).to_bytes(4, "big") + b"stsz" + head + _big(sizes, 4))

    def put_movie_header(self, next_track_id: int, duration: int) -> None:
        """mvhd: the number of the next track, and the duration in ticks of the movie. Raises
        NotPatchableError when 32 bits do not hold the duration.
        """
        mvhd = self._root.child("mvhd")
        assert mvhd is not None
        at = mvhd.payload_offset
        is_wide = bool(self.read(at, 1)[0])
        if duration > MOST_32_BITS and not is_wide:
            raise NotPatchableError("The dub is too long for the movie's 32-bit clock.")
        self.put(at + (24 if is_wide else 16), duration.to_bytes(8 if is_wide else 4, "big"))
        self.put(at + (108 if is_wide else 96), min(next_track_id, MOST_32_BITS).to_bytes(4, "big"))

    def result(self) -> bytes:
        """The box with all changes."""
        data = bytearray(self._data)
        for start, end, new, around in sorted(self._splices, key=lambda splice: -splice[0]):
            at = start - self._root.offset
            data[at : end - self._root.offset] = new
            for box in around:  # they all begin before `start`, where nothing moved yet
                _grow(data, box, box.offset - self._root.offset, len(new) - (end - start))
        return bytes(data)

    def _around(self, start: int, end: int) -> list[Box]:
        return [box for box in self._root.walk() if box.offset <= start and end <= box.end]


def wide_offsets_growth(track: MovTrack) -> int:
    """Bytes by which the index grows when a track's stco becomes a co64."""
    table = sample_offsets_box(track.stbl)
    assert table is not None
    return 0 if table.fourcc == "co64" else 16 + 8 * len(track.table.chunk_offsets) - table.size


def listed_sizes_growth(track: MovTrack) -> int:
    """Bytes by which the index grows when a track's one size for all becomes a list."""
    stsz = track.stbl.child("stsz")
    assert stsz is not None
    return 20 + 4 * track.table.sample_count - stsz.size


def _grow(data: bytearray, box: Box, at: int, growth: int) -> None:
    if box.is_to_end:
        return
    field, width = (at + 8, 8) if box.header_size == 16 else (at, 4)
    size = int.from_bytes(data[field : field + width], "big") + growth
    data[field : field + width] = size.to_bytes(width, "big")


def _big(values: NDArray[Any], width: int) -> bytes:
    return np.asarray(values).astype(f">u{width}").tobytes()

# SPDX-License-Identifier: Apache-2.0
"""Tags of a TIFF as they lie in the file (TIFF 6.0, section 2; BigTIFF), values read but not understood."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from plosive.errors import MediaReadError

__all__ = ["tiff_tags"]

_TYPE_BYTES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_POINTERS = {34665: "Exif", 34853: "GPS", 330: "SubIFDs"}
_MOST_DIRECTORIES = 4096
_MOST_ENTRIES = 65536
_MOST_BYTES = 1 << 28

Tags = dict[tuple[str, int], tuple[int, int, bytes]]


def tiff_tags(path: Path) -> Tags:
    """Every tag: by directory (`0`, `1`, ..., `0/Exif`) and number, its type, count and bytes.

    Pointers to directories are followed instead of kept. Raises MediaReadError.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(16)
        order = {b"II": "<", b"MM": ">"}.get(start[:2])
        if order is None or len(start) < 8:
            raise MediaReadError(f"{path.name} is no TIFF file, whatever its name says.")
        (magic,) = struct.unpack(order + "H", start[2:4])
        if magic == 42:
            reader = _Reader(path, file, size, order, False)
            (first,) = struct.unpack(order + "I", start[4:8])
        elif magic == 43 and len(start) == 16:
            reader = _Reader(path, file, size, order, True)
            (first,) = struct.unpack(order + "Q", start[8:16])
        else:
            raise MediaReadError(f"{path.name} is no TIFF file, whatever its name says.")
        found: Tags = {("0", 0): (0, 0, start[:4])}  # byte order and kind
        number = 0
        while first:
            first = reader.directory(first, str(number), found)
            number += 1
        return found


class _Reader:
    """Directories of an open file; counts are held against the file before anything is read."""

    def __init__(self, path: Path, file: BinaryIO, size: int, order: str, is_big: bool) -> None:
        self._path, self._file, self._size, self._order = path, file, size, order
        self._word = struct.Struct(order + ("Q" if is_big else "I"))
        self._count = struct.Struct(order + ("Q" if is_big else "H"))
        self._seen: set[int] = set()
        self._left_bytes = _MOST_BYTES

    def directory(self, offset: int, name: str, found: Tags) -> int:
        """Reads one directory into `found`; the offset of the next, 0 after the last."""
        if offset in self._seen or len(self._seen) >= _MOST_DIRECTORIES:
            raise self._damaged("its directories go in a circle")
        self._seen.add(offset)
        (count,) = self._count.unpack(self._read(offset, self._count.size))
        entry = 4 + 2 * self._word.size
        if count > _MOST_ENTRIES:
            raise self._damaged("a directory is too long")
        at = offset + self._count.size
        data = self._read(at, count * entry + self._word.size)
        for start in range(0, count * entry, entry):
            tag, kind = struct.unpack_from(self._order + "HH", data, start)
            (values,) = self._word.unpack_from(data, start + 4)
            place = start + 4 + self._word.size
            size = values * _TYPE_BYTES.get(kind, 1)
            if size <= self._word.size:
                value = data[place : place + size]
            else:
                value = self._read(self._word.unpack_from(data, place)[0], size)
            if tag in _POINTERS:
                self._follow(tag, kind, value, name, found)
            else:
                found[name, tag] = kind, values, value
        return int(self._word.unpack_from(data, count * entry)[0])

    def _follow(self, tag: int, kind: int, value: bytes, name: str, found: Tags) -> None:
        each = _TYPE_BYTES.get(kind, 4)
        for number in range(len(value) // each):
            offset = int.from_bytes(
                value[number * each : (number + 1) * each], "little" if self._order == "<" else "big"
            )
            label = f"{name}/{_POINTERS[tag]}" + (f"[{number}]" if number else "")
            self.directory(offset, label, found)

    def _read(self, offset: int, size: int) -> bytes:
        if offset + size > self._size:
            raise self._damaged("a tag points past its end")
        self._left_bytes -= size
        if self._left_bytes < 0:
            raise self._damaged("its tags hold more than is sane")
        self._file.seek(offset)
        return self._file.read(size)

    def _damaged(self, what: str) -> MediaReadError:
        return MediaReadError(f"{self._path.name} is damaged ({what}); copy or export it again.")

# SPDX-License-Identifier: Apache-2.0
"""The directories of a TIFF or BigTIFF file and where all they tell of lies (TIFF 6.0, section 2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.media.stills.filebytes import FileBytes

__all__ = ["OFFSETS_AND_COUNTS", "TiffDirectories", "TiffDirectory", "TiffField", "directories_of"]

_KIND_BYTES = {
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
_UNSIGNED = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
OFFSETS_AND_COUNTS = ((273, 279), (324, 325))  # strips, tiles
_SUB_DIRECTORIES = (330, 34665, 34853, 40965)  # SubIFDs, Exif, GPS, interoperability


@dataclass(frozen=True)
class TiffField:
    """`count` values of a `kind` from byte `at` of the file on."""

    kind: int
    count: int
    at: int

    @property
    def value_bytes(self) -> int:
        return _KIND_BYTES.get(self.kind, 1)

    @property
    def end(self) -> int:
        return self.at + self.count * self.value_bytes


@dataclass(frozen=True)
class TiffDirectory:
    """One page, or what hangs on one. Tags come once."""

    at: int
    end: int
    fields: dict[int, TiffField]


@dataclass(frozen=True)
class TiffDirectories:
    """`pages` in their order; `others` hang on them. `order` is "<" or ">"; `is_big` means BigTIFF."""

    file: FileBytes
    order: str
    is_big: bool
    pages: tuple[TiffDirectory, ...]
    others: tuple[TiffDirectory, ...]

    def values(self, directory: TiffDirectory, tag: int) -> NDArray[np.uint64]:
        """The whole numbers of a field; none where it is absent. Raises NotPatchableError."""
        field = directory.fields.get(tag)
        if field is None:
            return np.zeros(0, np.uint64)
        kind = _UNSIGNED.get(field.kind)
        if kind is None:
            raise self.file.lies()
        stored = self.file.read(field.at, field.count * field.value_bytes)
        return np.frombuffer(stored, self.order + kind).astype(np.uint64)

    def number(self, directory: TiffDirectory, tag: int, default: int) -> int:
        """The first value of a field."""
        field = directory.fields.get(tag)
        if field is None or field.count == 0:
            return default
        first = TiffField(field.kind, 1, field.at)
        return int(self.values(TiffDirectory(0, 0, {tag: first}), tag)[0])

    def spans(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(first bytes, ends) of everything known in the file: directories, values outside of them, strips
        and tiles; in no order.
        """
        starts, ends = [np.array([0])], [np.array([16 if self.is_big else 8])]
        for directory in (*self.pages, *self.others):
            starts.append(np.array([directory.at]))
            ends.append(np.array([directory.end]))
            for field in directory.fields.values():
                if not directory.at <= field.at < directory.end:
                    starts.append(np.array([field.at]))
                    ends.append(np.array([field.end]))
            for offsets_tag, counts_tag in OFFSETS_AND_COUNTS:
                offsets, counts = self.values(directory, offsets_tag), self.values(directory, counts_tag)
                if len(offsets) != len(counts):
                    continue
                size = np.uint64(self.file.size)
                inside = (offsets < size) & (counts <= size)
                starts.append(offsets[inside].astype(np.int64))
                ends.append((offsets[inside] + counts[inside]).astype(np.int64))
        return np.concatenate(starts), np.concatenate(ends)


def directories_of(file: FileBytes) -> TiffDirectories:
    """All directories of a file. Raises NotPatchableError on anything odd."""
    head = file.read(0, 8)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None:
        raise file.refused("is no TIFF file")
    version = struct.unpack_from(order + "H", head, 2)[0]
    is_big = version == 43
    if version not in (42, 43):
        raise file.refused("is no TIFF file")
    start = _number(file, order, is_big, 8 if is_big else 4)
    budget = [file.size]  # directories that lie in one another would take for ever
    pages: list[TiffDirectory] = []
    seen: set[int] = set()
    while start:
        directory, start = _directory(file, order, is_big, start, seen, budget)
        pages.append(directory)
    found = TiffDirectories(file, order, is_big, tuple(pages), ())
    others: list[TiffDirectory] = []
    waiting = [start for page in pages for start in _below(found, page)]
    while waiting:
        directory, _next = _directory(file, order, is_big, waiting.pop(), seen, budget)
        others.append(directory)
        waiting.extend(_below(found, directory))
    return TiffDirectories(file, order, is_big, tuple(pages), tuple(others))


def _below(found: TiffDirectories, directory: TiffDirectory) -> Iterator[int]:
    for tag in _SUB_DIRECTORIES:
        yield from (int(start) for start in found.values(directory, tag))


def _number(file: FileBytes, order: str, is_big: bool, at: int) -> int:
    size = 8 if is_big else 4
    return int(struct.unpack(order + ("Q" if is_big else "I"), file.read(at, size))[0])


def _directory(
    file: FileBytes, order: str, is_big: bool, start: int, seen: set[int], budget: list[int]
) -> tuple[TiffDirectory, int]:
    """(directory at `start`, where the next one lies or 0)."""
    if start in seen:
        raise file.refused("has pages that go round in a circle")
    seen.add(start)
    head, entry_bytes, inline = (8, 20, 8) if is_big else (2, 12, 4)
    count = struct.unpack(order + ("Q" if is_big else "H"), file.read(start, head))[0]
    budget[0] -= head + count * entry_bytes
    if budget[0] < 0:
        raise file.lies()
    entries = file.read(start + head, count * entry_bytes)
    end = start + head + len(entries) + inline
    fields: dict[int, TiffField] = {}
    for index in range(count):
        at = index * entry_bytes
        tag, kind, values = struct.unpack_from(order + ("HHQ" if is_big else "HHI"), entries, at)
        place = start + head + at + entry_bytes - inline
        field = TiffField(kind, values, place)
        if values * field.value_bytes > inline:
            field = TiffField(kind, values, _number(file, order, is_big, place))
            if field.end > file.size:
                raise file.lies()
        if tag in fields:
            raise file.refused(f"has tag {tag} twice")
        fields[tag] = field
    return TiffDirectory(start, end, fields), _number(file, order, is_big, end - inline)

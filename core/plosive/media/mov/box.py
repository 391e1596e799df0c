# SPDX-License-Identifier: Apache-2.0
"""Boxes (QuickTime: atoms): where each lies in a file, without reading the media.

Layout from ISO/IEC 14496-12, 4.2, and Apple's QuickTime File Format (QTFF): u32 size, fourcc; size 1 means
a u64 size follows, size 0 means up to the end of the file. No size is believed before it is held against
the box around it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from plosive.errors import MediaReadError

__all__ = ["MOST_BOXES", "MOST_INDEX_BYTES", "Box", "boxes_inside", "top_level_boxes"]

MOST_BOXES = 100_000
MOST_INDEX_BYTES = 1 << 27  # of a box that is read whole; 20 hours at 60 fps need about 100 MB
_DEEPEST = 12

_STRICT = frozenset({"moov", "trak", "mdia", "minf", "stbl", "edts", "dinf"})
_LOOSE = frozenset({"udta", "tref", "gmhd", "tapt", "meta"})  # read where they make sense, else left closed


@dataclass(frozen=True, slots=True)
class Box:
    """`offset` and `size` are in bytes of the file and include the header of `header_size` (8 or 16) bytes.

    `path` names the way to it, as `moov/trak[0]/mdia/mdhd`: trak always has its number, of other kinds the
    second and later of the same parent. `is_to_end` is a size field of 0. `children` lie in file order;
    bytes between or after them belong to no box.
    """

    fourcc: str
    offset: int
    size: int
    header_size: int
    path: str
    is_to_end: bool = False
    children: tuple[Box, ...] = ()

    @property
    def end(self) -> int:
        return self.offset + self.size

    @property
    def payload_offset(self) -> int:
        return self.offset + self.header_size

    def walk(self) -> Iterator[Box]:
        """This box and all below it, in file order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def child(self, *fourccs: str) -> Box | None:
        """The first box on the way `fourccs` downwards; None where a step is missing."""
        found: Box | None = self
        for fourcc in fourccs:
            found = next((one for one in found.children if one.fourcc == fourcc), None) if found else None
        return found

    def all(self, fourcc: str) -> list[Box]:
        """The direct children of a kind."""
        return [one for one in self.children if one.fourcc == fourcc]


def top_level_boxes(source: BinaryIO, size_bytes: int, name: str) -> list[Box]:
    """The boxes of a file, closed. Raises MediaReadError when sizes do not fit the file."""
    found: list[Box] = []
    seen: dict[str, int] = {}
    at = 0
    while size_bytes - at >= 8:
        source.seek(at)
        header = source.read(16)
        box = _header(header, at, size_bytes)
        if box is None:
            raise MediaReadError(
                f"{name} is no QuickTime or MP4 file, or it is damaged: there is no box at byte {at}."
            )
        fourcc, size, header_size, is_to_end = box
        if at + size > size_bytes:
            raise MediaReadError(
                f"{name} is cut short or damaged: its '{_shown(fourcc)}' box at byte {at} ends "
                f"{at + size - size_bytes} bytes past the end of the file."
            )
        if len(found) >= MOST_BOXES:
            raise MediaReadError(f"{name} has more than {MOST_BOXES} boxes, which are not read.")
        found.append(Box(fourcc, at, size, header_size, _step(seen, fourcc), is_to_end))
        at += size
    return found


def boxes_inside(box: Box, data: bytes, data_offset: int, name: str) -> Box:
    """`box` with its children, from `data`, which holds it whole and starts at `data_offset` of the file.

    Raises MediaReadError when sizes of boxes on the way to the sample tables do not fit; boxes of user data
    that do not fit stay closed.
    """
    return _opened(box, data, data_offset, name, 0, [MOST_BOXES])


def _opened(box: Box, data: bytes, data_offset: int, name: str, depth: int, left: list[int]) -> Box:
    is_strict = box.fourcc in _STRICT
    if not is_strict and box.fourcc not in _LOOSE:
        return box
    try:
        if depth >= _DEEPEST:
            raise MediaReadError(f"{name} is damaged: its boxes lie more than {_DEEPEST} deep in each other.")
        children = tuple(_children(box, data, data_offset, name, depth, left))
    except MediaReadError:
        if is_strict or left[0] <= 0:
            raise
        return box
    return Box(box.fourcc, box.offset, box.size, box.header_size, box.path, box.is_to_end, children)


def _children(
    box: Box, data: bytes, data_offset: int, name: str, depth: int, left: list[int]
) -> Iterator[Box]:
    seen: dict[str, int] = {}
    at, end = box.payload_offset - data_offset, box.end - data_offset
    if box.fourcc == "meta" and data[at + 4 : at + 8] != b"hdlr":
        at += 4  # ISO's has version and flags, QuickTime's has not
    while end - at >= 8:
        header = _header(data[at : min(at + 16, end)], at, end)
        if header is None or header[3]:  # only the file's last box may be sized 0
            if not any(data[at:end]):
                return  # QuickTime ends user data with zeros
            raise MediaReadError(f"{name} is damaged: there is no box at byte {data_offset + at}.")
        fourcc, size, header_size, _ = header
        if at + size > end:
            raise MediaReadError(
                f"{name} is damaged: the '{_shown(fourcc)}' box at byte {data_offset + at} ends past its "
                f"'{_shown(box.fourcc)}' box."
            )
        left[0] -= 1
        if left[0] <= 0:
            raise MediaReadError(f"{name} has more than {MOST_BOXES} boxes, which are not read.")
        path = f"{box.path}/{_step(seen, fourcc)}"
        child = Box(fourcc, data_offset + at, size, header_size, path)
        yield _opened(child, data, data_offset, name, depth + 1, left)
        at += size


def _header(header: bytes, at: int, end: int) -> tuple[str, int, int, bool] | None:
    """(fourcc, size, header size, whether the size was 0); None when that is no header."""
    if len(header) < 8:
        return None
    size, fourcc = struct.unpack(">I4s", header[:8])
    header_size = 8
    if size == 1:
        if len(header) < 16:
            return None
        size, header_size = struct.unpack(">Q", header[8:16])[0], 16
    elif size == 0:
        return fourcc.decode("latin-1"), end - at, 8, True
    if size < header_size:
        return None
    return fourcc.decode("latin-1"), size, header_size, False


def _step(seen: dict[str, int], fourcc: str) -> str:
    number = seen.get(fourcc, 0)
    seen[fourcc] = number + 1
    return f"{fourcc}[{number}]" if number or fourcc == "trak" else fourcc


def _shown(fourcc: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in fourcc)

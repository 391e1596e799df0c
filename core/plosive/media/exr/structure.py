# SPDX-License-Identifier: Apache-2.0
"""Where everything lies in an OpenEXR file: headers, offset tables, chunks. Samples are not looked at."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError
from plosive.media.exr.header import Attribute, Channel, HeaderReader, Window
from plosive.media.exr.tiling import TileGrid

__all__ = ["COMPRESSIONS", "Chunk", "ExrFile", "ExrPart", "read_structure"]

COMPRESSIONS: Mapping[int, tuple[str, int]] = {  # number: name, lines in a chunk
    0: ("none", 1),
    1: ("rle", 1),
    2: ("zips", 1),
    3: ("zip", 16),
    4: ("piz", 32),
    5: ("pxr24", 16),
    6: ("b44", 32),
    7: ("b44a", 32),
    8: ("dwaa", 32),
    9: ("dwab", 256),
    10: ("htj2k256", 256),
    11: ("htj2k32", 32),
    12: ("lj2k", 256),
    13: ("zstd", 1),
}
_MAGIC = 20000630
_TILED, _LONG_NAMES, _DEEP, _MULTIPART = 0x200, 0x400, 0x800, 0x1000
_BLOCK = 1 << 14  # entries of a table looked at together: bounds memory


@dataclass(frozen=True)
class Chunk:
    """One chunk of a part. `offset` and `end` bound it in the file, its leader with it; its data begin at
    `data_offset`. `window` is what it covers in pixels, at its level (`level_x`, `level_y`).
    """

    part: int
    index: int
    offset: int
    data_offset: int
    end: int
    window: Window
    level_x: int = 0
    level_y: int = 0

    @property
    def data_size(self) -> int:
        return self.end - self.data_offset


@dataclass(frozen=True, eq=False)
class ExrPart:
    """One part. `table_offset` is where its offset table (`offsets`, (N,) int64) lies in the file;
    `sizes` (N,) int64 are those of the chunks' data and `leader_bytes` what comes before these.
    `lines` of a chunk without tiles.
    """

    index: int
    attributes: Mapping[str, Attribute]
    channels: tuple[Channel, ...]
    compression: str
    lines: int
    data_window: Window
    display_window: Window
    tiles: TileGrid | None
    is_deep: bool
    leader_bytes: int
    table_offset: int
    offsets: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @property
    def name(self) -> str:
        """The part's name; empty where it has none."""
        return self.text("name")

    @property
    def view(self) -> str:
        """The view it shows; empty where it says none."""
        return self.text("view")

    def text(self, name: str) -> str:
        """The value of a string attribute; empty where there is none."""
        found = self.attributes.get(name)
        if found is None or found.kind != "string":
            return ""
        return found.value.decode("utf-8", "surrogateescape")

    def chunk(self, index: int) -> Chunk:
        """The chunk of entry `index` of the offset table."""
        start = int(self.offsets[index])
        data = start + self.leader_bytes
        end = data + int(self.sizes[index])
        whole = self.data_window
        if self.tiles is None:
            top = whole.top + index * self.lines
            bottom = min(top + self.lines, whole.bottom_exclusive)
            window = Window(whole.left, top, whole.right_exclusive, bottom)
            return Chunk(self.index, index, start, data, end, window)
        level = self.tiles.level_of(index)
        row, column = divmod(index - level.first, level.columns)
        left, top = column * self.tiles.tile_width, row * self.tiles.tile_height
        window = Window(
            whole.left + left,
            whole.top + top,
            whole.left + min(left + self.tiles.tile_width, level.width),
            whole.top + min(top + self.tiles.tile_height, level.height),
        )
        return Chunk(self.index, index, start, data, end, window, level.x, level.y)

    def chunks(self) -> Iterator[Chunk]:
        return (self.chunk(index) for index in range(len(self.offsets)))


@dataclass(frozen=True, eq=False)
class ExrFile:
    """`data` is the whole file; its headers end at `header_end`, its offset tables at `tables_end`."""

    name: str
    data: bytes
    version: int
    header_end: int
    tables_end: int
    parts: tuple[ExrPart, ...]

    @property
    def is_multipart(self) -> bool:
        return bool(self.version & _MULTIPART)

    @property
    def header_bytes(self) -> bytes:
        """Magic, version and all headers."""
        return self.data[: self.header_end]

    def chunk_bytes(self, chunk: Chunk) -> memoryview:
        """A chunk's data without its leader."""
        return memoryview(self.data)[chunk.data_offset : chunk.end]


def read_structure(source: Path | bytes, name: str = "") -> ExrFile:
    """The structure of a file, or of its bytes; everything in it lies within the file and nothing overlaps.

    Raises MediaReadError for what is damaged or no OpenEXR file, NotPatchableError for an incomplete offset
    table and for what this reader does not know.
    """
    if isinstance(source, Path):
        name = name or source.name
        try:
            data = source.read_bytes()
        except OSError as error:
            raise MediaReadError(
                f"{name} cannot be read ({error.strerror}); check its permissions."
            ) from error
    else:
        name, data = name or "The file", source
    if len(data) < 8 or struct.unpack_from("<I", data)[0] != _MAGIC:
        raise MediaReadError(f"{name} is no OpenEXR file, whatever its name says; export it again.")
    (version,) = struct.unpack_from("<I", data, 4)
    reader = HeaderReader(data, name, 8, bool(version & _LONG_NAMES))
    if version & 0xFF != 2 or version & ~(0xFF | _TILED | _LONG_NAMES | _DEEP | _MULTIPART):
        raise reader.unusual(f"is of a version of OpenEXR that is not known here ({version:#x})")
    headers = [reader.attributes()]
    while version & _MULTIPART and not reader.ends():
        headers.append(reader.attributes())
    header_end = at = reader.position
    parts: list[ExrPart] = []
    for index, attributes in enumerate(headers):
        parts.append(_part(reader, data, version, index, attributes, at))
        at += 8 * len(parts[-1].offsets)
    _require_apart(reader, parts, at)
    return ExrFile(name, data, version, header_end, at, tuple(parts))


def _part(
    reader: HeaderReader,
    data: bytes,
    version: int,
    index: int,
    attributes: dict[str, Attribute],
    table_offset: int,
) -> ExrPart:
    is_tiled, is_deep = _kind(reader, version, attributes)
    number = reader.byte(attributes, "compression", "compression")
    if number not in COMPRESSIONS:
        raise reader.unusual(f"is compressed in a way that is not known here ({number})")
    compression, lines = COMPRESSIONS[number]
    window = reader.window(attributes, "dataWindow")
    channels = reader.channels(attributes)
    tiles = reader.tiles(attributes, window) if is_tiled else None
    if (is_tiled or is_deep) and any(channel.is_subsampled for channel in channels):
        raise reader.damaged("channels of fewer samples in tiles")
    count = -(-window.height // lines) if tiles is None else tiles.tile_count
    leader = 4 * bool(version & _MULTIPART) + (4 if tiles is None else 16) + (24 if is_deep else 4)
    if count * (8 + leader) > len(data) - table_offset:
        raise reader.damaged("it is too short for its size in pixels")
    offsets = np.frombuffer(data, "<i8", count, table_offset).astype(np.int64)
    if (offsets == 0).any():
        raise reader.unusual("lacks chunks (its offset table is incomplete)")
    if (offsets < table_offset + 8 * count).any() or (offsets > len(data) - leader).any():
        raise reader.damaged("a chunk lies outside the file")
    part = ExrPart(
        index=index,
        attributes=attributes,
        channels=channels,
        compression=compression,
        lines=lines,
        data_window=window,
        display_window=reader.window(attributes, "displayWindow"),
        tiles=tiles,
        is_deep=is_deep,
        leader_bytes=leader,
        table_offset=table_offset,
        offsets=offsets,
        sizes=np.empty(count, np.int64),
    )
    for first in range(0, count, _BLOCK):
        _read_leaders(reader, data, part, first, min(first + _BLOCK, count), bool(version & _MULTIPART))
    return part


def _kind(reader: HeaderReader, version: int, attributes: Mapping[str, Attribute]) -> tuple[bool, bool]:
    """(tiled, deep): by the version's bits, in files of several parts by each one's `type`."""
    said = attributes["type"].value.decode("latin-1") if "type" in attributes else ""
    known = {
        "scanlineimage": (False, False),
        "tiledimage": (True, False),
        "deepscanline": (False, True),
        "deeptile": (True, True),
    }
    if version & _MULTIPART or version & _DEEP:
        if said not in known:
            raise reader.unusual(f"has a part of a type that is not known here ({said or 'none'})")
        return known[said]
    if said in known and known[said] != (bool(version & _TILED), False):
        raise reader.unusual("says two things of how it is stored")
    return bool(version & _TILED), False


def _read_leaders(
    reader: HeaderReader, data: bytes, part: ExrPart, first: int, end: int, is_multipart: bool
) -> None:
    """Check what stands before each chunk of entries `first` to `end`, and fill in `part.sizes`."""
    whole = np.frombuffer(data, np.uint8)
    starts = part.offsets[first:end]
    leaders = whole[starts[:, None] + np.arange(part.leader_bytes)].view("<i4").astype(np.int64)
    if is_multipart:
        if (leaders[:, 0] != part.index).any():
            raise reader.damaged("a chunk is of another part than its table says")
        leaders = leaders[:, 1:]
    if part.tiles is None:
        places = part.data_window.top + np.arange(first, end, dtype=np.int64)[:, None] * part.lines
    else:
        places = part.tiles.leaders(first, end)
    fields = places.shape[1]
    if (leaders[:, :fields] != places).any():
        raise reader.damaged("a chunk is not where its table says")
    sizes = leaders[:, fields]
    if part.is_deep:  # table size, packed size, unpacked size: 64 bits each
        words = np.ascontiguousarray(leaders[:, fields:].astype("<i4")).view("<i8")
        if (words[:, :2] < 0).any() or (words[:, :2] > len(data)).any():
            raise reader.damaged("a chunk is longer than the file")
        sizes = words[:, 0] + words[:, 1]
    if (sizes < 0).any() or (sizes > len(data) - starts - part.leader_bytes).any():
        raise reader.damaged("a chunk is longer than the file")
    part.sizes[first:end] = sizes


def _require_apart(reader: HeaderReader, parts: list[ExrPart], tables_end: int) -> None:
    starts = np.concatenate([part.offsets for part in parts])
    ends = np.concatenate([part.offsets + part.leader_bytes + part.sizes for part in parts])
    order = np.argsort(starts)
    if starts[order[0]] < tables_end or (starts[order[1:]] < ends[order[:-1]]).any():
        raise reader.damaged("its chunks overlap")

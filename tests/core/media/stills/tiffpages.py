# SPDX-License-Identifier: Apache-2.0
"""TIFF files written by hand, slowly and by the letter of TIFF 6.0 and BigTIFF."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]


def tiff(
    pixels: Pixels,
    order: str = "<",
    is_big: bool = False,
    tile: tuple[int, int] | None = None,
    rows_per_strip: int = 5,
    is_planar: bool = False,
    compression: int = 1,
    predictor: int = 1,
    photometric: int | None = None,
    more: dict[int, tuple[int, int, bytes]] | None = None,
    pages: int = 1,
) -> bytes:
    """A TIFF file of pixels (h, w, n) with private tags, an ICC profile and a directory of its own for Exif;
    `more` adds tags: kind, count, value bytes in the file's order.
    """
    pointer = "Q" if is_big else "I"
    head = struct.pack(order + "2sHHHQ", b"II" if order == "<" else b"MM", 43, 8, 0, 0)
    if not is_big:
        head = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, 0)
    out = bytearray(head)
    link = 8 if is_big else 4  # where the place of the next directory is to be written
    for page in range(pages):
        fields, stored = _tiff_fields(
            pixels, order, tile, rows_per_strip, is_planar, compression, predictor, photometric
        )
        offsets, counts = [], []
        for block in stored:
            out += bytes(len(out) % 2)
            offsets.append(len(out))
            counts.append(len(block))
            out += block
        kind, size = (16, 8) if is_big else (4, 4)
        places = b"".join(struct.pack(order + pointer, one) for one in offsets)
        sizes = b"".join(struct.pack(order + "I", one) for one in counts)
        fields[324 if tile else 273] = (kind, len(places) // size, places)
        fields[325 if tile else 279] = (4, len(counts), sizes)
        out += bytes(len(out) % 2)
        exif, _link = _add_directory(
            out, order, is_big, {36864: (7, 4, b"0232"), 37500: (7, 20, b"maker's note, secret")}
        )
        fields[34665] = (4, 1, struct.pack(order + "I", exif))
        fields[34675] = (7, 40, bytes(range(40)))
        fields[65000] = (2, 18, b"timecode 01:00:00\0")
        fields[305] = (2, 8, b"by hand\0")
        if pages > 1:
            fields[254] = (4, 1, struct.pack(order + "I", 2))
            fields[297] = (3, 2, struct.pack(order + "HH", page, pages))
        fields |= more or {}
        out += bytes(len(out) % 2)
        start, next_link = _add_directory(out, order, is_big, fields)
        struct.pack_into(order + pointer, out, link, start)
        link = next_link
    return bytes(out) + b"a tail that belongs to nobody"


def _add_directory(
    out: bytearray, order: str, is_big: bool, fields: dict[int, tuple[int, int, bytes]]
) -> tuple[int, int]:
    """(where it begins, where the place of the next one goes); values that do not fit into entries follow."""
    out += bytes(len(out) % 2)
    inline = 8 if is_big else 4
    start = len(out)
    made = struct.pack(order + ("Q" if is_big else "H"), len(fields))
    link = start + len(made) + (20 if is_big else 12) * len(fields)
    values = bytearray()
    for tag in sorted(fields):
        kind, count, value = fields[tag]
        made += struct.pack(order + ("HHQ" if is_big else "HHI"), tag, kind, count)
        if len(value) <= inline:
            made += value.ljust(inline, b"\0")
        else:
            made += struct.pack(order + ("Q" if is_big else "I"), link + inline + len(values))
            values += value + bytes(len(value) % 2)
    out += made + bytes(inline) + values
    return start, link


def _tiff_fields(
    pixels: Pixels,
    order: str,
    tile: tuple[int, int] | None,
    rows_per_strip: int,
    is_planar: bool,
    compression: int,
    predictor: int,
    photometric: int | None,
) -> tuple[dict[int, tuple[int, int, bytes]], list[bytes]]:
    height, width, count = pixels.shape
    bits = 8 * pixels.dtype.itemsize
    colours = 3 if count >= 3 else 1

    def shorts(*values: int) -> tuple[int, int, bytes]:
        return 3, len(values), b"".join(struct.pack(order + "H", one) for one in values)

    fields = {
        256: shorts(width),
        257: shorts(height),
        258: shorts(*[bits] * count),
        259: shorts(compression),
        262: shorts((2 if count >= 3 else 1) if photometric is None else photometric),
        277: shorts(count),
        284: shorts(2 if is_planar else 1),
        317: shorts(predictor),
        339: shorts(*[3 if pixels.dtype.kind == "f" else 1] * count),
    }
    if count > colours:
        fields[338] = shorts(2, *[0] * (count - colours - 1))
    block_width, block_height = tile or (width, rows_per_strip)
    if tile:
        fields[322], fields[323] = shorts(tile[0]), shorts(tile[1])
    else:
        fields[278] = shorts(rows_per_strip)
    stored = []
    for plane in range(count) if is_planar else (None,):
        chosen = pixels if plane is None else pixels[..., plane : plane + 1]
        for top in range(0, height, block_height):
            for left in range(0, width, block_width):
                part = chosen[top : top + block_height, left : left + block_width]
                if tile:
                    spare = ((0, block_height - part.shape[0]), (0, block_width - part.shape[1]), (0, 0))
                    part = np.pad(part, spare, constant_values=7)
                stored.append(_tiff_block(part, order, compression, predictor))
    return fields, stored


def _tiff_block(part: Pixels, order: str, compression: int, predictor: int) -> bytes:
    rows = [_predicted_row(row, order, predictor) for row in part]
    if compression in (8, 32946):
        return zlib.compress(b"".join(rows), 6)
    if compression == 32773:
        return b"".join(
            bytes([len(row[at : at + 100]) - 1]) + row[at : at + 100]
            for row in rows
            for at in range(0, len(row), 100)
        )
    return b"".join(rows)


def _predicted_row(row: Pixels, order: str, predictor: int) -> bytes:
    size = row.dtype.itemsize
    if predictor == 3:
        big = row.ravel().astype(row.dtype.newbyteorder(">")).tobytes()
        planes = b"".join(big[index::size] for index in range(size))
        count = row.shape[1]
        return bytes(
            (one - (planes[index - count] if index >= count else 0)) & 0xFF
            for index, one in enumerate(planes)
        )
    values = row.copy() if row.dtype.kind == "u" else row.view(f"u{size}").copy()
    if predictor == 2:
        for column in range(len(values) - 1, 0, -1):
            values[column] = values[column] - values[column - 1]
    return values.astype(values.dtype.newbyteorder(order)).tobytes()

# SPDX-License-Identifier: Apache-2.0
"""DPX, TIFF and PNG files written by hand, slowly and by the letter of their standards, and edits of them."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import read_layout, read_planes

Pixels = NDArray[Any]


# ---------------------------------------------------------------------------------------------------- DPX


def dpx(
    codes: Pixels,
    bits: int,
    packing: int = 0,
    order: str = ">",
    descriptor: int = 50,
    padding: int = 0,
    orientation: int = 0,
    elements: int = 1,
    encoding: int = 0,
) -> bytes:
    """A DPX file of sample codes (h, w, n); bits that belong to no sample, and padding, hold a pattern."""
    height, width, _count = codes.shape
    header = bytearray((index * 7 + 3) % 251 for index in range(2048))
    header[0:4] = b"SDPX" if order == ">" else b"XPDS"
    header[8:16] = b"V2.0\0\0\0\0"
    header[36:768] = b"shot.dpx".ljust(732, b"\0")
    rows = b"".join(_dpx_row(row.ravel(), bits, packing, order) + b"\xee" * padding for row in codes)
    struct.pack_into(order + "I", header, 4, 2048)
    struct.pack_into(order + "I", header, 16, 2048 + elements * len(rows))
    struct.pack_into(order + "III", header, 20, 1, 1664, 384)
    struct.pack_into(order + "I", header, 32, 0)
    struct.pack_into(order + "HHII", header, 768, orientation, elements, width, height)
    for element in range(elements):
        at = 780 + 72 * element
        struct.pack_into(order + "IIfIf", header, at, 0, 0, 0.0, (1 << min(bits, 31)) - 1, 1.0)
        header[at + 20 : at + 24] = bytes([descriptor, 2, 2, bits])
        place = 2048 + element * len(rows)
        struct.pack_into(order + "HHIII", header, at + 24, packing, encoding, place, padding, 0)
    header[1408:1664] = bytes(256)
    header[1664:2048] = bytes(384)
    header[1664 : 1664 + 48] = b"0112345678901204" + b"film info stays put, every byte "
    struct.pack_into(order + "II", header, 1920, 0x01020304, 0x55)  # timecode, user bits
    return bytes(header) + rows * elements


def _dpx_row(samples: Pixels, bits: int, packing: int, order: str) -> bytes:
    values = [int(one) for one in samples]
    if bits == 8:
        return bytes(values)
    if bits in (16, 32):
        return b"".join(struct.pack(order + ("H" if bits == 16 else "I"), one) for one in values)
    if bits == 12 and packing:
        words = [(one << 4 | 0x9) if packing == 1 else one for one in values]
        return b"".join(struct.pack(order + "H", word) for word in words)
    words = []
    if packing:  # three of 10 bits to a word; one component: the first at the bottom
        shifts = (20, 10, 0)
        low = 2 if packing == 1 else 0
        for start in range(0, len(values), 3):
            word = 0x2 if packing == 1 else 0x80000000
            group = [*values[start : start + 3], 0x155, 0x2AA][:3]
            for one, shift in zip(group, shifts, strict=True):
                word |= one << (shift + low)
            words.append(word)
    else:
        stream = sum(one << (index * bits) for index, one in enumerate(values))
        stream |= 0x5555_5555_5555_5555 << (len(values) * bits)
        count = -(-len(values) * bits // 32)
        words = [(stream >> (32 * index)) & 0xFFFFFFFF for index in range(count)]
    return b"".join(struct.pack(order + "I", word) for word in words)


# --------------------------------------------------------------------------------------------------- TIFF


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


# ---------------------------------------------------------------------------------------------------- PNG


def png(
    pixels: Pixels,
    filters: list[int],
    is_interlaced: bool = False,
    idat_bytes: int = 1 << 20,
    level: int = 6,
    before: list[tuple[bytes, bytes]] | None = None,
    after: list[tuple[bytes, bytes]] | None = None,
) -> bytes:
    """A PNG file of pixels (h, w, n), n from 1 to 4; rows take `filters` in turn; with other chunks `before`
    and `after` the picture's.
    """
    height, width, count = pixels.shape
    colours = {1: 0, 2: 4, 3: 2, 4: 6}[count]
    depth = 8 * pixels.dtype.itemsize
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, int(is_interlaced))
    data = zlib.compress(png_stream(pixels, filters, is_interlaced), level)
    chunks = [(b"IHDR", header), *(before or [])]
    chunks += [(b"IDAT", data[at : at + idat_bytes]) for at in range(0, len(data), idat_bytes)]
    chunks += [*(after or []), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_chunks(stored: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(stored):
        size = int.from_bytes(stored[at : at + 4], "big")
        content = stored[at + 8 : at + 8 + size]
        kind = stored[at + 4 : at + 8]
        assert chunk(kind, content) == stored[at : at + 12 + size]
        found.append((kind, content))
        at += 12 + size
    return found


def png_stream(pixels: Pixels, filters: list[int], is_interlaced: bool) -> bytes:
    """Filtered rows, all passes."""
    passes = [(0, 0, 1, 1)]
    if is_interlaced:
        passes = [
            (0, 0, 8, 8),
            (4, 0, 8, 8),
            (0, 4, 4, 8),
            (2, 0, 4, 4),
            (0, 2, 2, 4),
            (1, 0, 2, 2),
            (0, 1, 1, 2),
        ]
    bpp = pixels.shape[2] * pixels.dtype.itemsize
    stream, number = bytearray(), 0
    for left, top, across, down in passes:
        part = pixels[top::down, left::across]
        if part.size == 0:
            continue
        above = bytes(part.shape[1] * bpp)
        for row in part:
            raw = row.astype(row.dtype.newbyteorder(">")).tobytes()
            kind = filters[number % len(filters)]
            number += 1
            stream.append(kind)
            for index, one in enumerate(raw):
                a = raw[index - bpp] if index >= bpp else 0
                b = above[index]
                c = above[index - bpp] if index >= bpp else 0
                stream.append((one - _png_guess(kind, a, b, c)) & 0xFF)
            above = raw
    return bytes(stream)


def _png_guess(kind: int, a: int, b: int, c: int) -> int:
    if kind == 4:
        estimate = a + b - c
        return min((abs(estimate - a), 0, a), (abs(estimate - b), 1, b), (abs(estimate - c), 2, c))[2]
    return (0, a, b, (a + b) // 2)[kind]


# --------------------------------------------------------------------------------------------------- edits


def random_pixels(
    rng: np.random.Generator, height: int, width: int, count: int, kind: str, largest: int | None = None
) -> Pixels:
    """Smooth with some noise; floats have a NaN with a payload, infinity and -0 among them."""
    rows, columns = np.mgrid[:height, :width]
    wave = (rows * 5 + columns * 3)[..., None] + np.arange(count) * 17
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        pixels = (wave / 300 + rng.random((height, width, count)) / 50).astype(dtype)
        bits = pixels.view(f"u{dtype.itemsize}")
        odd = {2: (0x7E55, 0x7C00, 0x8000), 4: (0x7FC12345, 0x7F800000, 0x80000000)}[dtype.itemsize]
        for index, one in enumerate(odd):
            bits[index % height, index % width] = one
        return pixels
    top = largest or int(np.iinfo(dtype).max)
    noise = rng.integers(0, max(2, top // 60), (height, width, count))
    return ((wave * max(1, top // 255) + noise) % (top + 1)).astype(dtype)


def changed_pixels(
    rng: np.random.Generator, pixels: Pixels, box: Box, channels: tuple[int, ...], largest: int | None = None
) -> Pixels:
    """A copy with about half of the samples of `channels` inside `box` changed."""
    made = pixels.copy()
    for channel in channels:
        part = made[..., channel][box.slices]
        mask = rng.random(part.shape) < 0.5
        if pixels.dtype.kind == "f":
            new = rng.random(part.shape).astype(pixels.dtype)
        else:
            top = largest or int(np.iinfo(pixels.dtype).max)
            new = rng.integers(0, top + 1, part.shape).astype(pixels.dtype)
        part[mask] = new[mask]
    return made


def edit_to(path: Path, after: tuple[Pixels, ...], box: Box | None = None) -> ImageEdit:
    """The edit that makes the colour channels of a file `after`."""
    layout = read_layout(path)
    before, _alpha = read_planes(layout)
    if box is None:
        box = Box(0, 0, layout.data_width, layout.data_height)
    return ImageEdit(layout, before, after, box)


def edit_of_copy(edit: ImageEdit, path: Path) -> ImageEdit:
    """The same edit of another file."""
    return replace(edit, layout=replace(edit.layout, path=path))

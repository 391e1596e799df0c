# SPDX-License-Identifier: Apache-2.0
"""PNG files written by hand, slowly and by the letter of the standard."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from numpy.typing import NDArray

Pixels = NDArray[Any]


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

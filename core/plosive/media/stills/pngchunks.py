# SPDX-License-Identifier: Apache-2.0
"""The chunks of a PNG file (PNG, 3rd edition, 5): a head, the compressed picture, a tail."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from plosive.media.stills.filebytes import FileBytes

__all__ = ["PngFile", "idat_chunks", "read_png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3, 4: 2, 6: 4}  # gray, RGB, gray and alpha, RGBA
_PALETTE = 3


@dataclass(frozen=True)
class PngFile:
    """`head` ends before the first IDAT chunk and `tail` begins after the last; `data` is what all hold, cut
    up every `chunk_bytes`. `key` are the samples of the colour that counts as transparent.
    """

    width: int
    height: int
    sample_bytes: int
    samples: int
    is_interlaced: bool
    head: bytes
    data: bytes
    tail: bytes
    chunk_bytes: int
    key: tuple[int, ...] | None

    @property
    def has_alpha(self) -> bool:
        return self.samples in (2, 4)


def read_png(file: FileBytes) -> PngFile:
    """Raises NotPatchableError on damage, animations, palettes and samples of fewer than 8 bits."""
    if file.read(0, 8) != _SIGNATURE:
        raise file.refused("is no PNG file")
    at, header, key = 8, b"", b""
    data: list[bytes] = []
    head_end, tail_start, is_ended = 0, 0, False
    while not is_ended:
        size, kind = struct.unpack(">I4s", file.read(at, 8))
        stored = file.read(at + 8, size + 4)
        content = stored[:-4]
        if zlib.crc32(content, zlib.crc32(kind)) != int.from_bytes(stored[-4:], "big"):
            raise file.refused("is damaged (a checksum is wrong)")
        end = at + 12 + size
        if (kind == b"IHDR") != (at == 8):
            raise file.lies()
        if kind == b"IHDR":
            header = content
        elif kind in (b"acTL", b"fcTL"):
            raise file.refused("is an animation")
        elif kind == b"tRNS":
            key = content
        elif kind == b"IDAT":
            if data and tail_start != at:
                raise file.lies()
            head_end = head_end or at
            tail_start = end
            data.append(content)
        is_ended = kind == b"IEND"
        at = end
    if len(header) != 13 or not data:
        raise file.lies()
    width, height, bits, colours, compression, filters, interlace = struct.unpack(">IIBBBBB", header)
    if colours == _PALETTE:
        raise file.refused("has a palette")
    if bits in (1, 2, 4):
        raise file.refused(f"has samples of {bits} bits, too few for a new mouth")
    if colours not in _SAMPLES or bits not in (8, 16) or compression or filters or interlace > 1:
        raise file.lies()
    samples = _SAMPLES[colours]
    if key and (len(key) != 2 * samples or colours > 2):
        raise file.lies()
    return PngFile(
        width=width,
        height=height,
        sample_bytes=bits // 8,
        samples=samples,
        is_interlaced=bool(interlace),
        head=file.read(0, head_end),
        data=b"".join(data),
        tail=file.read(tail_start, file.size - tail_start),
        chunk_bytes=max(len(data[0]), 1 << 10) if len(data) > 1 else (1 << 31) - 1,
        key=struct.unpack(f">{samples}H", key) if key else None,
    )


def idat_chunks(data: bytes, chunk_bytes: int) -> list[bytes]:
    """Whole IDAT chunks of `data`, each of at most `chunk_bytes`."""
    found = []
    for start in range(0, len(data), chunk_bytes):
        content = data[start : start + chunk_bytes]
        checksum = zlib.crc32(content, zlib.crc32(b"IDAT"))
        found += [struct.pack(">I4s", len(content), b"IDAT"), content, struct.pack(">I", checksum)]
    return found

# SPDX-License-Identifier: Apache-2.0
"""DPX files written by hand, slowly and by the letter of SMPTE 268M."""

from __future__ import annotations

import struct
from typing import Any

from numpy.typing import NDArray

Pixels = NDArray[Any]


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

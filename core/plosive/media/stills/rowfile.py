# SPDX-License-Identifier: Apache-2.0
"""Changing samples of BMP and TGA files in place: rows of pixels, nothing compressed.

BMP as Microsoft documents BITMAPINFOHEADER, TGA as in the Truevision file format specification 2.0.
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.media.imageedit import ImageEdit
from plosive.media.stills.filebytes import FileBytes
from plosive.media.stills.touched import TouchedRows, require_reads_as, touched_rows

__all__ = ["patch_bmp", "patch_tga"]


@dataclass(frozen=True)
class _Rows:
    """Rows every `stride` bytes from `start` on; `order` says which channel each byte of a pixel is."""

    start: int
    stride: int
    order: tuple[int, ...]
    is_upward: bool
    is_leftward: bool = False


def patch_bmp(edit: ImageEdit, out_path: Path) -> None:
    """Writes `edit` as a copy of its BMP file with just the changed bytes.

    Raises NotPatchableError (palettes, 16 bits, run-length encoding), OSError.
    """
    with FileBytes(edit.layout.path) as file:
        head = file.read(0, 54)
        start, info, width, height, _planes, bits, compression = struct.unpack_from("<IIiiHHI", head, 10)
        if head[:2] != b"BM" or info < 40:
            raise file.refused("is no BMP file of the usual kind")
        if bits not in (24, 32) or compression:
            raise file.refused(f"has {bits} bits a pixel, compressed or with a palette or masks")
        if (width, abs(height)) != (edit.layout.data_width, edit.layout.data_height):
            raise file.lies()
        stride = -(-width * bits // 32) * 4
        _patch(edit, out_path, file, _Rows(start, stride, (2, 1, 0, 3)[: bits // 8], height > 0))


def patch_tga(edit: ImageEdit, out_path: Path) -> None:
    """Writes `edit` as a copy of its TGA file with just the changed bytes.

    Raises NotPatchableError (palettes, 15 and 16 bits, run-length encoding), OSError.
    """
    with FileBytes(edit.layout.path) as file:
        head = file.read(0, 18)
        kind, colours, entry_bits = head[2], int.from_bytes(head[5:7], "little"), head[7]
        width, height, bits, flags = struct.unpack_from("<HHBB", head, 12)
        if (kind, bits) not in ((2, 24), (2, 32), (3, 8)) or flags & 0xC0:
            raise file.refused(f"has {bits} bits a pixel, compressed or with a palette")
        if (width, height) != (edit.layout.data_width, edit.layout.data_height):
            raise file.lies()
        start = 18 + head[0] + (colours * -(-entry_bits // 8) if head[1] else 0)
        order = (0,) if kind == 3 else (2, 1, 0, 3)[: bits // 8]
        _patch(
            edit,
            out_path,
            file,
            _Rows(start, width * len(order), order, not flags & 0x20, bool(flags & 0x10)),
        )


def _patch(edit: ImageEdit, out_path: Path, file: FileBytes, rows: _Rows) -> None:
    touched = touched_rows(edit)
    if touched is None:
        shutil.copyfile(edit.layout.path, out_path)
        return
    height, width = edit.layout.data_height, edit.layout.data_width
    first = height - touched.end if rows.is_upward else touched.first
    start = rows.start + first * rows.stride
    # The last row of a file may lack its padding.
    used = (touched.end - touched.first - 1) * rows.stride + width * len(rows.order)
    stored = np.zeros((touched.end - touched.first, rows.stride), np.uint8)
    stored.reshape(-1)[:used] = np.frombuffer(file.read(start, used), np.uint8)
    _change(edit, touched, file, rows, stored)
    shutil.copyfile(edit.layout.path, out_path)
    with out_path.open("r+b") as out:
        out.seek(start)
        out.write(stored.tobytes()[:used])
    expected = tuple(plane[touched.rows] for plane in edit.after)
    require_reads_as(edit, out_path, touched.first, expected, compares_all=False)


def _change(
    edit: ImageEdit, touched: TouchedRows, file: FileBytes, rows: _Rows, stored: NDArray[np.uint8]
) -> None:
    """Puts the changed samples into `stored` (rows, stride), as they lie in the file."""
    width = edit.layout.data_width
    pixels = stored[:: -1 if rows.is_upward else 1, : width * len(rows.order)]
    for channel, before, after, mask in zip(
        edit.layout.channels, edit.before, edit.after, touched.masks, strict=True
    ):
        if channel not in rows.order or before.dtype != np.uint8:
            raise file.lies()
        place = pixels[:, rows.order.index(channel) :: len(rows.order)]
        if rows.is_leftward:
            place = place[:, ::-1]
        if not np.array_equal(place, before[touched.rows]):
            raise NotPatchableError(
                f"{file.name} has samples that lie otherwise than its header says; it is written anew."
            )
        np.copyto(place, after[touched.rows], where=mask)

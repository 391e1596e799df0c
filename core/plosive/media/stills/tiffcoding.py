# SPDX-License-Identifier: Apache-2.0
"""Strips and tiles of TIFF files to bytes and back: compressions and predictors (TIFF 6.0, 9, 13, 14;
Adobe technical notes for deflate and the floating point predictor).
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media.stills.deflating import deflated

__all__ = ["COMPRESSIONS", "NONE", "compressed", "decompressed", "predicted", "unpredicted"]

Rows = NDArray[Any]

NONE, _LZW, _DEFLATE, _OLD_DEFLATE, _PACKBITS = 1, 5, 8, 32946, 32773
COMPRESSIONS = {
    NONE: "none",
    _LZW: "LZW",
    _DEFLATE: "deflate",
    _OLD_DEFLATE: "deflate",
    _PACKBITS: "PackBits",
}
_PILLOW = {_LZW: "tiff_lzw", _PACKBITS: "packbits"}
_HORIZONTAL, _FLOATING = 2, 3


def decompressed(stored: bytes, compression: int, row_bytes: int, rows: int) -> bytes | None:
    """`rows` x `row_bytes` bytes of a strip or tile; None where it does not hold just them."""
    if compression in (_DEFLATE, _OLD_DEFLATE):
        inflater = zlib.decompressobj()
        try:
            found = inflater.decompress(stored, row_bytes * rows + 1)
        except zlib.error:
            return None
    else:
        opened = _opened(stored, compression, row_bytes, rows)
        if opened is None:
            return None
        found = opened
    return found if len(found) == row_bytes * rows else None


def compressed(data: bytes, compression: int, row_bytes: int, rows: int, like: bytes) -> bytes:
    """A strip or tile in the place of `like`, if it can be, no larger."""
    if compression in (_DEFLATE, _OLD_DEFLATE):
        return deflated(data, like, len(like))
    from PIL import Image

    made = io.BytesIO()
    image = Image.frombytes("L", (row_bytes, rows), data)
    image.save(made, "TIFF", compression=_PILLOW[compression], tiffinfo={278: rows})
    with Image.open(io.BytesIO(made.getvalue())) as again:
        (start,), (size,) = again.tag_v2[273], again.tag_v2[279]
    return made.getvalue()[start : start + size]


def _opened(stored: bytes, compression: int, row_bytes: int, rows: int) -> bytes | None:
    """Through libtiff in Pillow: a gray TIFF file is put around the bytes."""
    from PIL import TiffImagePlugin

    entries = (
        (256, row_bytes), (257, rows), (258, 8), (259, compression), (262, 1), (273, 8), (277, 1),
        (278, rows), (279, len(stored)),
    )  # fmt: skip
    file = struct.pack("<2sHI", b"II", 42, 8 + len(stored)) + stored + struct.pack("<H", len(entries))
    file += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries) + bytes(4)
    try:
        # Not Image.open: strips of large pictures are as large as what that takes for an attack.
        with TiffImagePlugin.TiffImageFile(io.BytesIO(file)) as image:
            return bytes(image.tobytes())
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, KeyError, OverflowError, struct.error):
        return None


def unpredicted(stored: Rows, predictor: int, dtype: np.dtype[Any], samples: int) -> Rows:
    """Samples (rows, n) in this machine's byte order of rows (rows, bytes) uint8, `samples` to a pixel."""
    rows = stored.shape[0]
    if predictor == _FLOATING:
        summed = np.cumsum(stored.reshape(rows, -1, samples), axis=1, dtype=np.uint8)
        planes = summed.reshape(rows, dtype.itemsize, -1).transpose(0, 2, 1)  # highest bytes come first
        found = np.ascontiguousarray(planes).view(dtype.newbyteorder(">")).reshape(rows, -1)
        return found.astype(dtype.newbyteorder("="))
    found = np.ascontiguousarray(stored).view(dtype).astype(dtype.newbyteorder("="))
    if predictor == _HORIZONTAL:
        found = np.cumsum(found.reshape(rows, -1, samples), axis=1, dtype=found.dtype).reshape(rows, -1)
    return found


def predicted(values: Rows, predictor: int, dtype: np.dtype[Any], samples: int) -> Rows:
    """The way back: rows (rows, bytes) uint8 of samples (rows, n)."""
    rows = values.shape[0]
    if predictor == _FLOATING:
        stored = np.ascontiguousarray(values.astype(dtype.newbyteorder(">")))
        planes = stored.view(np.uint8).reshape(rows, -1, dtype.itemsize).transpose(0, 2, 1)
        pixels = np.ascontiguousarray(planes).reshape(rows, -1, samples)
        return _differences(pixels).reshape(rows, -1)
    if predictor == _HORIZONTAL:
        values = _differences(values.reshape(rows, -1, samples)).reshape(rows, -1)
    return np.ascontiguousarray(values.astype(dtype)).view(np.uint8).reshape(rows, -1)


def _differences(pixels: Rows) -> Rows:
    """Of each pixel (rows, pixels, samples) to the one on its left; they wrap."""
    found = pixels.copy()
    found[:, 1:] -= pixels[:, :-1]
    return found

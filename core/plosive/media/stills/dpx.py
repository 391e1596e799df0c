# SPDX-License-Identifier: Apache-2.0
"""Changing samples of a DPX file in place (SMPTE 268M-2003): headers and padding keep their bytes."""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media.imageedit import ImageEdit
from plosive.media.stills.dpxwords import DpxWords, dpx_words
from plosive.media.stills.filebytes import FileBytes
from plosive.media.stills.touched import TouchedRows, bits_of, require_reads_as, touched_rows

__all__ = ["patch_dpx"]

_HEADER_BYTES = 1408  # generic file and image headers, with eight image elements (annex A)
_ORDERS = {b"SDPX": ">", b"XPDS": "<"}
_COMPONENTS = {  # samples of a pixel by descriptor (table 1)
    **dict.fromkeys((0, 1, 2, 3, 4, 6, 8), 1),  # user's, red, green, blue, alpha, luma, depth
    50: 3,  # RGB
    51: 4,  # RGBA
    52: 4,  # ABGR
    100: 2,  # Cb Y Cr Y, 4:2:2
    101: 3,  # Cb Y A Cr Y A
    102: 3,  # Cb Y Cr
    103: 4,  # Cb Y Cr A
    **{150 + extra: 2 + extra for extra in range(7)},  # user's, of 2 to 8 components
}
_UNDEFINED = 0xFFFFFFFF
_ROWS_AT_ONCE = 64


@dataclass(frozen=True)
class _Element:
    """One picture in the file: its rows begin every `stride` bytes from `offset` on."""

    order: str
    components: int
    words: DpxWords
    offset: int
    row_bytes: int
    stride: int
    has_low_padding: bool

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(f"{self.order}u{self.words.word_bytes}")


def patch_dpx(edit: ImageEdit, out_path: Path) -> None:
    """Writes `edit` as a copy of its file with just the changed samples put into their words.

    Raises NotPatchableError (run-length encoding, unknown packings, 1 and 64 bits, a header that lies),
    OSError.
    """
    touched = touched_rows(edit)
    with FileBytes(edit.layout.path) as file:
        element = _element(file, edit)
        if max(edit.layout.channels) >= element.components:
            raise file.lies()
        shutil.copyfile(edit.layout.path, out_path)
        if touched is None:
            return
        with out_path.open("r+b") as out:
            for first in range(touched.first, touched.end, _ROWS_AT_ONCE):
                end = min(first + _ROWS_AT_ONCE, touched.end)
                at = element.offset + first * element.stride
                size = (end - first) * element.stride
                stored = file.read(at, min(size, file.size - at))  # padding of the last row may be absent
                out.seek(at)
                out.write(_patched(edit, touched, file, element, first, end, stored))
    expected = tuple(
        _as_read(element, before[touched.rows], after[touched.rows])
        for before, after in zip(edit.before, edit.after, strict=True)
    )
    require_reads_as(edit, out_path, touched.first, expected, compares_all=False)


def _patched(
    edit: ImageEdit,
    touched: TouchedRows,
    file: FileBytes,
    element: _Element,
    first: int,
    end: int,
    stored: bytes,
) -> bytes:
    """`stored`, the bytes of rows `first` to `end`, with their changed samples."""
    rows = np.zeros((end - first, element.stride), np.uint8)
    rows.reshape(-1)[: len(stored)] = np.frombuffer(stored, np.uint8)
    in_file = np.ascontiguousarray(rows[:, : element.row_bytes]).view(element.dtype)
    words = in_file.astype(in_file.dtype.newbyteorder("="))
    coding = element.words
    samples = coding.decoded(words)
    if not np.array_equal(coding.encoded(samples, words), words):
        raise file.refused("has words that cannot be made again")
    used = edit.layout.data_width * element.components
    for channel, before, after, mask in zip(
        edit.layout.channels, edit.before, edit.after, touched.masks, strict=True
    ):
        place = samples[:, channel : used : element.components]
        shown = coding.shown(place)
        old, new = bits_of(before[first:end]), bits_of(after[first:end])
        if shown.dtype != old.dtype or not np.array_equal(shown, old):
            raise file.refused("has samples that lie otherwise than its header says")
        codes = (_as_read(element, old, new) >> (8 * old.dtype.itemsize - coding.bits)).astype(samples.dtype)
        np.copyto(place, codes, where=mask[first - touched.first : end - touched.first])
    made = coding.encoded(samples, words).astype(element.dtype)
    rows[:, : element.row_bytes] = np.ascontiguousarray(made).view(np.uint8)
    return rows.tobytes()[: len(stored)]


def _as_read(element: _Element, before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    """What OpenImageIO will read: `after`, but for padding below samples, which it shows and files keep."""
    if not element.has_low_padding:
        return after
    return (after & 0xFFF0) | (before & 0xF)


def _element(file: FileBytes, edit: ImageEdit) -> _Element:
    """The edited picture of a file. Raises NotPatchableError on all that a patch could get wrong."""
    layout = edit.layout
    header = file.read(0, _HEADER_BYTES)
    order = _ORDERS.get(header[:4])
    if order is None:
        raise file.refused("is no DPX file")
    orientation, count, width, height = struct.unpack_from(order + "HHII", header, 768)
    if orientation > 3:
        raise file.refused("is stored in columns")
    if not layout.part < count <= 8 or (width, height) != (layout.data_width, layout.data_height):
        raise file.refused("has a header that tells of another picture")
    spans = []
    for part in range(count):
        at = 780 + 72 * part
        descriptor, bits = header[at + 20], header[at + 23]
        packing, encoding, offset, padding = struct.unpack_from(order + "HHII", header, at + 24)
        components = _COMPONENTS.get(descriptor)
        is_edited = part == layout.part
        words = dpx_words(bits, packing, components or 0)
        if components is None or words is None or encoding not in (0, 0xFFFF):
            if is_edited and encoding == 1:
                raise file.refused("is run-length encoded")
            if is_edited:
                raise file.refused(
                    f"has samples of {bits} bits packed as {packing} (descriptor {descriptor}), "
                    "which Plosive does not patch"
                )
            continue
        row_bytes = words.row_bytes(width * components)
        stride = row_bytes + (0 if padding == _UNDEFINED or height == 1 else padding)
        spans.append((offset, offset + height * stride, is_edited))
        if is_edited:
            if offset < _HEADER_BYTES or offset + (height - 1) * stride + row_bytes > file.size:
                raise file.lies()
            found = _Element(order, components, words, offset, row_bytes, stride, (bits, packing) == (12, 1))
    edited = next(span for span in spans if span[2])
    if any(start < edited[1] and edited[0] < end for start, end, is_edited in spans if not is_edited):
        raise file.refused("has pictures that lie one upon the other")
    return found

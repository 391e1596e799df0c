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

from plosive.errors import NotPatchableError
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


@dataclass(frozen=True)
class _Element:
    """One picture in the file: its rows begin every `stride` bytes from `offset` on."""

    order: str
    components: int
    words: DpxWords
    offset: int
    row_bytes: int
    stride: int

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(f"{self.order}u{self.words.word_bytes}")


def patch_dpx(edit: ImageEdit, out_path: Path) -> None:
    """Writes `edit` as a copy of its file with just the changed samples put into their words.

    Raises NotPatchableError (run-length encoding, unknown packings, 1 and 64 bits, a header that lies),
    OSError.
    """
    touched = touched_rows(edit)
    name = edit.layout.path.name
    with FileBytes(edit.layout.path) as file:
        element = _element(file, edit)
        if touched is not None:
            start = element.offset + touched.first * element.stride
            size = (touched.end - touched.first) * element.stride
            band = file.read(start, min(size, file.size - start))  # padding of the last row may be absent
    shutil.copyfile(edit.layout.path, out_path)
    if touched is None:
        return
    rows = np.zeros((touched.end - touched.first, element.stride), np.uint8)
    rows.reshape(-1)[: len(band)] = np.frombuffer(band, np.uint8)
    words = np.ascontiguousarray(rows[:, : element.row_bytes]).view(element.dtype)
    changed, expected = _changed(edit, touched, element, words.astype(words.dtype.newbyteorder("=")), name)
    rows[:, : element.row_bytes] = np.ascontiguousarray(changed.astype(element.dtype)).view(np.uint8)
    with out_path.open("r+b") as out:
        out.seek(start)
        out.write(rows.tobytes()[: len(band)])
    require_reads_as(edit, out_path, touched.first, expected, compares_all=False)


def _changed(
    edit: ImageEdit, touched: TouchedRows, element: _Element, words: NDArray[Any], name: str
) -> tuple[NDArray[Any], tuple[NDArray[Any], ...]]:
    """(new words, what OpenImageIO will read of each colour channel) of the touched rows."""
    layout, coding = edit.layout, element.words
    samples = coding.decoded(words)
    used = layout.data_width * element.components
    wanted = samples.copy()
    for channel, before, after, mask in zip(
        layout.channels, edit.before, edit.after, touched.masks, strict=True
    ):
        if channel >= element.components:
            raise NotPatchableError(f"{name} has fewer channels than were read; it is written anew.")
        place = np.s_[:, channel : used : element.components]
        shown = coding.shown(samples[place])
        old, new = bits_of(before[touched.rows]), bits_of(after[touched.rows])
        if shown.dtype != old.dtype or not np.array_equal(shown, old):
            raise NotPatchableError(
                f"The samples of {name} lie otherwise than its header says; it is written anew."
            )
        spare = 8 * old.dtype.itemsize - coding.bits
        wanted[place] = np.where(mask, (new >> spare).astype(samples.dtype), samples[place])
    if layout.bit_depth == 12 and not coding.stretches:  # method A: four bits below the sample are padding
        wanted = (wanted & 0xFFF0) | (samples & 0xF)
    if not np.array_equal(coding.encoded(samples, words), words):
        raise NotPatchableError(f"The words of {name} cannot be made again; it is written anew.")
    expected = tuple(
        coding.shown(wanted[:, channel : used : element.components]).view(plane.dtype)
        for channel, plane in zip(layout.channels, edit.after, strict=True)
    )
    return coding.encoded(wanted, words), expected


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
            found = _Element(order, components, words, offset, row_bytes, stride)
    edited = next(span for span in spans if span[2])
    if any(start < edited[1] and edited[0] < end for start, end, is_edited in spans if not is_edited):
        raise file.refused("has pictures that lie one upon the other")
    return found

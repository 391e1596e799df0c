# SPDX-License-Identifier: Apache-2.0
"""One picture of a ProRes frame (the whole frame, or one field) and the table of its slices."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.media.prores.spans import COLUMNS, HEADER, MB_COUNT, MB_X, MB_Y, OFFSET, PLANES, QSCALE, SIZE

__all__ = ["Picture", "SliceLayout", "parse_picture"]

HEADER_BYTES = 8
SHORT_SLICE_HEADER, LONG_SLICE_HEADER = 6, 8
LARGEST_SLICE = 65535
DAMAGED = "The ProRes frame is damaged: {}."


@dataclass(frozen=True)
class SliceLayout:
    """What the frame header says of a picture. Macroblocks are 16x16 luma pixels of the picture.

    Row `r` of the picture is row `top_row` + `row_step` * r of the frame.
    """

    mb_width: int
    mb_height: int
    top_row: int
    row_step: int
    has_alpha: bool


@dataclass(frozen=True, eq=False)
class Picture:
    """A parsed picture. `offset` to `end` are its bytes; `spans` (n, 10) int64: see spans.py."""

    layout: SliceLayout
    offset: int
    header_size: int
    end: int
    slice_mb_width: int
    spans: NDArray[np.int64]

    @property
    def top_row(self) -> int:
        return self.layout.top_row

    @property
    def row_step(self) -> int:
        return self.layout.row_step

    @property
    def slice_columns(self) -> NDArray[np.int64]:
        """(mb_width,): which slice of its row a macroblock belongs to."""
        _, counts = _slice_row(self.layout.mb_width, self.slice_mb_width)
        return np.repeat(np.arange(len(counts)), counts)

    @property
    def slices_per_row(self) -> int:
        return len(self.spans) // self.layout.mb_height

    def rebuilt(self, sample: bytes, replaced: Mapping[int, bytes]) -> bytes:
        """The picture's bytes with other slices in place of some; LARGEST_SLICE bytes each at most."""
        sizes = self.spans[:, SIZE].copy()
        first = self.offset + self.header_size + 2 * len(sizes)
        pieces = []
        kept_from = first
        for index in sorted(replaced):
            offset = int(self.spans[index, OFFSET])
            pieces += [sample[kept_from:offset], replaced[index]]
            kept_from = offset + int(sizes[index])
            sizes[index] = len(replaced[index])
        pieces.append(sample[kept_from : self.end])
        if sizes.max() > LARGEST_SLICE:
            raise NotPatchableError("A patched ProRes slice is larger than the format can hold.")
        body = b"".join(pieces)
        size = self.header_size + 2 * len(sizes) + len(body)
        return b"".join(
            (
                sample[self.offset : self.offset + 1],
                struct.pack(">I", size),
                sample[self.offset + 5 : self.offset + self.header_size],
                sizes.astype(">u2").tobytes(),
                body,
            )
        )


@lru_cache(maxsize=8)
def _slice_row(mb_width: int, slice_mb_width: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(first macroblocks, widths) of the slices in a row: full ones, then 4, 2, 1 for what remains."""
    firsts, counts = [], []
    at, count = 0, slice_mb_width
    while at < mb_width:
        while mb_width - at < count:
            count //= 2
        firsts.append(at)
        counts.append(count)
        at += count
    return tuple(firsts), tuple(counts)


def parse_picture(sample: bytes, offset: int, layout: SliceLayout) -> Picture:
    """The picture that begins at `offset` of the sample; raises NotPatchableError when it is not sound."""
    room = len(sample) - offset
    if room < HEADER_BYTES:
        raise NotPatchableError(DAMAGED.format("it ends before its last picture"))
    header_bits, size, said_slices, log2_sizes = struct.unpack_from(">BIHB", sample, offset)
    header_size = header_bits >> 3
    if header_size < HEADER_BYTES or header_bits & 7 or not header_size <= size <= room:
        raise NotPatchableError(DAMAGED.format("the size of a picture does not fit"))
    if log2_sizes >> 4 > 3 or log2_sizes & 15:
        raise NotPatchableError(
            "The ProRes frame is cut into slices of a shape that no known ProRes file has."
        )
    firsts, counts = _slice_row(layout.mb_width, 1 << (log2_sizes >> 4))
    slices = len(firsts) * layout.mb_height
    first_slice = offset + header_size + 2 * slices
    if said_slices != slices or first_slice + slices * SHORT_SLICE_HEADER > offset + size:
        raise NotPatchableError(DAMAGED.format("the number of its slices does not fit the picture"))
    sizes = np.frombuffer(sample, ">u2", slices, offset + header_size).astype(np.int64)
    spans = np.empty((slices, COLUMNS), dtype=np.int64)
    spans[:, SIZE] = sizes
    spans[:, OFFSET] = first_slice + np.cumsum(sizes) - sizes
    if first_slice + int(sizes.sum()) > offset + size or sizes.min() < SHORT_SLICE_HEADER:
        raise NotPatchableError(DAMAGED.format("the sizes of its slices do not fit the picture"))
    grid = spans.reshape(layout.mb_height, len(firsts), COLUMNS)
    grid[:, :, MB_X], grid[:, :, MB_COUNT] = firsts, counts
    grid[:, :, MB_Y] = np.arange(layout.mb_height)[:, None]
    _read_slice_headers(np.frombuffer(sample, np.uint8), spans, layout.has_alpha)
    return Picture(layout, offset, header_size, offset + size, 1 << (log2_sizes >> 4), spans)


def _read_slice_headers(data: NDArray[np.uint8], spans: NDArray[np.int64], has_alpha: bool) -> None:
    """Fill in what the slices' own headers say; every slice has at least 6 bytes, all in `data`."""
    offsets, sizes = spans[:, OFFSET], spans[:, SIZE]
    bits, code = data[offsets], data[offsets + 1].astype(np.int64)
    spans[:, HEADER] = bits >> 3
    long = spans[:, HEADER] == LONG_SLICE_HEADER
    known = long | (spans[:, HEADER] == SHORT_SLICE_HEADER)
    if has_alpha:
        known = long
    if (bits & 7).any() or not (known & (sizes >= spans[:, HEADER])).all():
        raise NotPatchableError(DAMAGED.format("a slice has a header of unknown size"))
    if not ((code >= 1) & (code <= 224)).all():
        raise NotPatchableError(DAMAGED.format("a slice has an impossible quantiser"))
    spans[:, QSCALE] = np.where(code <= 128, code, (code - 96) * 4)
    for plane in range(2):
        at = offsets + 2 + 2 * plane
        spans[:, PLANES + plane] = data[at].astype(np.int64) << 8 | data[at + 1]
    rest = sizes - spans[:, HEADER] - spans[:, PLANES] - spans[:, PLANES + 1]
    at = np.where(long, offsets + 6, offsets)
    spans[:, PLANES + 2] = np.where(long, data[at].astype(np.int64) << 8 | data[at + 1], rest)
    if (rest < spans[:, PLANES + 2]).any() or (rest < 0).any():
        raise NotPatchableError(DAMAGED.format("the planes of a slice do not fit into it"))

# SPDX-License-Identifier: Apache-2.0
"""One ProRes frame, taken apart into pictures and slices (RDD 36, clause 5, as FFmpeg reads it)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.geometry import Box
from plosive.media.prores.picture import Picture, SliceLayout, parse_picture
from plosive.media.prores.spans import HEADER, MB_COUNT, MB_X, MB_Y, OFFSET, PLANES, QSCALE, SIZE

__all__ = ["ProResFrame", "Slice", "parse_frame"]

FIXED_HEADER_BYTES = 28  # size, 'icpf' and the header up to its matrices
MATRIX_BYTES = 64
APPLE_TAIL_BYTES = 50
APPLE_ALIGNMENT = 16


@dataclass(frozen=True)
class Slice:
    """A run of 1 to 8 macroblocks, coded on its own.

    `offset` and `size` are bytes in the sample, `planes` the (offset, size) of the Y, Cb and Cr data;
    `qscale` is the quantiser in force. `luma` is the part of the frame it shows, in luma pixels; of an
    interlaced frame the slice shows every second row of it only, from row `picture_top_row` + luma.top on.
    """

    picture: int
    index: int
    offset: int
    size: int
    header_size: int
    qscale: int
    planes: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    mb_x: int
    mb_y: int
    mb_count: int
    luma: Box


@dataclass(frozen=True, eq=False)
class ProResFrame:
    """A parsed frame. Matrices are (64,) uint8, row by row; pictures are in the order of the stream.

    `chroma_444` False means 4:2:2. `alpha_bits`: 0 (none), 8 or 16. `depth`: bits of the planes that
    FFmpeg decodes, 10 for 4:2:2 and 12 for 4:4:4.
    """

    sample: bytes
    width: int
    height: int
    chroma_444: bool
    interlaced: bool
    top_field_first: bool
    alpha_bits: int
    luma_matrix: NDArray[np.uint8]
    chroma_matrix: NDArray[np.uint8]
    header_end: int
    pictures: tuple[Picture, ...]

    @property
    def depth(self) -> int:
        return 12 if self.chroma_444 else 10

    @property
    def chroma_width(self) -> int:
        """Columns of the Cb and Cr planes as FFmpeg gives them."""
        return self.width if self.chroma_444 else (self.width + 1) // 2

    @property
    def tail(self) -> bytes:
        """What follows the last picture: nothing, or zeros in Apple's files."""
        return self.sample[self.pictures[-1].end :]

    @property
    def slices(self) -> Iterator[Slice]:
        """All slices in the order of the stream."""
        for number, picture in enumerate(self.pictures):
            for index in range(len(picture.spans)):
                yield self.slice(number, index)

    def slice(self, picture: int, index: int) -> Slice:
        """Slice `index` of a picture; IndexError when there is none."""
        shown = self.pictures[picture]
        span = [int(value) for value in shown.spans[index]]
        starts = [span[OFFSET] + span[HEADER]]
        for plane in range(2):
            starts.append(starts[-1] + span[PLANES + plane])
        y, u, v = ((start, span[PLANES + plane]) for plane, start in enumerate(starts))
        rows = 16 * shown.row_step
        place = Box(
            16 * span[MB_X], rows * span[MB_Y], 16 * (span[MB_X] + span[MB_COUNT]), rows * (span[MB_Y] + 1)
        )
        return Slice(
            picture=picture,
            index=index,
            offset=span[OFFSET],
            size=span[SIZE],
            header_size=span[HEADER],
            qscale=span[QSCALE],
            planes=(y, u, v),
            mb_x=span[MB_X],
            mb_y=span[MB_Y],
            mb_count=span[MB_COUNT],
            luma=place.clipped(self.width, self.height),
        )

    def rebuilt(self, replaced: Mapping[tuple[int, int], bytes] | None = None) -> bytes:
        """The frame put together again; `replaced` {(picture, index): bytes} are other slices for some.

        Sizes of frame, pictures and slices are written anew; a tail as Apple writes it keeps its rule
        (zeros, at least 50, frame size a multiple of 16), any other its bytes.
        """
        replaced = replaced or {}
        of_picture: list[dict[int, bytes]] = [{} for _ in self.pictures]
        for (number, index), data in replaced.items():
            of_picture[number][index] = data
        body = b"".join(
            picture.rebuilt(self.sample, new) for picture, new in zip(self.pictures, of_picture, strict=True)
        )
        size = self.header_end + len(body)
        tail = self.tail
        if tail == bytes(_apple_tail(self.pictures[-1].end)):
            tail = bytes(_apple_tail(size))
        return b"".join((struct.pack(">I", size + len(tail)), self.sample[4 : self.header_end], body, tail))


def _apple_tail(size: int) -> int:
    """Zero bytes that Apple's encoder puts after `size` bytes of frame."""
    return APPLE_TAIL_BYTES + -(size + APPLE_TAIL_BYTES) % APPLE_ALIGNMENT


def parse_frame(sample: bytes) -> ProResFrame:
    """Take one frame apart; `sample` is all of one MOV sample.

    Nothing in it is believed: sizes are held against the sample before use, and no memory beyond a
    small multiple of it is taken. Raises NotPatchableError for all that is damaged or unknown.
    """
    if len(sample) < FIXED_HEADER_BYTES or sample[4:8] != b"icpf":
        raise NotPatchableError(
            "The video sample does not begin like a ProRes frame, so it cannot be patched."
        )
    size, header_size, version = struct.unpack_from(">I4xHH", sample)
    if size != len(sample):
        raise NotPatchableError(
            f"The ProRes frame says it has {size} bytes but its sample in the file has {len(sample)}."
        )
    if version > 1:
        raise NotPatchableError(f"The ProRes frame is of bitstream version {version}, which is not known.")
    width, height, kind = struct.unpack_from(">HHB", sample, 16)
    chroma, interlace, alpha, flags = kind >> 6, kind >> 2 & 3, sample[25] & 15, sample[27] & 3
    if chroma not in (2, 3) or interlace == 3 or alpha > 2 or 0 in (width, height):
        raise NotPatchableError("The ProRes frame header has values that no known ProRes file has.")
    if flags in (1, 2):
        raise NotPatchableError(
            "The ProRes frame has a quantiser matrix for luma or chroma only, and readers differ on that."
        )
    header_end = 8 + header_size
    needed = FIXED_HEADER_BYTES + (2 * MATRIX_BYTES if flags else 0)
    if not needed <= header_end <= len(sample):
        raise NotPatchableError("The ProRes frame header is damaged: its size does not fit its content.")
    luma, chroma_matrix = np.full((2, MATRIX_BYTES), 4, dtype=np.uint8)
    if flags:
        both = np.frombuffer(sample, np.uint8, 2 * MATRIX_BYTES, FIXED_HEADER_BYTES)
        luma, chroma_matrix = both.reshape(2, MATRIX_BYTES)
    if not (luma.all() and chroma_matrix.all()):
        raise NotPatchableError("The ProRes frame header is damaged: a quantiser matrix holds a zero.")
    fields = 2 if interlace else 1
    pictures: list[Picture] = []
    at = header_end
    for number in range(fields):
        layout = SliceLayout(
            mb_width=(width + 15) // 16,
            mb_height=(height + 16 * fields - 1) // (16 * fields),
            top_row=number ^ (interlace == 2) if interlace else 0,
            row_step=fields,
            has_alpha=alpha > 0,
        )
        pictures.append(parse_picture(sample, at, layout))
        at = pictures[-1].end
    return ProResFrame(
        sample=sample,
        width=width,
        height=height,
        chroma_444=chroma == 3,
        interlaced=interlace > 0,
        top_field_first=interlace == 1,
        alpha_bits=(0, 8, 16)[alpha],
        luma_matrix=luma,
        chroma_matrix=chroma_matrix,
        header_end=header_end,
        pictures=tuple(pictures),
    )

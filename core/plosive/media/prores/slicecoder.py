# SPDX-License-Identifier: Apache-2.0
"""Slices of a ProRes frame, read and written again with new content in some of their blocks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.media.prores.frame import ProResFrame
from plosive.media.prores.region import PictureRegion
from plosive.media.prores.spans import COEFFICIENTS, HEADER, OFFSET, PLANES, QSCALE, SIZE
from plosive.media.prores.tables import INTERLACED_SCAN, PROGRESSIVE_SCAN

__all__ = ["SliceCoder"]

LARGEST_SLICE = 65535
COARSEST = 16


class SliceCoder:
    """Holds the coefficients of some slices of one picture.

    Raises NotPatchableError when a slice cannot be read, or would not be written again as it was.
    """

    def __init__(self, frame: ProResFrame, words: NDArray[np.int64], spans: NDArray[np.int64]) -> None:
        from plosive.media.prores import entropy

        self._frame, self._spans = frame, spans
        self._chroma_blocks_per_mb = 4 if frame.chroma_444 else 2
        self._levels = np.empty((len(spans), 3, COEFFICIENTS), dtype=np.int32)
        if entropy.read_slices(words, spans, self._chroma_blocks_per_mb, self._levels) >= 0:
            raise NotPatchableError(
                "The ProRes frame is damaged: a slice that the new mouth touches cannot be read."
            )
        sizes, written = self._written(self._levels, spans)
        if not all(self._is_same(*one) for one in zip(spans.tolist(), sizes.tolist(), written, strict=True)):
            raise NotPatchableError(
                "The ProRes frame is coded in a way that this program would not write again to the byte."
            )

    def _is_same(self, span: list[int], sizes: list[int], written: bytes) -> bool:
        """Whether these are the planes of the slice, but for zero bytes that an encoder may add to each."""
        at, used = span[OFFSET] + span[HEADER], 0
        for said, size in zip(span[PLANES : PLANES + 3], sizes, strict=True):
            if self._frame.sample[at : at + said] != written[used : used + size].ljust(said, b"\0"):
                return False
            at, used = at + said, used + size
        return True

    def attempts(self) -> Iterator[tuple[NDArray[np.int64], int]]:
        """(quantisers of all slices, coarseness of new blocks), the best first.

        2 or 1 gives new content that is better than the plate's own at little cost, and divides the
        slice's quantiser exactly. What then has no space gets that quantiser, then multiples for new blocks.
        """
        own = self._spans[:, QSCALE]
        yield np.where(own > 2, 2 - (own & 1), own), 1
        coarse = 1
        while coarse <= COARSEST:
            yield own, coarse
            coarse *= 2

    def patched(
        self, region: PictureRegion, which: NDArray[np.int64], qscales: NDArray[np.int64], coarse: int
    ) -> dict[int, bytes]:
        """{number: bytes} of those slices of `which` that have space in this way."""
        from plosive.media.prores import blocks

        spans, qscales = self._spans[which], qscales[which]
        new = np.empty((len(which), 3, COEFFICIENTS), dtype=np.int32)
        fits = np.zeros(len(which), dtype=np.bool_)
        whole = len(which) == len(self._spans)
        blocks.quantise_slices(
            self._levels if whole else self._levels[which],
            spans,
            qscales,
            coarse,
            self._chroma_blocks_per_mb,
            np.stack((self._frame.luma_matrix, self._frame.chroma_matrix)),
            np.array(INTERLACED_SCAN if self._frame.interlaced else PROGRESSIVE_SCAN, dtype=np.int64),
            0.25 if self._frame.depth == 12 else 1.0,
            region.before,
            region.after,
            region.touched,
            region.mb_left,
            region.mb_top,
            new,
            fits,
        )
        sizes, written = self._written(new, spans)
        offsets, old_sizes, headers = (spans[:, column].tolist() for column in (OFFSET, SIZE, HEADER))
        old_planes = spans[:, PLANES : PLANES + 3].sum(axis=1)
        said = sizes.astype(">u2").tobytes()
        made = {}
        for number, planes in enumerate(written):
            start, size, header_size = offsets[number], old_sizes[number], headers[number]
            rest = start + header_size + int(old_planes[number])
            if not (
                fits[number] and planes and header_size + len(planes) + start + size - rest <= LARGEST_SLICE
            ):
                continue
            header = bytearray(self._frame.sample[start : start + header_size])
            if qscales[number] != spans[number, QSCALE]:
                header[1] = qscales[number]
            header[2:] = said[6 * number :][: header_size - 2]
            made[int(which[number])] = b"".join((header, planes, self._frame.sample[rest : start + size]))
        return made

    def _written(
        self, levels: NDArray[np.int32], spans: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], list[bytes]]:
        """Sizes (n, 3) and bytes of the planes of each slice; no bytes for what code words cannot say."""
        from plosive.media.prores import entropy

        out = np.empty(len(spans) * entropy.SLICE_BYTES, dtype=np.uint8)
        sizes = np.empty((len(spans), 3), dtype=np.int64)
        entropy.write_slices(levels, spans, self._chroma_blocks_per_mb, out, sizes)
        ends = np.cumsum(np.maximum(sizes.sum(axis=1), 0)).tolist()
        data = out[: ends[-1]].tobytes()
        return sizes, [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]

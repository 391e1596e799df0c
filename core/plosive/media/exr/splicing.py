# SPDX-License-Identifier: Apache-2.0
"""New chunks in the place of old ones: all between them is copied, offset tables follow."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plosive.media.exr.samples import Bits
from plosive.media.exr.structure import Chunk, ExrFile

__all__ = ["NewChunk", "spliced"]


@dataclass(frozen=True, eq=False)
class NewChunk:
    """`data` takes the place of the data of `chunk`; read again they must give `planes`, one a channel."""

    chunk: Chunk
    planes: Sequence[Bits]
    data: bytes


def spliced(file: ExrFile, header: bytes, made: Sequence[NewChunk]) -> list[bytes | memoryview]:
    """The bytes of `file` with a `header` of the same length and the chunks `made` in it, piece by piece."""
    ordered = sorted(made, key=lambda new: new.chunk.offset)
    starts = np.array([new.chunk.offset for new in ordered], np.int64)
    growth = np.array([len(new.data) - new.chunk.data_size for new in ordered], np.int64)
    shifts = np.concatenate([np.zeros(1, np.int64), np.cumsum(growth)])
    source = memoryview(file.data)
    pieces: list[bytes | memoryview] = [header]
    for part in file.parts:
        moved = part.offsets + shifts[np.searchsorted(starts, part.offsets, side="left")]
        pieces.append(moved.astype("<i8").tobytes())
    at = file.tables_end
    for new in ordered:
        pieces += [source[at : new.chunk.data_offset - 4], struct.pack("<i", len(new.data)), new.data]
        at = new.chunk.end
    pieces.append(source[at:])
    return pieces

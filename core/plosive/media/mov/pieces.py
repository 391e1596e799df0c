# SPDX-License-Identifier: Apache-2.0
"""A file that exists only as a list of pieces: new bytes, and stretches of another file."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

from plosive.errors import MediaReadError

__all__ = ["Piece", "Pieces"]


@dataclass(frozen=True, slots=True)
class Piece:
    """`data` where it is not None, else `size` bytes at `offset` of the other file."""

    size: int
    offset: int = 0
    data: bytes | None = None

    @staticmethod
    def of(data: bytes) -> Piece:
        """New bytes."""
        return Piece(len(data), 0, data)


class Pieces:
    """Pieces of `path` and new bytes, one after the other; read as a file by what `open` gives."""

    def __init__(self, path: Path, pieces: Iterable[Piece]) -> None:
        self.path = path
        self.pieces = tuple(_joined(pieces))
        self.starts = (0, *accumulate(piece.size for piece in self.pieces))

    @property
    def size_bytes(self) -> int:
        return self.starts[-1]

    def open(self) -> BinaryIO:
        """For reading. Raises MediaReadError when the other file cannot be opened."""
        try:
            source = self.path.open("rb")
        except OSError as error:
            raise MediaReadError(f"{self.path} cannot be read: {error.strerror or error}.") from error
        return io.BufferedReader(_PiecedReader(self, source), 1 << 20)  # type: ignore[type-var]


class _PiecedReader(io.RawIOBase):
    def __init__(self, pieces: Pieces, source: BinaryIO) -> None:
        self._pieces = pieces
        self._source = source
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._at, self._pieces.size_bytes)[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        pieces = self._pieces
        if self._at >= pieces.size_bytes:
            return 0
        number = bisect_right(pieces.starts, self._at) - 1
        piece, within = pieces.pieces[number], self._at - pieces.starts[number]
        size = min(len(buffer), piece.size - within)
        if piece.data is None:
            self._source.seek(piece.offset + within)
            data = self._source.read(size)
        else:
            data = piece.data[within : within + size]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Without empty ones; stretches that lie side by side in the other file are one."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if not piece.size:
            continue
        is_next = last is not None and last.data is None and last.offset + last.size == piece.offset
        if last is not None and is_next and piece.data is None:
            found[-1] = Piece(last.size + piece.size, last.offset)
        else:
            found.append(piece)
    return found

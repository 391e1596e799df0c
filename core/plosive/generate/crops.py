# SPDX-License-Identifier: Apache-2.0
"""Pictures of the lower face, kept on disk so that memory stays flat in clip length."""

from __future__ import annotations

import tempfile
from bisect import bisect_left, insort
from dataclasses import dataclass
from threading import Lock
from types import TracebackType
from typing import IO

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaWriteError
from plosive.geometry import Box

__all__ = ["CropFile", "Ticket"]

_LOWEST, _SPAN = np.float32(-0.6), np.float32(4.0)
_STEPS = np.float32(65535.0)


@dataclass(frozen=True)
class Ticket:
    """Where one crop lies in the file, and which pixels of its plate frame it shows."""

    offset: int
    box: Box


class CropFile:
    """A temporary file of crops in the working encoding; gone when closed. Use as a context manager.

    Values are kept in 65536 steps over -0.6..3.4, a quarter of a 12-bit code value: light from -0.3 to 65504
    in a scene-referred plate. Not mapped into memory: mapped pages would count as ours.
    Several threads may read at once. What is given back is written over: the file is as large as what was
    kept at once, as far as new crops fit the places of old ones.
    """

    def __init__(self, folder: str | None = None) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="plosive-crops-", dir=folder)  # noqa: SIM115 - closed in __exit__
        self._end = 0
        self._free: list[tuple[int, int]] = []  # (bytes, offset), smallest first
        self._lock = Lock()

    def add(self, pixels: NDArray[np.float32], box: Box) -> Ticket:
        """Keep `pixels` (h, w, 3) float32 working; raises MediaWriteError when the disk is full."""
        coded = np.clip((pixels - _LOWEST) * (_STEPS / _SPAN) + np.float32(0.5), 0, _STEPS)
        return self.add_coded(coded.astype(np.uint16), box)

    def add_coded(self, coded: NDArray[np.uint16], box: Box) -> Ticket:
        """As `add`, of steps (h, w, 3) as `coded` gives them."""
        offset = self._place(coded.nbytes)
        try:
            with self._lock:
                self._file.seek(offset)
                self._file.write(coded.tobytes())
        except OSError as error:
            raise MediaWriteError(
                f"The temporary folder {tempfile.gettempdir()} is full or not writable ({error.strerror}); "
                "free some space or point TMPDIR to another disk."
            ) from error
        self._end = max(self._end, offset + coded.nbytes)
        return Ticket(offset, box)

    def give_back(self, ticket: Ticket) -> None:
        """Nobody reads the crop of `ticket`, which `add` gave, any more: another may take its place."""
        insort(self._free, (ticket.box.height * ticket.box.width * 6, ticket.offset))

    def _place(self, byte_count: int) -> int:
        """The smallest place given back that is large enough; else the end."""
        at = bisect_left(self._free, (byte_count, 0))
        return self._end if at == len(self._free) else self._free.pop(at)[1]

    @property
    def byte_count(self) -> int:
        """How large the file is."""
        return self._end

    def read(self, ticket: Ticket) -> NDArray[np.float32]:
        """The crop's pixels again: (h, w, 3) float32 working."""
        return self.coded(ticket).astype(np.float32) * (_SPAN / _STEPS) + _LOWEST

    def coded(self, ticket: Ticket) -> NDArray[np.uint16]:
        """The same as they lie in the file, in steps: (h, w, 3)."""
        height, width = ticket.box.height, ticket.box.width
        with self._lock:
            self._file.seek(ticket.offset)
            stored = self._file.read(height * width * 6)
        return np.frombuffer(stored, dtype=np.uint16).reshape(height, width, 3)

    def __enter__(self) -> CropFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

# SPDX-License-Identifier: Apache-2.0
"""Pictures of mouths whose places are known, read from the plate only when one is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import finite_working
from plosive.errors import MediaReadError
from plosive.generate.crops import CropFile, Ticket
from plosive.geometry import Box
from plosive.media.plate import PlateFrame, PlateReader
from plosive.progress import Progress, SilentProgress

__all__ = ["LateCropFile"]

_READ_ON_FRAMES = 8
_MOST_SEEKS = 3


class LateCropFile(CropFile):
    """A `CropFile` that also gives tickets for pixels nobody has read yet: the same to the bit when they are.

    `is_sought` says that single frames of the plate are quickly read. Of others a few are sought, then all
    that was promised is read, in order.
    """

    def __init__(self, is_sought: bool = True, folder: str | None = None) -> None:
        super().__init__(folder)
        self._is_sought = is_sought
        self._reader: PlateReader | None = None
        self._promised: list[tuple[int, Box]] = []
        self._known: dict[tuple[int, Box], Ticket] = {}
        self._at = 0
        self._seeks = 0
        self._frames: Iterator[PlateFrame] | None = None
        self._reading = Lock()

    def attend(self, reader: PlateReader) -> None:
        """Take what was promised from `reader` from now on; pixels read before stay: it must be the same
        plate.
        """
        self._stop()
        self._reader, self._seeks = reader, 0

    @property
    def is_attended(self) -> bool:
        """Whether there is a reader to take pixels from."""
        return self._reader is not None

    def promise(self, index: int, box: Box) -> Ticket:
        """A ticket for the pixels of `box` in plate frame `index`."""
        self._promised.append((index, box))
        return Ticket(-len(self._promised), box)

    def remember(self, index: int, ticket: Ticket) -> None:
        """`ticket` leads to pixels of plate frame `index`: whoever promises them later has them."""
        self._known[index, ticket.box] = ticket

    def has(self, index: int, box: Box) -> bool:
        """Whether the pixels of `box` in plate frame `index` were read already."""
        return (index, box) in self._known

    def coded(self, ticket: Ticket) -> NDArray[np.uint16]:
        if ticket.offset >= 0:
            return super().coded(ticket)
        with self._reading:
            index, box = self._promised[-ticket.offset - 1]
            if (index, box) not in self._known:
                self._read(index, box)
            return super().coded(self._known[index, box])

    def read_ahead(self, progress: Progress) -> None:
        """Read all that was promised and is not there yet, where single frames are slow to read."""
        if not self._is_sought:
            with self._reading:
                self._read_all(progress)

    def _read(self, index: int, box: Box) -> None:
        if not self._is_sought and self._seeks >= _MOST_SEEKS:
            self._read_all(SilentProgress())
            return
        pixels = finite_working(self._frame(index).working(box))
        self._known[index, box] = self.add(pixels, box)

    def _read_all(self, progress: Progress) -> None:
        missing: dict[int, list[Box]] = {}
        for index, box in dict.fromkeys(self._promised):
            if (index, box) not in self._known:
                missing.setdefault(index, []).append(box)
        if not missing:
            return
        assert self._reader is not None
        with closing(self._reader.frames(min(missing))) as frames:  # type: ignore[type-var]
            for frame in frames:
                for box in missing.get(frame.index, ()):
                    self._known[frame.index, box] = self.add(finite_working(frame.working(box)), box)
                progress.advance()
                if frame.index >= max(missing):
                    break

    def __enter__(self) -> LateCropFile:
        return self

    def __exit__(self, *what: object) -> None:
        self._stop()
        super().__exit__(None, None, None)

    def _frame(self, index: int) -> PlateFrame:
        """Frames that follow soon are read on to; others are sought."""
        if self._frames is None or not self._at <= index < self._at + _READ_ON_FRAMES:
            self._stop()
            assert self._reader is not None
            self._seeks += 1
            self._frames, self._at = self._reader.frames(index), index
        for frame in self._frames:
            self._at = frame.index + 1
            if frame.index == index:
                return frame
        raise MediaReadError(f"Frame {index} of the plate cannot be read any more; is the file still there?")

    def _stop(self) -> None:
        if self._frames is not None:
            with closing(self._frames):  # type: ignore[type-var]
                self._frames = None

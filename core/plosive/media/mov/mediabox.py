# SPDX-License-Identifier: Apache-2.0
"""Headers of the media boxes (mdat) of a file whose pictures change their size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plosive.errors import NotPatchableError
from plosive.media.mov.box import Box
from plosive.media.mov.file import MovFile
from plosive.media.mov.indexedit import MOST_32_BITS

__all__ = ["MediaBox", "media_box_header", "media_boxes"]


@dataclass(frozen=True)
class MediaBox:
    """One mdat. `room` is an empty box of 8 bytes right before it, which QuickTime leaves for a 64-bit size.
    `is_widened`: 8 bytes are put in after its header for one, because there is no room.
    """

    box: Box
    room: Box | None
    is_widened: bool = False

    def for_growth(self, most_growth_bytes: int, has_follower: bool) -> MediaBox:
        """Ready to grow by so much. `has_follower`: a box is written behind it, so its size must be told."""
        is_told = has_follower or not self.box.is_to_end
        is_widened = (
            is_told
            and self.box.header_size == 8
            and self.room is None
            and self.box.size + most_growth_bytes > MOST_32_BITS
        )
        return replace(self, is_widened=is_widened)

    def header(
        self, offsets: NDArray[np.int64], growths: NDArray[np.int64], has_follower: bool
    ) -> tuple[int, bytes] | None:
        """(where in the source, bytes there) of the header after samples at `offsets` grew; None: as it is.

        Raises NotPatchableError when 32 bits do not hold the size.
        """
        box = self.box
        is_inside = (offsets >= box.payload_offset) & (offsets < box.end)
        size = box.size + int(growths[is_inside].sum())
        if self.is_widened:
            return box.offset, _wide_header(size + 8)
        if (size == box.size and not (box.is_to_end and has_follower)) or (
            box.is_to_end and not has_follower
        ):
            return None
        if box.header_size == 16:
            return box.offset, _wide_header(size)
        if size <= MOST_32_BITS:
            return box.offset, size.to_bytes(4, "big") + b"mdat"
        if self.room is not None:
            return self.room.offset, _wide_header(size + 8)
        raise NotPatchableError("The media grew past 4 GiB, and its box has no room for such a size.")


def media_boxes(file: MovFile) -> list[MediaBox]:
    """All mdat of a file, in file order."""
    found = []
    for before, box in zip((None, *file.top), file.top, strict=False):
        if box.fourcc == "mdat":
            is_room = before is not None and before.size == 8 and before.fourcc in ("wide", "free", "skip")
            found.append(MediaBox(box, before if is_room else None))
    return found


def media_box_header(payload_bytes: int) -> bytes:
    """The header of a new mdat."""
    if payload_bytes + 8 <= MOST_32_BITS:
        return (payload_bytes + 8).to_bytes(4, "big") + b"mdat"
    return _wide_header(payload_bytes + 16)


def _wide_header(size: int) -> bytes:
    return (1).to_bytes(4, "big") + b"mdat" + size.to_bytes(8, "big")

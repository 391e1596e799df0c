# SPDX-License-Identifier: Apache-2.0
"""Which boxes of a track a patch may change, and how far (ISO/IEC 14496-12, 8.3.2, 8.7)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from plosive.media.mov.box import Box
from plosive.media.mov.track import MovTrack

__all__ = ["judged_leaf"]

_PLACES = frozenset({"stco", "co64"})


def judged_leaf(
    box: Box,
    data: tuple[bytes, bytes],
    tracks: tuple[MovTrack, MovTrack] | None,
    is_changed: Sequence[bool] | None,
) -> tuple[str, bool]:
    """(what is other about a box, whether it may be)."""
    mine, its = data
    if tracks is None:
        return "differs", False
    if box.fourcc in _PLACES:
        return "chunks lie elsewhere", len(mine) == len(its) and mine[:16] == its[:16]
    if box.fourcc == "stsz" and tracks[0].handler == "vide":
        if len(mine) != len(its) or mine[:20] != its[:20]:
            return "the number of pictures differs", False
        count = (len(mine) - 20) // 4
        sizes = [np.array(struct.unpack(f">{count}I", one[20 : 20 + 4 * count])) for one in data]
        moved = np.flatnonzero(sizes[0] != sizes[1])
        if is_changed is not None and len(is_changed) != count:
            is_changed = None  # an edit hides some
        if is_changed is not None and not all(is_changed[index] for index in moved.tolist()):
            return "sizes of pictures differ that are the same", False
        return f"the sizes of {len(moved)} changed pictures", True
    if box.fourcc == "tkhd" and tracks[0].handler == "soun" and len(mine) == len(its) and len(mine) >= 12:
        flags = int.from_bytes(mine[9:12], "big"), int.from_bytes(its[9:12], "big")
        if mine[:9] + mine[12:] == its[:9] + its[12:] and flags[0] ^ flags[1] == 1:
            return f"the track was switched {'on' if flags[1] & 1 else 'off'}", True
    return "differs", False

# SPDX-License-Identifier: Apache-2.0
"""Which boxes of an index a patch may change, and how far (ISO/IEC 14496-12, 8.2.2, 8.3.2, 8.3.3, 8.7)."""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence

import numpy as np

from plosive.media.mov.box import Box
from plosive.media.mov.track import MovTrack

__all__ = ["judged_leaf", "judged_movie_header", "without_references"]

_PLACES = frozenset({"stco", "co64"})
_MVHD_DURATION = ((16, 4), (24, 8))
"""(offset after the box's header, bytes) of the movie's duration in mvhd of version 0 and 1."""


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


def judged_movie_header(
    data: tuple[bytes, bytes], header_size: int, has_new_track: bool, may_last: int
) -> tuple[str, bool]:
    """(what is other about mvhd, whether it may be). A new track makes the next one's number follow, and the
    movie last `may_last` ticks where that is longer than before.
    """
    mine, its = data
    offset, width = _MVHD_DURATION[bool(mine[header_size : header_size + 1] != b"\0")]
    start = header_size + offset
    rest = [one[:start] + one[start + width : -4] for one in data]
    durations = [int.from_bytes(one[start : start + width], "big") for one in data]
    if not has_new_track or len(mine) != len(its) or rest[0] != rest[1]:
        return "differs (times, rate, volume or matrix of the movie)", False
    if durations[0] == durations[1]:
        return "the next track's number follows a new track", True
    if durations[1] == may_last > durations[0]:
        return "the movie lasts as long as the new track, which ends after it", True
    return "tells another duration of the movie", False


def without_references(tref: bytes, lost: Collection[int]) -> bytes:
    """A tref box that names no track of `lost`: their numbers are 0, and a list of them alone is `free`."""
    made = bytearray(tref)
    at = 8
    while at + 8 <= len(tref):
        size = int.from_bytes(tref[at : at + 4], "big")
        if size < 8 or at + size > len(tref):
            break
        places = range(at + 8, at + size - 3, 4)
        ids = [int.from_bytes(tref[place : place + 4], "big") for place in places]
        if ids and all(one in lost for one in ids):
            made[at + 4 : at + 8] = b"free"
        else:
            for place, one in zip(places, ids, strict=True):
                made[place : place + 4] = bytes(4) if one in lost else made[place : place + 4]
        at += size
    return bytes(made)


def without_duration(header: bytes, fourcc: str) -> bytes:
    """A mvhd, tkhd or mdhd box (8 bytes of size and kind before it) without the duration in it."""
    is_wide = bool(header[8:9] != b"\0")
    start = 8 + {"mvhd": (16, 24), "mdhd": (16, 24), "tkhd": (20, 28)}[fourcc][is_wide]
    return header[:start] + header[start + (8 if is_wide else 4) :]

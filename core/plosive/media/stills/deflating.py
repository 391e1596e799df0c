# SPDX-License-Identifier: Apache-2.0
"""Deflate streams in the place of others (RFC 1950): about as small, in as little time as that takes."""

from __future__ import annotations

import zlib

__all__ = ["deflated"]

_LEVELS = (1, 4, 6, 9)  # of zlib, for the four values a stream's header has for them

_PIECE_BYTES = 1 << 20


def deflated(data: bytes | memoryview, like: bytes, enough_bytes: int) -> bytes:
    """`data` compressed to `enough_bytes` or as near to it as the level of `like`, a whole stream, comes.

    In predicted photographs the matches that zlib looks for are chance: without them (its run-length
    strategy) the result is often smaller, and made in a tenth of the time. So that is tried first.
    """
    quick = _packed(data, 6, zlib.Z_RLE, enough_bytes + enough_bytes // 4)
    if quick is not None and len(quick) <= enough_bytes:
        return quick
    usual = _packed(data, _LEVELS[like[1] >> 6], zlib.Z_DEFAULT_STRATEGY, None)
    assert usual is not None
    return usual if quick is None else min(quick, usual, key=len)


def _packed(data: bytes | memoryview, level: int, strategy: int, most_bytes: int | None) -> bytes | None:
    """None as soon as it takes more than `most_bytes`."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 15, 9, strategy)
    made = bytearray()
    for start in range(0, len(data), _PIECE_BYTES):
        made += packer.compress(data[start : start + _PIECE_BYTES])
        if most_bytes is not None and len(made) > most_bytes:
            return None
    made += packer.flush()
    return bytes(made)

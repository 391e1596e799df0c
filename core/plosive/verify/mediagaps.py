# SPDX-License-Identifier: Apache-2.0
"""Bytes of a MOV's media boxes that belong to no sample: padding, leftovers, media of tracks left out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from plosive.media.mov.file import MovFile
from plosive.verify.samebytes import opened

__all__ = ["gap_digest"]

_BLOCK = 1 << 20


def gap_digest(file: MovFile, track_ids: set[int]) -> tuple[int, str]:
    """(count, sha256) of the bytes of all mdat boxes outside the chunks of the tracks `track_ids`.

    Raises MediaReadError for damaged tables and files that cannot be read.
    """
    made, count = hashlib.sha256(), 0
    with opened(file.path) as source:
        for start, end in _gaps(file, track_ids):
            source.seek(start)
            while start < end:
                block = source.read(min(_BLOCK, end - start))
                if not block:
                    break
                made.update(block)
                count += len(block)
                start += len(block)
    return count, made.hexdigest()


def _gaps(file: MovFile, track_ids: set[int]) -> Iterator[tuple[int, int]]:
    tables = [track.table for track in file.tracks if track.track_id in track_ids]
    starts = np.concatenate([table.chunk_offsets for table in tables] or [np.zeros(0, np.int64)])
    ends = np.concatenate([table.chunk_ends for table in tables] or [np.zeros(0, np.int64)])
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order]) if len(order) else ends
    for box in file.top:
        if box.fourcc != "mdat":
            continue
        inside = (ends > box.payload_offset) & (starts < box.end)
        befores = np.concatenate([[box.payload_offset], ends[inside]])
        afters = np.concatenate([starts[inside], [box.end]])
        for before, after in zip(befores.tolist(), afters.tolist(), strict=True):
            if after > before:
                yield int(before), int(after)

# SPDX-License-Identifier: Apache-2.0
"""Whether the tables and times of a track cut out of a longer one agree with each other and with the plate's
(ISO/IEC 14496-12, 8.3.2, 8.6, 8.7).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from plosive.media.mov.file import MovFile
from plosive.media.mov.track import MovTrack

__all__ = ["faults"]

_KEPT_HEADS = {"stts": 4, "stsc": 4, "stsz": 4, "stco": 4, "co64": 4}
"""Bytes of version and flags, which are the plate's."""


def faults(ours: MovTrack, theirs: MovTrack, movie: MovFile) -> Iterator[tuple[str, str]]:
    """(box, what is wrong) of OUT's track `theirs`, cut from the plate's `ours`. Raises MediaReadError."""
    for kind, size in _KEPT_HEADS.items():
        heads = [track.payload("mdia", "minf", "stbl", kind)[:size] for track in (ours, theirs)]
        if all(heads) and heads[0] != heads[1]:
            yield kind, "has another version or flags"
    count = theirs.table.sample_count
    if ours.table.sizes is None and theirs.table.constant_size != ours.table.constant_size:
        yield "stsz", "tells another size of all samples"
    durations = _rows(theirs, "stts", 2)
    if int(durations[:, 0].sum()) != count:
        yield "stts", f"tells the durations of {int(durations[:, 0].sum())} samples, there are {count}"
    if not np.isin(durations[:, 1], _rows(ours, "stts", 2)[:, 1]).all() and theirs.handler != "tmcd":
        yield "stts", "tells durations that no sample of the plate has"
    yield from _chunk_faults(ours, theirs, count)
    yield from _time_faults(theirs, movie)


def _chunk_faults(ours: MovTrack, theirs: MovTrack, count: int) -> Iterator[tuple[str, str]]:
    runs = _rows(theirs, "stsc", 3)
    chunks = len(theirs.table.chunk_offsets)
    ends = np.append(runs[1:, 0], chunks + 1)
    if int(((ends - runs[:, 0]) * runs[:, 1]).sum()) != count:
        yield "stsc", "tells another number of samples than there are"
    if not np.isin(runs[:, 2], _rows(ours, "stsc", 3)[:, 2]).all():
        yield "stsc", "points to other descriptions of samples than the plate's"


def _time_faults(track: MovTrack, movie: MovFile) -> Iterator[tuple[str, str]]:
    if sum(int(n) * int(ticks) for n, ticks in track.duration_runs()) != track.media_duration:
        yield "mdhd", "tells another duration than the samples have"
    edits = track.edits
    shown = [edit for edit in edits if edit.media_time >= 0]
    if (
        any(edit.rate != 1 for edit in edits)
        or len(shown) > 1
        or track.payload("edts", "elst")[1:4] > bytes(3)
    ):
        yield "elst", "shows more than one stretch, or at another speed"
        return
    hidden = shown[0].media_time if shown else 0
    left = Fraction(track.media_duration - hidden, track.timescale or 1) * movie.timescale
    lasts = sum(edit.duration for edit in edits) if edits else track.duration
    if lasts != track.duration:
        yield "tkhd", f"lasts {track.duration} ticks, its edit list {lasts}"
    if left < 0 or any(edit.duration > left + 1 for edit in shown) or (not edits and abs(left - lasts) > 1):
        yield "tkhd", "lasts longer than its samples"
    if track.handler == "vide" and (len(edits) > 1 or abs(left - lasts) > 1):
        yield "elst", "does not show all pictures, from the first on"


def _rows(track: MovTrack, kind: str, columns: int) -> NDArray[np.int64]:
    """A table as it lies in the file."""
    payload = track.payload("mdia", "minf", "stbl", kind)
    count = min(int.from_bytes(payload[4:8], "big"), max(0, len(payload) - 8) // (4 * columns))
    return (
        np.frombuffer(payload, ">u4", count * columns, 8 if count else 0)
        .reshape(-1, columns)
        .astype(np.int64)
    )

# SPDX-License-Identifier: Apache-2.0
"""Sample tables: where each picture, and each run of sound, lies in a file.

Boxes stsz, stz2, stsc, stco, co64, stts and ctts of ISO/IEC 14496-12, 8.6 and 8.7. Counts are held
against the box, and places against the file, before anything is allocated.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError
from plosive.media.mov.box import Box

__all__ = [
    "SampleTable",
    "Samples",
    "duration_runs",
    "read_sample_table",
    "sample_offsets_box",
    "time_runs",
]

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """`offsets` and `sizes`, int64 (n,), in bytes of the file, in decoding order."""

    offsets: Integers
    sizes: Integers

    def __len__(self) -> int:
        return len(self.offsets)


@dataclass(frozen=True)
class SampleTable:
    """`chunk_offsets`, `chunk_counts` (samples in it), `chunk_sizes` (bytes) and `chunk_descriptions` (which
    entry of stsd, from 1): int64 (chunks,). `constant_size` is 0 where samples have `sizes` of their own.
    """

    sample_count: int
    constant_size: int
    sizes: Integers | None
    chunk_offsets: Integers
    chunk_counts: Integers
    chunk_sizes: Integers
    chunk_descriptions: Integers

    @property
    def chunk_ends(self) -> Integers:
        return np.asarray(self.chunk_offsets + self.chunk_sizes)

    def samples(self, most_samples: int) -> Samples:
        """Every sample. PCM sound has one a tick: take chunks there. Raises MediaReadError above
        `most_samples`.
        """
        if self.sample_count > most_samples:
            raise MediaReadError(f"A track has {self.sample_count} samples, too many to list.")
        sizes = self.sizes
        if sizes is None:
            sizes = np.full(self.sample_count, self.constant_size, np.int64)
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        first = np.cumsum(self.chunk_counts) - self.chunk_counts
        offsets = np.repeat(self.chunk_offsets - before[first], self.chunk_counts) + before[:-1]
        return Samples(np.asarray(offsets, np.int64), sizes)


def sample_offsets_box(stbl: Box) -> Box | None:
    """stco or co64."""
    return stbl.child("co64") or stbl.child("stco")


def read_sample_table(
    stbl: Box, data: bytes, data_offset: int, file_size: int, sound_sample_bytes: Fraction | None, name: str
) -> SampleTable:
    """The table of a track's stbl in `data`, the index, which starts at `data_offset` of the file.

    `sound_sample_bytes` is what a sample of a constant-size sound takes (QuickTime writes 1 for it). Raises
    MediaReadError for missing boxes, counts past their box and places past the file.
    """
    reader = _Reader(stbl, data, data_offset, name)
    count, constant, sizes = _sizes(reader)
    offsets = _chunk_offsets(reader, file_size)
    counts, descriptions = _chunk_counts(reader, len(offsets), count)
    if sizes is not None:
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        last = np.cumsum(counts)
        chunk_sizes = before[last] - before[last - counts]
    else:
        each = Fraction(constant) if constant > 1 or sound_sample_bytes is None else sound_sample_bytes
        if count * each > file_size:
            raise MediaReadError(f"{name} is damaged: a track claims more samples than the file can hold.")
        chunk_sizes = counts * each.numerator // each.denominator
    is_past = (chunk_sizes > 0) & (offsets + chunk_sizes > file_size)
    if is_past.any():
        raise MediaReadError(
            f"{name} is cut short or damaged: its index points past the end of the file, "
            f"at byte {int(offsets[is_past][0])}."
        )
    if int(chunk_sizes.sum()) > file_size:
        raise MediaReadError(f"{name} is damaged: pieces of one track lie on top of each other.")
    return SampleTable(count, constant, sizes, offsets, counts, np.asarray(chunk_sizes), descriptions)


def time_runs(stbl: Box, data: bytes, data_offset: int, fourcc: str, count: int, name: str) -> Integers:
    """int64 (count,): each sample's duration (`stts`) or composition offset (`ctts`; zeros when absent), in
    ticks of the track. Raises MediaReadError when the runs do not cover all samples.
    """
    if fourcc == "ctts" and stbl.child("ctts") is None:
        return np.zeros(count, np.int64)
    runs = _Reader(stbl, data, data_offset, name).table(fourcc, 4, 2)
    lengths = runs[:, 0].astype(np.int64)
    ends = np.minimum(np.cumsum(lengths), count)
    if count and (not len(ends) or ends[-1] < count):
        raise MediaReadError(f"{name} is damaged: some samples of a track have no time.")
    values = runs[:, 1].astype(np.uint32)
    signed = values.view(np.int32).astype(np.int64)
    return np.repeat(signed, np.diff(ends, prepend=0))


def duration_runs(stbl: Box, data: bytes, data_offset: int, count: int, name: str) -> Integers:
    """int64 (runs, 2) of stts: samples, and ticks each lasts, `count` samples in all; no run is empty. Raises
    MediaReadError when they do not cover all samples.
    """
    runs = _Reader(stbl, data, data_offset, name).table("stts", 4, 2).astype(np.int64)
    ends = np.minimum(np.cumsum(runs[:, 0]), count)
    if count and (not len(ends) or ends[-1] < count):
        raise MediaReadError(f"{name} is damaged: some samples of a track have no time.")
    counts = np.diff(ends, prepend=0)
    if float((counts * runs[:, 1].astype(np.float64)).sum()) > 2.0**62:
        raise MediaReadError(f"{name} is damaged: a track says that it lasts longer than clocks can count.")
    return np.asarray(np.stack([counts, runs[:, 1]], 1)[counts > 0])


class _Reader:
    """Tables of one stbl."""

    def __init__(self, stbl: Box, data: bytes, data_offset: int, name: str) -> None:
        self.stbl = stbl
        self.data = data
        self.data_offset = data_offset
        self.name = name

    def payload(self, fourcc: str) -> memoryview:
        box = self.stbl.child(fourcc)
        if box is None:
            raise MediaReadError(f"{self.name} is damaged: a track has no '{fourcc}' box.")
        return memoryview(self.data)[box.payload_offset - self.data_offset : box.end - self.data_offset]

    def table(self, fourcc: str, count_offset: int, columns: int, width: int = 4) -> NDArray[Any]:
        """(rows, columns) big-endian, after the count at `count_offset` of the payload."""
        payload = self.payload(fourcc)
        start = count_offset + 4
        if len(payload) < start:
            raise self.short(fourcc)
        rows = int.from_bytes(payload[count_offset:start], "big")
        if rows * columns * width > len(payload) - start:
            raise self.short(fourcc)
        return np.frombuffer(payload, f">u{width}", rows * columns, start).reshape(rows, columns)

    def short(self, fourcc: str) -> MediaReadError:
        return MediaReadError(f"{self.name} is damaged: a '{fourcc}' table is shorter than it says.")


def _sizes(reader: _Reader) -> tuple[int, int, Integers | None]:
    """(sample count, constant size or 0, sizes or None)."""
    if reader.stbl.child("stsz") is None and reader.stbl.child("stz2") is not None:
        return _compact_sizes(reader)
    payload = reader.payload("stsz")
    if len(payload) < 12:
        raise reader.short("stsz")
    constant = int.from_bytes(payload[4:8], "big")
    count = int.from_bytes(payload[8:12], "big")
    if constant:
        return count, constant, None
    sizes = reader.table("stsz", 8, 1)[:, 0].astype(np.int64)
    return count, 0, sizes


def _compact_sizes(reader: _Reader) -> tuple[int, int, Integers]:
    payload = reader.payload("stz2")
    if len(payload) < 12:
        raise reader.short("stz2")
    bits, count = payload[7], int.from_bytes(payload[8:12], "big")
    if bits not in (4, 8, 16) or (count * bits + 7) // 8 > len(payload) - 12:
        raise reader.short("stz2")
    if bits == 4:
        packed = np.frombuffer(payload, np.uint8, (count + 1) // 2, 12)
        return count, 0, np.stack([packed >> 4, packed & 15], 1).ravel()[:count].astype(np.int64)
    return count, 0, np.frombuffer(payload, f">u{bits // 8}", count, 12).astype(np.int64)


def _chunk_offsets(reader: _Reader, file_size: int) -> Integers:
    is_wide = reader.stbl.child("co64") is not None
    raw = reader.table("co64", 4, 1, 8) if is_wide else reader.table("stco", 4, 1)
    if len(raw) and int(raw.max()) > file_size:
        raise MediaReadError(
            f"{reader.name} is cut short or damaged: its index points past the end of the file, "
            f"at byte {int(raw.max())}."
        )
    return raw[:, 0].astype(np.int64)


def _chunk_counts(reader: _Reader, chunk_count: int, sample_count: int) -> tuple[Integers, Integers]:
    """Samples and stsd entry of each chunk, from the runs of stsc. A last chunk said fuller than the track
    has samples is read as what is left, as players do.
    """
    runs = reader.table("stsc", 4, 3).astype(np.int64)
    runs = runs[runs[:, 0] <= chunk_count]
    first = runs[:, 0]
    if sample_count and (not len(runs) or first[0] != 1 or (np.diff(first) <= 0).any()):
        raise MediaReadError(f"{reader.name} is damaged: the runs of a track's chunks are out of order.")
    if not len(runs) or first[0] != 1 or (np.diff(first) <= 0).any():
        return np.zeros(chunk_count, np.int64), np.ones(chunk_count, np.int64)
    lengths = np.diff(first, append=chunk_count + 1)
    said = np.repeat(runs[:, 1], lengths)
    ends = np.minimum(np.cumsum(said), sample_count)
    if sample_count and ends[-1] < sample_count:
        raise MediaReadError(f"{reader.name} is damaged: some samples of a track lie in no chunk.")
    return np.diff(ends, prepend=0), np.repeat(runs[:, 2], lengths)

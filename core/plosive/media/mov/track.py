# SPDX-License-Identifier: Apache-2.0
"""One track of a MOV or MP4: what it is, and its sample table.

Boxes tkhd, mdhd, hdlr, elst, stsd and dref of ISO/IEC 14496-12, 8.3 to 8.8; sound descriptions of
version 0 to 2, names as Pascal strings and Macintosh language codes from QTFF.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError
from plosive.media.mov.box import Box
from plosive.media.mov.language import language_of
from plosive.media.mov.samples import (
    Samples,
    SampleTable,
    duration_runs,
    read_sample_table,
    time_runs,
)

__all__ = ["Edit", "MovTrack", "read_track"]

_MOST_ENTRIES = 4096
_LISTED_SAMPLES_FLOOR = 1 << 20
_MOST_EDITS = 1 << 16
_MOST_REFERENCE_BYTES = 1 << 18
_PCM = frozenset({"raw ", "NONE", "twos", "sowt", "lpcm"})
_PCM_BYTES = {"in24": 3, "in32": 4, "fl32": 4, "fl64": 8, "ulaw": 1, "alaw": 1}


@dataclass(frozen=True)
class Edit:
    """One entry of an edit list: `duration` in ticks of the movie, `media_time` in ticks of the track (-1:
    nothing is shown), `rate` 1 for ordinary speed.
    """

    duration: int
    media_time: int
    rate: Fraction


@dataclass(frozen=True)
class MovTrack:
    """`handler` is vide, soun, tmcd, ...; `sample_entries` the fourcc of every description, mostly one.

    `duration` is in ticks of the movie, `media_duration` in ticks of the track, `timescale` of them to a
    second. `data_references` says of each entry of dref whether the media lies in this file.
    """

    track_id: int
    index: int
    handler: str
    name: str
    language: str
    sample_entries: tuple[str, ...]
    is_enabled: bool
    alternate_group: int
    duration: int
    timescale: int
    media_duration: int
    edits: tuple[Edit, ...]
    data_references: tuple[tuple[str, bool], ...]
    references: tuple[tuple[str, tuple[int, ...]], ...]
    box: Box
    file_name: str
    file_size: int
    _data: bytes = field(repr=False)
    _data_offset: int = field(repr=False)

    @property
    def codec(self) -> str:
        """The fourcc of the first sample description; empty when there is none."""
        return self.sample_entries[0] if self.sample_entries else ""

    @property
    def stbl(self) -> Box:
        found = self.box.child("mdia", "minf", "stbl")
        if found is None:
            raise MediaReadError(f"{self.file_name} is damaged: track {self.track_id} has no sample table.")
        return found

    @cached_property
    def table(self) -> SampleTable:
        """Where its samples lie. Raises MediaReadError when that is damaged or points past the file."""
        return read_sample_table(
            self.stbl, self._data, self._data_offset, self.file_size, self._sound_sample_bytes, self.file_name
        )

    @cached_property
    def samples(self) -> Samples:
        """Every sample in decoding order. Raises MediaReadError, also for PCM sound longer than minutes,
        whose samples are ticks: take `table`'s chunks there.
        """
        most = max(_LISTED_SAMPLES_FLOOR, self.file_size // 16)
        return self.table.samples(most)

    def decode_times(self) -> NDArray[np.int64]:
        """(n,) ticks of the track, from 0. Raises MediaReadError."""
        count = len(self.samples)
        runs = time_runs(self.stbl, self._data, self._data_offset, "stts", count, self.file_name)
        return np.asarray(np.cumsum(runs) - runs)

    def duration_runs(self) -> NDArray[np.int64]:
        """(runs, 2): samples, and ticks each of them lasts. Raises MediaReadError when some have none."""
        return duration_runs(
            self.stbl, self._data, self._data_offset, self.table.sample_count, self.file_name
        )

    @property
    def bytes_of_each(self) -> Fraction | None:
        """Bytes of a sample where all have as many; below 1 where several share a packet. None: they differ,
        or nothing tells.
        """
        table = self.table
        if table.sizes is not None or not table.sample_count:
            return None
        told = self._sound_sample_bytes
        return told if told is not None and table.constant_size == 1 else Fraction(table.constant_size)

    @property
    def is_uniform_sound(self) -> bool:
        """Whether it is sound whose samples are single moments (PCM)."""
        each = self.bytes_of_each
        is_sound = self.handler == "soun" and each is not None and each.denominator == 1
        return is_sound and len(self.duration_runs()) == 1

    def composition_times(self) -> NDArray[np.int64]:
        """(n,) ticks of the track at which samples are shown, before the edit list. Raises MediaReadError."""
        count = len(self.samples)
        shifts = time_runs(self.stbl, self._data, self._data_offset, "ctts", count, self.file_name)
        return np.asarray(self.decode_times() + shifts)

    def payload(self, *fourccs: str) -> bytes:
        """What the first box on the way `fourccs` below trak holds; empty when there is none."""
        return _payload(self.box, self._data, self._data_offset, *fourccs)

    @property
    def _sound_sample_bytes(self) -> Fraction | None:
        """Bytes of one sample of constant-size sound, where the description tells."""
        stsd = self.payload("mdia", "minf", "stbl", "stsd")
        if self.handler != "soun" or len(stsd) < 44:
            return None
        version, channels, bits = struct.unpack(">H6xHH", stsd[24:36])
        if version == 0:
            return _sane(channels * _PCM_BYTES.get(self.codec, bits // 8 if self.codec in _PCM else 0), 1)
        if version == 1 and len(stsd) >= 60:
            per_packet, _, per_frame = struct.unpack(">III", stsd[44:56])
            return _sane(per_frame, per_packet)
        if version == 2 and len(stsd) >= 80:
            return _sane(*struct.unpack(">II", stsd[72:80]))
        return None


def read_track(
    box: Box, index: int, data: bytes, data_offset: int, file_name: str, file_size: int
) -> MovTrack:
    """The track of a trak box in `data`, the index. Raises MediaReadError when its headers are damaged."""
    tkhd = _payload(box, data, data_offset, "tkhd")
    mdhd = _payload(box, data, data_offset, "mdia", "mdhd")
    if len(tkhd) < 84 or len(mdhd) < 24 or (tkhd[0] and len(tkhd) < 96) or (mdhd[0] and len(mdhd) < 36):
        raise MediaReadError(
            f"{file_name} is damaged: the headers of track {index + 1} are missing or short."
        )
    if tkhd[0]:
        track_id, duration = struct.unpack(">I4xQ", tkhd[20:36])
    else:
        track_id, duration = struct.unpack(">I4xI", tkhd[12:24])
    if mdhd[0]:
        timescale, media_duration, language = struct.unpack(">IQH", mdhd[20:34])
    else:
        timescale, media_duration, language = struct.unpack(">IIH", mdhd[12:22])
    group_at = 46 if tkhd[0] else 34
    hdlr = _payload(box, data, data_offset, "mdia", "hdlr")
    stsd = _payload(box, data, data_offset, "mdia", "minf", "stbl", "stsd")
    dref = _payload(box, data, data_offset, "mdia", "minf", "dinf", "dref")
    return MovTrack(
        track_id=track_id,
        index=index,
        handler=hdlr[8:12].decode("latin-1"),
        name=_name(hdlr),
        language=language_of(language),
        sample_entries=tuple(fourcc for fourcc, _ in _entries(stsd, file_name)),
        is_enabled=bool(tkhd[3] & 1),
        alternate_group=struct.unpack(">h", tkhd[group_at : group_at + 2])[0],
        duration=duration,
        timescale=timescale,
        media_duration=media_duration,
        edits=_edits(_payload(box, data, data_offset, "edts", "elst"), file_name),
        data_references=tuple((fourcc, bool(body[3] & 1)) for fourcc, body in _entries(dref, file_name)),
        references=_references(box, data, data_offset, file_name),
        box=box,
        file_name=file_name,
        file_size=file_size,
        _data=data,
        _data_offset=data_offset,
    )


def _payload(box: Box, data: bytes, data_offset: int, *fourccs: str) -> bytes:
    found = box.child(*fourccs)
    return data[found.payload_offset - data_offset : found.end - data_offset] if found else b""


def _entries(payload: bytes, file_name: str) -> list[tuple[str, bytes]]:
    """(fourcc, body) of the boxes in a stsd or dref; bodies have at least 4 bytes."""
    if len(payload) < 8:
        return []
    count = int.from_bytes(payload[4:8], "big")
    if count > _MOST_ENTRIES:
        raise MediaReadError(f"{file_name} is damaged: a track has {count} descriptions.")
    found: list[tuple[str, bytes]] = []
    at = 8
    for _ in range(count):
        size = int.from_bytes(payload[at : at + 4], "big")
        if size < 12 or at + size > len(payload):
            raise MediaReadError(f"{file_name} is damaged: a description of a track is cut short.")
        found.append((payload[at + 4 : at + 8].decode("latin-1"), payload[at + 8 : at + size]))
        at += size
    return found


def _edits(payload: bytes, file_name: str) -> tuple[Edit, ...]:
    if len(payload) < 8:
        return ()
    entry = struct.Struct(">Qqi" if payload[0] else ">Iii")
    count = int.from_bytes(payload[4:8], "big")
    if count > _MOST_EDITS:
        raise MediaReadError(
            f"{file_name} has an edit list of {count} entries; above {_MOST_EDITS} none is read."
        )
    if count * entry.size > len(payload) - 8:
        raise MediaReadError(f"{file_name} is damaged: an edit list is shorter than it says.")
    return tuple(
        Edit(duration, media_time, Fraction(rate, 1 << 16))
        for duration, media_time, rate in entry.iter_unpack(payload[8 : 8 + count * entry.size])
    )


def _references(
    box: Box, data: bytes, data_offset: int, file_name: str
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    tref = box.child("tref")
    if tref is not None and tref.size > _MOST_REFERENCE_BYTES:
        raise MediaReadError(f"{file_name} is damaged: a track refers to too many others.")
    found = []
    for one in tref.children if tref else ():
        body = data[one.payload_offset - data_offset : one.end - data_offset]
        found.append((one.fourcc, struct.unpack(f">{len(body) // 4}I", body[: len(body) // 4 * 4])))
    return tuple(found)


def _name(hdlr: bytes) -> str:
    """The handler's name: QuickTime writes a Pascal string, MP4 one that ends with 0."""
    raw = hdlr[24:]
    if raw and hdlr[4:8] != bytes(4) and raw[0] < len(raw):
        raw = raw[1 : 1 + raw[0]]
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace")


def _sane(numerator: int, denominator: int) -> Fraction | None:
    if not 0 < numerator < 1 << 20 or not 0 < denominator < 1 << 20:
        return None
    return Fraction(numerator, denominator)

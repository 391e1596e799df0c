# SPDX-License-Identifier: Apache-2.0
"""A MOV or MP4 as boxes and tracks. The media itself is not read."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from plosive.errors import MediaReadError
from plosive.media.mov.box import MOST_INDEX_BYTES, Box, boxes_inside, top_level_boxes
from plosive.media.mov.pieces import Pieces
from plosive.media.mov.track import MovTrack, read_track

__all__ = ["MovFile", "open_source", "read_mov"]

_FIRST = frozenset(
    {"ftyp", "moov", "mdat", "wide", "free", "skip", "pnot", "uuid", "styp", "sidx", "moof", "udta", "meta"}
)
_MOST_META_BYTES = 1 << 24


@dataclass(frozen=True)
class MovFile:
    """`top` are the outermost boxes in file order, moov and meta opened. `moov_bytes` is the index as it lies
    in the file, `moov` its box. `duration` is in ticks of the movie, `timescale` of them to a second.
    `source` is what it is made of where it is no file of its own.
    """

    path: Path
    size_bytes: int
    top: tuple[Box, ...]
    moov: Box
    tracks: tuple[MovTrack, ...]
    timescale: int
    duration: int
    next_track_id: int
    moov_bytes: bytes = field(repr=False)
    source: Pieces | None = field(default=None, repr=False)

    def opened(self) -> BinaryIO:
        """The file for reading. Raises MediaReadError."""
        return open_source(self.path) if self.source is None else self.source.open()

    def read_at(self, offset: int, size: int) -> bytes:
        """`size` bytes at `offset`. Raises MediaReadError when the file ends before."""
        with self.opened() as source:
            source.seek(offset)
            data = source.read(size)
        if len(data) < size:
            raise MediaReadError(f"{self.path.name} became shorter while it was read.")
        return data

    @property
    def video_tracks(self) -> tuple[MovTrack, ...]:
        return tuple(track for track in self.tracks if track.handler == "vide")

    def track(self, track_id: int) -> MovTrack:
        """The track of an id, which is `stream.id` in PyAV. Raises MediaReadError."""
        for track in self.tracks:
            if track.track_id == track_id:
                return track
        raise MediaReadError(f"{self.path.name} has no track {track_id}.")

    def boxes(self) -> Iterator[Box]:
        """All boxes, outer before inner, in file order; paths are unique."""
        for box in self.top:
            yield from box.walk()

    def box(self, path: str) -> Box | None:
        """The box of a path such as `moov/trak[0]/mdia/mdhd`."""
        return next((box for box in self.boxes() if box.path == path), None)

    def read(self, box: Box, most_bytes: int = MOST_INDEX_BYTES) -> bytes:
        """A box with its header as it lies in the file. Raises MediaReadError above `most_bytes`."""
        if self.moov.offset <= box.offset and box.end <= self.moov.end:
            return self.moov_bytes[box.offset - self.moov.offset : box.end - self.moov.offset]
        with self.opened() as source:
            return _read(source, box, most_bytes, self.path.name)


def read_mov(path: str | os.PathLike[str], pieces: Pieces | None = None) -> MovFile:
    """The boxes and tracks of a file. Raises MediaReadError: missing, no MOV or MP4, cut short, damaged.

    Sample tables are read when asked for (`MovTrack.table`), and raise then. With `pieces` these are read in
    place of the file, whose name is used in messages.
    """
    path = Path(path)
    name = path.name
    with open_source(path) if pieces is None else pieces.open() as source:
        size_bytes = source.seek(0, os.SEEK_END)
        top = top_level_boxes(source, size_bytes, name)
        if not top or top[0].fourcc not in _FIRST:
            raise MediaReadError(f"{name} is no QuickTime or MP4 file.")
        index = next((number for number, box in enumerate(top) if box.fourcc == "moov"), None)
        if index is None:
            raise MediaReadError(
                f"{name} has no index (moov): its recording or copying did not end; export it again."
            )
        moov_bytes = _read(source, top[index], MOST_INDEX_BYTES, name)
        for number, box in enumerate(top):
            if number == index:
                top[number] = boxes_inside(box, moov_bytes, box.offset, name)
            elif box.fourcc == "meta" and box.size <= _MOST_META_BYTES:
                top[number] = boxes_inside(box, _read(source, box, _MOST_META_BYTES, name), box.offset, name)
    moov = top[index]
    timescale, duration, next_track_id = _movie_header(moov, moov_bytes, name)
    tracks = tuple(
        read_track(trak, number, moov_bytes, moov.offset, name, size_bytes)
        for number, trak in enumerate(moov.all("trak"))
    )
    return MovFile(
        path, size_bytes, tuple(top), moov, tracks, timescale, duration, next_track_id, moov_bytes, pieces
    )


def _movie_header(moov: Box, moov_bytes: bytes, name: str) -> tuple[int, int, int]:
    """(timescale, duration, next track id)."""
    mvhd = moov.child("mvhd")
    if mvhd is None:
        if moov.child("cmov") is not None:
            raise MediaReadError(f"{name} has a compressed index (cmov), which is not read.")
        raise MediaReadError(f"{name} is damaged: its index has no header (mvhd).")
    body = moov_bytes[mvhd.payload_offset - moov.offset : mvhd.end - moov.offset]
    if len(body) < 100 or (body[0] and len(body) < 112):
        raise MediaReadError(f"{name} is damaged: the header of its index (mvhd) is short.")
    if body[0]:
        return (*struct.unpack(">IQ", body[20:32]), int.from_bytes(body[108:112], "big"))
    return (*struct.unpack(">II", body[12:20]), int.from_bytes(body[96:100], "big"))


def open_source(path: Path) -> BinaryIO:
    """The file for reading. Raises MediaReadError."""
    try:
        return path.open("rb")
    except OSError as error:
        raise MediaReadError(f"{path} cannot be read: {error.strerror or error}.") from error


def _read(source: BinaryIO, box: Box, most_bytes: int, name: str) -> bytes:
    if box.size > most_bytes:
        raise MediaReadError(
            f"The '{box.path}' box of {name} has {box.size} bytes; more than {most_bytes} are not read."
        )
    source.seek(box.offset)
    data = source.read(box.size)
    if len(data) < box.size:
        raise MediaReadError(f"{name} became shorter while it was read.")
    return data

# SPDX-License-Identifier: Apache-2.0
"""A sound track lifted out of a file of its own into the index of another."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.audio import DUB_NAME
from plosive.media.mov.file import MovFile, read_mov
from plosive.media.mov.indexedit import MOST_32_BITS, IndexEdit, wide_offsets_growth
from plosive.media.mov.language import packed_language
from plosive.media.mov.mediabox import media_box_header
from plosive.media.mov.track import MovTrack

__all__ = ["AddedSound", "LiftedTrack", "lift"]


@dataclass(frozen=True)
class AddedSound:
    """`path` is a MOV or MP4 with one sound track and nothing else, which starts with the plate's picture.

    `name` is the handler's name of the new track, `language` three letters of ISO 639-2.
    """

    path: Path
    name: str = DUB_NAME
    language: str = "und"


@dataclass(frozen=True)
class LiftedTrack:
    """A sound track on its way into `plate`. `first` to `end` are the bytes of its media in its own file."""

    sound: AddedSound
    file: MovFile
    track: MovTrack
    plate: MovFile
    track_id: int
    first: int
    end: int

    @property
    def media_header(self) -> bytes:
        return media_box_header(self.end - self.first)

    @property
    def media_box_size(self) -> int:
        """Bytes of the new mdat with its header."""
        return len(self.media_header) + self.end - self.first

    @property
    def duration(self) -> int:
        """In ticks of the plate's movie: rounded up, but no tick past the plate's end for rounding alone."""
        edits = self.track.edits
        shown = [edit for edit in edits if edit.media_time >= 0]
        media = self.track.media_duration - (shown[0].media_time if shown else 0)
        exact = Fraction(media, self.track.timescale) * self.plate.timescale
        before = sum(self._moved(edit.duration) for edit in edits if edit.media_time < 0)
        whole = ceil(exact) + before
        return self.plate.duration if whole - self.plate.duration == 1 and exact != ceil(exact) else whole

    def trak(self, media_box_offset: int, is_wide: bool) -> bytes:
        """The new trak, its media in a box at `media_box_offset` of the result. Raises NotPatchableError."""
        edit = IndexEdit(self.track.box, self.file.moov_bytes, self.file.moov.offset)
        shift = media_box_offset + len(self.media_header) - self.first
        edit.put_offsets(self.track, self.track.table.chunk_offsets + shift, is_wide)
        self._put_headers(edit)
        self._put_edits(edit)
        self._put_name(edit)
        return edit.result()

    def trak_size(self, is_wide: bool) -> int:
        return len(self.trak(0, True)) - (0 if is_wide else wide_offsets_growth(self.track))

    def _put_headers(self, edit: IndexEdit) -> None:
        tkhd, mdhd = self.track.box.child("tkhd"), self.track.box.child("mdia", "mdhd")
        assert tkhd is not None and mdhd is not None
        at = tkhd.payload_offset
        version, *_, flags = edit.read(at, 4)
        edit.put(at + 3, bytes([flags | 3]))  # enabled, in the movie
        wide = bool(version)
        edit.put(at + (20 if wide else 12), struct.pack(">I", self.track_id))
        edit.put(at + (28 if wide else 20), self._ticks(self.duration, wide))
        edit.put(at + (46 if wide else 34), bytes(2))  # in no alternate group: it sounds beside all others
        edit.put(at + 4, self._times(wide))
        at = mdhd.payload_offset
        wide = bool(edit.read(at, 1)[0])
        edit.put(at + 4, self._times(wide))
        edit.put(at + (32 if wide else 20), packed_language(self.sound.language).to_bytes(2, "big"))

    def _put_edits(self, edit: IndexEdit) -> None:
        elst = self.track.box.child("edts", "elst")
        if elst is None:
            return
        wide = bool(edit.read(elst.payload_offset, 1)[0])
        rest = self.duration
        for number, entry in enumerate(self.track.edits):
            is_last = number == len(self.track.edits) - 1
            duration = rest if is_last else min(rest, self._moved(entry.duration))
            rest -= duration
            edit.put(elst.payload_offset + 8 + number * (20 if wide else 12), self._ticks(duration, wide))

    def _put_name(self, edit: IndexEdit) -> None:
        hdlr = self.track.box.child("mdia", "hdlr")
        assert hdlr is not None
        head = edit.read(hdlr.payload_offset, 24)
        name = self.sound.name.encode("utf-8")[:255]
        body = head + (bytes([len(name)]) + name if head[4:8] != bytes(4) else name + b"\0")
        edit.replace(hdlr, struct.pack(">I4s", 8 + len(body), b"hdlr") + body)

    def _times(self, wide: bool) -> bytes:
        """When it was made and changed: as the plate says of itself, so that equal jobs give equal bytes."""
        mvhd = self.plate.moov.child("mvhd")
        assert mvhd is not None
        at = mvhd.payload_offset - self.plate.moov.offset
        is_wide = bool(self.plate.moov_bytes[at])
        times = struct.unpack_from(">QQ" if is_wide else ">II", self.plate.moov_bytes, at + 4)
        return struct.pack(">QQ" if wide else ">II", *(min(time, MOST_32_BITS) for time in times))

    def _moved(self, ticks: int) -> int:
        """Ticks of the sound's movie in those of the plate's, rounded to the nearest."""
        return round(Fraction(ticks, self.file.timescale) * self.plate.timescale)

    def _ticks(self, value: int, wide: bool) -> bytes:
        if value > MOST_32_BITS - 1 and not wide:
            raise NotPatchableError(
                f"{self.plate.path.name} counts {self.plate.timescale} ticks a second: the dub is too long "
                "for a track beside it."
            )
        return value.to_bytes(8 if wide else 4, "big")


def lift(sound: AddedSound, plate: MovFile) -> LiftedTrack:
    """The sound's one track, ready for `plate`. Raises NotPatchableError."""
    try:
        file = read_mov(sound.path)
        table = file.tracks[0].table if len(file.tracks) == 1 else None
    except MediaReadError as error:
        raise NotPatchableError(f"The dub cannot be laid into {plate.path.name}: {error}") from error
    track = file.tracks[0] if file.tracks else None
    if track is None or table is None or track.handler != "soun" or not track.timescale or not file.timescale:
        raise NotPatchableError(f"{sound.path.name} is not one track of sound; it is not laid into a MOV.")
    is_full = table.chunk_sizes > 0
    if not is_full.any() or plate.timescale == 0:
        raise NotPatchableError(f"{sound.path.name} holds no sound, or {plate.path.name} tells no time.")
    return LiftedTrack(
        sound,
        file,
        track,
        plate,
        free_track_id(plate),
        int(table.chunk_offsets[is_full].min()),
        int(table.chunk_ends[is_full].max()),
    )


def free_track_id(file: MovFile) -> int:
    """The number for one more track: the file's own next one, unless that is taken or used up."""
    taken = {track.track_id for track in file.tracks}
    highest = max(taken, default=0)
    wanted = max(file.next_track_id, highest + 1)
    if wanted < MOST_32_BITS:
        return wanted
    return next(number for number in range(1, len(taken) + 2) if number not in taken)

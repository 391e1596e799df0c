# SPDX-License-Identifier: Apache-2.0
"""Writes a MOV or MP4 anew with other bytes for some pictures and every other byte kept.

What changes: sizes of the exchanged pictures (stsz), chunk offsets (stco, co64) and sizes of media boxes
(mdat), in place. The index grows only when a sound track is added, or when chunk offsets pass 4 GiB.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO, Protocol

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.mov.addedsound import AddedSound, LiftedTrack, lift
from plosive.media.mov.file import MovFile, open_source
from plosive.media.mov.indexedit import MOST_32_BITS, IndexEdit, listed_sizes_growth, wide_offsets_growth
from plosive.media.mov.mediabox import MediaBox, media_boxes
from plosive.media.mov.ownsound import change_own_sound, dropped_tracks
from plosive.media.mov.refusal import require_patchable
from plosive.media.mov.shift import OffsetShift
from plosive.media.mov.track import MovTrack
from plosive.media.plateaudio import PlateAudio

__all__ = ["MovRewriter", "Output"]

_BLOCK_BYTES = 1 << 20
_ADDED = -1  # stands for the added track among indices of tracks


class Output(Protocol):
    """What is written to, for one `StagedFile`."""

    def write(self, data: bytes, /) -> int: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...

    def tell(self) -> int: ...


class MovRewriter:
    """Streams `file` to `output`, which is empty and at 0; holds one sample and the index in memory.

    Without any change the result is byte for byte the source. Nothing is written before the first change.
    `keeps_sizes` promises that new pictures have as many bytes as the old: then a table with one size for all
    stays, else it becomes a list with the first change. Raises NotPatchableError (also from `write_sample`
    and `finish`) when the file cannot be rewritten this way, MediaReadError when it changes underneath,
    OSError from `output`. To be closed, or used in `with`.
    """

    def __init__(
        self,
        file: MovFile,
        track: MovTrack,
        output: Output,
        *,
        added_sound: AddedSound | None = None,
        plate_audio: PlateAudio = PlateAudio.KEEP,
        keeps_sizes: bool = False,
    ) -> None:
        require_patchable(file, track)
        self.file = file
        self.track = track
        self._output = output
        self._samples = track.samples
        self._ends = self._samples.offsets + self._samples.sizes
        self._sizes = self._samples.sizes.copy()
        self._plate_audio = plate_audio
        self._dropped = dropped_tracks(file, plate_audio)
        self._lifted: LiftedTrack | None = lift(added_sound, file) if added_sound else None
        self._media = media_boxes(file)
        self._wide: frozenset[int] = frozenset()
        self._keeps_sizes = keeps_sizes
        self._lists_sizes = False
        self._has_wide_size = False
        self._events: list[tuple[int, int, Callable[[], None]]] | None = None
        self._index_place = 0
        self._next = 0
        self._read_to = 0
        self._source: BinaryIO = file.opened()

    def __enter__(self) -> MovRewriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """After `finish`: sentences on what had to change besides sizes and offsets."""
        found = []
        if self._has_wide_size:
            found.append("A media box (mdat) got a 64-bit size, because it passes 4 GiB.")
        if self._lists_sizes:
            found.append("The one size of all pictures in stsz became a list, because they differ now.")
        if self._wide - {_ADDED}:
            found.append("Chunk offsets became 64-bit (stco to co64), because the file passes 4 GiB.")
        if self._lifted and self._lifted.duration > self.file.duration:
            found.append("The dub ends after the plate: the movie's duration in mvhd became the dub's.")
        return tuple(found)

    def write_sample(self, number: int, data: bytes | None) -> None:
        """Sample `number` (from 0, in decoding order, ascending; those left out keep their bytes) becomes
        `data`; None keeps it.
        """
        if not self._next <= number < len(self._samples):
            raise ValueError(f"Sample {number} after {self._next - 1}, of {len(self._samples)}.")
        self._next = number + 1
        if data is None:
            return
        offset, size = int(self._samples.offsets[number]), int(self._samples.sizes[number])
        name = self.file.path.name
        if not size or not data:
            raise NotPatchableError(f"Picture {number} of {name} is empty and cannot be exchanged.")
        if self.track.table.constant_size:
            self._lists_sizes = not self._keeps_sizes
            if self._keeps_sizes and len(data) != size:
                raise NotPatchableError(
                    f"All pictures of {name} have {size} bytes; a new one of {len(data)} does not fit."
                )
        self._copy_to(offset)
        self._output.write(data)
        self._read_to = offset + size
        self._sizes[number] = len(data)

    def finish(self) -> None:
        """Write what remains, and the index."""
        self._next = len(self._samples)
        self._copy_to(self.file.size_bytes)
        shift = self._shift(self._wide)
        growths = self._sizes - self._samples.sizes
        for media in self._media:
            header = media.header(self._samples.offsets, growths, self._is_followed(media))
            if header is not None:
                self._put(shift.moved(header[0]), header[1])
                self._has_wide_size |= len(header[1]) > 8 == media.box.header_size
        self._put(self._index_place, self._index(shift))
        self._output.seek(0, 2)

    def _put(self, place: int, data: bytes) -> None:
        self._output.seek(place)
        self._output.write(data)

    def _start(self) -> list[tuple[int, int, Callable[[], None]]]:
        """What is put between the source's bytes: (where, order there, how)."""
        headroom = self._headroom()
        self._media = [media.for_growth(headroom, self._is_followed(media)) for media in self._media]
        events = [
            (media.box.payload_offset, 0, lambda: self._fill(8)) for media in self._media if media.is_widened
        ]
        if self._lifted is not None:
            events.append((self._sound_position, 1, self._write_sound))
        events.append((self.file.moov.offset, 2, self._pass_index))
        return sorted(events, key=lambda event: event[:2])

    def _copy_to(self, end: int) -> None:
        """The source's bytes up to `end`, and what comes between them."""
        if self._events is None:
            self._events = self._start()
        while self._events and self._events[0][0] <= end:
            position, _, act = self._events.pop(0)
            self._copy(self._source, self._read_to, position)
            self._read_to = max(self._read_to, position)
            act()
        self._copy(self._source, self._read_to, end)
        self._read_to = end

    def _copy(self, source: BinaryIO, start: int, end: int) -> None:
        source.seek(start)
        while start < end:
            block = source.read(min(_BLOCK_BYTES, end - start))
            if not block:
                raise MediaReadError(f"{self.file.path.name} became shorter while it was read.")
            self._output.write(block)
            start += len(block)

    def _fill(self, count: int) -> None:
        """Zeros, to be written over at the end."""
        self._output.write(bytes(count))

    def _write_sound(self) -> None:
        assert self._lifted is not None
        self._output.write(self._lifted.media_header)
        with open_source(self._lifted.file.path) as source:
            self._copy(source, self._lifted.first, self._lifted.end)

    def _pass_index(self) -> None:
        """Decide what size the index gets, and leave that much room."""
        self._index_place = self._output.tell()
        self._wide = self._wide_tracks(self._headroom())
        self._fill(self.file.moov.size + self._index_growth(self._wide))
        self._read_to = self.file.moov.end

    def _headroom(self) -> int:
        """How much the pictures to come may grow: half is above what mouths in small 4:2:2 take (45 %)."""
        rest = int(self._samples.sizes[self._next - 1 :].sum()) if self._next < len(self._samples) else 0
        return rest // 2 + (1 << 20) if rest else 0

    def _wide_tracks(self, headroom: int) -> frozenset[int]:
        """Indices of the tracks that need 64-bit offsets, _ADDED for the added one."""
        wide: frozenset[int] = frozenset()
        while True:
            shift = self._shift(wide)
            last = {
                track.index: int(shift(track.table.chunk_offsets).max(initial=0))
                for track in self.file.tracks
                if track.track_id not in self._dropped and wide_offsets_growth(track)
            }
            if self._lifted is not None:
                last[_ADDED] = shift.moved(self._sound_position)
            needed = {index for index, offset in last.items() if offset + headroom > MOST_32_BITS}
            if needed <= wide:
                return wide
            wide |= needed

    def _index_growth(self, wide: frozenset[int]) -> int:
        growth = sum(wide_offsets_growth(track) for track in self.file.tracks if track.index in wide)
        if self._lists_sizes:
            growth += listed_sizes_growth(self.track)
        return growth + (self._lifted.trak_size(_ADDED in wide) if self._lifted else 0)

    def _shift(self, wide: frozenset[int]) -> OffsetShift:
        others = [(media.box.payload_offset, 8) for media in self._media if media.is_widened]
        others.append((self.file.moov.end, self._index_growth(wide)))
        if self._lifted is not None:
            others.append((self._sound_position, self._lifted.media_box_size))
        return OffsetShift.of(self._ends, self._sizes - self._samples.sizes, others)

    @property
    def _sound_position(self) -> int:
        """Added sound goes behind the last media box: no picture moves for it."""
        return self._media[-1].box.end

    def _is_followed(self, media: MediaBox) -> bool:
        return self._lifted is not None and media is self._media[-1]

    def _index(self, shift: OffsetShift) -> bytes:
        file = self.file
        edit = IndexEdit(file.moov, file.moov_bytes, file.moov.offset)
        change_own_sound(edit, file, self._plate_audio)
        edit.put_sizes(self.track, self._sizes, self._lists_sizes)
        for track in file.tracks:
            if track.track_id not in self._dropped:
                edit.put_offsets(track, shift(track.table.chunk_offsets), track.index in self._wide)
        if self._lifted is not None:
            place = shift.moved(self._sound_position) - self._lifted.media_box_size
            edit.append(file.moov, self._lifted.trak(place, _ADDED in self._wide))
            edit.put_movie_header(self._lifted.track_id + 1, max(file.duration, self._lifted.duration))
        return edit.result()

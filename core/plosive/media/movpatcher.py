# SPDX-License-Identifier: Apache-2.0
"""Writing into a copy of the plate's own MOV: only the changed pictures and the new sound differ from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from plosive.errors import MediaReadError, MediaWriteError, NotPatchableError
from plosive.media.audio import DUB_NAME, DubTrack
from plosive.media.exactness import Exactness, Fate, FrameFate
from plosive.media.intraencoder import IntraEncoder
from plosive.media.plate import PlateFrame
from plosive.media.plateaudio import PlateAudio
from plosive.media.samplemaking import SampleMaker, is_changed, sample_maker
from plosive.media.soundtracks import EncodedTrack
from plosive.media.staging import StagedFile, write_error
from plosive.media.videoframe import VideoPlateFrame
from plosive.media.videoreader import VideoReader
from plosive.media.videotarget import VideoTarget

if TYPE_CHECKING:
    from plosive.media.mov import MovFile, MovRewriter, MovTrack

__all__ = ["MovPatcher", "mov_patcher"]


def mov_patcher(
    target: VideoTarget, reader: VideoReader, dub: DubTrack | None, plate_audio: PlateAudio
) -> MovPatcher | None:
    """A writer of `target` that patches a copy of the plate; None where the format is not one to patch, and
    nobody expects it. Raises NotPatchableError where it is, but this file cannot be patched.
    """
    from plosive.media.mov import cut_mov, read_mov, require_patchable

    source = reader.source
    if target.encoding.container != "mov" or "mov" not in source.container_name.split(","):
        return None
    if target.encoding.codec != source.codec_name:
        return None
    encoder = IntraEncoder(target, reader.info.is_interlaced)
    maker = sample_maker(source.codec_name, encoder, target.encoding.is_lossless)
    if maker is None:
        return None
    if len(target.time_stamps) != reader.info.frame_count:
        raise NotPatchableError(
            f"{target.path.name} holds the last frame longer than {reader.path.name}, so it is a new file."
        )
    try:
        file = read_mov(reader.path)
        index = _index_of(reader)
        track = file.track(index.track_id)
        require_patchable(file, track)
        numbers = _sample_numbers(reader, index, track)
        lost: tuple[str, ...] = ()
        if reader.is_part:
            if numbers[-1] - numbers[0] >= len(numbers):
                raise NotPatchableError(f"{reader.path.name} hides some of the frames between these.")
            cut = cut_mov(file, track, numbers[0], numbers[-1] + 1, plate_audio is PlateAudio.DROP)
            file, lost, numbers = cut.file, cut.lost, tuple(range(len(numbers)))
            track = file.track(track.track_id)
    except MediaReadError as error:
        raise NotPatchableError(str(error)) from error
    return MovPatcher(target, reader, file, track, numbers, maker, dub, plate_audio, lost)


class MovPatcher:
    """A `PlateWriter` over the plate's own bytes. Nothing is created before `__enter__`."""

    def __init__(
        self,
        target: VideoTarget,
        reader: VideoReader,
        file: MovFile,
        track: MovTrack,
        sample_numbers: tuple[int, ...],
        maker: SampleMaker,
        dub: DubTrack | None,
        plate_audio: PlateAudio,
        lost: tuple[str, ...] = (),
    ) -> None:
        """`sample_numbers` has the place in `track`, in decoding order, of every frame of `reader`; of a part
        of a plate `file` is the cut, of which `lost` tells what it lacks.
        """
        self._target = target
        self._reader = reader
        self._file = file
        self._track = track
        self._numbers = sample_numbers
        self._maker = maker
        self._dub = dub
        self._plate_audio = PlateAudio.KEEP if plate_audio is PlateAudio.AUTO else plate_audio
        self._lost = lost
        self._state = _state(reader.path)
        self._fates: list[FrameFate] = []
        self._staged: StagedFile | None = None
        self._sound: StagedFile | None = None
        self._rewriter: MovRewriter | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.exactness.reasons

    @property
    def exactness(self) -> Exactness:
        tracks = len([track for track in self._file.tracks if track.handler == "soun"])
        sound = {
            PlateAudio.KEEP: "beside the dub, as they were",
            PlateAudio.MUTE: "switched off beside the dub",
            PlateAudio.DROP: "taken out",
        }[self._plate_audio]
        kept = ["Every other byte of the file is the plate's: timecode, edit lists, tags and metadata."]
        if self._reader.is_part:
            kept = [
                "The file is cut from the plate's: sample descriptions, tags and metadata are its bytes; "
                "times and timecode are those of the frames in it."
            ]
        if tracks:
            kept.append(f"The plate's own audio tracks ({tracks}) are {sound}.")
        if self._rewriter is not None:
            kept += self._rewriter.notes
        return Exactness(self._maker.promise, tuple(self._fates), tuple(kept), self._lost)

    def __enter__(self) -> MovPatcher:
        from plosive.media.mov import AddedSound, MovRewriter

        self._staged = StagedFile(self._target.path)
        try:
            added = None
            if self._dub is not None:
                added = AddedSound(self._write_sound(self._dub), DUB_NAME)
            self._rewriter = MovRewriter(
                self._file,
                self._track,
                self._staged,
                added_sound=added,
                plate_audio=self._plate_audio,
                keeps_sizes=self._maker.is_constant_size,
            )
        except BaseException:
            self._discard()
            raise
        return self

    def write(self, frame: PlateFrame) -> None:
        assert self._rewriter is not None
        index = len(self._fates)
        if index >= len(self._numbers):
            raise MediaWriteError(f"{self._target.path.name} already has all {index} frames.")
        number = self._numbers[index]
        fate = FrameFate(Fate.COPIED)
        try:
            sample: bytes | None = None
            if isinstance(frame, VideoPlateFrame) and is_changed(frame):
                sample, fate = self._maker.made(self._own_sample(number), frame)
            self._rewriter.write_sample(number, sample)
        except OSError as error:
            raise write_error(self._target.path, error) from error
        self._fates.append(fate)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._staged is not None and self._rewriter is not None
        if kind is not None:
            self._discard()
            return
        try:
            if len(self._fates) < len(self._numbers):
                came = f"{len(self._fates)} of {len(self._numbers)} frames"
                raise MediaWriteError(f"Only {came} came for {self._target.path.name}.")
            self._rewriter.finish()
            if _state(self._reader.path) != self._state:
                name = self._reader.path.name
                raise MediaReadError(f"{name} was changed while it was read; run the job again.")
        except OSError as failure:
            self._discard()
            raise write_error(self._target.path, self._staged.error or failure) from failure
        except BaseException:
            self._discard()
            raise
        self._rewriter.close()
        if self._sound is not None:
            self._sound.discard()
        self._staged.commit()

    def _discard(self) -> None:
        if self._rewriter is not None:
            self._rewriter.close()
        for staged in (self._staged, self._sound):
            if staged is not None:
                staged.discard()

    def _own_sample(self, number: int) -> bytes:
        """The plate's own bytes of a picture."""
        samples = self._track.samples
        return self._file.read_at(int(samples.offsets[number]), int(samples.sizes[number]))

    def _write_sound(self, dub: DubTrack) -> Path:
        """The dub as a MOV of its own beside OUT, as long as the picture; its track is lifted from there."""
        import av

        target, presentation = self._target, self._reader.presentation
        start = presentation.pts[0] * presentation.time_base
        if self._reader.is_part:
            start = Fraction(0)  # a cut begins with its first frame
        self._sound = StagedFile(target.path.with_name(f"{target.path.name}.dub"))
        options = {"fflags": "+bitexact", "movie_timescale": str(self._file.timescale)}
        shifted = DubTrack(dub.dub, dub.start_seconds + start)
        try:
            with av.open(self._sound, "w", format="mov", options=options) as container:
                EncodedTrack(container, "mov", shifted, target.length_seconds + start).finish()
            self._sound.flush()
        except (av.error.FFmpegError, OSError, ValueError) as error:
            failure = self._sound.error or error
            if isinstance(failure, OSError):
                raise write_error(target.path, failure) from error
            raise MediaWriteError(f"The dub cannot be written into {target.path.name} ({error}).") from error
        return self._sound.temporary


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time of the last change; None where there is no file."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


@dataclass(frozen=True)
class _Index:
    """What FFmpeg knows of a video stream: its track, and where the picture of each time stamp lies."""

    track_id: int
    offset_bytes: Mapping[int, int]


def _index_of(reader: VideoReader) -> _Index:
    from plosive.media.videosource import open_video

    with open_video(reader.path) as container:
        stream = container.streams[reader.stream_index]
        entries = (entry for entry in stream.index_entries if not entry.is_discard)
        return _Index(int(stream.id), {int(entry.timestamp): int(entry.pos) for entry in entries})


def _sample_numbers(reader: VideoReader, index: _Index, track: MovTrack) -> tuple[int, ...]:
    """Where each frame of `reader` lies among the samples of `track`: by its place in the file, which both
    FFmpeg's index and ours tell. Raises NotPatchableError when they differ.
    """
    offsets = track.samples.offsets
    order = np.argsort(offsets, kind="stable")
    rising = offsets[order]
    wanted = np.array([index.offset_bytes.get(stamp, -1) for stamp in reader.presentation.pts], np.int64)
    places = np.searchsorted(rising, wanted)
    if (places >= len(rising)).any() or (rising[places] != wanted).any():
        raise NotPatchableError(f"{reader.path.name} has frames that its index does not name one by one.")
    found = order[places]
    if (np.diff(found) <= 0).any():
        raise NotPatchableError(f"{reader.path.name} shows its frames in another order than it holds them.")
    return tuple(int(number) for number in found)

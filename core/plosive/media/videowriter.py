# SPDX-License-Identifier: Apache-2.0
"""Writing a plate's frames to a video file, with its times, tags, timecode and sound."""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import TYPE_CHECKING, Any

from plosive.errors import MediaWriteError
from plosive.media.audio import DUB_NAME, Dub, DubTrack
from plosive.media.conversion import picture_from_planes, picture_from_rgb
from plosive.media.encodercontext import configure_encoder, tag_picture
from plosive.media.encodersettings import quality
from plosive.media.exactness import Exactness, Fate, FrameFate
from plosive.media.fields import FieldMarker
from plosive.media.plate import PlateFrame, PlateInfo
from plosive.media.plateaudio import PlateAudio
from plosive.media.remuxlosses import remux_keeps, remux_losses
from plosive.media.scene import display_rgb
from plosive.media.soundtracks import CopiedTrack, EncodedTrack, SoundTrack, original_sound
from plosive.media.staging import StagedFile, write_error
from plosive.media.videoframe import VideoPlateFrame
from plosive.media.videoreader import VideoReader
from plosive.media.videosource import VideoSource
from plosive.media.videotarget import VideoTarget

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer

__all__ = ["VideoWriter"]

_CUT_BY_SAMPLE = frozenset({"pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"})
"""Sound that comes back exactly from being decoded and encoded: cut to the sample, not to packets."""
_UNCOPIED = frozenset(
    {
        "major_brand",
        "minor_version",
        "compatible_brands",
        "encoder",
        "timecode",
        "duration",
        "operational_pattern_ul",
    }
)


class VideoWriter:
    """A `PlateWriter` of a video file. Nothing is created before `__enter__`."""

    def __init__(
        self,
        target: VideoTarget,
        info: PlateInfo,
        reader: VideoReader | None,
        dub: DubTrack | None,
        plate_audio: PlateAudio,
        warnings: tuple[str, ...],
    ) -> None:
        self.target = target
        self.info = info
        self.reader = reader
        self.dub = dub
        self.plate_audio = plate_audio
        self._warnings = list(warnings)
        self.why_rewritten = ""
        self._staged: StagedFile | None = None
        self._written = 0
        self._fields = FieldMarker(target.field_order, target.time_base)
        self._last: av.VideoFrame | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(self._warnings)

    @property
    def exactness(self) -> Exactness:
        promise = f"Every frame is compressed anew as {quality(self.target.encoding)}."
        return Exactness(
            f"{promise} {self.why_rewritten}".rstrip(),
            (FrameFate(Fate.REWRITTEN, self.why_rewritten),) * self._written,
            remux_keeps(self.reader, self.target.path),
            remux_losses(self.reader, self.target.path),
        )

    def __enter__(self) -> VideoWriter:
        import av

        self._staged = StagedFile(self.target.path)
        try:
            self._container: OutputContainer = av.open(
                self._staged,
                "w",
                format=self.target.encoding.container,
                options=self._container_options(),
                buffer_size=1 << 20,
            )
            self._stream = self._add_video()
            self._tracks: list[SoundTrack] = self._add_sound()
        except (av.error.FFmpegError, OSError, ValueError) as error:
            self._staged.discard()
            raise self._failure(error) from error
        except BaseException:
            self._staged.discard()
            raise
        return self

    def write(self, frame: PlateFrame) -> None:
        if self._written >= len(self.target.time_stamps):
            raise MediaWriteError(f"{self.target.path.name} already has all {self._written} frames.")
        self._encode(self._picture(frame))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._staged is not None
        if kind is not None:
            self._abandon()
            return
        try:
            self._finish()
        except BaseException:
            self._abandon()
            raise
        self._staged.commit()

    def _finish(self) -> None:
        import av

        if self._written < self.info.frame_count:
            raise MediaWriteError(
                f"Only {self._written} of {self.info.frame_count} frames came for {self.target.path.name}."
            )
        while self._written < len(self.target.time_stamps) and self._last is not None:
            self._encode(self._last)
        try:
            self._flush()
            for track in self._tracks:
                track.finish()
            self._container.close()
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise self._failure(error) from error

    def _abandon(self) -> None:
        import av

        assert self._staged is not None
        with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
            self._container.close()
        self._staged.discard()

    def _encode(self, picture: av.VideoFrame) -> None:
        import av

        target = self.target
        stamp = target.time_stamps[self._written]
        self._last = picture
        picture.pts, picture.time_base = stamp, target.time_base
        tag_picture(picture, target)
        try:
            if self.info.is_interlaced:
                picture = self._fields.marked(picture)
                tag_picture(picture, target)
            packets = self._stream.encode(picture)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise self._failure(error) from error
        self._mux(packets)

    def _mux(self, packets: Any) -> None:
        """Hand the container what one frame gave, and the sound up to that frame's end."""
        import av

        target = self.target
        until = target.time_stamps[self._written] * target.time_base + 1 / target.frame_rate
        try:
            self._container.mux(packets)
            for track in self._tracks:
                track.advance(until)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise self._failure(error) from error
        self._written += 1

    def _flush(self) -> None:
        self._container.mux(self._stream.encode(None))

    def _picture(self, frame: PlateFrame) -> av.VideoFrame:
        """The frame in the encoder's pixel format. May share memory with the frame."""
        coding = self.target.coding
        name = self.target.encoding.pixel_format
        if isinstance(frame, VideoPlateFrame):
            source = frame.samples.coding
            if source == coding:
                picture = frame.picture
            else:
                picture = picture_from_planes(frame.planes(), source, coding)
        else:
            picture = picture_from_rgb(display_rgb(frame, self.info), coding)
        return picture if picture.format.name == name else picture.reformat(format=name)

    def _container_options(self) -> dict[str, str]:
        options = {"fflags": "+bitexact"}
        target = self.target
        if target.encoding.container in ("mov", "mp4"):
            if target.time_base.numerator == 1:
                options["video_track_timescale"] = str(target.time_base.denominator)
            flags = "+write_colr"
            if any(key.startswith("com.") for key, _ in target.metadata):
                flags += "+use_metadata_tags"
            options["movflags"] = flags
        return options

    def _add_video(self) -> Any:
        target, encoding = self.target, self.target.encoding
        if target.encoding.container in ("mov", "mp4", "matroska"):
            self._container.metadata.update(
                {key: value for key, value in target.metadata if key.lower() not in _UNCOPIED}
            )
        stream = self._make_stream()
        if target.display_matrix is not None:
            stream.set_display_matrix(target.display_matrix)
        if target.timecode:
            if encoding.container == "matroska":
                self._container.metadata["TIMECODE"] = target.timecode
            else:
                stream.metadata["timecode"] = target.timecode
        return stream

    def _make_stream(self) -> Any:
        target = self.target
        stream: Any = self._container.add_stream(target.encoding.encoder, rate=target.frame_rate)
        configure_encoder(stream.codec_context, target, self.info.is_interlaced)
        stream.time_base = target.time_base
        stream.codec_context.thread_type = "AUTO"
        return stream

    def _add_sound(self) -> list[SoundTrack]:
        target = self.target
        container = target.encoding.container
        tracks: list[SoundTrack] = []
        if self.dub is not None:
            name = {"title": DUB_NAME, "handler_name": DUB_NAME}
            tracks.append(EncodedTrack(self._container, container, self.dub, target.length_seconds, name))
            tracks[0].switch(True)
        if self.plate_audio.is_in_new_file:
            if self.reader is None or not self.info.has_audio:
                self._warnings.append("The plate has no audio of its own to keep.")
            else:
                for track in self._original_tracks(self.reader):
                    track.switch(self.plate_audio is PlateAudio.KEEP)
                    tracks.append(track)
        return tracks

    def _original_tracks(self, reader: VideoReader) -> list[SoundTrack]:
        """The plate's audio: packets copied where the container takes them, else encoded anew (and said)."""
        start = reader.presentation.pts[0] * reader.presentation.time_base
        container = self.target.encoding.container
        window = self.target.length_seconds if reader.is_part else None
        tracks: list[SoundTrack] = []
        for sound in original_sound(reader.path):
            is_fitting = sound.codec_name in self._container.supported_codecs and may_copy(
                container, reader.source, sound.codec_name
            )
            is_cut_exactly = reader.is_part and sound.codec_name in _CUT_BY_SAMPLE
            if is_fitting and not is_cut_exactly:
                has_edits = container in ("mov", "mp4")
                path, index = reader.path, sound.stream_index
                tracks.append(CopiedTrack(self._container, path, index, start, window, has_edits))
                continue
            dub = Dub(
                reader.path,
                sound.stream_index,
                None,
                sound.sample_rate,
                sound.channel_count,
                sound.layout,
                0,
                sound.bit_depth,
                1.0,
            )
            tracks.append(
                EncodedTrack(
                    self._container,
                    self.target.encoding.container,
                    DubTrack(dub, sound.start_seconds - start),
                    self.target.length_seconds,
                )
            )
            if is_fitting:
                continue
            self._warnings.append(
                f"The plate's {sound.codec_name} audio does not fit this container and is encoded again."
            )
        return tracks

    def _failure(self, error: BaseException) -> MediaWriteError:
        assert self._staged is not None
        if self._staged.error is not None:
            return write_error(self.target.path, self._staged.error)
        if isinstance(error, OSError) and error.errno:
            return write_error(self.target.path, error)
        reason = getattr(error, "strerror", None) or str(error)
        return MediaWriteError(
            f"{self.target.path.name} cannot be written as {self.target.encoding.codec} in "
            f"{self.target.encoding.container} ({reason}); choose another extension or --codec."
        )


def may_copy(container: str, source: VideoSource, codec_name: str) -> bool:
    if container in ("mov", "mp4"):
        return "mov" in source.container_name and (container == "mov" or not codec_name.startswith("pcm"))
    return container in source.container_name.split(",") or container == "matroska"

# SPDX-License-Identifier: Apache-2.0
"""Plates in video files, through FFmpeg (PyAV)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from plosive.colour.transfer import Transfer
from plosive.errors import MediaReadError
from plosive.media.layout import SampleLayout
from plosive.media.orientation import Orientation
from plosive.media.planes import PlaneCoding
from plosive.media.plate import PlateInfo, PlateKind
from plosive.media.presentation import Presentation, presentation_of
from plosive.media.videoframe import VideoPlateFrame, VideoSamples, planar_picture
from plosive.media.ycbcr import CodeRange, matrix_of_tag

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

__all__ = ["ColourTags", "VideoReader", "VideoSource"]

_PQ_TAG, _HLG_TAG, _SRGB_TAG = 16, 18, 13
_FULL_RANGE_TAG = 2


@dataclass(frozen=True)
class ColourTags:
    """The file's colour tags as H.273 numbers; 2 (range: 0) means not said."""

    primaries: int
    transfer: int
    matrix: int
    range: int


@dataclass(frozen=True)
class VideoSource:
    """What a writer must know of the file to make another like it."""

    container_name: str
    stream_index: int
    codec_name: str
    profile: str | None
    codec_tag: str
    pixel_format: str
    bit_rate: int | None
    tags: ColourTags
    field_order: int
    display_matrix: tuple[int, ...] | None
    container_metadata: tuple[tuple[str, str], ...]
    stream_metadata: tuple[tuple[str, str], ...]


class VideoReader:
    """A `PlateReader` of one video stream. Raises MediaReadError when nothing can be decoded."""

    def __init__(self, path: Path) -> None:
        self.path = path
        container = _opened(path)
        with container:
            stream = _video_stream(container, path)
            first = _first_picture(container, stream, path)
            self.source = _source(container, stream, first)
            has_audio = bool(container.streams.audio)
            pixel_aspect = stream.sample_aspect_ratio or Fraction(1)
            timecode = _timecode(container)
        self.stream_index = self.source.stream_index
        with _opened(path) as again:
            presentation = presentation_of(again, again.streams[self.stream_index], path)  # type: ignore[arg-type]
        warnings: list[str] = []
        self.presentation = self._starting_at(presentation, first.pts, warnings)
        planar = planar_picture(first)
        layout = SampleLayout.parse(planar.format.name)
        if layout is None:
            raise MediaReadError(
                f"{path.name} has the pixel format {first.format.name}, which cannot be edited."
            )
        orientation = _orientation(first, warnings)
        tags = self.source.tags
        is_full = layout.is_always_full_range or tags.range == _FULL_RANGE_TAG
        coding = PlaneCoding(
            layout,
            matrix_of_tag(tags.matrix, tags.primaries, first.width, first.height),
            CodeRange(layout.bit_depth, is_full),
        )
        self.samples = VideoSamples(first.width, first.height, coding, orientation)
        if first.interlaced_frame:
            warnings.append(
                f"{path.name} is interlaced: both fields of a frame get the same mouth; deinterlace it first "
                "for the best result."
            )
        width, height = orientation.upright_size(first.width, first.height)
        if orientation.clockwise_quarters % 2:
            pixel_aspect = 1 / pixel_aspect
        self._info = PlateInfo(
            path=path,
            kind=PlateKind.VIDEO,
            width=width,
            height=height,
            frame_count=len(self.presentation.pts),
            frame_rate=self.presentation.frame_rate,
            first_frame=0,
            start_timecode=timecode,
            pixel_aspect=pixel_aspect,
            codec=self.source.codec_name,
            pixel_format=first.format.name,
            bit_depth=layout.bit_depth,
            is_float=False,
            is_variable_rate=self.presentation.is_variable_rate,
            is_interlaced=bool(first.interlaced_frame),
            has_alpha=layout.has_alpha,
            has_audio=has_audio,
            rotation_degrees=orientation.degrees,
            transfer={_PQ_TAG: Transfer.PQ, _HLG_TAG: Transfer.HLG, _SRGB_TAG: Transfer.SRGB}.get(
                tags.transfer, Transfer.BT1886
            ),
            warnings=tuple(warnings),
        )

    @property
    def info(self) -> PlateInfo:
        return self._info

    def frame_times(self) -> tuple[Fraction, ...]:
        return tuple(self.presentation.start_seconds(index) for index in range(self._info.frame_count))

    def frames(self, first_index: int = 0) -> Iterator[VideoPlateFrame]:
        expected = self.presentation.pts
        if not 0 <= first_index < len(expected):
            return
        index = first_index
        for picture in self._pictures(first_index):
            if index >= len(expected):
                return
            stamp = expected[index] if picture.pts is None else picture.pts
            if stamp < expected[index]:
                continue  # before the wanted frame, or one the file says not to show
            if stamp > expected[index]:
                break
            yield VideoPlateFrame(
                self.samples,
                planar_picture(picture),
                index,
                self.presentation.start_seconds(index),
                expected[index],
            )
            index += 1
        if index < len(expected):
            at = float(self.presentation.start_seconds(index))
            raise MediaReadError(
                f"{self.path.name} is damaged: frame {index} of {len(expected)} (at {at:.3f} s) cannot be "
                "decoded; copy or export it again, or give a range that leaves it out."
            )

    def close(self) -> None:
        """Nothing stays open between calls of `frames`."""

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _starting_at(
        self, presentation: Presentation, first_pts: int | None, warnings: list[str]
    ) -> Presentation:
        """Leaves out first pictures that depend on ones cut away from the file (open GOP)."""
        if not presentation.pts:
            raise MediaReadError(f"{self.path.name} holds no picture that can be decoded; export it again.")
        lead = 0 if first_pts is None else presentation.index_of(first_pts) or 0
        if lead:
            warnings.append(
                f"The first {lead} frames of {self.path.name} depend on frames that were cut away; "
                "they are left out, as players do."
            )
        return presentation.without_first(lead)

    def _pictures(self, first_index: int) -> Iterator[av.VideoFrame]:
        """Decoded pictures, from at or before `first_index` on."""
        if first_index:
            target = self.presentation.pts[first_index]
            pictures = self._decoded(target)
            for picture in pictures:
                # Only pictures at or after a key frame that is itself not after the target are sure to be right.
                if picture.key_frame and picture.pts is not None:
                    if picture.pts <= target:
                        yield picture
                        yield from pictures
                        return
                    break
        yield from self._decoded(None)

    def _decoded(self, seek_pts: int | None) -> Iterator[av.VideoFrame]:
        import av

        with _opened(self.path) as container:
            stream = container.streams[self.stream_index]
            assert isinstance(stream, av.VideoStream)
            stream.thread_type = "AUTO"
            if seek_pts is not None:
                try:
                    container.seek(seek_pts, stream=stream)
                except av.error.FFmpegError:
                    return
            packets = container.demux(stream)
            while True:
                try:
                    packet = next(packets)
                except StopIteration:
                    return
                except av.error.FFmpegError:
                    return  # the caller misses the frames and says which
                try:
                    pictures = packet.decode()
                except av.error.FFmpegError:
                    continue
                yield from pictures


def _opened(path: Path) -> InputContainer:
    import av

    try:
        return av.open(str(path), metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaReadError(
            f"{path.name} cannot be read as video ({_reason(error)}); it is damaged, cut short, or no media file."
        ) from error


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:] if text else type(error).__name__


def _video_stream(container: InputContainer, path: Path) -> av.VideoStream:
    from av.stream import Disposition

    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None
    ]
    if not streams:
        what = "only audio" if container.streams.audio else "no video that can be decoded"
        raise MediaReadError(f"{path.name} holds {what}; give a file with a picture as the plate.")
    preferred = [stream for stream in streams if stream.disposition & Disposition.default]
    return (preferred or streams)[0]


def _first_picture(container: InputContainer, stream: av.VideoStream, path: Path) -> av.VideoFrame:
    """The first picture that can be decoded. Hundreds of broken packets are enough to give up."""
    import av

    failures = 0
    try:
        for packet in container.demux(stream):
            try:
                for picture in packet.decode():
                    return picture
            except av.error.FFmpegError:
                failures += 1
            if failures > 300:
                break
    except av.error.FFmpegError as error:
        raise MediaReadError(
            f"{path.name} is damaged ({_reason(error)}); copy or export it again."
        ) from error
    raise MediaReadError(f"No picture of {path.name} can be decoded; it is damaged, cut short or empty.")


def _source(container: InputContainer, stream: av.VideoStream, first: av.VideoFrame) -> VideoSource:
    context = stream.codec_context

    def said(of_stream: int, of_picture: int, unsaid: int) -> int:
        return int(of_stream) if int(of_stream) not in (unsaid, 0) else int(of_picture)

    tags = ColourTags(
        primaries=said(context.color_primaries, first.color_primaries, 2),
        transfer=said(context.color_trc, first.color_trc, 2),
        matrix=said(context.colorspace, first.colorspace, 2),
        range=said(context.color_range, first.color_range, 0),
    )
    return VideoSource(
        container_name=container.format.name,
        stream_index=stream.index,
        codec_name=context.name,
        profile=stream.profile,
        codec_tag=str(context.codec_tag),
        pixel_format=first.format.name,
        bit_rate=context.bit_rate,
        tags=tags,
        field_order=int(context.field_order),
        display_matrix=_display_matrix(first),
        container_metadata=tuple(sorted(container.metadata.items())),
        stream_metadata=tuple(sorted(stream.metadata.items())),
    )


def _timecode(container: InputContainer) -> str | None:
    for metadata in (container.metadata, *(stream.metadata for stream in container.streams)):
        for key, value in metadata.items():
            if key.lower() == "timecode" and value:
                return value
    return None


def _display_matrix(first: av.VideoFrame) -> tuple[int, ...] | None:
    from av.sidedata.sidedata import Type

    data = first.side_data.get(Type.DISPLAYMATRIX)
    if data is None or data.buffer_size != 36:
        return None
    return struct.unpack("=9i", bytes(data))


def _orientation(first: av.VideoFrame, warnings: list[str]) -> Orientation:
    """The turn and mirroring of the display matrix: (x, y) is shown at (a x + c y, b x + d y)."""
    matrix = _display_matrix(first)
    if matrix is None:
        return Orientation()
    a, b, _, c, d, *_ = matrix
    one = 1 << 16
    if b == 0 and c == 0 and a and d:
        turns = {
            (True, True): (0, False),
            (False, False): (2, False),
            (False, True): (0, True),
            (True, False): (2, True),
        }
        return Orientation(*turns[a > 0, d > 0])
    if a == 0 and d == 0 and b and c:
        turns = {
            (True, False): (1, False),
            (False, True): (3, False),
            (True, True): (3, True),
            (False, False): (1, True),
        }
        return Orientation(*turns[b > 0, c > 0])
    if (a, b, c, d) != (one, 0, 0, one):
        warnings.append(
            "The picture is tilted by an odd angle in the file's display matrix; it is left as stored."
        )
    return Orientation()

# SPDX-License-Identifier: Apache-2.0
"""Plates in video files, through FFmpeg (PyAV)."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from plosive.colour.plate_colour import ColourChoice, PlateColour, StatedColour
from plosive.colour.transfer import Transfer
from plosive.errors import MediaReadError
from plosive.media.layout import SampleLayout
from plosive.media.part import part_info
from plosive.media.planes import PlaneCoding
from plosive.media.plate import PlateInfo, PlateKind
from plosive.media.presentation import Presentation, presentation_of
from plosive.media.timecode import FrameRange
from plosive.media.videoframe import VideoPlateFrame, VideoSamples, planar_picture
from plosive.media.videosource import (
    ColourTags,
    first_picture,
    open_video,
    orientation_of,
    picture_stream,
    source_of,
    start_timecode,
)
from plosive.media.ycbcr import CodeRange, matrix_of_tag

if TYPE_CHECKING:
    import av

__all__ = ["VideoReader"]

_TAGGED = {  # H.273 transfer characteristics
    16: (Transfer.PQ, "PQ (ST 2084)"),
    18: (Transfer.HLG, "HLG (BT.2100)"),
    13: (Transfer.SRGB, "sRGB"),
}
_UNTAGGED = 0, 2
_SKIPS_UNREFERENCED = "h264", "hevc"
_FULL_RANGE_TAG = 2


class VideoReader:
    """A `PlateReader` of one video stream. Raises MediaReadError when nothing can be decoded. `is_part`: the
    file holds more frames than these.
    """

    def __init__(self, path: Path, choice: ColourChoice) -> None:
        self.path = path
        self.is_part = False
        container = open_video(path)
        with container:
            stream = picture_stream(container, path)
            first = first_picture(container, stream, path)
            self.source = source_of(container, stream, first)
            has_audio = bool(container.streams.audio)
            pixel_aspect = stream.sample_aspect_ratio or Fraction(1)
            timecode = start_timecode(container)
        self.stream_index = self.source.stream_index
        with open_video(path) as again:
            presentation = presentation_of(again, again.streams[self.stream_index], path)
        warnings: list[str] = []
        self.presentation = self._starting_at(presentation, first.pts, warnings)
        planar = planar_picture(first)
        layout = SampleLayout.parse(planar.format.name)
        if layout is None:
            raise MediaReadError(
                f"{path.name} has the pixel format {first.format.name}, which cannot be edited."
            )
        orientation = orientation_of(first, warnings)
        tags = self.source.tags
        is_full = layout.is_always_full_range or tags.range == _FULL_RANGE_TAG
        coding = PlaneCoding(
            layout,
            matrix_of_tag(tags.matrix, tags.primaries, first.width, first.height),
            CodeRange(layout.bit_depth, is_full),
        )
        stated = StatedColour(_tagged(tags))
        colour = choice.colour_of(path, stated)
        if colour is stated.assumed and self.source.is_log:
            warnings.append(
                f"{path.name} says that its camera recorded log: it is matched as video; name its colour "
                "space with --colorspace."
            )
        self.samples = VideoSamples(first.width, first.height, coding, orientation, colour)
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
            transfer=colour.transfer,
            warnings=tuple(warnings),
            colour=colour,
        )

    @property
    def info(self) -> PlateInfo:
        return self._info

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file the plate is read from."""
        return (self._info.path,)

    @property
    def is_seekable(self) -> bool:
        """Whether a picture sought is the one met on the way through.

        A program stream names only some pictures' times: after a seek FFmpeg gives them to wrong ones. How
        x264 codes 4:4:4 changed with build 151, and only the first picture says which it was (h264dec.c,
        x264_build): a decoder that begins later shows noise.
        """
        is_unsaid = self.source.codec_name == "h264" and "4:4:4" in (self.source.profile or "")
        return self.source.container_name != "mpeg" and not is_unsaid

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

    def part(self, frames: FrameRange) -> VideoReader:
        """A reader of `frames` (plate numbers) alone, which keep them; indices and times count from the
        first. Raises RangeError when they leave the plate.
        """
        info = part_info(self._info, frames, self.frame_times())
        if info == self._info:
            return self
        part = copy(self)
        part.presentation = self.presentation.part(
            frames.first_frame - self._info.first_frame, frames.duration_frames
        )
        part._info = info
        part.is_part = True
        return part

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
        if (first_index or self.is_part) and self.is_seekable:
            target = self.presentation.pts[first_index]
            pictures = self._decoded(target)
            for picture in pictures:
                # Pictures before the key frame the seek found may lack what they refer to.
                if picture.key_frame and picture.pts is not None:
                    if picture.pts <= target:
                        yield picture
                        yield from pictures
                        return
                    break
        yield from self._decoded(None)

    def _decoded(self, seek_pts: int | None) -> Iterator[av.VideoFrame]:
        import av

        with open_video(self.path) as container:
            stream = container.streams[self.stream_index]
            assert isinstance(stream, av.VideoStream)
            stream.thread_type = "AUTO"
            if seek_pts is not None:
                try:
                    container.seek(seek_pts, stream=stream)
                except av.error.FFmpegError:
                    return
            is_skipping = seek_pts is not None and self.source.codec_name in _SKIPS_UNREFERENCED
            packets = container.demux(stream)
            while True:
                try:
                    packet = next(packets)
                except StopIteration:
                    return
                except (av.error.FFmpegError, IndexError):
                    return  # the caller misses the frames and says which
                if is_skipping:  # a long way to the wanted picture leads over many that no other refers to
                    is_before = packet.pts is not None and seek_pts is not None and packet.pts < seek_pts
                    stream.codec_context.skip_frame = "NONREF" if is_before else "DEFAULT"
                try:
                    pictures = packet.decode()
                except av.error.FFmpegError:
                    continue
                yield from pictures


def _tagged(tags: ColourTags) -> PlateColour:
    """The colour that a video's transfer tag (H.273) tells of: gamma 2.4 where it tells nothing."""
    transfer, spoken = _TAGGED.get(tags.transfer, (Transfer.BT1886, "gamma 2.4 (BT.1886)"))
    reason = "video without a transfer tag" if tags.transfer in _UNTAGGED else "the video's transfer tag"
    return PlateColour.assumed(spoken, reason, transfer)

# SPDX-License-Identifier: Apache-2.0
"""What a video result will be: encoding, tags and the time of every frame, decided before any work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from plosive.errors import MediaWriteError
from plosive.media.codecchoice import choose_encoding
from plosive.media.conversion import target_coding
from plosive.media.encoding import Encoding, Wanted, rehearse
from plosive.media.imagereader import ImageReader
from plosive.media.layout import Model, SampleLayout
from plosive.media.planes import PlaneCoding
from plosive.media.videoreader import VideoReader
from plosive.media.videosource import ColourTags
from plosive.media.ycbcr import Matrix

__all__ = ["VideoTarget", "video_target"]

_FULL_RANGE_CODECS = frozenset({"h264", "hevc", "ffv1", "mjpeg", "vp9", "av1", "libdav1d", "utvideo"})
_MATRIX_TAGS = {Matrix.BT709: 1, Matrix.FCC: 4, Matrix.BT601: 6, Matrix.SMPTE240M: 7, Matrix.BT2020: 9}
_ROTATING_CONTAINERS = ("mov", "mp4", "matroska")
_LEAST_TIMESCALE = 600


@dataclass(frozen=True)
class VideoTarget:
    """What shall be written: stored size, encoding, tags, time, and what accompanies the picture.

    `time_stamps` has one entry per frame, held ones included, in `time_base` units, the first 0.
    """

    path: Path
    encoding: Encoding
    width: int
    height: int
    coding: PlaneCoding
    tags: ColourTags
    display_matrix: tuple[int, ...] | None
    pixel_aspect: Fraction
    frame_rate: Fraction
    time_base: Fraction
    time_stamps: tuple[int, ...]
    field_order: int
    timecode: str | None
    metadata: tuple[tuple[str, str], ...]

    @property
    def length_seconds(self) -> Fraction:
        """Until the last frame has been shown for one frame's time."""
        return self.time_stamps[-1] * self.time_base + 1 / self.frame_rate


def video_target(
    out_path: Path, reader: VideoReader | ImageReader, codec: str | None, held_frames: int
) -> tuple[VideoTarget, tuple[str, ...]]:
    """(target, warnings) of OUT for a plate. Raises MediaWriteError when OUT cannot hold the plate."""
    info = reader.info
    wanted = _wanted(reader)
    encoding = choose_encoding(out_path, wanted, codec)
    if encoding.needs_constant_rate and info.is_variable_rate:
        raise MediaWriteError(
            f"The plate has a variable frame rate, which {out_path.suffix} cannot hold; "
            "write .mov, .mp4 or .mkv."
        )
    encoding = _accepted(encoding, wanted, info.frame_rate, out_path)
    warnings = list(encoding.warnings)
    if encoding.container == "matroska" and info.is_variable_rate:
        warnings.append("Matroska rounds the time of each frame to a millisecond.")
    coding = _coding(encoding, reader)
    time_base, stamps = _time_stamps(reader, encoding, held_frames)
    matrix: tuple[int, ...] | None = None
    field_order, metadata = 0, tuple[tuple[str, str], ...]()
    aspect = info.pixel_aspect
    if isinstance(reader, VideoReader):
        source = reader.source
        matrix, field_order, metadata = source.display_matrix, source.field_order, source.container_metadata
        if reader.samples.orientation.clockwise_quarters % 2:
            aspect = 1 / aspect
        if matrix is not None and encoding.container not in _ROTATING_CONTAINERS:
            warnings.append(
                f"{out_path.suffix} cannot say that the picture is rotated; it is stored as in the plate."
            )
    elif info.is_float:
        warnings.append(
            "OUT is a viewing copy of a scene-linear plate (Rec.709, gamma 2.4): "
            "highlights are rolled off above 0.8."
        )
    target = VideoTarget(
        path=out_path,
        encoding=encoding,
        width=wanted.width,
        height=wanted.height,
        coding=coding,
        tags=_tags(reader, encoding, coding),
        display_matrix=matrix,
        pixel_aspect=aspect,
        frame_rate=info.frame_rate,
        time_base=time_base,
        time_stamps=stamps,
        field_order=field_order,
        timecode=info.start_timecode,
        metadata=metadata,
    )
    return target, tuple(warnings)


def _wanted(reader: VideoReader | ImageReader) -> Wanted:
    info = reader.info
    if isinstance(reader, VideoReader):
        samples = reader.samples
        return Wanted(
            samples.coding.layout,
            samples.width,
            samples.height,
            info.is_interlaced,
            info.transfer,
            reader.source,
        )
    depth = (
        12
        if info.is_float
        else min((known for known in (8, 10, 12, 16) if known >= info.bit_depth), default=16)
    )
    layout = SampleLayout.parse("gbrp" if depth == 8 else f"gbrp{depth}le")
    assert layout is not None
    return Wanted(layout, info.width, info.height, False, info.transfer, None)


def _accepted(encoding: Encoding, wanted: Wanted, rate: Fraction, out_path: Path) -> Encoding:
    """The encoding, tried on the picture's size; old DNxHD rates that do not fit become DNxHR."""
    reason = rehearse(encoding, wanted.width, wanted.height, rate)
    if reason is not None and encoding.codec == "dnxhd":
        encoding = choose_encoding(out_path, replace(wanted, source=None), "dnxhr")
        reason = rehearse(encoding, wanted.width, wanted.height, rate)
    if reason is not None:
        raise MediaWriteError(
            f"{encoding.codec} in {out_path.suffix} cannot hold {wanted.width}x{wanted.height} "
            f"at {float(rate):.3f} fps ({reason}); choose another codec or extension."
        )
    return encoding


def _coding(encoding: Encoding, reader: VideoReader | ImageReader) -> PlaneCoding:
    """Matrix and range of the result: the plate's, as far as the codec can say them."""
    if not isinstance(reader, VideoReader):
        return target_coding(encoding.pixel_format, Matrix.BT709, "yuvj" in encoding.pixel_format)
    source = reader.samples.coding
    matrix = source.matrix
    if encoding.codec == "dnxhd" and reader.source.codec_name != "dnxhd" and matrix is not Matrix.BT2020:
        matrix = Matrix.BT709  # FFmpeg's encoder marks every stream as BT.709
    if source.layout.model is Model.RGB:
        matrix = Matrix.BT709
    is_full = source.code_range.is_full and encoding.codec in _FULL_RANGE_CODECS
    return target_coding(encoding.pixel_format, matrix, is_full or "yuvj" in encoding.pixel_format)


def _tags(reader: VideoReader | ImageReader, encoding: Encoding, coding: PlaneCoding) -> ColourTags:
    """The plate's tags; the matrix is spelled out where the codec changes, for readers guess differently."""
    if isinstance(reader, VideoReader):
        tags, source = reader.source.tags, reader.samples.coding
        is_same = encoding.codec == reader.source.codec_name and source.matrix is coding.matrix
    else:
        tags, source, is_same = ColourTags(1, 1, 1, 1), None, False
    if coding.layout.model is Model.RGB:
        return replace(tags, matrix=0, range=2)
    if not is_same or (source is not None and source.layout.model is Model.RGB):
        tags = replace(tags, matrix=_MATRIX_TAGS[coding.matrix])
    if source is None or source.code_range.is_full != coding.code_range.is_full:
        tags = replace(tags, range=2 if coding.code_range.is_full else 1)
    return tags


def _time_stamps(
    reader: VideoReader | ImageReader, encoding: Encoding, held_frames: int
) -> tuple[Fraction, tuple[int, ...]]:
    """(time base, stamp of every frame from 0). The plate's own where the container allows."""
    info = reader.info
    count, rate = info.frame_count + held_frames, info.frame_rate
    if encoding.needs_constant_rate:
        return 1 / rate, tuple(range(count))
    if isinstance(reader, VideoReader):
        presentation = reader.presentation
        ticks = 1 / (rate * presentation.time_base)
        is_same_container = encoding.container in reader.source.container_name
        if info.is_variable_rate or ticks.denominator == 1 or is_same_container:
            stamps = [stamp - presentation.pts[0] for stamp in presentation.pts]
            stamps += [round(stamps[-1] + number * ticks) for number in range(1, held_frames + 1)]
            return presentation.time_base, tuple(stamps)
    scale = -(-_LEAST_TIMESCALE // rate.numerator)
    step = rate.denominator * scale
    return Fraction(1, rate.numerator * scale), tuple(index * step for index in range(count))

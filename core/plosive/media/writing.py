# SPDX-License-Identifier: Apache-2.0
"""Opening OUT: every reason it cannot be written is found here, before any work is done."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from plosive.errors import MediaWriteError
from plosive.media.imagefile import IMAGE_SUFFIXES
from plosive.media.imagereader import ImageReader
from plosive.media.layout import Model, SampleLayout
from plosive.media.plate import PlateKind, PlateReader
from plosive.media.sequencefiles import SequenceFiles, SequencePattern, numbered_pattern, parse_pattern
from plosive.media.staging import require_writable_folder, require_writable_target
from plosive.media.videoreader import VideoReader

if TYPE_CHECKING:
    from plosive.media.audio import DubTrack
    from plosive.media.encoding import Encoding, Wanted
    from plosive.media.imagewriter import ImageWriter
    from plosive.media.videowriter import VideoWriter

__all__ = ["open_writer"]

_LOSSY_SUFFIXES = (".jpg", ".jpeg")
_CHROMATICITIES = {  # H.273 primaries: CIE xy of red, green, blue, white
    1: (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    6: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07, 0.3127, 0.3290),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}


def open_writer(
    out_path: str | os.PathLike[str],
    reader: PlateReader,
    *,
    dub: DubTrack | None = None,
    keep_audio: bool = False,
    overwrite: bool = False,
    codec: str | None = None,
    held_frames: int = 0,
) -> VideoWriter | ImageWriter:
    """A writer of all frames of `reader` (made by `open_plate`) to `out_path`.

    OUT's extension chooses: the plate's own leads to its own codec, profile and types, any other to a
    fitting one, `codec` (see `encoding.CODEC_NAMES`) overrides. After the last frame it is repeated
    `held_frames` times. The dub is cut or padded to the picture's length; image sequences get it as a
    WAV beside. Nothing is created before the writer is entered as a context manager; a temporary name
    is used until all is written. Raises MediaWriteError.
    """
    out_path = Path(out_path)
    if not isinstance(reader, VideoReader | ImageReader):
        raise TypeError("open_writer needs a reader made by open_plate")
    is_folder = out_path.is_dir() or (not out_path.suffix and isinstance(reader, ImageReader))
    if is_folder or out_path.suffix.lower() in IMAGE_SUFFIXES:
        return _image_writer(out_path, reader, dub, keep_audio, overwrite, codec, held_frames)
    require_writable_target(out_path, _plate_files(reader), overwrite)
    return _video_writer(out_path, reader, dub, keep_audio, codec, held_frames)


def _plate_files(reader: VideoReader | ImageReader) -> list[Path]:
    if isinstance(reader, VideoReader):
        return [reader.path]
    if isinstance(reader.files, SequenceFiles):
        return [reader.files.path(index) for index in range(reader.files.frame_count)]
    return [reader.files]


def _video_writer(
    out_path: Path,
    reader: VideoReader | ImageReader,
    dub: DubTrack | None,
    keep_audio: bool,
    codec: str | None,
    held_frames: int,
) -> VideoWriter:
    from plosive.media.conversion import target_coding
    from plosive.media.encoding import Wanted, choose_encoding
    from plosive.media.videoreader import ColourTags
    from plosive.media.videowriter import VideoTarget, VideoWriter
    from plosive.media.ycbcr import Matrix

    info = reader.info
    if isinstance(reader, VideoReader):
        samples = reader.samples
        coding, width, height = samples.coding, samples.width, samples.height
        wanted = Wanted(
            coding.layout,
            width,
            height,
            info.is_interlaced,
            coding.code_range.is_full,
            info.transfer,
            reader.source,
        )
    else:
        coding, width, height = None, info.width, info.height
        wanted = Wanted(_layout_of_images(reader), width, height, False, False, info.transfer, None)
    encoding = _accepted(choose_encoding(out_path, wanted, codec), wanted, info.frame_rate, out_path)
    warnings = list(encoding.warnings)
    if encoding.needs_constant_rate and info.is_variable_rate:
        raise MediaWriteError(
            f"The plate has a variable frame rate, which {out_path.suffix} cannot hold; write .mov, .mp4 or .mkv."
        )
    time_base, stamps = _time_stamps(reader, encoding, held_frames)
    matrix = coding.matrix if coding is not None else Matrix.BT709
    is_full = wanted.is_full_range and encoding.codec in (
        "h264",
        "hevc",
        "ffv1",
        "mjpeg",
        "vp9",
        "av1",
        "utvideo",
    )
    target = target_coding(encoding.pixel_format, matrix, is_full or "yuvj" in encoding.pixel_format)
    if isinstance(reader, VideoReader):
        source = reader.source
        tags, display_matrix, field_order = source.tags, source.display_matrix, source.field_order
        was_rgb = reader.samples.coding.layout.model is Model.RGB
        metadata = source.container_metadata
        if display_matrix is not None and encoding.container not in ("mov", "mp4", "matroska"):
            warnings.append(
                f"{out_path.suffix} cannot say that the picture is rotated; it is stored as in the plate."
            )
    else:
        tags, display_matrix, field_order, was_rgb = ColourTags(1, 1, 0, 2), None, 0, True
        metadata = ()
        if info.is_float:
            warnings.append(
                "OUT is a viewing copy of a scene-linear plate (Rec.709, gamma 2.4): highlights above 0.8 are rolled off."
            )
    is_rgb = target.layout.model is Model.RGB
    if is_rgb:
        tags = replace(tags, matrix=0, range=2)
    elif was_rgb:
        tags = replace(tags, matrix={Matrix.BT601: 6, Matrix.BT2020: 9}.get(matrix, 1), range=1)
    elif wanted.is_full_range:
        tags = replace(tags, range=2 if target.code_range.is_full else 1)
    aspect = info.pixel_aspect
    if isinstance(reader, VideoReader) and reader.samples.orientation.clockwise_quarters % 2:
        aspect = 1 / aspect
    made = VideoTarget(
        path=out_path,
        encoding=encoding,
        width=width,
        height=height,
        coding=target,
        tags=tags,
        display_matrix=display_matrix,
        pixel_aspect=aspect,
        frame_rate=info.frame_rate,
        time_base=time_base,
        time_stamps=stamps,
        field_order=field_order,
        timecode=info.start_timecode,
        metadata=metadata,
    )
    return VideoWriter(
        made, info, reader if isinstance(reader, VideoReader) else None, dub, keep_audio, tuple(warnings)
    )


def _accepted(encoding: Encoding, wanted: Wanted, rate: Fraction, out_path: Path) -> Encoding:
    """The encoding, tried on the picture's size; old DNxHD rates that do not fit become DNxHR."""
    from plosive.media.encoding import choose_encoding, rehearse

    reason = rehearse(encoding, wanted.width, wanted.height, rate)
    if reason is not None and encoding.codec == "dnxhd":
        encoding = choose_encoding(out_path, replace(wanted, source=None), "dnxhr")
        reason = rehearse(encoding, wanted.width, wanted.height, rate)
    if reason is not None:
        raise MediaWriteError(
            f"{encoding.codec} cannot hold a picture of {wanted.width}x{wanted.height} at {float(rate):.3f} fps "
            f"({reason}); choose another codec or extension."
        )
    return encoding


def _layout_of_images(reader: ImageReader) -> SampleLayout:
    info = reader.info
    depth = (
        12
        if info.is_float
        else min((known for known in (8, 10, 12, 16) if known >= info.bit_depth), default=16)
    )
    layout = SampleLayout.parse("gbrp" if depth == 8 else f"gbrp{depth}le")
    assert layout is not None
    return layout


def _time_stamps(
    reader: VideoReader | ImageReader, encoding: Encoding, held_frames: int
) -> tuple[Fraction, tuple[int, ...]]:
    """(time base, stamp of every frame from 0). The plate's own where the container allows."""
    info = reader.info
    count = info.frame_count + held_frames
    rate = info.frame_rate
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
    scale = -(-600 // rate.numerator)
    step = rate.denominator * scale
    return Fraction(1, rate.numerator * scale), tuple(index * step for index in range(count))


def _image_writer(
    out_path: Path,
    reader: VideoReader | ImageReader,
    dub: DubTrack | None,
    keep_audio: bool,
    overwrite: bool,
    codec: str | None,
    held_frames: int,
) -> ImageWriter:
    from plosive.media.imagewriter import ImageTarget, ImageWriter

    info = reader.info
    if codec is not None:
        raise MediaWriteError(f"A codec ({codec}) makes no sense for an image sequence; leave it out.")
    pattern = _out_pattern(out_path, reader, info.frame_count + held_frames)
    suffix = Path(pattern.suffix).suffix.lower() or pattern.suffix.lower()
    own = "" if isinstance(reader, VideoReader) else f".{info.codec}"
    is_like_plate = _plain(suffix) == _plain(own)
    warnings: list[str] = []
    chromaticities = None
    if isinstance(reader, VideoReader):
        chromaticities = _CHROMATICITIES.get(reader.source.tags.primaries, _CHROMATICITIES[1])
    if not is_like_plate:
        if info.has_alpha:
            warnings.append("The plate's alpha and further channels are not carried over to another format.")
        if info.is_float:
            warnings.append(
                "OUT is a viewing copy of a scene-linear plate (gamma 2.4): highlights above 0.8 are rolled off."
            )
    if suffix in _LOSSY_SUFFIXES:
        warnings.append("JPEG is lossy: changed frames are compressed once more.")
    if keep_audio and info.has_audio:
        warnings.append("An image sequence has no room for the plate's own audio; it is left out.")
    if info.is_variable_rate:
        warnings.append("An image sequence has no times of its own: the plate's variable frame rate is lost.")
    bit_depth = 8 if info.bit_depth == 8 and suffix != ".dpx" else 10 if suffix == ".dpx" else 16
    if suffix in (*_LOSSY_SUFFIXES, ".bmp", ".tga"):
        bit_depth = 8
    target = ImageTarget(
        pattern,
        info.first_frame if pattern.first_frame is None else pattern.first_frame,
        info.frame_count + held_frames,
        is_like_plate,
        bit_depth,
        chromaticities,
    )
    _require_free(
        target.path(0), [target.path(index) for index in range(target.frame_count)], reader, overwrite
    )
    if dub is not None:
        if target.sound_path.exists() and not overwrite:
            raise MediaWriteError(f"{target.sound_path} exists already; give another name, or --overwrite.")
        warnings.append(
            f"An image sequence holds no sound: the dub is beside it as {target.sound_path.name}."
        )
    return ImageWriter(target, info, dub, tuple(warnings))


def _plain(suffix: str) -> str:
    return {".tiff": ".tif", ".jpeg": ".jpg"}.get(suffix, suffix)


def _require_free(first: Path, paths: list[Path], reader: VideoReader | ImageReader, overwrite: bool) -> None:
    plate_files = _plate_files(reader)
    folder = first.parent
    if not folder.is_dir():
        require_writable_folder(folder.parent, folder)
        return
    require_writable_folder(folder, first)
    resolved = {path.resolve() for path in plate_files}
    for path in paths:
        if path.resolve() in resolved:
            raise MediaWriteError(f"{path} is a frame of the plate itself; give another name for the result.")
        if path.exists():
            if any(path.samefile(plate_file) for plate_file in plate_files):
                raise MediaWriteError(
                    f"{path} is a frame of the plate itself; give another name for the result."
                )
            if not overwrite:
                raise MediaWriteError(
                    f"{path} exists already; give another name, or --overwrite to replace it."
                )


def _out_pattern(out_path: Path, reader: VideoReader | ImageReader, frame_count: int) -> SequencePattern:
    """How the files of OUT are named."""
    if out_path.is_dir() or not out_path.suffix:
        if isinstance(reader, ImageReader) and isinstance(reader.files, SequenceFiles):
            own = reader.files.pattern
            return SequencePattern(out_path, own.prefix, own.suffix, own.digits)
        if isinstance(reader, ImageReader) and isinstance(reader.files, Path) and frame_count == 1:
            return _single(out_path / reader.files.name)
        raise MediaWriteError(
            f"{out_path} is a folder; name the files too, for example {out_path / 'shot.####.exr'}."
        )
    pattern = parse_pattern(out_path)
    if pattern is not None:
        if pattern.is_any_padding:
            digits = 4
            if isinstance(reader, ImageReader) and isinstance(reader.files, SequenceFiles):
                digits = reader.files.pattern.digits
            pattern = replace(pattern, digits=digits)
        return pattern
    if frame_count == 1:
        return _single(out_path)
    numbered = numbered_pattern(out_path)
    first = reader.info.first_frame
    if numbered is not None and numbered.path(first) == out_path and reader.info.kind is not PlateKind.STILL:
        return numbered
    raise MediaWriteError(
        f"{out_path.name} is one file but the result has {frame_count} frames; "
        f"write {out_path.stem}.####{out_path.suffix}."
    )


def _single(path: Path) -> SequencePattern:
    """A 'pattern' for one file: its own name, whatever number is asked for."""
    return _OneFile(path.parent, path.name, "", 1)


class _OneFile(SequencePattern):
    def path(self, frame: int) -> Path:
        return self.folder / self.prefix

# SPDX-License-Identifier: Apache-2.0
"""What an image result will be: names, format and depth, decided before any work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from plosive.colour.primaries import chromaticities_from
from plosive.errors import MediaWriteError
from plosive.media.imagereader import ImageReader
from plosive.media.plate import PlateKind
from plosive.media.sequencefiles import (
    SequenceFiles,
    SequencePattern,
    numbered_pattern,
    parse_pattern,
    single_file,
)
from plosive.media.staging import require_writable_folder
from plosive.media.videoreader import VideoReader

__all__ = ["ImageTarget", "chromaticities_of", "image_target", "require_free"]

_LOSSY_SUFFIXES = (".jpg", ".jpeg")
_EIGHT_BIT_SUFFIXES = (*_LOSSY_SUFFIXES, ".bmp", ".tga")
_CHROMATICITIES = {  # H.273 primaries: CIE xy of red, green, blue, white
    1: (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    6: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07, 0.3127, 0.3290),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}


@dataclass(frozen=True)
class ImageTarget:
    """Numbered files from `first_frame` on; `frame_count` includes held frames.

    With `is_like_plate` frames keep the plate's format, channels and metadata; else they are new files
    of `bit_depth` integers (8, 10 or 16), or scene-linear half where the format is EXR. `chromaticities`
    are CIE xy of red, green, blue and white.
    """

    pattern: SequencePattern
    first_frame: int
    frame_count: int
    is_like_plate: bool
    bit_depth: int
    chromaticities: tuple[float, ...] | None

    def path(self, index: int) -> Path:
        return self.pattern.path(self.first_frame + index)

    @property
    def sound_path(self) -> Path:
        """Where the dub goes: the sequence's name without number, `.wav`."""
        return self.pattern.folder / f"{self.pattern.prefix.rstrip('._- ') or 'dub'}.wav"

    @property
    def is_linear(self) -> bool:
        return self.pattern.suffix.lower().endswith(".exr")


def image_target(
    out_path: Path, reader: VideoReader | ImageReader, held_frames: int
) -> tuple[ImageTarget, tuple[str, ...]]:
    """(target, warnings) of OUT, a pattern, folder or file, for a plate. Raises MediaWriteError."""
    info = reader.info
    pattern = _out_pattern(out_path, reader, info.frame_count + held_frames)
    suffix = Path(pattern.suffix).suffix.lower() or pattern.suffix.lower()
    own = "" if isinstance(reader, VideoReader) else f".{info.codec}"
    is_like_plate = _plain(suffix) == _plain(own)
    warnings: list[str] = []
    if not is_like_plate:
        if info.has_alpha:
            warnings.append("The plate's alpha and further channels are not carried over to another format.")
        if info.is_float:
            warnings.append(
                "OUT is a viewing copy of a scene-linear plate (gamma 2.4): "
                "highlights are rolled off above 0.8."
            )
    if suffix in _LOSSY_SUFFIXES and not is_like_plate:
        warnings.append("JPEG is lossy: the whole picture is compressed.")
    if info.is_variable_rate:
        warnings.append("An image sequence has no times of its own: the plate's variable frame rate is lost.")
    bit_depth = 10 if suffix == ".dpx" else 8 if info.bit_depth == 8 or suffix in _EIGHT_BIT_SUFFIXES else 16
    target = ImageTarget(
        pattern,
        info.first_frame if pattern.first_frame is None else pattern.first_frame,
        info.frame_count + held_frames,
        is_like_plate,
        bit_depth,
        chromaticities_of(reader),
    )
    return target, tuple(warnings)


def chromaticities_of(reader: VideoReader | ImageReader) -> tuple[float, ...] | None:
    """CIE xy of red, green, blue and white: of the colour space told, else of a video as it says (BT.709
    where it does not); None for images, which carry their own.
    """
    colour = reader.info.colour
    if colour is not None and colour.to_rec709 is not None:
        return chromaticities_from(colour.to_rec709)
    if isinstance(reader, VideoReader):
        return _CHROMATICITIES.get(reader.source.tags.primaries, _CHROMATICITIES[1])
    return None


def _plain(suffix: str) -> str:
    return {".tiff": ".tif", ".jpeg": ".jpg"}.get(suffix, suffix)


def require_free(target: ImageTarget, plate_files: list[Path], overwrite: bool) -> None:
    """Raises MediaWriteError if a file of the result is one of the plate, exists unasked, or has no place."""
    first, paths = target.path(0), [target.path(index) for index in range(target.frame_count)]
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
            return single_file(out_path / reader.files.name)
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
        return single_file(out_path)
    numbered = numbered_pattern(out_path)
    first = reader.info.first_frame
    if numbered is not None and numbered.path(first) == out_path and reader.info.kind is not PlateKind.STILL:
        return numbered
    raise MediaWriteError(
        f"{out_path.name} is one file but the result has {frame_count} frames; "
        f"write {out_path.stem}.####{out_path.suffix}."
    )

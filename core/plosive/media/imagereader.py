# SPDX-License-Identifier: Apache-2.0
"""Plates that are image files: numbered sequences, and one still held in time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

from plosive.colour.plate_colour import ColourChoice, PlateColour, StatedColour
from plosive.colour.transfer import Transfer
from plosive.errors import MediaReadError, RangeError
from plosive.media.imagefile import MIP_MARK, ImageLayout, read_layout
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.orientation import Orientation
from plosive.media.part import part_info
from plosive.media.plate import PlateInfo, PlateKind
from plosive.media.sequencefiles import SequenceFiles
from plosive.media.timecode import FrameRange, Timecode

__all__ = ["ImageReader"]

_DEFAULT_RATE = Fraction(24)
_GUESSED_SPACES = (
    "lin_rec709",
    "lin_rec709_scene",
    "linear",
    "srgb",
    "srgb_rec709_scene",
    "rec709",
    "g24_rec709",
)


class ImageReader:
    """A `PlateReader` of a sequence, or of one file shown for `frame_count` frames. `is_part`: `plate_files`
    hold more frames than these.
    """

    def __init__(
        self,
        path: Path,
        files: SequenceFiles | Path,
        rate: Fraction | None,
        still_seconds: Fraction | None,
        still_rate: Fraction,
        choice: ColourChoice,
        view: str | None = None,
    ) -> None:
        self.files = files
        self.plate_files = files
        self.is_part = False
        self._view = view
        is_still = isinstance(files, Path)
        first = read_layout(files if isinstance(files, Path) else files.path(0), view)
        self.orientation = Orientation.of_exif(int(first.attributes.get("Orientation", 1) or 1))
        if isinstance(files, Path):
            rate = still_rate
            frame_count = max(1, math.ceil(still_seconds * still_rate)) if still_seconds else 1
        else:
            rate = rate or _rate(first.attributes) or _DEFAULT_RATE
            frame_count = files.frame_count
            self._require_same(files, first, view)
        width, height = self.orientation.upright_size(first.width, first.height)
        warnings = []
        if min(first.data_width, first.data_height) < 1:
            raise MediaReadError(f"{first.path.name} holds no pixels.")
        if view is None and len(first.views) > 1:
            others = [name for name in first.views if name != first.view]
            warnings.append(
                f"{first.path.name} holds the views {', '.join(first.views)}: {first.view or 'the first'} is "
                f"used; --view takes another ({', '.join(others)})."
            )
        if first.path.suffix.lower() == ".exr":
            from plosive.media.exr.picture import exr_sentences

            warnings += exr_sentences(first)
        elif MIP_MARK in first.attributes:
            warnings.append(f"{first.path.name} holds smaller copies (mip levels): changed frames lose them.")
        if first.path.suffix.lower() in (".jpg", ".jpeg"):
            warnings.append("JPEG is lossy: frames that are changed are compressed once more.")
        stated = _stated(first)
        self.colour = choice.colour_of(first.path, stated)
        if self.colour is stated.assumed and _is_log(first):
            warnings.append(
                f"{first.path.name} says that it holds logarithmic samples, not which: they are matched as "
                "video; name their colour space with --colorspace."
            )
        self._info = PlateInfo(
            path=path,
            kind=PlateKind.STILL if is_still else PlateKind.SEQUENCE,
            width=width,
            height=height,
            frame_count=frame_count,
            frame_rate=rate,
            first_frame=0 if isinstance(files, Path) else files.first_frame,
            start_timecode=_timecode(first, rate),
            pixel_aspect=_pixel_aspect(first.attributes, self.orientation),
            codec=first.path.suffix[1:].lower(),
            pixel_format=f"{first.channel_types[0]} x {len(first.channels)}",
            bit_depth=first.bit_depth,
            is_float=first.is_float,
            is_variable_rate=False,
            is_interlaced=False,
            has_alpha=first.has_alpha,
            has_audio=False,
            rotation_degrees=self.orientation.degrees,
            transfer=self.colour.transfer,
            warnings=tuple(warnings),
            colour=self.colour,
            view=first.view,
        )

    @property
    def info(self) -> PlateInfo:
        return self._info

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file the plate is read from, in order."""
        files = self.files
        if isinstance(files, Path):
            return (files,)
        return tuple(files.path(index) for index in range(files.frame_count))

    def frame_times(self) -> tuple[Fraction, ...]:
        return tuple(index / self._info.frame_rate for index in range(self._info.frame_count))

    def frames(self, first_index: int = 0) -> Iterator[ImagePlateFrame]:
        still: ImagePlateFrame | None = None
        for index in range(max(0, first_index), self._info.frame_count):
            start_seconds = index / self._info.frame_rate
            if isinstance(self.files, Path):
                still = still or ImagePlateFrame(
                    read_layout(self.files, self._view), self.orientation, self.colour, index, start_seconds
                )
                yield still.repeated(index, start_seconds)
            else:
                layout = read_layout(self.files.path(index), self._view)
                yield ImagePlateFrame(layout, self.orientation, self.colour, index, start_seconds)

    def part(self, frames: FrameRange) -> ImageReader:
        """A reader of `frames` (plate numbers) alone, which keep them. Raises RangeError when they leave the
        plate.
        """
        info = part_info(self._info, frames, self.frame_times())
        if info == self._info:
            return self
        part = copy(self)
        part._info = info
        if not isinstance(self.files, Path):
            part.files = replace(
                self.files,
                first_frame=frames.first_frame,
                last_frame_inclusive=frames.last_frame_inclusive,
            )
            if info.start_timecode is not None:  # each file has its own, which need not count on
                first = read_layout(part.files.path(0), self._view)
                part._info = replace(info, start_timecode=_timecode(first, info.frame_rate))
        part.is_part = True
        return part

    def close(self) -> None:
        """Nothing stays open between frames."""

    def __enter__(self) -> ImageReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @staticmethod
    def _require_same(files: SequenceFiles, first: ImageLayout, view: str | None) -> None:
        """Reads every header: a frame of another size or type, or an empty one, is found before any work."""
        for index in range(1, files.frame_count):
            path = files.path(index)
            layout = read_layout(path, view)
            if (layout.width, layout.height) != (first.width, first.height):
                raise MediaReadError(
                    f"{path.name} is {layout.width}x{layout.height} but {first.path.name} is "
                    f"{first.width}x{first.height}; all frames of a sequence must have one size."
                )
            if layout.channel_types != first.channel_types:
                raise MediaReadError(
                    f"{path.name} holds {layout.channel_types[0]} x {len(layout.channels)} samples but "
                    f"{first.path.name} holds {first.channel_types[0]} x {len(first.channels)}; "
                    "all frames of a sequence must have one type."
                )


def _stated(layout: ImageLayout) -> StatedColour:
    """What an image file says of its colour. OpenImageIO's own guesses are not what the file says."""
    named = str(layout.attributes.get("oiio:ColorSpace", ""))
    chromaticities = layout.attributes.get("chromaticities")
    if layout.attributes.get("acesImageContainerFlag") == 1:  # SMPTE ST 2065-4
        named = "ACES2065-1"
    return StatedColour(
        _assumed(layout),
        layout.is_float,
        named if named and named.casefold() not in _GUESSED_SPACES else None,
        tuple(float(value) for value in chromaticities)
        if isinstance(chromaticities, tuple) and len(chromaticities) == 8
        else None,
    )


def _assumed(layout: ImageLayout) -> PlateColour:
    if layout.is_float:
        return PlateColour.assumed(
            "scene-linear, primaries of Rec.709",
            "float samples that name no primaries are Rec.709 by the OpenEXR standard",
            Transfer.SCENE,
        )
    if layout.path.suffix.lower() == ".dpx":
        return PlateColour.assumed("as coded (gamma 2.4)", "DPX that names no colour space", Transfer.BT1886)
    return PlateColour.assumed("sRGB", "integer samples that name no colour space", Transfer.SRGB)


def _is_log(layout: ImageLayout) -> bool:
    """Whether a DPX says that its samples are logarithmic (SMPTE 268M, transfer characteristic 1 or 3)."""
    return str(layout.attributes.get("dpx:Transfer", "")).casefold() in ("printing density", "logarithmic")


def _rate(attributes: Any) -> Fraction | None:
    for name in ("FramesPerSecond", "dpx:FrameRate", "dpx:TemporalFrameRate"):
        value = attributes.get(name)
        if isinstance(value, tuple) and len(value) == 2 and value[0] > 0 and value[1] > 0:
            return Fraction(int(value[0]), int(value[1]))
        if isinstance(value, int | float) and 1 <= value <= 1000:
            whole = round(value)
            if abs(value - whole) < 1e-3:
                return Fraction(whole)
            return Fraction(math.ceil(value) * 1000, 1001)
    return None


def _timecode(layout: ImageLayout, rate: Fraction) -> str | None:
    """The SMPTE time code attribute (packed BCD). A DPX of zeros means none was set."""
    value = layout.attributes.get("smpte:TimeCode")
    if not isinstance(value, tuple) or len(value) != 2:
        return None
    word = int(value[0])
    if layout.path.suffix.lower() == ".dpx" and word in (0, 0xFFFFFFFF):
        return None

    def decimal(shift: int, tens_mask: int) -> int:
        return ((word >> (shift + 4)) & tens_mask) * 10 + ((word >> shift) & 0xF)

    mark = ";" if word & 0x40 else ":"
    text = f"{decimal(24, 3):02d}:{decimal(16, 7):02d}:{decimal(8, 7):02d}{mark}{decimal(0, 3):02d}"
    try:
        return str(Timecode.parse(text, rate))
    except RangeError:
        return text


def _pixel_aspect(attributes: Any, orientation: Orientation) -> Fraction:
    value = float(attributes.get("PixelAspectRatio", 1.0) or 1.0)
    aspect = Fraction(value).limit_denominator(1000) if value > 0 else Fraction(1)
    return 1 / aspect if orientation.clockwise_quarters % 2 else aspect

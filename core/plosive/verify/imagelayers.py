# SPDX-License-Identifier: Apache-2.0
"""Samples of an image file as stored: every part, level and channel, through OpenImageIO."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError
from plosive.media.imagefile import MIP_MARK, SAMPLE_DTYPES, channel_types

__all__ = ["Layer", "LayerReader", "has_subsampling", "opened_exr"]

Plane = NDArray[Any]

_MOST_BYTES = 1 << 28  # of channels decoded in one go


@dataclass(frozen=True)
class Layer:
    """One channel's samples: its name, place in the display window and step between samples in pixels."""

    name: str
    plane: Plane
    left: int
    top: int
    step_x: int = 1
    step_y: int = 1
    level: int = 0


class LayerReader:
    """An image file through OpenImageIO, samples as stored."""

    def __init__(self, path: Path) -> None:
        import OpenImageIO as oiio

        self.path = path
        wanted = oiio.ImageSpec()
        wanted.attribute("oiio:UnassociatedAlpha", 1)
        wanted.attribute("oiio:RawColor", 1)
        self._wanted = wanted
        self._file = self._opened()
        self.parts: list[Any] = []
        while self._file.seek_subimage(len(self.parts), 0):
            self.parts.append(self._file.spec().copy())
        self._require_text()
        self._file.close()  # some formats cannot be read after a seek past their last part
        self._file = self._opened()

    def _opened(self) -> Any:
        import OpenImageIO as oiio

        file = oiio.ImageInput.open(str(self.path), self._wanted)
        if file is None:
            raise self._unreadable(oiio.geterror())
        return file

    def _require_text(self) -> None:
        """Names that are no UTF-8 cannot be asked for."""
        try:
            for spec in self.parts:
                list(spec.channelnames)
        except UnicodeDecodeError as error:
            raise self._unreadable("names of channels that are no text") from error

    def levels(self, part: int) -> int:
        """How many sizes the part holds."""
        if self.parts[part].get_int_attribute(MIP_MARK, -1) < 0:
            return 1
        count = 1
        while count < 32 and self._file.seek_subimage(part, count):
            count += 1
        self._file.geterror()
        self._file.seek_subimage(part, 0)
        return count

    def layers(self, part: int, level: int) -> Iterator[Layer]:
        """The channels of a part at one level, a few decoded at a time."""
        self._file.seek_subimage(part, level)
        spec = self._file.spec()
        kinds, names = channel_types(spec), list(spec.channelnames)
        width, height = spec.width, spec.height
        left, top = (spec.x - spec.full_x, spec.y - spec.full_y) if level == 0 else (0, 0)
        most = max(1, _MOST_BYTES // max(1, width * height * max(1, spec.pixel_bytes() // len(names))))
        first = 0
        while first < len(names):
            end = first + 1
            while end < len(names) and kinds[end] == kinds[first] and end - first < most:
                end += 1
            if kinds[first] not in SAMPLE_DTYPES:
                raise self._unreadable(f"samples of type {kinds[first]}")
            pixels = self._file.read_image(part, level, first, end, kinds[first])
            if pixels is None or self._file.has_error:
                raise self._unreadable(self._file.geterror())
            pixels = np.asarray(pixels).reshape(height, width, end - first)
            for channel in range(first, end):
                yield Layer(names[channel], pixels[..., channel - first], left, top, level=level)
            first = end

    def deep(self, part: int) -> Any:
        """All samples of a deep part."""
        data = self._file.read_native_deep_image(part, 0)
        if data is None or self._file.has_error:
            raise self._unreadable(self._file.geterror())
        return data

    def _unreadable(self, reason: str | None) -> MediaReadError:
        said = (reason or "").replace(str(self.path), self.path.name)
        lines = said.strip().splitlines() or ["no pixels"]
        return MediaReadError(
            f"{self.path.name} cannot be read ({lines[0].rstrip('.')}); it is damaged or no image."
        )

    def __enter__(self) -> LayerReader:
        return self

    def __exit__(self, *unused: object) -> None:
        self._file.close()


def opened_exr(path: Path, header_only: bool) -> Any:
    import OpenEXR

    try:
        return OpenEXR.File(str(path), separate_channels=True, header_only=header_only)
    except Exception as error:  # it raises RuntimeError, ValueError, UnicodeDecodeError and more
        lines = str(error).replace(str(path), path.name).strip().splitlines() or [type(error).__name__]
        raise MediaReadError(
            f"{path.name} cannot be read ({lines[0].rstrip('.')}); it is damaged or no EXR."
        ) from error


def has_subsampling(path: Path) -> bool:
    try:
        parts = opened_exr(path, True).parts
    except MediaReadError:
        return False  # what OpenEXR's module refuses, OpenImageIO may read
    return any(
        getattr(channel, "xSampling", 1) != 1 or getattr(channel, "ySampling", 1) != 1
        for part in parts
        for channel in part.header.get("channels", ())
    )

# SPDX-License-Identifier: Apache-2.0
"""Reading one image file with all its parts and channels, through OpenImageIO.

Samples are read in the file's own types, so what is not edited comes back bit by bit.
Never through FFmpeg, whose PIZ and DWA decoders differ from OpenEXR's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError
from plosive.media.imageviews import channels_of_view, picture_channels, view_names, view_of

__all__ = [
    "IMAGE_SUFFIXES",
    "INTEGER_MAXIMUM",
    "MIP_MARK",
    "SAMPLE_DTYPES",
    "ImageLayout",
    "OpenedImage",
    "channel_types",
    "read_layout",
    "read_planes",
]

IMAGE_SUFFIXES = frozenset({".bmp", ".dpx", ".exr", ".jpeg", ".jpg", ".png", ".tga", ".tif", ".tiff"})

Plane = NDArray[Any]

SAMPLE_DTYPES = {
    "uint8": np.uint8,
    "uint16": np.uint16,
    "uint": np.uint32,
    "uint32": np.uint32,
    "half": np.float16,
    "float": np.float32,
    "double": np.float64,
}
MIP_MARK = "openexr:roundingmode"  # OpenImageIO sets it only on files with smaller copies
INTEGER_MAXIMUM = {"uint8": 0xFF, "uint16": 0xFFFF, "uint": 0xFFFFFFFF, "uint32": 0xFFFFFFFF}


@dataclass(frozen=True)
class ImageLayout:
    """Where the picture lies in a file: its part, colour channels (R, G, B or one gray), and windows.

    `data_left` and `data_top` place the stored pixels in the display window of `width` x `height`.
    `alpha` is the channel that the colours are multiplied with, None where there is none such.
    `channel_names` are those of `channels`, as the file says them. `view` is the view they belong to (empty
    where none is named) and `views` are all that the file names.
    """

    path: Path
    part: int
    part_count: int
    channels: tuple[int, ...]
    channel_types: tuple[str, ...]
    width: int
    height: int
    data_left: int
    data_top: int
    data_width: int
    data_height: int
    bit_depth: int
    has_alpha: bool
    compression: str
    attributes: Mapping[str, Any]
    alpha: int | None = None
    channel_names: tuple[str, ...] = ()
    view: str = ""
    views: tuple[str, ...] = ()

    @property
    def is_float(self) -> bool:
        return self.channel_types[0] in ("half", "float", "double")


def read_layout(path: Path, view: str | None = None) -> ImageLayout:
    """The layout of an image file, with the colour channels of `view` where it is named; reads headers only.
    Raises MediaReadError.
    """
    with OpenedImage(path) as source:
        specs = source.specs()
    try:
        parts = channels_of_view(path.name, specs, view)
    except UnicodeDecodeError as error:
        raise MediaReadError(
            f"{path.name} has channel names that are not UTF-8; render it with other names."
        ) from error
    part, channels = picture_channels(path.name, parts, len(specs) > 1)
    alpha = _multiplied_alpha(path, specs[part], channels)
    spec = specs[part]
    if spec.deep:
        raise MediaReadError(f"{path.name} is a deep image; flatten it first.")
    types = channel_types(spec)
    attributes = _attributes(spec)
    return ImageLayout(
        path=path,
        part=part,
        part_count=len(specs),
        channels=channels,
        channel_types=tuple(types[channel] for channel in channels),
        width=spec.full_width,
        height=spec.full_height,
        data_left=spec.x - spec.full_x,
        data_top=spec.y - spec.full_y,
        data_width=spec.width,
        data_height=spec.height,
        bit_depth=int(
            spec.get_int_attribute("oiio:BitsPerSample")
            or np.dtype(SAMPLE_DTYPES[types[channels[0]]]).itemsize * 8
        ),
        has_alpha=alpha is not None or (view is None and spec.alpha_channel >= 0),
        compression=spec.get_string_attribute("compression"),
        attributes=attributes,
        alpha=alpha,
        channel_names=tuple(spec.channelnames[channel] for channel in channels),
        view=view_of(specs, part, channels[0]),
        views=view_names(specs),
    )


def _attributes(spec: Any) -> dict[str, Any]:
    """Those that can be told; text in another coding than UTF-8 cannot."""
    found = {}
    for attribute in spec.extra_attribs:
        with contextlib.suppress(UnicodeDecodeError):
            found[attribute.name] = attribute.value
    return found


def read_planes(layout: ImageLayout) -> tuple[tuple[Plane, ...], Plane | None]:
    """(colour channels, the alpha they are multiplied with) of the data window, each (data_height,
    data_width) in its own type.
    """
    with OpenedImage(layout.path) as source:
        if layout.alpha is None:
            return source.channels(layout.part, layout.channels), None
        *colours, alpha = source.channels(layout.part, (*layout.channels, layout.alpha))
        return tuple(colours), alpha


class OpenedImage:
    """An image file open for reading. Each call reads what it is asked for, nothing is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._input = self._opened()

    def _opened(self) -> Any:
        import OpenImageIO as oiio

        wanted = oiio.ImageSpec()
        wanted.attribute("oiio:UnassociatedAlpha", 1)  # the samples as stored, not premultiplied
        wanted.attribute("oiio:RawColor", 1)
        source = oiio.ImageInput.open(str(self.path), wanted)
        if source is None:
            reason = (oiio.geterror() or "").strip().splitlines()
            raise MediaReadError(
                f"{self.path.name} cannot be read as an image ({reason[0] if reason else 'unknown format'}); "
                "it is damaged or no image."
            )
        return source

    def specs(self) -> list[Any]:
        """The headers of all parts."""
        found: list[Any] = []
        while self._input.seek_subimage(len(found), 0):
            found.append(self._input.spec().copy())
        self._input.close()  # some formats cannot be read after a seek past their last part
        self._input = self._opened()
        return found

    def spec(self, part: int) -> Any:
        self._input.seek_subimage(part, 0)
        return self._input.spec()

    def channel(self, part: int, channel: int) -> Plane:
        return self._read(part, channel, channel + 1)[..., 0]

    def channels(self, part: int, wanted: tuple[int, ...]) -> tuple[Plane, ...]:
        """Several channels (h, w), each in its own type; neighbours of one type are read in one go."""
        types = channel_types(self.spec(part))
        first, end = min(wanted), max(wanted) + 1
        if len(set(types[first:end])) == 1:
            pixels = self._read(part, first, end)
            return tuple(pixels[..., channel - first] for channel in wanted)
        return tuple(self.channel(part, channel) for channel in wanted)

    def rows(self, part: int, first_row: int, end_row: int, first: int, end: int) -> Plane:
        """Channels `first` to `end` (exclusive) of some rows, (rows, data_width, channels), in one type: that
        of channel `first`.
        """
        spec = self.spec(part)
        name = channel_types(spec)[first]
        if (
            spec.get_string_attribute("planarconfig") == "separate"
        ):  # OpenImageIO cannot read some of their rows
            return self._read(part, first, end)[first_row:end_row]
        if spec.tile_height:
            top = first_row - first_row % spec.tile_height
            bottom = min(spec.height, -(-end_row // spec.tile_height) * spec.tile_height)
            pixels = self._input.read_tiles(
                part, 0, spec.x, spec.x + spec.width, spec.y + top, spec.y + bottom, 0, 1, first, end, name
            )
        else:
            top, bottom = 0 if _has_padded_rows(spec) else first_row, end_row
            pixels = self._input.read_scanlines(part, 0, spec.y + top, spec.y + bottom, 0, first, end, name)
        whole = self._checked(pixels).reshape(bottom - top, spec.width, end - first)
        return whole[first_row - top : end_row - top]

    def pixels(self, part: int, replaced: Mapping[int, Plane]) -> Plane:
        """All channels (h, w, n), with some replaced, in a type that holds every channel exactly."""
        spec = self.spec(part)
        types = channel_types(spec)
        if len(set(types)) == 1:
            pixels = self._read(part, 0, spec.nchannels)
            for channel, plane in replaced.items():
                pixels[..., channel] = plane
            return pixels
        if set(types) <= {"half", "float"}:  # half to float and back is exact
            pixels = self._read(part, 0, spec.nchannels, "float")
            for channel, plane in replaced.items():
                pixels[..., channel] = plane
            return pixels
        pixels = np.empty((spec.height, spec.width, spec.nchannels), np.float64)
        for channel, name in enumerate(types):
            plane = replaced[channel] if channel in replaced else self.channel(part, channel)
            if name in INTEGER_MAXIMUM:  # OpenImageIO maps floating point 0..1 to the whole integer range
                pixels[..., channel] = plane.astype(np.float64) / INTEGER_MAXIMUM[name]
            else:
                pixels[..., channel] = plane
        return pixels

    def _read(self, part: int, first: int, end: int, name: str | None = None) -> Plane:
        spec = self.spec(part)
        name = name or channel_types(spec)[first]
        if _has_padded_rows(spec):
            return self.rows(part, 0, spec.height, first, end)
        pixels = self._input.read_image(part, 0, first, end, name)
        if pixels is None or self._input.has_error:
            from plosive.media.exr.reading import read_by_openexr

            others = read_by_openexr(self.path, part, [str(own) for own in spec.channelnames[first:end]])
            if others is not None:
                self._input.geterror()
                whole: Plane = np.stack(others, axis=-1).astype(SAMPLE_DTYPES[name], copy=False)
                return whole
        pixels = self._checked(pixels)
        return pixels.reshape(spec.height, spec.width, end - first)

    def _checked(self, pixels: Plane | None) -> Plane:
        if pixels is None or self._input.has_error:
            reason = (self._input.geterror() or "no pixels").strip().splitlines()[0]
            raise MediaReadError(f"{self.path.name} is damaged ({reason}); copy or render it again.")
        return np.asarray(pixels)

    def __enter__(self) -> OpenedImage:
        return self

    def __exit__(self, *unused: object) -> None:
        self._input.close()


def _multiplied_alpha(path: Path, spec: Any, channels: tuple[int, ...]) -> int | None:
    """The alpha channel of the layer of `channels`, if its colours are multiplied with it: in EXR always, in
    TIFF where the file says so, in other formats never.
    """
    suffix = path.suffix.lower()
    if suffix != ".exr" and (
        suffix not in (".tif", ".tiff") or spec.get_int_attribute("oiio:UnassociatedAlpha")
    ):
        return None
    layer = spec.channelnames[channels[0]].rpartition(".")[0]
    wanted = f"{layer}.a" if layer else "a"
    names = [name.lower() for name in spec.channelnames]
    return names.index(wanted) if wanted in names else None


def _has_padded_rows(spec: Any) -> bool:
    """OpenImageIO forgets the padding of DPX rows above those it is asked for: it must be asked for all."""
    return int(spec.get_int_attribute("dpx:EndOfLinePadding")) > 0


def channel_types(spec: Any) -> list[str]:
    if spec.channelformats:
        return [str(kind) for kind in spec.channelformats]
    return [str(spec.format)] * int(spec.nchannels)

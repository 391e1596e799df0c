# SPDX-License-Identifier: Apache-2.0
"""One picture of an image sequence, in the file's own channels and types."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import acescct_from_linear, linear_from_acescct
from plosive.geometry import Box
from plosive.media.imagefile import ImageLayout, OpenedImage, read_planes
from plosive.media.orientation import Orientation

__all__ = ["ImagePlateFrame", "view_of_linear"]

Plane = NDArray[Any]

_SHOULDER = 0.8  # scene-linear value above which the view bends toward white
_LARGEST_HALF = 65504.0
_LARGEST_EDITED = 1e30  # float32 values past this overflow in the working encoding and count as not finite
_LUMA_709 = (0.2126, 0.7152, 0.0722)


class ImagePlateFrame:
    """A `PlateFrame` over one image file; pixels are read when first asked for.

    `edited_planes` are the changed colour channels, or None while the file is as it was.
    """

    def __init__(
        self,
        layout: ImageLayout,
        orientation: Orientation,
        index: int,
        start_seconds: Fraction,
        edited_planes: tuple[Plane, ...] | None = None,
    ) -> None:
        self.layout = layout
        self.orientation = orientation
        self.edited_planes = edited_planes
        self._index = index
        self._start_seconds = start_seconds
        self._read: tuple[Plane, ...] | None = None
        self._rgb8: NDArray[np.uint8] | None = None

    @property
    def index(self) -> int:
        return self._index

    @property
    def start_seconds(self) -> Fraction:
        return self._start_seconds

    @property
    def width(self) -> int:
        return self.orientation.upright_size(self.layout.width, self.layout.height)[0]

    @property
    def height(self) -> int:
        return self.orientation.upright_size(self.layout.width, self.layout.height)[1]

    def planes(self) -> tuple[Plane, ...]:
        """The colour channels (R, G, B or one gray) of the data window. Do not write to them."""
        if self.edited_planes is not None:
            return self.edited_planes
        if self._read is None:
            self._read = read_planes(self.layout)
        return self._read

    def rgb8(self) -> NDArray[np.uint8]:
        """The upright display window (h, w, 3) uint8; floats through `view_of_linear`, without exposure."""
        if self._rgb8 is None:
            shown = [_display8(plane) for plane in self.planes()]
            whole = np.zeros((self.layout.height, self.layout.width, 3), np.uint8)
            target, source = self._windows(Box(0, 0, self.layout.width, self.layout.height))
            for channel in range(3):
                whole[target[0], target[1], channel] = shown[channel % len(shown)][source]
            self._rgb8 = np.ascontiguousarray(self.orientation.upright(whole))
        return self._rgb8

    def working(self, box: Box) -> NDArray[np.float32]:
        """See `PlateFrame`. No data reads as 0, and values not finite as finite ones."""
        stored = self.orientation.stored_box(box, self.layout.width, self.layout.height)
        result = np.zeros((stored.height, stored.width, 3), np.float32)
        target, source = self._windows(stored)
        planes = self.planes()
        for channel in range(3):
            result[target[0], target[1], channel] = _normal(planes[channel % len(planes)][source])
        if self.layout.is_float:
            result = acescct_from_linear(result)
        return np.ascontiguousarray(self.orientation.upright(result))

    def samples(self, box: Box) -> NDArray[np.float32]:
        """Upright pixels of `box` as the file holds them, (h, w, 3) float32: floats exactly (doubles to the
        nearest), NaN and infinities too; integers as 0..1. No data is 0.
        """
        stored = self.orientation.stored_box(box, self.layout.width, self.layout.height)
        result = np.zeros((stored.height, stored.width, 3), np.float32)
        target, source = self._windows(stored)
        planes = self.planes()
        for channel in range(3):
            result[target[0], target[1], channel] = _counted(planes[channel % len(planes)][source])
        return np.ascontiguousarray(self.orientation.upright(result))

    def alpha(self, box: Box) -> NDArray[np.float32] | None:
        """The file's alpha in upright `box`, (h, w) float32, no data 0; None where it has none. Read anew at
        every call. Raises MediaReadError.
        """
        if not self.layout.has_alpha:
            return None
        with OpenedImage(self.layout.path) as file:
            plane = file.channel(self.layout.part, int(file.spec(self.layout.part).alpha_channel))
        stored = self.orientation.stored_box(box, self.layout.width, self.layout.height)
        result = np.zeros((stored.height, stored.width), np.float32)
        target, source = self._windows(stored)
        result[target] = _counted(plane[source])
        return np.ascontiguousarray(self.orientation.upright(result))

    def merged(self, box: Box, change: NDArray[np.float32], touched: NDArray[np.bool_]) -> ImagePlateFrame:
        if box.is_empty or not touched.any():
            return self
        stored = self.orientation.stored_box(box, self.layout.width, self.layout.height)
        target, source = self._windows(stored)
        wanted = self.orientation.stored(change)[target]
        where = self.orientation.stored(touched)[target]
        planes = list(self.planes())
        if len(planes) == 1:
            wanted = (wanted @ np.array(_LUMA_709, np.float32))[..., None]
        for channel, plane in enumerate(planes):
            copy = np.array(plane)
            copy[source] = _changed(plane[source], wanted[..., channel], where, self.layout.bit_depth)
            planes[channel] = copy
        return ImagePlateFrame(self.layout, self.orientation, self._index, self._start_seconds, tuple(planes))

    def repeated(self, index: int, start_seconds: Fraction) -> ImagePlateFrame:
        """The same picture at another place in time, sharing what was read."""
        again = ImagePlateFrame(self.layout, self.orientation, index, start_seconds, self.edited_planes)
        again._read, again._rgb8 = self.planes(), self.rgb8()
        return again

    def _windows(self, stored: Box) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """(where in an array of `stored`, where in the planes) the data window overlaps `stored`."""
        layout = self.layout
        inside = Box(
            stored.left - layout.data_left,
            stored.top - layout.data_top,
            stored.right_exclusive - layout.data_left,
            stored.bottom_exclusive - layout.data_top,
        ).clipped(layout.data_width, layout.data_height)
        target = Box(
            inside.left + layout.data_left - stored.left,
            inside.top + layout.data_top - stored.top,
            inside.right_exclusive + layout.data_left - stored.left,
            inside.bottom_exclusive + layout.data_top - stored.top,
        ).clipped(stored.width, stored.height)
        return target.slices, inside.slices


def view_of_linear(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scene-linear to display-linear 0..1: unchanged to 0.8, then a smooth shoulder toward 1.0.

    No exposure and no change of hue model: a plain look for trackers and viewing copies, not a grade.
    """
    low = np.clip(np.nan_to_num(linear, nan=0.0, posinf=_LARGEST_HALF, neginf=0.0), 0, None)
    span = np.float32(1 - _SHOULDER)
    high = _SHOULDER + span * (1 - np.exp(-(low - np.float32(_SHOULDER)) / span))
    return np.where(low <= _SHOULDER, low, high).astype(np.float32)


def _display8(plane: Plane) -> NDArray[np.uint8]:
    if plane.dtype == np.uint8:
        return plane
    if plane.dtype.kind == "f":
        half = np.clip(plane, -_LARGEST_HALF, _LARGEST_HALF).astype(np.float16)
        return _half_view()[half.view(np.uint16)]
    return np.asarray(plane >> (8 * plane.dtype.itemsize - 8), np.uint8)


def _half_view() -> NDArray[np.uint8]:
    """The sRGB view of each of the 65536 half values."""
    with np.errstate(all="ignore"):
        linear = view_of_linear(np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32))
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.power(linear, 1 / 2.4) - 0.055)
    return np.asarray(np.rint(np.clip(coded, 0, 1) * 255), np.uint8)


def _counted(samples: Plane) -> NDArray[np.float32]:
    """Floats as they are, integers as shares of their largest."""
    if samples.dtype.kind == "f":
        return samples.astype(np.float32)
    return (samples.astype(np.float64) / np.iinfo(samples.dtype).max).astype(np.float32)


def _normal(samples: Plane) -> NDArray[np.float32]:
    if samples.dtype.kind == "f":
        finite = np.where(np.isnan(samples), 0, samples).astype(np.float32)
        largest = _LARGEST_HALF if samples.dtype == np.float16 else _LARGEST_EDITED
        return np.clip(finite, -largest, largest)
    return (samples.astype(np.float64) / np.iinfo(samples.dtype).max).astype(np.float32)


def _changed(
    samples: Plane, change: NDArray[np.float32], touched: NDArray[np.bool_], bit_depth: int
) -> Plane:
    if samples.dtype.kind == "f":
        return _changed_linear(samples, change, touched)
    # 10-bit DPX and the like are read stretched to 16 bits: count in the steps the file can hold.
    stretched, largest = int(np.iinfo(samples.dtype).max), (1 << bit_depth) - 1
    steps = np.rint(np.where(touched, change, 0).astype(np.float64) * largest)
    codes = np.clip(np.rint(samples * (largest / stretched)) + steps, 0, largest).astype(np.int64)
    spare = 8 * samples.dtype.itemsize - bit_depth
    if spare:  # the same stretching as on reading: the top bits are repeated at the bottom
        codes = (codes << spare) | (codes >> max(0, bit_depth - spare))
    return np.where(steps != 0, codes, samples).astype(samples.dtype)


def _changed_linear(samples: Plane, change: NDArray[np.float32], touched: NDArray[np.bool_]) -> Plane:
    with np.errstate(invalid="ignore"):
        active = touched & (change != 0) & np.isfinite(change) & (np.abs(samples) < _LARGEST_EDITED)
    result = np.array(samples)
    if active.any():
        linear = samples[active].astype(np.float32)
        changed = linear_from_acescct(acescct_from_linear(linear) + change[active])
        largest = min(float(np.finfo(samples.dtype).max), _LARGEST_EDITED)
        result[active] = np.clip(changed, -largest, largest).astype(samples.dtype)
    return result

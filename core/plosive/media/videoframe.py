# SPDX-License-Identifier: Apache-2.0
"""One picture of a video file, in the file's own planes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plosive.colour.plate_colour import PlateColour
from plosive.colour.view import view8
from plosive.geometry import Box
from plosive.media.layout import Model, SampleLayout, planar_name
from plosive.media.orientation import Orientation
from plosive.media.planes import PlaneCoding
from plosive.media.ycbcr import Matrix

if TYPE_CHECKING:
    import av

__all__ = ["VideoPlateFrame", "VideoSamples", "planar_picture", "plane_views"]

_SWSCALE_MATRIX = {
    Matrix.BT709: 1,
    Matrix.FCC: 4,
    Matrix.BT601: 5,
    Matrix.SMPTE240M: 7,
    Matrix.BT2020: 9,
}
"""libswscale's SWS_CS numbers; PyAV 17 knows no name for the last."""


@dataclass(frozen=True)
class VideoSamples:
    """What all pictures of one video share: stored size, coding and orientation."""

    width: int
    height: int
    coding: PlaneCoding
    orientation: Orientation
    colour: PlateColour


class VideoPlateFrame:
    """A `PlateFrame` over the planes of a decoded picture.

    `picture` is the PyAV frame in a planar format, `pts` its time stamp in `time_base` units of the file.
    `original` is the picture as it was decoded: the same object until something is merged. The two differ
    inside `changed_box` (stored luma pixels) only.
    """

    def __init__(
        self,
        samples: VideoSamples,
        picture: av.VideoFrame,
        index: int,
        start_seconds: Fraction,
        pts: int,
        original: av.VideoFrame | None = None,
        changed_box: Box | None = None,
    ) -> None:
        self.samples = samples
        self.picture = picture
        self.original = picture if original is None else original
        self.changed_box = changed_box
        self.pts = pts
        self._index = index
        self._start_seconds = start_seconds
        self._rgb8: NDArray[np.uint8] | None = None

    @property
    def index(self) -> int:
        return self._index

    @property
    def start_seconds(self) -> Fraction:
        return self._start_seconds

    @property
    def width(self) -> int:
        return self.samples.orientation.upright_size(self.samples.width, self.samples.height)[0]

    @property
    def height(self) -> int:
        return self.samples.orientation.upright_size(self.samples.width, self.samples.height)[1]

    def planes(self) -> list[NDArray[Any]]:
        """The stored planes as views (h, w) of uint8 or uint16. Do not write to them."""
        return plane_views(self.picture, self.samples.coding.layout)

    def original_planes(self) -> list[NDArray[Any]]:
        """The planes as they were decoded, in the same form."""
        return plane_views(self.original, self.samples.coding.layout)

    def samples_in(self, box: Box) -> list[NDArray[Any]]:
        """What every plane holds in stored luma pixels `box`, chroma that it touches included: views."""
        layout = self.samples.coding.layout
        return [plane[layout.plane_box(number, box).slices] for number, plane in enumerate(self.planes())]

    def with_samples(self, box: Box, samples: Sequence[NDArray[Any]]) -> VideoPlateFrame:
        """A copy of this unchanged frame with `samples` (as `samples_in`) in `box`, to the bit."""
        picture, layout = self._copied_picture(), self.samples.coding.layout
        for number, (plane, inside) in enumerate(zip(plane_views(picture, layout), samples, strict=True)):
            plane[layout.plane_box(number, box).slices] = inside
        return VideoPlateFrame(
            self.samples, picture, self._index, self._start_seconds, self.pts, self.original, box
        )

    def rgb8(self) -> NDArray[np.uint8]:
        """The upright picture (h, w, 3) uint8 in the file's own transfer (PQ and HLG are not tone mapped);
        log samples as `colour.view` shows them.
        """
        if self._rgb8 is None:
            shown, colour = self._stored_rgb8(), self.samples.colour
            if colour.coding.is_scene_referred:
                shown = view8([shown[..., channel] for channel in range(3)], colour.coding, colour.to_rec709)
            self._rgb8 = np.ascontiguousarray(self.samples.orientation.upright(shown))
        return self._rgb8

    def working(self, box: Box) -> NDArray[np.float32]:
        orientation = self.samples.orientation
        stored = orientation.stored_box(box, self.samples.width, self.samples.height)
        coded = self.samples.coding.rgb(self.planes(), stored)
        return np.ascontiguousarray(orientation.upright(self.samples.colour.coding.working(coded)))

    def alpha(self, box: Box) -> NDArray[np.float32] | None:
        """The picture's alpha in upright `box`, (h, w) float32, 0..1; None where it has none."""
        layout = self.samples.coding.layout
        if not layout.has_alpha:
            return None
        orientation = self.samples.orientation
        stored = orientation.stored_box(box, self.samples.width, self.samples.height)
        codes = self.planes()[-1][stored.slices].astype(np.float32)
        return np.ascontiguousarray(orientation.upright(codes / np.float32((1 << layout.bit_depth) - 1)))

    def merged(self, box: Box, change: NDArray[np.float32], touched: NDArray[np.bool_]) -> VideoPlateFrame:
        if box.is_empty or not touched.any():
            return self
        orientation = self.samples.orientation
        stored = orientation.stored_box(box, self.samples.width, self.samples.height)
        picture = self._copied_picture()
        where = orientation.stored(touched)
        self.samples.coding.add_change(
            plane_views(picture, self.samples.coding.layout),
            stored,
            self._coded_change(stored, orientation.stored(change), where),
            where,
        )
        return VideoPlateFrame(
            self.samples,
            picture,
            self._index,
            self._start_seconds,
            self.pts,
            self.original,
            stored if self.changed_box is None else stored.united(self.changed_box),
        )

    def _coded_change(
        self, stored: Box, change: NDArray[np.float32], where: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """A change of working values (h, w, 3), as one of R'G'B' where it counts."""
        colour = self.samples.colour.coding
        if not colour.is_scene_referred:
            return change
        now = self.samples.coding.rgb(self.planes(), stored)[where]
        result = np.zeros_like(change)
        result[where] = colour.edited(now, change[where]) - now
        return result

    def _copied_picture(self) -> av.VideoFrame:
        import av

        source = self.picture
        copy = av.VideoFrame(source.width, source.height, source.format.name)
        for ours, theirs in zip(plane_views(copy, self.samples.coding.layout), self.planes(), strict=True):
            ours[...] = theirs
        copy.pts, copy.time_base = source.pts, source.time_base
        copy.colorspace, copy.color_range = source.colorspace, source.color_range
        copy.color_primaries, copy.color_trc = source.color_primaries, source.color_trc
        return copy

    def _stored_rgb8(self) -> NDArray[np.uint8]:
        coding = self.samples.coding
        layout = coding.layout
        if layout.model is not Model.YCBCR:
            whole = Box(0, 0, self.samples.width, self.samples.height)
            return np.asarray(np.rint(np.clip(coding.rgb(self.planes(), whole), 0, 1) * 255), np.uint8)
        matrix = _SWSCALE_MATRIX[coding.matrix]
        turned = self.picture.reformat(
            format="rgb24",
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range="JPEG" if coding.code_range.is_full else "MPEG",
            dst_color_range="JPEG",
        )
        plane = turned.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(turned.height, plane.line_size)  # type: ignore[call-overload]
        return np.asarray(rows[:, : turned.width * 3].reshape(turned.height, turned.width, 3))


def plane_views(picture: av.VideoFrame, layout: SampleLayout) -> list[NDArray[Any]]:
    """Writable views (h, w) of a planar picture's planes, without copying."""
    dtype = np.dtype(layout.dtype)
    views: list[NDArray[Any]] = []
    for number, plane in enumerate(picture.planes[: layout.plane_count]):
        width, height = layout.plane_size(number, picture.width, picture.height)
        samples: NDArray[Any] = np.frombuffer(plane, dtype)  # type: ignore[call-overload]
        views.append(samples.reshape(-1, plane.line_size // dtype.itemsize)[:height, :width])
    return views


def planar_picture(picture: av.VideoFrame) -> av.VideoFrame:
    """The picture in a planar format Plosive works on, converted without loss if it is in another."""
    name = picture.format.name
    components = picture.format.components
    wanted = planar_name(
        name,
        picture.format.is_rgb,
        any(component.is_alpha for component in components),
        max((component.bits for component in components), default=8),
    )
    if wanted == name and all(plane.line_size > 0 for plane in picture.planes):
        return picture
    if name == "pal8":
        picture = picture.reformat(format="rgba")
    return picture.reformat(format=wanted)

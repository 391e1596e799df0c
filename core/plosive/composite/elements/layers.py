# SPDX-License-Identifier: Apache-2.0
"""The layers of one frame, all faces laid over each other, so that arithmetic on them gives the final.

| channels | meaning |
|---|---|
| R G B | the final picture, linear light; A is the plate's own alpha, where it has one |
| mouth.R mouth.G mouth.B mouth.A | only pixels Plosive made; RGB unpremultiplied, A = 1 where they exist |
| matte.A | where they count, 0..1, feathered |
| blend.A | 0 = plate, 1 = synced; each face has its own around it, and where two touch it is 1 and the blends
are in the matte |
| lips.A | how much of mouth.RGB is the new mouth, taken from another frame; the rest is the plate, moved |
| st.u st.v | ST map: where in this frame's plate the skin of each pixel lay before its jaw was moved |

final = plate x (1 - matte.A x blend.A) + mouth x matte.A x blend.A, in float32, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plosive.composite.merge import Layers
from plosive.generate.protocol import Patch
from plosive.geometry import Box, box_around

__all__ = ["CHANNEL_NAMES", "MadeFace", "channels_of", "made_box"]

CHANNEL_NAMES = (
    "R", "G", "B", "mouth.R", "mouth.G", "mouth.B", "mouth.A", "matte.A", "blend.A", "st.u", "st.v",
    "lips.A",
)  # fmt: skip
"""In the order of the array's last axis; OpenEXR sorts them by name in the file."""

_RGB = range(3)
_MOUTH, _EXISTS, _MATTE, _BLEND, _U, _V, _LIPS = 3, 6, 7, 8, 9, 10, 11

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class MadeFace:
    """One face of a frame as it was merged; `number` is that of its track."""

    layers: Layers
    patch: Patch
    number: int = 0


def made_box(faces: Sequence[MadeFace]) -> Box:
    """The smallest box that holds every pixel that counts; the picture's first pixel where there is none (a
    file cannot be empty).
    """
    box = Box(0, 0, 0, 0)
    for face in faces:
        box = box.united(box_around(face.layers.matte > 0, face.layers.box))
    return Box(0, 0, 1, 1) if box.is_empty else box


def channels_of(
    plate: Floats,
    box: Box,
    faces: Sequence[MadeFace],
    to_linear: Callable[[Floats], Floats],
    width: int,
    height: int,
    coverage: Floats | None = None,
) -> Floats:
    """All layers inside `box`: (h, w, 12) float32, channels as `CHANNEL_NAMES`.

    `plate` (h, w, 3) is the plate in linear light, `faces` are in the order in which they were laid over it,
    `to_linear` takes working values to linear light, `width` and `height` are the picture's. Where the plate
    is not finite nothing counts: it stays. `coverage` (h, w) is what the plate's colours are multiplied with
    (`ImagePlateFrame.coverage`), and so `mouth`; where it is 0 the plate stays.
    """
    planes = np.zeros((len(CHANNEL_NAMES), box.height, box.width), dtype=np.float32)
    planes[_BLEND] = max((face.layers.blend for face in faces), default=0.0)
    columns = np.arange(box.left, box.right_exclusive, dtype=np.float64)
    rows = np.arange(box.top, box.bottom_exclusive, dtype=np.float64)
    planes[_U] = (columns + 0.5) / width
    planes[_V] = (1 - (rows + 0.5) / height)[:, None]
    below = [np.ascontiguousarray(plate[..., channel]) for channel in _RGB]
    counted = np.isfinite(below[0]) & np.isfinite(below[1]) & np.isfinite(below[2])
    if coverage is not None:
        counted &= coverage != 0
    for face in faces:
        _add(planes, box, face, counted, coverage, to_linear, width, height)
    share = planes[_MATTE] * planes[_BLEND]
    counts, rest = share > 0, 1 - share
    for channel in _RGB:
        with np.errstate(invalid="ignore"):
            over = below[channel] * rest + planes[_MOUTH + channel] * share
        planes[channel] = np.where(counts, over, below[channel])
    return np.ascontiguousarray(np.moveaxis(planes, 0, 2))


def _add(
    planes: Floats,
    box: Box,
    face: MadeFace,
    counted: NDArray[np.bool_],
    coverage: Floats | None,
    to_linear: Callable[[Floats], Floats],
    width: int,
    height: int,
) -> None:
    """Lay one face over those that `planes` (channels, h, w) holds already."""
    layers = face.layers
    common = _common(layers.box, box)
    if common.is_empty:
        return
    inside = common.moved(-layers.box.left, -layers.box.top).slices
    rows, columns = common.moved(-box.left, -box.top).slices
    area = planes[:, rows, columns]  # a view: what is assigned to it goes to `planes`
    linear = to_linear(np.ascontiguousarray(layers.patch[inside]))
    made = [np.ascontiguousarray(linear[..., channel]) for channel in _RGB]
    if coverage is not None:
        made = [plane * coverage[rows, columns] for plane in made]
    exists = (layers.matte[inside] > 0) & counted[rows, columns]
    for plane in made:
        exists &= np.isfinite(plane)
    matte, blend = layers.matte[inside], np.float32(layers.blend)
    before = area[_EXISTS] > 0
    both = exists & before
    below, above = area[_MATTE] * area[_BLEND], matte * blend
    together = below * (1 - above) + above
    touch = bool(both.any())
    for channel, plane in enumerate(made, _MOUTH):
        if touch:
            joined = (area[channel] * below * (1 - above) + plane * above) / np.maximum(together, 1e-12)
            plane = np.where(both, joined, plane)
        area[channel] = np.where(exists, plane, area[channel])
    area[_BLEND] = np.where(both, 1, np.where(exists, blend, area[_BLEND]))
    area[_MATTE] = np.where(both, together, np.where(exists, matte, area[_MATTE]))
    area[_EXISTS] = exists | before
    lips = np.minimum(face.patch.mouth_matte[inside], matte)  # what covers the face covers them
    area[_LIPS] = np.where(exists, np.maximum(lips, area[_LIPS]), area[_LIPS])
    at = face.patch.plate_map[inside]
    area[_U] = np.where(exists, (at[..., 0].astype(np.float64) + 0.5) / width, area[_U])
    area[_V] = np.where(exists, 1 - (at[..., 1].astype(np.float64) + 0.5) / height, area[_V])


def _common(one: Box, other: Box) -> Box:
    """What two boxes share; may be empty."""
    left, top = max(one.left, other.left), max(one.top, other.top)
    return Box(
        left,
        top,
        max(left, min(one.right_exclusive, other.right_exclusive)),
        max(top, min(one.bottom_exclusive, other.bottom_exclusive)),
    )

# SPDX-License-Identifier: Apache-2.0
"""The layers of one frame, all faces laid over each other, so that arithmetic on them gives the final.

| channels | meaning |
|---|---|
| R G B | the final picture, linear light; A is the plate's own alpha, where it has one |
| mouth.R mouth.G mouth.B mouth.A | only pixels Plosive made; RGB unpremultiplied, A = 1 where they exist |
| matte.A | where they count, 0..1, feathered |
| blend.A | 0 = plate, 1 = synced; each face has its own around it, and where two touch it is 1 and the blends
are in the matte |
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
)  # fmt: skip
"""In the order of the array's last axis; OpenEXR sorts them by name in the file."""

_FINAL, _MOUTH = slice(0, 3), slice(3, 6)
_EXISTS, _MATTE, _BLEND = 6, 7, 8

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
    """All layers inside `box`: (h, w, 11) float32, channels as `CHANNEL_NAMES`.

    `plate` (h, w, 3) is the plate in linear light, `faces` are in the order in which they were laid over it,
    `to_linear` takes working values to linear light, `width` and `height` are the picture's. Where the plate
    is not finite nothing counts: it stays. `coverage` (h, w) is what the plate's colours are multiplied with
    (`ImagePlateFrame.coverage`), and so `mouth`; where it is 0 the plate stays.
    """
    result = np.zeros((box.height, box.width, len(CHANNEL_NAMES)), dtype=np.float32)
    result[..., _BLEND] = max((face.layers.blend for face in faces), default=0.0)
    columns = np.arange(box.left, box.right_exclusive, dtype=np.float64)
    rows = np.arange(box.top, box.bottom_exclusive, dtype=np.float64)
    result[..., 9] = (columns + 0.5) / width
    result[..., 10] = (1 - (rows + 0.5) / height)[:, None]
    stays = ~np.isfinite(plate).all(axis=2)
    if coverage is not None:
        stays |= coverage == 0
    for face in faces:
        _add(result, box, face, stays, coverage, to_linear, width, height)
    share = (result[..., _MATTE] * result[..., _BLEND])[..., None]
    with np.errstate(invalid="ignore"):
        over = plate * (1 - share) + result[..., _MOUTH] * share
    result[..., _FINAL] = np.where(share > 0, over, plate)
    return result


def _add(
    result: Floats,
    box: Box,
    face: MadeFace,
    stays: NDArray[np.bool_],
    coverage: Floats | None,
    to_linear: Callable[[Floats], Floats],
    width: int,
    height: int,
) -> None:
    """Lay one face over those that `result` holds already."""
    layers = face.layers
    common = _common(layers.box, box)
    if common.is_empty:
        return
    inside = common.moved(-layers.box.left, -layers.box.top).slices
    place = common.moved(-box.left, -box.top).slices
    area = result[place]
    made = to_linear(np.ascontiguousarray(layers.patch[inside]))
    if coverage is not None:
        made = made * coverage[place][..., None]
    exists = (layers.matte[inside] > 0) & ~stays[place] & np.isfinite(made).all(axis=2)
    matte = np.where(exists, layers.matte[inside], np.float32(0))
    before = area[..., _EXISTS] > 0
    both = exists & before
    below = (area[..., _MATTE] * area[..., _BLEND])[..., None]
    above = (matte * np.float32(layers.blend))[..., None]
    together = below * (1 - above) + above
    joined = (area[..., _MOUTH] * below * (1 - above) + made * above) / np.maximum(together, 1e-12)
    area[..., _BLEND] = np.where(both, 1, np.where(exists, layers.blend, area[..., _BLEND]))
    area[..., _MOUTH] = np.where(
        both[..., None], joined, np.where(exists[..., None], made, area[..., _MOUTH])
    )
    area[..., _MATTE] = np.where(both, together[..., 0], np.where(exists, matte, area[..., _MATTE]))
    area[..., _EXISTS] = np.maximum(area[..., _EXISTS], exists)
    at = face.patch.plate_map[inside].astype(np.float64)
    area[..., 9] = np.where(exists, (at[..., 0] + 0.5) / width, area[..., 9])
    area[..., 10] = np.where(exists, 1 - (at[..., 1] + 0.5) / height, area[..., 10])


def _common(one: Box, other: Box) -> Box:
    """What two boxes share; may be empty."""
    left, top = max(one.left, other.left), max(one.top, other.top)
    return Box(
        left,
        top,
        max(left, min(one.right_exclusive, other.right_exclusive)),
        max(top, min(one.bottom_exclusive, other.bottom_exclusive)),
    )

# SPDX-License-Identifier: Apache-2.0
"""The small picture in an EXR header, brought after what changed in the file."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media.exr.structure import ExrPart
from plosive.media.imageedit import ImageEdit

__all__ = ["has_preview", "is_own_preview", "repainted_preview"]

_MOST_LEVELS_OFF = 4.0  # mean, of 255; previews of other pictures or by other curves are 10 and more off
_HEAD_BYTES = 8


def has_preview(part: ExrPart) -> bool:
    return _picture(part) is not None


def is_own_preview(part: ExrPart, planes: Sequence[NDArray[Any]]) -> bool:
    """Whether the preview shows `planes` (R, G, B or one gray) as OpenEXR's own tools paint it."""
    shown = _picture(part)
    if shown is None:
        return False
    painted = _painted(planes, *shown.shape[:2])
    return float(np.abs(painted - shown[..., :3]).mean()) <= _MOST_LEVELS_OFF


def repainted_preview(part: ExrPart, edit: ImageEdit) -> bytes | None:
    """The attribute's value, as long as before, with the pixels whose colour changed painted anew; None where
    there is no preview, or one that shows something else.
    """
    shown = _picture(part)
    if shown is None or not is_own_preview(part, edit.before):
        return None
    before, after = (_painted(planes, *shown.shape[:2]) for planes in (edit.before, edit.after))
    made = np.array(shown)
    # As a change to what is there: whatever its maker did otherwise stays so.
    colours = np.clip(np.rint(shown[..., :3] + (after - before)), 0, 255).astype(np.uint8)
    made[..., :3] = np.where(after != before, colours, shown[..., :3])
    return part.attributes["preview"].value[:_HEAD_BYTES] + made.tobytes()


def _picture(part: ExrPart) -> NDArray[np.uint8] | None:
    """The preview (h, w, 4), if there is one."""
    found = part.attributes.get("preview")
    if found is None or found.kind != "preview" or len(found.value) < _HEAD_BYTES:
        return None
    width, height = struct.unpack_from("<II", found.value)
    if not width or not height or len(found.value) != _HEAD_BYTES + 4 * width * height:
        return None
    return np.frombuffer(found.value, np.uint8, offset=_HEAD_BYTES).reshape(height, width, 4)


def _painted(planes: Sequence[NDArray[Any]], height: int, width: int) -> NDArray[np.float64]:
    """(height, width, 3), 0 to 255: exrmakepreview at exposure 0 (makePreview.cpp): nearest pixels, a knee
    above middle gray, gamma 2.2.
    """
    rows, columns = _nearest(planes[0].shape[0], height), _nearest(planes[0].shape[1], width)
    result = np.empty((height, width, 3))
    for channel in range(3):
        samples = planes[channel % len(planes)][np.ix_(rows, columns)].astype(np.float64)
        light = np.clip(np.nan_to_num(samples, nan=0.0), 0, 1e6) * 2.0**2.47393
        knee = 1 + np.log1p(np.maximum(light - 1, 0) * 0.184874) / 0.184874
        result[..., channel] = np.clip(np.where(light > 1, knee, light) ** 0.4545 * 84.66, 0, 255)
    return result


def _nearest(size: int, wanted: int) -> NDArray[np.intp]:
    step = (size - 1) / (wanted - 1) if wanted > 1 else 1.0
    return np.minimum((np.arange(wanted) * step + 0.5).astype(np.intp), size - 1)

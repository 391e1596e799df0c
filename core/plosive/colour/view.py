# SPDX-License-Identifier: Apache-2.0
"""How light is shown to trackers and eyes: linear Rec.709, no exposure, a soft shoulder, sRGB.

Not the config's display transform: that is a look made to be graded under, takes ten times as long, and
cannot be undone, while what the trackers see here is turned back into light where lighting is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.colour.coding import SampleCoding

__all__ = ["LARGEST_HALF", "normal_samples", "view8", "view_of_linear"]

LARGEST_HALF = 65504.0

Plane = NDArray[Any]
Floats = NDArray[np.float32]

_SHOULDER = 0.8  # scene-linear value above which the view bends toward white
_WHITE_ENOUGH = 4.0  # beyond, the shoulder is white to a tenth of an 8-bit step
_ROOT_STEPS = 16384
_ROWS = 64


def view_of_linear(linear: Floats) -> Floats:
    """Scene-linear to display-linear 0..1: unchanged to 0.8, then a smooth shoulder toward 1.0.

    No exposure and no change of hue model: a plain look for trackers and viewing copies, not a grade.
    """
    low = np.clip(np.nan_to_num(linear, nan=0.0, posinf=LARGEST_HALF, neginf=0.0), 0, None)
    span = np.float32(1 - _SHOULDER)
    high = _SHOULDER + span * (1 - np.exp(-(low - np.float32(_SHOULDER)) / span))
    return np.where(low <= _SHOULDER, low, high).astype(np.float32)


def view8(
    planes: Sequence[Plane], coding: SampleCoding, to_rec709: NDArray[np.float64] | None
) -> NDArray[np.uint8]:
    """R, G, B (or one gray) planes (h, w) of any type as a picture (h, w, 3) uint8.

    Display-referred samples are shown as they are coded. `to_rec709` (3, 3) turns scene-linear light into
    linear Rec.709; None leaves its primaries.
    """
    shown = np.empty((*planes[0].shape, 3), np.uint8)
    # A few rows at a time stay in the computer's cache; a processor is costly to call.
    step = max(1, len(shown)) if coding.mixes_channels else _ROWS
    for top in range(0, len(shown), step):
        rows = slice(top, top + step)
        _show([plane[rows] for plane in planes], coding, to_rec709, shown[rows])
    return shown


def _show(
    planes: Sequence[Plane],
    coding: SampleCoding,
    to_rec709: NDArray[np.float64] | None,
    shown: NDArray[np.uint8],
) -> None:
    import cv2

    is_mixed = coding.is_scene_referred and to_rec709 is not None and len(planes) > 1
    if not is_mixed or to_rec709 is None:
        for channel in range(3):
            shown[..., channel] = _each_shown(planes[channel % len(planes)], coding)
        return
    if coding.mixes_channels:
        light = coding.linear(np.stack([normal_samples(plane) for plane in planes], axis=-1))
    else:
        light = np.empty(shown.shape, np.float32)
        for channel, plane in enumerate(planes):
            light[..., channel] = _linear_table(coding, plane.dtype.str)[_codes(plane)]
    light = np.asarray(cv2.transform(light, to_rec709.astype(np.float32)), np.float32)
    np.clip(light, 0, _WHITE_ENOUGH, out=light)
    np.sqrt(light, out=light)  # dark steps stay fine
    light *= np.float32(_ROOT_STEPS)
    shown[...] = _root_table()[light.astype(np.uint16)]


def _each_shown(plane: Plane, coding: SampleCoding) -> NDArray[np.uint8]:
    """One plane shown by itself: (h, w) uint8."""
    if coding.is_scene_referred:
        return _view_table(coding, plane.dtype.str)[_codes(plane)]
    if plane.dtype.kind == "f":
        return _eight_bit(normal_samples(plane))
    return np.asarray(plane >> (8 * plane.dtype.itemsize - 8), np.uint8)


def normal_samples(samples: Plane) -> Floats:
    """Stored samples of any type as float32: integers as 0..1, NaN as 0, infinities as the largest."""
    if samples.dtype.kind == "f":
        finite = np.where(np.isnan(samples), 0, samples).astype(np.float32)
        largest = LARGEST_HALF if samples.dtype == np.float16 else 1e30
        return np.clip(finite, -largest, largest)
    return (samples.astype(np.float64) / np.iinfo(samples.dtype).max).astype(np.float32)


def _codes(plane: Plane) -> Plane:
    """Places in a table of the plane's type."""
    if plane.dtype == np.float16:
        return plane.view(np.uint16)
    if plane.dtype.kind == "f":
        return np.clip(plane, -LARGEST_HALF, LARGEST_HALF).astype(np.float16).view(np.uint16)
    return plane if plane.dtype.itemsize <= 2 else np.asarray(plane >> 16, np.uint16)


def _all_samples(dtype: str) -> Floats:
    """What each code of `_codes` stands for."""
    if np.dtype(dtype).kind == "f":
        return normal_samples(np.arange(65536, dtype=np.uint16).view(np.float16))
    count = 256 if np.dtype(dtype).itemsize == 1 else 65536
    return (np.arange(count) / (count - 1)).astype(np.float32)


@lru_cache(maxsize=8)
def _linear_table(coding: SampleCoding, dtype: str) -> Floats:
    gray = np.repeat(_all_samples(dtype)[:, None], 3, axis=1)
    with np.errstate(over="ignore"):  # half floats that no log footage holds
        return np.ascontiguousarray(coding.linear(gray)[:, 0])


@lru_cache(maxsize=8)
def _view_table(coding: SampleCoding, dtype: str) -> NDArray[np.uint8]:
    return _coded(view_of_linear(_linear_table(coding, dtype)))


@lru_cache(maxsize=1)
def _root_table() -> NDArray[np.uint8]:
    steps = np.arange(int(_ROOT_STEPS * _WHITE_ENOUGH**0.5) + 1)
    return _coded(view_of_linear(np.square(steps / np.float32(_ROOT_STEPS)).astype(np.float32)))


def _coded(shown: Floats) -> NDArray[np.uint8]:
    """Display-linear 0..1 as 8-bit sRGB (IEC 61966-2-1)."""
    coded = np.where(shown <= 0.0031308, shown * 12.92, 1.055 * np.power(shown, 1 / 2.4) - 0.055)
    return _eight_bit(coded)


def _eight_bit(values: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(values, 0, 1) * 255), np.uint8)

# SPDX-License-Identifier: Apache-2.0
"""Transfer functions: between *working* values and scene- or display-linear light.

Plosive tracks, warps and levels pixels in a **working encoding**: R'G'B' float32 in which equal steps
look about equal and that can be undone without loss. For video and integer stills it is the coded
R'G'B' itself (0 = black, 1 = white, excursions beyond kept); for float EXR, whose values are linear,
it is a curve like theirs that goes on. Merging happens on linear light, so each frame names its `Transfer`.

| Transfer | working values | source of the formula |
|---|---|---|
| BT1886 | gamma 2.4, black 0 | ITU-R BT.1886 Annex 1 with L_B = 0 |
| SRGB | sRGB | IEC 61966-2-1 |
| PQ | perceptual quantiser, 1.0 linear = 100 cd/m2 | SMPTE ST 2084 |
| HLG | scene-linear of hybrid log-gamma | ITU-R BT.2100 table 5 |
| SCENE | scene-linear: sRGB to 1.0, then 0.2 times a logarithm, joined smoothly | here |
| ACESCCT | ACEScct | S-2016-001 |

SCENE is what scene-linear and log plates are worked on in: skin, teeth and dark lie where they lie in
video, so that what is known of mouths holds for them too (ACEScct squeezes a face into a quarter of its
range and puts black at 0.07), and light of 60 or 65504 still has a value (1.97, 3.38).

Negative working values are mirrored (odd symmetry), except ACEScct whose toe is linear below its
break and so carries negatives itself.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

__all__ = [
    "Transfer",
    "acescct_from_linear",
    "finite_working",
    "linear_from_acescct",
    "linear_from_scene",
    "scene_from_linear",
    "to_linear",
    "to_working",
]

_CCT_BREAK_LINEAR = 0.0078125
_CCT_BREAK_CODED = 0.155251141552511
_CCT_SLOPE = 10.5402377416545
_CCT_OFFSET = 0.0729055341958355

_HIGHLIGHT = 0.2  # of a natural logarithm above 1.0
_AT_WHITE = 1.055 / 2.4  # the slope of sRGB at 1.0

_PQ_M1, _PQ_M2 = 2610 / 16384, 2523 / 4096 * 128
_PQ_C1, _PQ_C2, _PQ_C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_PQ_REFERENCE_WHITE = 100.0 / 10000.0

_HLG_A = 0.17883277
_HLG_B = 1 - 4 * _HLG_A
_HLG_C = 0.5 - _HLG_A * math.log(4 * _HLG_A)


class Transfer(Enum):
    """How working values relate to linear light."""

    BT1886 = "bt1886"
    SRGB = "srgb"
    PQ = "pq"
    HLG = "hlg"
    ACESCCT = "acescct"
    SCENE = "scene"

    @property
    def is_scene_referred(self) -> bool:
        """Whether working values stand for scene-linear light that has no white."""
        return self in (Transfer.SCENE, Transfer.ACESCCT)


def acescct_from_linear(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """ACEScct of linear values, any shape, float32. 0.18 -> 0.4135884; 0 -> 0.0729055."""
    low = np.float32(_CCT_SLOPE) * linear + np.float32(_CCT_OFFSET)
    high = (np.log2(np.maximum(linear, np.float32(_CCT_BREAK_LINEAR))) + np.float32(9.72)) / np.float32(17.52)
    return np.where(linear <= _CCT_BREAK_LINEAR, low, high).astype(np.float32)


def linear_from_acescct(coded: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear values of ACEScct, any shape, float32; the inverse of `acescct_from_linear`."""
    low = (coded - np.float32(_CCT_OFFSET)) / np.float32(_CCT_SLOPE)
    high = np.exp2(coded * np.float32(17.52) - np.float32(9.72))
    return np.where(coded <= _CCT_BREAK_CODED, low, high).astype(np.float32)


def scene_from_linear(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """SCENE values of scene-linear light, any shape, float32. 0.18 -> 0.461356; 1 -> 1; 60 -> 1.974546."""
    import cv2

    size = np.abs(np.ascontiguousarray(linear, dtype=np.float32)).reshape(-1)
    if not size.size:
        return np.zeros(linear.shape, np.float32)
    coded = cv2.pow(size, 1 / 2.4).reshape(-1)  # four times as fast as numpy's
    coded = coded * np.float32(1.055) - np.float32(0.055)
    coded = np.where(size <= 0.0031308, size * np.float32(12.92), coded)
    bright = np.flatnonzero(size > 1)
    coded[bright] = 1 + _HIGHLIGHT * np.log1p((size[bright] - 1) * np.float32(_AT_WHITE / _HIGHLIGHT))
    return np.copysign(coded.reshape(linear.shape), linear).astype(np.float32)


def linear_from_scene(coded: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scene-linear light of SCENE values, any shape, float32; the inverse of `scene_from_linear`."""
    import cv2

    size = np.abs(np.ascontiguousarray(coded, dtype=np.float32)).reshape(-1)
    if not size.size:
        return np.zeros(coded.shape, np.float32)
    linear = cv2.pow((size + np.float32(0.055)) * np.float32(1 / 1.055), 2.4).reshape(-1)
    linear = np.where(size <= 0.04045, size * np.float32(1 / 12.92), linear)
    bright = np.flatnonzero(size > 1)
    with np.errstate(over="ignore"):  # what no light has
        far = np.expm1((size[bright] - 1) * np.float32(1 / _HIGHLIGHT))
    linear[bright] = 1 + far * np.float32(_HIGHLIGHT / _AT_WHITE)
    return np.copysign(linear.reshape(coded.shape), coded).astype(np.float32)


def finite_working(working: NDArray[np.float32]) -> NDArray[np.float32]:
    """Working values with NaN as 0 and infinities at the ends of what is ever worked with, -0.6 and 3.4; the
    very array where all are finite.
    """
    with np.errstate(all="ignore"):
        total = working.sum()  # one pass: whatever is not finite makes the sum so
    if np.isfinite(total):
        return working
    return np.nan_to_num(working, nan=0.0, posinf=3.4, neginf=-0.6)


def to_linear(working: torch.Tensor, transfer: Transfer) -> torch.Tensor:
    """Linear light of working values: float32 tensor of any shape, on any device."""
    import torch

    if transfer is Transfer.ACESCCT:
        low = (working - _CCT_OFFSET) / _CCT_SLOPE
        return torch.where(working <= _CCT_BREAK_CODED, low, torch.exp2(working * 17.52 - 9.72))
    size = working.abs()
    if transfer is Transfer.SCENE:
        dark = torch.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055).pow(2.4))
        far = torch.expm1((size - 1).clamp(min=0) / _HIGHLIGHT) * (_HIGHLIGHT / _AT_WHITE)
        linear = torch.where(size <= 1, dark, 1 + far)
    elif transfer is Transfer.BT1886:
        linear = size.pow(2.4)
    elif transfer is Transfer.SRGB:
        linear = torch.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055).pow(2.4))
    elif transfer is Transfer.PQ:
        root = size.clamp(max=1.0).pow(1 / _PQ_M2)
        linear = ((root - _PQ_C1).clamp(min=0) / (_PQ_C2 - _PQ_C3 * root)).pow(1 / _PQ_M1)
        linear = linear / _PQ_REFERENCE_WHITE
    else:
        linear = torch.where(
            size <= 0.5, size.square() / 3, (torch.exp((size - _HLG_C) / _HLG_A) + _HLG_B) / 12
        )
    return torch.copysign(linear, working)


def to_working(linear: torch.Tensor, transfer: Transfer) -> torch.Tensor:
    """Working values of linear light; the inverse of `to_linear`."""
    import torch

    if transfer is Transfer.ACESCCT:
        low = _CCT_SLOPE * linear + _CCT_OFFSET
        high = (torch.log2(linear.clamp(min=_CCT_BREAK_LINEAR)) + 9.72) / 17.52
        return torch.where(linear <= _CCT_BREAK_LINEAR, low, high)
    size = linear.abs()
    if transfer is Transfer.SCENE:
        dark = torch.where(size <= 0.0031308, size * 12.92, 1.055 * size.pow(1 / 2.4) - 0.055)
        far = _HIGHLIGHT * torch.log1p((size - 1).clamp(min=0) * (_AT_WHITE / _HIGHLIGHT))
        working = torch.where(size <= 1, dark, 1 + far)
    elif transfer is Transfer.BT1886:
        working = size.pow(1 / 2.4)
    elif transfer is Transfer.SRGB:
        working = torch.where(size <= 0.0031308, size * 12.92, 1.055 * size.pow(1 / 2.4) - 0.055)
    elif transfer is Transfer.PQ:
        powered = (size * _PQ_REFERENCE_WHITE).pow(_PQ_M1)
        working = ((_PQ_C1 + _PQ_C2 * powered) / (1 + _PQ_C3 * powered)).pow(_PQ_M2)
    else:
        working = torch.where(
            size <= 1 / 12,
            (3 * size).sqrt(),
            _HLG_A * torch.log((12 * size - _HLG_B).clamp(min=1e-6)) + _HLG_C,
        )
    return torch.copysign(working, linear)

# SPDX-License-Identifier: Apache-2.0
"""Transfer functions: between *working* values and scene- or display-linear light.

Plosive tracks, warps and levels pixels in a **working encoding**: R'G'B' float32 in which equal steps
look about equal and that can be undone without loss. For video and integer stills it is the coded
R'G'B' itself (0 = black, 1 = white, excursions beyond kept); for float EXR, whose values are linear,
it is ACEScct. Merging happens on linear light, so each frame names its `Transfer`.

| Transfer | working values | source of the formula |
|---|---|---|
| BT1886 | gamma 2.4, black 0 | ITU-R BT.1886 Annex 1 with L_B = 0 |
| SRGB | sRGB | IEC 61966-2-1 |
| PQ | perceptual quantiser, 1.0 linear = 100 cd/m2 | SMPTE ST 2084 |
| HLG | scene-linear of hybrid log-gamma | ITU-R BT.2100 table 5 |
| ACESCCT | ACEScct | S-2016-001 |

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
    "to_linear",
    "to_working",
]

_CCT_BREAK_LINEAR = 0.0078125
_CCT_BREAK_CODED = 0.155251141552511
_CCT_SLOPE = 10.5402377416545
_CCT_OFFSET = 0.0729055341958355

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


def finite_working(working: NDArray[np.float32]) -> NDArray[np.float32]:
    """Working values with NaN as 0 and infinities at the ends of what is ever worked with, -0.4 and 1.6; the
    very array where all are finite.
    """
    with np.errstate(all="ignore"):
        total = working.sum()  # one pass: whatever is not finite makes the sum so
    if np.isfinite(total):
        return working
    return np.nan_to_num(working, nan=0.0, posinf=1.6, neginf=-0.4)


def to_linear(working: torch.Tensor, transfer: Transfer) -> torch.Tensor:
    """Linear light of working values: float32 tensor of any shape, on any device."""
    import torch

    if transfer is Transfer.ACESCCT:
        low = (working - _CCT_OFFSET) / _CCT_SLOPE
        return torch.where(working <= _CCT_BREAK_CODED, low, torch.exp2(working * 17.52 - 9.72))
    size = working.abs()
    if transfer is Transfer.BT1886:
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
    if transfer is Transfer.BT1886:
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

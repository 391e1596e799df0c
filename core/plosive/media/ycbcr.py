# SPDX-License-Identifier: Apache-2.0
"""The arithmetic between Y'CbCr code values and R'G'B', for the usual matrices, ranges and depths."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

__all__ = ["CodeRange", "Matrix", "matrix_of_tag"]

Floats = NDArray[np.float32]

_TAGS = {1: "BT709", 4: "FCC", 5: "BT601", 6: "BT601", 7: "SMPTE240M", 9: "BT2020", 10: "BT2020"}


class Matrix(Enum):
    """Luma weights (Kr, Kb) of a Y'CbCr system."""

    BT601 = (0.299, 0.114)
    BT709 = (0.2126, 0.0722)
    BT2020 = (0.2627, 0.0593)
    FCC = (0.30, 0.11)
    SMPTE240M = (0.212, 0.087)

    @property
    def luma_weights(self) -> tuple[float, float, float]:
        """(Kr, Kg, Kb)."""
        red, blue = self.value
        return red, 1.0 - red - blue, blue

    def rgb(self, luma: Floats, blue_difference: Floats, red_difference: Floats) -> Floats:
        """R'G'B' (h, w, 3) of Y' (0..1) and Cb, Cr (-0.5..0.5), each (h, w). Nothing is clipped."""
        kr, kg, kb = self.luma_weights
        result = np.empty((*luma.shape, 3), np.float32)
        np.add(luma, red_difference * np.float32(2 * (1 - kr)), out=result[..., 0])
        np.add(luma, blue_difference * np.float32(2 * (1 - kb)), out=result[..., 2])
        result[..., 1] = luma
        result[..., 1] -= red_difference * np.float32(2 * (1 - kr) * kr / kg)
        result[..., 1] -= blue_difference * np.float32(2 * (1 - kb) * kb / kg)
        return result

    def ycbcr(self, rgb: Floats) -> tuple[Floats, Floats, Floats]:
        """(Y', Cb, Cr) of R'G'B' (..., 3), linear, so it converts differences too."""
        kr, kg, kb = (np.float32(weight) for weight in self.luma_weights)
        luma = rgb[..., 0] * kr + rgb[..., 1] * kg + rgb[..., 2] * kb
        blue_difference = (rgb[..., 2] - luma) / (2 * (1 - kb))
        red_difference = (rgb[..., 0] - luma) / (2 * (1 - kr))
        return luma, blue_difference, red_difference


@dataclass(frozen=True)
class CodeRange:
    """How code values of one depth map to Y' 0..1 and Cb, Cr -0.5..0.5."""

    bit_depth: int
    is_full: bool

    @property
    def luma_scale(self) -> float:
        """Code values from black to white."""
        return float((1 << self.bit_depth) - 1) if self.is_full else 219.0 * self._unit

    @property
    def luma_offset(self) -> float:
        return 0.0 if self.is_full else 16.0 * self._unit

    @property
    def chroma_scale(self) -> float:
        return float((1 << self.bit_depth) - 1) if self.is_full else 224.0 * self._unit

    @property
    def chroma_offset(self) -> float:
        return float(1 << (self.bit_depth - 1))

    @property
    def legal_codes(self) -> tuple[int, int]:
        """Lowest and highest code a container may carry: SDI keeps 0..3 and 1020..1023 (of 10 bits)."""
        top = (1 << self.bit_depth) - 1
        if self.is_full:
            return 0, top
        reserved = max(1, int(self._unit))
        return reserved, top - reserved

    @property
    def _unit(self) -> float:
        return float(1 << (self.bit_depth - 8))


def matrix_of_tag(tag: int, primaries: int, width: int, height: int) -> Matrix:
    """The matrix a file means by its `colorspace` tag (H.273); untagged files are guessed as players do.

    Untagged: BT.2020 when the primaries say so, else BT.709 above standard definition, else BT.601.
    """
    if tag in _TAGS:
        return Matrix[_TAGS[tag]]
    if primaries == 9:
        return Matrix.BT2020
    return Matrix.BT709 if height > 576 or width >= 1280 else Matrix.BT601

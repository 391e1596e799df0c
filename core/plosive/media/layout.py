# SPDX-License-Identifier: Apache-2.0
"""How the samples of a video picture lie in its planes, read from FFmpeg's pixel format name.

Plosive works on planar integer formats. Others (NV12, packed RGB, ...) are first turned, without
loss, into the planar one that `planar_name` gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import DTypeLike

from plosive.geometry import Box

__all__ = ["Model", "SampleLayout", "planar_name"]

_YUV = re.compile(r"yuv(j?)(a?)(410|411|420|422|440|444)p(9|10|12|14|16)?(?:le)?")
_RGB = re.compile(r"gbr(a?)p(9|10|12|14|16)?(?:le)?")
_GRAY = re.compile(r"gray(9|10|12|14|16)?(?:le)?")
_SHIFTS = {"410": (2, 2), "411": (2, 0), "420": (1, 1), "422": (1, 0), "440": (0, 1), "444": (0, 0)}

_PLANAR_OF = {
    **dict.fromkeys(("nv12", "nv21"), "yuv420p"),
    **dict.fromkeys(("nv16", "yuyv422", "uyvy422", "yvyu422"), "yuv422p"),
    **dict.fromkeys(("nv24", "nv42", "vuyx", "vyu444"), "yuv444p"),
    **dict.fromkeys(("p010le", "p010be"), "yuv420p10le"),
    **dict.fromkeys(("p012le", "p012be"), "yuv420p12le"),
    **dict.fromkeys(("p016le", "p016be"), "yuv420p16le"),
    **dict.fromkeys(("p210le", "p210be", "nv20le", "nv20be", "y210le", "y210be"), "yuv422p10le"),
    **dict.fromkeys(("p212le", "p212be", "y212le", "y212be"), "yuv422p12le"),
    **dict.fromkeys(("p216le", "p216be", "y216le", "y216be"), "yuv422p16le"),
    **dict.fromkeys(("p410le", "p410be", "xv30le", "xv30be", "v30xle", "v30xbe"), "yuv444p10le"),
    **dict.fromkeys(("p412le", "p412be", "xv36le", "xv36be"), "yuv444p12le"),
    **dict.fromkeys(("p416le", "p416be", "xv48le", "xv48be"), "yuv444p16le"),
    **dict.fromkeys(("ayuv", "vuya", "uyva"), "yuva444p"),
    **dict.fromkeys(("ayuv64le", "ayuv64be"), "yuva444p16le"),
    "uyyvyy411": "yuv411p",
    **dict.fromkeys(("rgba", "bgra", "argb", "abgr", "pal8", "ya8"), "gbrap"),
    **dict.fromkeys(("rgba64le", "rgba64be", "bgra64le", "bgra64be", "ya16le", "ya16be"), "gbrap16le"),
    **dict.fromkeys(("rgb48le", "rgb48be", "bgr48le", "bgr48be"), "gbrp16le"),
    **dict.fromkeys(("x2rgb10le", "x2rgb10be", "x2bgr10le", "x2bgr10be"), "gbrp10le"),
    **dict.fromkeys(("monow", "monob"), "gray"),
}


class Model(Enum):
    """What the planes mean."""

    YCBCR = "ycbcr"
    RGB = "rgb"
    GRAY = "gray"


@dataclass(frozen=True)
class SampleLayout:
    """Planar integer samples. Planes are Y, Cb, Cr[, A]; G, B, R[, A]; or Y.

    `chroma_shift_x` and `chroma_shift_y` are log2 of the luma pixels one chroma sample covers.
    """

    name: str
    model: Model
    bit_depth: int
    chroma_shift_x: int
    chroma_shift_y: int
    has_alpha: bool
    is_always_full_range: bool

    @property
    def dtype(self) -> DTypeLike:
        return np.uint8 if self.bit_depth == 8 else np.dtype("<u2")

    @property
    def plane_count(self) -> int:
        return (1 if self.model is Model.GRAY else 3) + self.has_alpha

    def is_chroma(self, plane: int) -> bool:
        return self.model is Model.YCBCR and plane in (1, 2)

    def plane_size(self, plane: int, width: int, height: int) -> tuple[int, int]:
        """(width, height) of a plane of a picture `width` x `height`; chroma at the edge counts whole."""
        if self.is_chroma(plane):
            return -(-width >> self.chroma_shift_x), -(-height >> self.chroma_shift_y)
        return width, height

    def plane_box(self, plane: int, box: Box) -> Box:
        """The samples of a plane that picture pixels `box` touch; chroma at the edge counts whole."""
        if not self.is_chroma(plane):
            return box
        right, bottom = self.plane_size(plane, box.right_exclusive, box.bottom_exclusive)
        return Box(box.left >> self.chroma_shift_x, box.top >> self.chroma_shift_y, right, bottom)

    @staticmethod
    def parse(name: str) -> SampleLayout | None:
        """The layout of a planar little-endian format, or None for any other format."""
        if match := _YUV.fullmatch(name):
            shift_x, shift_y = _SHIFTS[match[3]]
            return SampleLayout(
                name, Model.YCBCR, int(match[4] or 8), shift_x, shift_y, bool(match[2]), bool(match[1])
            )
        if match := _RGB.fullmatch(name):
            return SampleLayout(name, Model.RGB, int(match[2] or 8), 0, 0, bool(match[1]), True)
        if match := _GRAY.fullmatch(name):
            return SampleLayout(name, Model.GRAY, int(match[1] or 8), 0, 0, False, False)
        return None


def planar_name(name: str, is_rgb: bool, has_alpha: bool, bits: int) -> str:
    """The planar little-endian format that holds every sample of format `name`.

    For formats not known by name the last three arguments choose the nearest deeper RGB or YCbCr.
    """
    if SampleLayout.parse(name) is not None:
        return name
    if name in _PLANAR_OF:
        return _PLANAR_OF[name]
    if name.endswith("be") and SampleLayout.parse(name[:-2] + "le") is not None:
        return name[:-2] + "le"
    depth = "" if bits <= 8 else "16le"
    if is_rgb:
        return f"gbr{'a' if has_alpha else ''}p{depth}"
    return f"yuv{'a' if has_alpha else ''}444p{depth}"

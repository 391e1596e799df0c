# SPDX-License-Identifier: Apache-2.0
"""One image file with a few of its samples changed: what the patchers of EXR, DPX, TIFF and PNG are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.imagefile import ImageLayout

__all__ = ["ImageEdit"]


@dataclass(frozen=True)
class ImageEdit:
    """`layout.path` with its colour channels (`layout.channels` of `layout.part`) changed inside `box`.

    `before` and `after` hold one array (data_height, data_width) per channel of `layout.channels`, in the
    type OpenImageIO reads it in (`imagefile.read_planes`: integers of less than 8 or 16 bits stretched to the
    whole range). `box` is in coordinates of these arrays; outside it they are equal to the bit.
    """

    layout: ImageLayout
    before: tuple[NDArray[Any], ...]
    after: tuple[NDArray[Any], ...]
    box: Box

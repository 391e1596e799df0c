# SPDX-License-Identifier: Apache-2.0
"""Two decoded pictures of a video: how far apart their samples are inside and outside the matte."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media.layout import SampleLayout
from plosive.verify.blocks import plane_mask
from plosive.verify.matte import Mask

__all__ = ["PictureDifference", "compare_pictures"]

Planes = list[NDArray[Any]]


@dataclass(frozen=True)
class PictureDifference:
    """Of samples outside the matte (all where there is none): how many there are and differ, the largest
    difference and the sum of them in code values, and the peak signal-to-noise ratio of luma in dB (infinite
    where it is equal). `inside` counts samples inside that differ.
    """

    samples: int
    differing: int
    largest: int
    total: int
    psnr: float
    inside: int


def compare_pictures(
    ours: Planes, theirs: Planes, layout: SampleLayout, mask: Mask | None
) -> PictureDifference:
    """Planes of one layout and size; a chroma sample is outside where it covers no pixel of `mask`."""
    samples = differing = largest = total = inside = 0
    psnr = math.inf
    for plane, (mine, its) in enumerate(zip(ours, theirs, strict=True)):
        apart = np.abs(mine.astype(np.int32) - its.astype(np.int32))
        shifts = (layout.chroma_shift_x, layout.chroma_shift_y) if layout.is_chroma(plane) else (0, 0)
        if mask is not None:
            covered = plane_mask(mask, mine, *shifts)
            inside += int(np.count_nonzero(apart[covered]))
            apart = apart[~covered]
        samples += apart.size
        differing += int(np.count_nonzero(apart))
        largest = max(largest, int(apart.max(initial=0)))
        total += int(apart.sum(dtype=np.int64))
        if plane == 0 and apart.size:
            square = float(np.mean(np.square(apart, dtype=np.float64)))
            if square > 0:
                psnr = 10 * math.log10(((1 << layout.bit_depth) - 1) ** 2 / square)
    return PictureDifference(samples, differing, largest, total, psnr, inside)

# SPDX-License-Identifier: Apache-2.0
"""Reading a box of R'G'B' out of stored planes, and adding a change of R'G'B' back into them.

Everything here is in stored coordinates (not turned upright) and works on one box, so its cost does
not grow with the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.layout import Model, SampleLayout
from plosive.media.ycbcr import CodeRange, Matrix

__all__ = ["PlaneCoding"]

Floats = NDArray[np.float32]
Plane = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class PlaneCoding:
    """How planes of integer samples stand for R'G'B': layout, matrix and range."""

    layout: SampleLayout
    matrix: Matrix
    code_range: CodeRange

    def rgb(self, planes: Sequence[Plane], box: Box) -> Floats:
        """R'G'B' of `box`: (h, w, 3) float32, 0..1 nominal, not clipped. Chroma is linearly upsampled."""
        rows, columns = box.slices
        if self.layout.model is Model.RGB:
            green, blue, red = (plane[rows, columns] for plane in planes[:3])
            result = np.stack((red, green, blue), axis=-1).astype(np.float32)
            return np.asarray(result * np.float32(1.0 / self.code_range.luma_scale), np.float32)
        luma = self._luma(planes[0][rows, columns])
        if self.layout.model is Model.GRAY:
            return np.repeat(luma[..., None], 3, axis=-1)
        return self.matrix.rgb(luma, self._chroma(planes[1], box), self._chroma(planes[2], box))

    def add_change(
        self, planes: Sequence[Plane], box: Box, change: Floats, touched: NDArray[np.bool_]
    ) -> None:
        """Add `change` (h, w, 3) of R'G'B' where `touched` (h, w), in place.

        A subsampled chroma sample takes the mean change of the pixels it covers, and only if all of them
        are touched. Samples whose rounded change is zero keep their exact value.
        """
        nothing = np.float32(0)
        scale = self.code_range.luma_scale
        if self.layout.model is Model.RGB:
            for plane, channel in zip(planes[:3], (1, 2, 0), strict=True):
                self._add(plane, box, np.where(touched, change[..., channel], nothing) * np.float32(scale))
            return
        luma, *chroma = (np.where(touched, part, nothing) for part in self.matrix.ycbcr(change))
        self._add(planes[0], box, luma * np.float32(scale))
        if self.layout.model is Model.GRAY:
            return
        for plane, delta in zip(planes[1:3], chroma, strict=True):
            samples, mean = self._covered_mean(planes[0].shape, box, delta, touched)
            self._add(plane, samples, mean * np.float32(self.code_range.chroma_scale))

    def _luma(self, codes: Plane) -> Floats:
        luma = codes.astype(np.float32)
        if self.code_range.luma_offset:
            luma -= np.float32(self.code_range.luma_offset)
        luma *= np.float32(1.0 / self.code_range.luma_scale)
        return luma

    def _chroma(self, plane: Plane, box: Box) -> Floats:
        samples = self._chroma_box(box)
        margin = Box(
            samples.left - 1, samples.top - 1, samples.right_exclusive + 1, samples.bottom_exclusive + 1
        ).clipped(plane.shape[1], plane.shape[0])
        values = plane[margin.slices].astype(np.float32)
        values -= np.float32(self.code_range.chroma_offset)
        values *= np.float32(1.0 / self.code_range.chroma_scale)
        step_x, step_y = 1 << self.layout.chroma_shift_x, 1 << self.layout.chroma_shift_y
        if step_x > 1 or step_y > 1:
            import cv2

            size = (values.shape[1] * step_x, values.shape[0] * step_y)
            values = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), np.float32)
        left, top = box.left - margin.left * step_x, box.top - margin.top * step_y
        return values[top : top + box.height, left : left + box.width]

    def _chroma_box(self, box: Box) -> Box:
        shift_x, shift_y = self.layout.chroma_shift_x, self.layout.chroma_shift_y
        return Box(
            box.left >> shift_x,
            box.top >> shift_y,
            -(-box.right_exclusive >> shift_x),
            -(-box.bottom_exclusive >> shift_y),
        )

    def _covered_mean(
        self, luma_shape: tuple[int, ...], box: Box, delta: Floats, touched: NDArray[np.bool_]
    ) -> tuple[Box, Floats]:
        """(box of chroma samples, their change); zero where a covered pixel of the picture is not touched."""
        samples = self._chroma_box(box)
        shift_x, shift_y = self.layout.chroma_shift_x, self.layout.chroma_shift_y
        if shift_x == 0 and shift_y == 0:
            return samples, delta
        step_x, step_y = 1 << shift_x, 1 << shift_y
        before = (box.top - samples.top * step_y, box.left - samples.left * step_x)
        after = (
            samples.bottom_exclusive * step_y - box.bottom_exclusive,
            samples.right_exclusive * step_x - box.right_exclusive,
        )
        pads = ((before[0], after[0]), (before[1], after[1]))
        height, width = luma_shape[:2]
        counted = np.pad(touched, pads)
        total = np.pad(delta, pads)
        weight = counted.astype(np.float32)
        if samples.right_exclusive * step_x > width:  # covered columns past the picture's edge do not exist
            counted[:, counted.shape[1] - (samples.right_exclusive * step_x - width) :] = True
        if samples.bottom_exclusive * step_y > height:
            counted[counted.shape[0] - (samples.bottom_exclusive * step_y - height) :] = True
        # Added up slice by slice: numpy's reductions over short inner axes take ten times as long.
        corners = [np.s_[down::step_y, across::step_x] for down in range(step_y) for across in range(step_x)]
        whole = np.ones((samples.height, samples.width), dtype=np.bool_)
        count, mean = np.zeros(whole.shape, np.float32), np.zeros(whole.shape, np.float32)
        for corner in corners:
            whole &= counted[corner]
            count += weight[corner]
            mean += total[corner]
        mean /= np.maximum(count, np.float32(1))
        return samples, np.where(whole, mean, np.float32(0))

    def _add(self, plane: Plane, box: Box, delta: Floats) -> None:
        """Add rounded code-value changes to the samples of `box`, kept legal."""
        steps = np.rint(delta).astype(np.int32)
        changed = steps != 0
        if not changed.any():
            return
        view = plane[box.slices]
        codes = view.astype(np.int32)
        lowest, highest = self.code_range.legal_codes
        codes = np.where(changed, np.clip(codes + steps, lowest, highest), codes)
        view[...] = codes.astype(plane.dtype)

# SPDX-License-Identifier: Apache-2.0
"""Whole pictures from one coding to another, for results in another format than the plate's.

Y'CbCr to Y'CbCr of the same matrix never passes through RGB: luma codes are scaled exactly and only
chroma is resampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.layout import Model, SampleLayout, planar_name
from plosive.media.planes import PlaneCoding
from plosive.media.videoframe import plane_views
from plosive.media.ycbcr import CodeRange, Matrix

if TYPE_CHECKING:
    import av

__all__ = ["picture_from_planes", "picture_from_rgb", "target_coding"]

Plane = NDArray[Any]


def target_coding(pixel_format: str, matrix: Matrix, is_full_range: bool) -> PlaneCoding:
    """The planar coding through which pictures of FFmpeg's `pixel_format` are made."""
    import av

    known = av.VideoFormat(pixel_format, 16, 16)
    name = planar_name(
        pixel_format,
        known.is_rgb,
        any(part.is_alpha for part in known.components),
        max((part.bits for part in known.components), default=8),
    )
    layout = SampleLayout.parse(name)
    if layout is None:
        raise ValueError(f"no planar form of {pixel_format}")
    return PlaneCoding(
        layout, matrix, CodeRange(layout.bit_depth, is_full_range or layout.is_always_full_range)
    )


def picture_from_planes(planes: Sequence[Plane], source: PlaneCoding, target: PlaneCoding) -> av.VideoFrame:
    """A picture in `target` of the stored planes (h, w) in `source`."""
    height, width = planes[0].shape
    colours = {Model.YCBCR, Model.GRAY}
    if source.layout.model in colours and target.layout.model in colours and source.matrix is target.matrix:
        return _rescaled(planes, source, target)
    if source.layout.model is Model.RGB and target.layout.model is Model.RGB:
        return _rescaled(planes, source, target)
    rgb = source.rgb(planes, Box(0, 0, width, height))
    alpha = None
    if source.layout.has_alpha and target.layout.has_alpha:
        alpha = _scaled(planes[-1].astype(np.float32), *_alpha_scale(source, target))
    return picture_from_rgb(rgb, target, alpha)


def picture_from_rgb(
    rgb: NDArray[np.float32], target: PlaneCoding, alpha: NDArray[np.float32] | None = None
) -> av.VideoFrame:
    """A picture in `target` of R'G'B' (h, w, 3), 0..1. `alpha` (h, w) is in the target's codes, or None."""
    import av

    height, width = rgb.shape[:2]
    picture = av.VideoFrame(width, height, target.layout.name)
    views = plane_views(picture, target.layout)
    codes = target.code_range
    if target.layout.model is Model.RGB:
        for view, channel in zip(views[:3], (1, 2, 0), strict=True):
            _store(view, rgb[..., channel] * np.float32(codes.luma_scale), target)
    else:
        luma, *chroma = target.matrix.ycbcr(rgb)
        _store(views[0], luma * np.float32(codes.luma_scale) + np.float32(codes.luma_offset), target)
        if target.layout.model is Model.YCBCR:
            for view, difference in zip(views[1:3], chroma, strict=True):
                small = _resampled(difference, view.shape, (0, 0), _shifts(target))
                _store(view, small * np.float32(codes.chroma_scale) + np.float32(codes.chroma_offset), target)
    if target.layout.has_alpha:
        views[-1][...] = _opaque(target) if alpha is None else alpha
    return picture


def _rescaled(planes: Sequence[Plane], source: PlaneCoding, target: PlaneCoding) -> av.VideoFrame:
    """Same colours, other depth, range or chroma resolution."""
    import av

    height, width = planes[0].shape
    picture = av.VideoFrame(width, height, target.layout.name)
    views = plane_views(picture, target.layout)
    ours, theirs = source.code_range, target.code_range
    colour_count = 1 if source.layout.model is Model.GRAY else 3
    for number, view in enumerate(views):
        is_alpha = target.layout.has_alpha and number == len(views) - 1
        if is_alpha:
            if source.layout.has_alpha:
                view[...] = _scaled(planes[-1].astype(np.float32), *_alpha_scale(source, target))
            else:
                view[...] = _opaque(target)
        elif number >= colour_count:
            view[...] = int(theirs.chroma_offset)
        elif target.layout.is_chroma(number):
            samples = _resampled(planes[number], view.shape, _shifts(source), _shifts(target))
            factor = theirs.chroma_scale / ours.chroma_scale
            _put(view, samples, ours.chroma_offset, factor, theirs.chroma_offset, target)
        else:
            factor = theirs.luma_scale / ours.luma_scale
            _put(view, planes[number], ours.luma_offset, factor, theirs.luma_offset, target)
    return picture


def _put(
    view: Plane, samples: Plane, offset_in: float, factor: float, offset_out: float, target: PlaneCoding
) -> None:
    """Store (samples - offset_in) * factor + offset_out; whole factors of integers stay in integers."""
    if factor == 1.0 and offset_in == offset_out and samples.dtype == view.dtype:
        view[...] = samples
    elif samples.dtype.kind == "u" and factor.is_integer() and offset_in * factor == offset_out:
        np.multiply(samples, int(factor), out=view, dtype=view.dtype, casting="unsafe")
    else:
        scaled = (samples.astype(np.float32) - np.float32(offset_in)) * np.float32(factor)
        _store(view, scaled + np.float32(offset_out), target, is_clipped_to_legal=False)


def _store(
    view: Plane, codes: NDArray[np.float32], target: PlaneCoding, is_clipped_to_legal: bool = True
) -> None:
    top = (1 << target.layout.bit_depth) - 1
    lowest, highest = target.code_range.legal_codes if is_clipped_to_legal else (0, top)
    view[...] = np.clip(np.rint(codes), lowest, highest)


def _resampled(
    samples: Plane, shape: tuple[int, ...], source: tuple[int, int], target: tuple[int, int]
) -> Plane:
    """Chroma at another resolution: means when fewer, linear when more, untouched when the same."""
    if source == target:
        return samples
    import cv2

    values = np.asarray(samples, np.float32)
    grow_x, grow_y = source[0] - target[0], source[1] - target[1]
    height, width = values.shape
    if grow_x > 0 or grow_y > 0:
        size = (width << max(0, grow_x), height << max(0, grow_y))
        values = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR))
    step_x, step_y = 1 << max(0, -grow_x), 1 << max(0, -grow_y)
    if step_x > 1 or step_y > 1:
        height, width = values.shape
        pads = ((0, -height % step_y), (0, -width % step_x))
        values = np.pad(values, pads, mode="edge")
        blocks = values.reshape(values.shape[0] // step_y, step_y, values.shape[1] // step_x, step_x)
        values = blocks.mean(axis=(1, 3), dtype=np.float32)
    return values[: shape[0], : shape[1]]


def _shifts(coding: PlaneCoding) -> tuple[int, int]:
    return coding.layout.chroma_shift_x, coding.layout.chroma_shift_y


def _opaque(target: PlaneCoding) -> int:
    return (1 << target.layout.bit_depth) - 1


def _alpha_scale(source: PlaneCoding, target: PlaneCoding) -> tuple[float, int]:
    top = _opaque(target)
    return top / ((1 << source.layout.bit_depth) - 1), top


def _scaled(samples: NDArray[np.float32], factor: float, top: int) -> NDArray[np.float32]:
    codes: NDArray[np.float32] = np.clip(np.rint(samples * np.float32(factor)), 0, top)
    return codes

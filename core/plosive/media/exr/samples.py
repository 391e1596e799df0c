# SPDX-License-Identifier: Apache-2.0
"""Samples of EXR chunks as uncompressed bytes, and back: bit patterns, never numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media.exr.header import Channel, Window

__all__ = ["Bits", "bits_of", "raw_bytes", "raw_size", "sampled", "split_raw"]

Bits = NDArray[np.unsignedinteger[Any]]
"""Samples (h, w) as uint16 (half) or uint32 (float, uint)."""

_BITS: Mapping[int, str] = {2: "<u2", 4: "<u4"}


def bits_of(samples: NDArray[np.generic]) -> Bits:
    """The bit patterns of samples of 2 or 4 bytes, without a copy where that can be."""
    return np.ascontiguousarray(samples).view(_BITS[samples.dtype.itemsize])


def sampled(first: int, end: int, sampling: int) -> int:
    """How many whole multiples of `sampling` lie in `first` to `end` (exclusive); ends may be negative."""
    return (end - 1) // sampling - (first - 1) // sampling


def raw_size(channels: Sequence[Channel], window: Window) -> int:
    """Bytes of the samples in `window` without compression."""
    return sum(
        channel.sample_bytes
        * sampled(window.left, window.right_exclusive, channel.x_sampling)
        * sampled(window.top, window.bottom_exclusive, channel.y_sampling)
        for channel in channels
    )


def raw_bytes(channels: Sequence[Channel], window: Window, planes: Sequence[Bits]) -> NDArray[np.uint8]:
    """`planes` of the channels in `window` as one uncompressed chunk: line by line, in each line channel by
    channel (OpenEXR File Layout, "Scan line blocks").
    """
    made = np.empty(raw_size(channels, window), np.uint8)
    for bits, plane in zip(_rows(channels, window, made), planes, strict=True):
        if isinstance(bits, list):
            for row, samples in zip(bits, plane, strict=True):
                row[:] = samples.view(np.uint8)
        else:
            bits[:] = np.ascontiguousarray(plane).view(np.uint8)
    return made


def split_raw(channels: Sequence[Channel], window: Window, raw: NDArray[np.uint8]) -> list[Bits]:
    """One plane for each channel of an uncompressed chunk of `raw_size` bytes; its samples are copied."""
    planes: list[Bits] = []
    for channel, bits in zip(channels, _rows(channels, window, raw), strict=True):
        rows = np.stack(bits) if isinstance(bits, list) and bits else bits
        if isinstance(rows, list):
            rows = np.empty((0, 0), np.uint8)
        planes.append(np.ascontiguousarray(rows).view(_BITS[channel.sample_bytes]))
    return planes


def _rows(
    channels: Sequence[Channel], window: Window, raw: NDArray[np.uint8]
) -> list[NDArray[np.uint8] | list[NDArray[np.uint8]]]:
    """For each channel where the bytes of its samples lie in `raw`: an array (lines, bytes) where all lines
    are alike, else a list of lines.
    """
    widths = [
        channel.sample_bytes * sampled(window.left, window.right_exclusive, channel.x_sampling)
        for channel in channels
    ]
    if all(channel.y_sampling == 1 for channel in channels):
        lines = raw.reshape(window.height, sum(widths))
        ends = np.cumsum(widths).tolist()
        return [lines[:, end - width : end] for end, width in zip(ends, widths, strict=True)]
    found: list[list[NDArray[np.uint8]]] = [[] for _ in channels]
    at = 0
    for y in range(window.top, window.bottom_exclusive):
        for channel, width, own in zip(channels, widths, found, strict=True):
            if y % channel.y_sampling == 0:
                own.append(raw[at : at + width])
                at += width
    return [*found]

# SPDX-License-Identifier: Apache-2.0
"""Smaller copies of a tiled EXR picture (mip and rip maps), brought after what changed in the picture.

What a level gains is the change of the level above it under a box filter, which maketx and exrmaketiled use
where a side halves without rest. So a level made by another filter keeps its own look, and what lies beside
the change keeps its bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.media.exr.decoding import decoded
from plosive.media.exr.header import Window
from plosive.media.exr.samples import Bits, bits_of
from plosive.media.exr.structure import Chunk, ExrFile, ExrPart
from plosive.media.exr.tiling import TileLevel
from plosive.media.imageedit import ImageEdit

__all__ = ["changed_levels"]

_DTYPES = {0: np.uint32, 1: np.float16, 2: np.float32}


@dataclass(frozen=True, eq=False)
class _Change:
    """What is added to the samples of one level: `values` (channels, h, w) float64 from (left, top) on."""

    left: int
    top: int
    values: NDArray[np.float64]


def changed_levels(
    file: ExrFile, part: ExrPart, places: Sequence[int], edit: ImageEdit
) -> Iterator[tuple[Chunk, list[Bits]]]:
    """The tiles of all smaller levels in which a sample changes, each with what it is to hold."""
    if part.tiles is None or not part.tiles.mode:
        return
    first, *smaller = part.tiles.levels
    changes = {(first.x, first.y): (first, _whole_change(edit))}
    for level in smaller:
        is_mip = part.tiles.mode == 1
        above_x, above_y = (
            (level.x - 1 if level.x else 0),
            (level.y - 1 if is_mip or not level.x else level.y),
        )
        above, change = changes[above_x, above_y]
        change = _reduced(_reduced(change, above, level, 0), above, level, 1)
        changes[level.x, level.y] = (level, change)
        chunks = _covering(part, level, change)
        for chunk, planes in zip(chunks, decoded(file, part, chunks), strict=True):
            made = _with_change(part, chunk, planes, places, change)
            if any(not np.array_equal(*pair) for pair in zip(planes, made, strict=True)):
                yield chunk, made


def _whole_change(edit: ImageEdit) -> _Change:
    rows, columns = edit.box.slices
    values = []
    for before, after in zip(edit.before, edit.after, strict=True):
        was, now = before[rows, columns].astype(np.float64), after[rows, columns].astype(np.float64)
        with np.errstate(invalid="ignore"):
            values.append(np.where(np.isfinite(was) & np.isfinite(now), now - was, 0.0))
    return _Change(edit.box.left, edit.box.top, np.stack(values))


def _reduced(change: _Change, above: TileLevel, level: TileLevel, way: int) -> _Change:
    """`change` across (`way` 0) or down (1) on the next level: means over the pixels each one stands for."""
    size, wanted = (above.width, level.width) if way == 0 else (above.height, level.height)
    if size == wanted:
        return change
    values = change.values if way == 0 else change.values.swapaxes(1, 2)
    start, count = (change.left if way == 0 else change.top), values.shape[2]
    step = size / wanted
    first, end = math.floor(start / step), min(wanted, math.ceil((start + count) / step))
    edges = np.clip(np.arange(first, end + 1) * step - start, 0, count)
    whole = np.floor(edges).astype(np.intp)
    sums = np.concatenate([np.zeros_like(values[..., :1]), np.cumsum(values, axis=2)], axis=2)
    padded = np.concatenate([values, np.zeros_like(values[..., :1])], axis=2)
    means = np.diff(sums[..., whole] + (edges - whole) * padded[..., whole], axis=2) / step
    if way == 0:
        return _Change(first, change.top, means)
    return _Change(change.left, first, means.swapaxes(1, 2))


def _covering(part: ExrPart, level: TileLevel, change: _Change) -> list[Chunk]:
    """The tiles of `level` that `change` lies in, in the order of the table."""
    assert part.tiles is not None
    _, height, width = change.values.shape
    rows = range(change.top // part.tiles.tile_height, -(-(change.top + height) // part.tiles.tile_height))
    columns = range(change.left // part.tiles.tile_width, -(-(change.left + width) // part.tiles.tile_width))
    return [part.chunk(level.first + row * level.columns + column) for row in rows for column in columns]


def _with_change(
    part: ExrPart, chunk: Chunk, planes: Sequence[Bits], places: Sequence[int], change: _Change
) -> list[Bits]:
    whole = part.data_window
    _, height, width = change.values.shape
    window = Window(
        max(chunk.window.left - whole.left, change.left),
        max(chunk.window.top - whole.top, change.top),
        min(chunk.window.right_exclusive - whole.left, change.left + width),
        min(chunk.window.bottom_exclusive - whole.top, change.top + height),
    )
    left, top = chunk.window.left - whole.left, chunk.window.top - whole.top
    inside = _slices(window, left, top)
    taken = _slices(window, change.left, change.top)
    made = list(planes)
    for place, values in zip(places, change.values, strict=True):
        plane = np.array(planes[place])
        samples = plane.view(_DTYPES[part.channels[place].kind])
        samples[inside] = _added(samples[inside], values[taken])
        made[place] = bits_of(samples)
    return made


def _slices(window: Window, left: int, top: int) -> tuple[slice, slice]:
    return (
        slice(window.top - top, window.bottom_exclusive - top),
        slice(window.left - left, window.right_exclusive - left),
    )


def _added(samples: NDArray[Any], values: NDArray[np.float64]) -> NDArray[Any]:
    """`samples` plus `values`, in their own type; what is no number or does not change keeps its bits."""
    with np.errstate(invalid="ignore", over="ignore"):
        wanted = samples.astype(np.float64) + values
        if samples.dtype.kind == "u":
            limits: Any = np.iinfo(samples.dtype)
            wanted = np.rint(wanted)
        else:
            limits = np.finfo(samples.dtype)
        active = np.isfinite(samples) & (values != 0)
        bounded = np.clip(np.where(active, wanted, 0), float(limits.min), float(limits.max))
        return np.where(active, bounded.astype(samples.dtype), samples)

# SPDX-License-Identifier: Apache-2.0
"""Decoded samples of two images of one format, compared bit by bit: every part, level and channel, through
OpenImageIO; EXR with subsampled channels through OpenEXR, for OpenImageIO makes others of those.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box, box_around
from plosive.media.imagefile import channel_types
from plosive.verify.imagelayers import Layer, LayerReader, has_subsampling, opened_exr
from plosive.verify.matte import Mask

__all__ = ["ValueDifference", "compare_values"]

Plane = NDArray[Any]

_BITS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}
_COLOURS = frozenset({"R", "G", "B", "Y", "RY", "BY"})


@dataclass
class ValueDifference:
    """What differs between the samples of two images.

    `inside` and `outside` count samples inside and outside the mask; without a mask all are inside. `box` is
    around all that differ at full size, in pixels of the display window; `pixels` of `all_pixels` differ in
    any channel of the part with the most. `channels` are those that differ, `first` says where the first
    sample outside lies. `values` were compared outside.
    """

    inside: int = 0
    outside: int = 0
    values: int = 0
    pixels: int = 0
    all_pixels: int = 0
    box: Box = field(default_factory=lambda: Box(0, 0, 0, 0))
    channels: dict[str, int] = field(default_factory=dict)
    first: str = ""
    unlike: list[str] = field(default_factory=list)
    """Sentences on channels, types and sizes that are not the plate's; these were not compared."""

    @property
    def not_colours(self) -> list[str]:
        """Channels that differ and are no colours: depth, ids, alpha, ..."""
        return [name for name in self.channels if name.rsplit(".", 1)[-1].upper() not in _COLOURS]


def compare_values(plate: Path, out: Path, mask: Mask | None) -> ValueDifference:
    """What differs in the samples of `out`. `mask` is of the display window; None allows a difference
    everywhere. Raises MediaReadError naming the file that cannot be read.
    """
    found = ValueDifference()
    if plate.suffix.lower() == ".exr" and has_subsampling(plate):
        _compare_subsampled(plate, out, mask, found)
        return found
    with LayerReader(plate) as one, LayerReader(out) as other:
        if len(one.parts) != len(other.parts):
            found.unlike.append(f"it has {len(other.parts)} parts instead of {len(one.parts)}.")
            return found
        for part, (spec, other_spec) in enumerate(zip(one.parts, other.parts, strict=True)):
            complaint = _unlike(spec, other_spec)
            if complaint:
                found.unlike.append(complaint)
            elif spec.deep:
                found.unlike += [] if _deep_equal(one, other, part) else ["its deep samples differ."]
            else:
                changed = np.zeros((spec.height, spec.width), np.bool_)
                for level in range(one.levels(part)):
                    pairs = zip(one.layers(part, level), other.layers(part, level), strict=True)
                    for ours, theirs in pairs:
                        _add(found, ours, theirs, mask, changed if level == 0 else None)
                _count_pixels(found, changed)
    return found


def _add(found: ValueDifference, ours: Layer, theirs: Layer, mask: Mask | None, changed: Mask | None) -> None:
    differs = _bits(ours.plane) != _bits(theirs.plane)
    allowed = None if mask is None else _mask_of(ours, mask)
    found.values += differs.size if allowed is None else int(allowed.size - np.count_nonzero(allowed))
    count = int(np.count_nonzero(differs))
    if not count:
        return
    found.channels[ours.name] = found.channels.get(ours.name, 0) + count
    if ours.level == 0:
        if changed is not None:
            changed |= differs
        box = box_around(differs, Box(0, 0, differs.shape[1], differs.shape[0]))
        found.box = found.box.united(
            Box(
                ours.left + box.left * ours.step_x,
                ours.top + box.top * ours.step_y,
                ours.left + box.right_exclusive * ours.step_x,
                ours.top + box.bottom_exclusive * ours.step_y,
            )
        )
    if allowed is None:
        found.inside += count
        return
    wrong = differs & ~allowed
    bad = int(np.count_nonzero(wrong))
    found.outside += bad
    found.inside += count - bad
    if bad and not found.first:
        row, column = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        x, y = ours.left + int(column) * ours.step_x, ours.top + int(row) * ours.step_y
        at = f" of level {ours.level}" if ours.level else ""
        found.first = f"channel {ours.name}{at} at ({x}, {y})"


def _mask_of(layer: Layer, mask: Mask) -> Mask:
    """Where the samples of `layer` may differ: those that cover any pixel of the mask. At smaller levels one
    sample more on each side, for filters that make them reach further.
    """
    rows, columns = layer.plane.shape
    step_x, step_y = layer.step_x << layer.level, layer.step_y << layer.level
    held = np.zeros((rows * step_y, columns * step_x), np.bool_)
    left, top = layer.left, layer.top
    height, width = mask.shape
    first_row, end_row = max(0, top), min(height, top + held.shape[0])
    first_column, end_column = max(0, left), min(width, left + held.shape[1])
    if first_row < end_row and first_column < end_column:
        held[first_row - top : end_row - top, first_column - left : end_column - left] = mask[
            first_row:end_row, first_column:end_column
        ]
    if step_x == step_y == 1:
        return held
    small = np.asarray(held.reshape(rows, step_y, columns, step_x).any(axis=(1, 3)), np.bool_)
    if layer.level:
        grown = np.pad(small, 1)
        small = np.asarray(
            np.logical_or.reduce(
                [
                    grown[down : down + rows, right : right + columns]
                    for down in range(3)
                    for right in range(3)
                ]
            ),
            np.bool_,
        )
    return small


def _count_pixels(found: ValueDifference, changed: Mask) -> None:
    count = int(np.count_nonzero(changed))
    if found.all_pixels == 0 or count * found.all_pixels > found.pixels * changed.size:
        found.pixels, found.all_pixels = count, int(changed.size)


def _bits(plane: Plane) -> Plane:
    """Samples as whole numbers of their bits: NaN equals itself only with the same payload, 0 is not -0."""
    return np.ascontiguousarray(plane).view(_BITS[plane.dtype.itemsize])


def _unlike(ours: Any, theirs: Any) -> str:
    if ours.deep != theirs.deep:
        return "one is deep, the other flat."
    if list(ours.channelnames) != list(theirs.channelnames):
        lost = [name for name in ours.channelnames if name not in theirs.channelnames]
        new = [name for name in theirs.channelnames if name not in ours.channelnames]
        said = [f"lacks {', '.join(lost)}"] if lost else []
        said += [f"has {', '.join(new)} besides"] if new else []
        told = " and ".join(said) or "has them in another order"
        return f"its channels are not the plate's: it {told}."
    if channel_types(ours) != channel_types(theirs):
        return f"its samples are {channel_types(theirs)[0]} instead of {channel_types(ours)[0]}."
    windows = [
        (spec.x, spec.y, spec.width, spec.height, spec.full_x, spec.full_y, spec.full_width, spec.full_height)
        for spec in (ours, theirs)
    ]
    if windows[0] != windows[1]:
        return (
            f"its windows are not the plate's: data {theirs.width}x{theirs.height} at "
            f"({theirs.x}, {theirs.y}), display {theirs.full_width}x{theirs.full_height}."
        )
    return ""


def _deep_equal(one: LayerReader, other: LayerReader, part: int) -> bool:
    ours, theirs = one.deep(part), other.deep(part)
    if ours.pixels != theirs.pixels or ours.channels != theirs.channels:
        return False
    for pixel in range(ours.pixels):
        samples = ours.samples(pixel)
        if samples != theirs.samples(pixel):
            return False
        for channel in range(ours.channels):
            for sample in range(samples):
                # By bits where it is a whole number, by text for floats, in which NaN equals itself.
                a, b = (data.deep_value(pixel, channel, sample) for data in (ours, theirs))
                if a != b and repr(a) != repr(b):
                    return False
    return True


def _compare_subsampled(plate: Path, out: Path, mask: Mask | None, found: ValueDifference) -> None:
    ours, theirs = opened_exr(plate, False), opened_exr(out, False)
    if len(ours.parts) != len(theirs.parts):
        found.unlike.append(f"it has {len(theirs.parts)} parts instead of {len(ours.parts)}.")
        return
    for one, other in zip(ours.parts, theirs.parts, strict=True):
        if list(one.channels) != list(other.channels):
            found.unlike.append("its channels are not the plate's.")
            continue
        data, display = one.header["dataWindow"], one.header["displayWindow"]
        left, top = (int(data[0][axis]) - int(display[0][axis]) for axis in (0, 1))
        for name, channel in one.channels.items():
            mine, its = channel.pixels, other.channels[name].pixels
            if mine.shape != its.shape or mine.dtype != its.dtype:
                found.unlike.append(f"channel {name} has another size or type.")
                continue
            layers = [
                Layer(name, plane, left, top, channel.xSampling, channel.ySampling) for plane in (mine, its)
            ]
            full = (channel.xSampling, channel.ySampling) == (1, 1)
            changed = np.zeros(mine.shape, np.bool_)
            _add(found, layers[0], layers[1], mask, changed)
            if full:
                _count_pixels(found, changed)

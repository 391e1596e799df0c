# SPDX-License-Identifier: Apache-2.0
"""Which samples of an edit differ, and the proof that a written file holds just them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaReadError, NotPatchableError
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import OpenedImage

__all__ = ["TouchedRows", "bits_of", "require_reads_as", "touched_rows"]

Plane = NDArray[Any]


@dataclass(frozen=True)
class TouchedRows:
    """The rows `first` to `end` (exclusive) of a picture between which samples differ.

    `masks` tells for each of `edit.layout.channels` which samples do, (end - first, data_width) bool.
    """

    first: int
    end: int
    masks: tuple[NDArray[np.bool_], ...]

    @property
    def rows(self) -> slice:
        return slice(self.first, self.end)


def touched_rows(edit: ImageEdit) -> TouchedRows | None:
    """The rows with changed samples; None where nothing differs. Raises NotPatchableError on arrays that do
    not fit the layout.
    """
    layout = edit.layout
    shape = (layout.data_height, layout.data_width)
    planes = (*edit.before, *edit.after)
    dtype = planes[0].dtype
    if len(edit.before) != len(layout.channels) or any(
        plane.shape != shape or plane.dtype != dtype for plane in planes
    ):
        raise NotPatchableError(f"{layout.path.name} is not as it was read; it is written anew.")
    rows, columns = edit.box.clipped(layout.data_width, layout.data_height).slices
    differs = [
        bits_of(before[rows, columns]) != bits_of(after[rows, columns])
        for before, after in zip(edit.before, edit.after, strict=True)
    ]
    found = np.flatnonzero(np.logical_or.reduce([plane.any(axis=1) for plane in differs]))
    if len(found) == 0:
        return None
    first, end = int(found[0]), int(found[-1]) + 1
    masks = []
    for plane in differs:
        mask = np.zeros((end - first, layout.data_width), np.bool_)
        mask[:, columns] = plane[first:end]
        masks.append(mask)
    return TouchedRows(rows.start + first, rows.start + end, tuple(masks))


def bits_of(samples: Plane) -> Plane:
    """Samples as unsigned integers of their size: NaN equals itself, -0 is not 0."""
    return samples.view(f"u{samples.dtype.itemsize}")


def require_reads_as(
    edit: ImageEdit, out_path: Path, first_row: int, expected: tuple[Plane, ...], compares_all: bool
) -> None:
    """That OpenImageIO, no part of the patcher, reads `expected` (rows from `first_row` on, one array per
    colour channel) in the written file; with `compares_all` also that its other channels are the source's.

    Raises NotPatchableError.
    """
    layout = edit.layout
    end_row = first_row + expected[0].shape[0]
    try:
        with OpenedImage(out_path) as written:
            count = int(written.spec(layout.part).nchannels)
            found = written.rows(layout.part, first_row, end_row, 0, count)
        others = [channel for channel in range(count) if channel not in layout.channels]
        wanted = dict(zip(layout.channels, expected, strict=True))
        if compares_all and others:
            with OpenedImage(layout.path) as source:
                kept = source.rows(layout.part, first_row, end_row, 0, count)
            wanted |= {channel: kept[..., channel] for channel in others}
    except MediaReadError:
        wanted, found = {}, None
    if found is None or not all(
        plane.dtype == found.dtype and np.array_equal(bits_of(found[..., channel]), bits_of(plane))
        for channel, plane in wanted.items()
    ):
        raise NotPatchableError(
            f"{layout.path.name} did not read back as it should when patched; it is written anew."
        )

# SPDX-License-Identifier: Apache-2.0
"""Pictures to be written into files, and edits of such files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import read_layout, read_planes

Pixels = NDArray[Any]


def random_pixels(
    rng: np.random.Generator, height: int, width: int, count: int, kind: str, largest: int | None = None
) -> Pixels:
    """Smooth with some noise; floats have a NaN with a payload, infinity and -0 among them."""
    rows, columns = np.mgrid[:height, :width]
    wave = (rows * 5 + columns * 3)[..., None] + np.arange(count) * 17
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        pixels = (wave / 300 + rng.random((height, width, count)) / 50).astype(dtype)
        bits = pixels.view(f"u{dtype.itemsize}")
        odd = {2: (0x7E55, 0x7C00, 0x8000), 4: (0x7FC12345, 0x7F800000, 0x80000000)}[dtype.itemsize]
        for index, one in enumerate(odd):
            bits[index % height, index % width] = one
        return pixels
    top = largest or int(np.iinfo(dtype).max)
    noise = rng.integers(0, max(2, top // 60), (height, width, count))
    return ((wave * max(1, top // 255) + noise) % (top + 1)).astype(dtype)


def changed_pixels(
    rng: np.random.Generator, pixels: Pixels, box: Box, channels: tuple[int, ...], largest: int | None = None
) -> Pixels:
    """A copy with about half of the samples of `channels` inside `box` changed."""
    made = pixels.copy()
    for channel in channels:
        part = made[..., channel][box.slices]
        mask = rng.random(part.shape) < 0.5
        if pixels.dtype.kind == "f":
            new = rng.random(part.shape).astype(pixels.dtype)
        else:
            top = largest or int(np.iinfo(pixels.dtype).max)
            new = rng.integers(0, top + 1, part.shape).astype(pixels.dtype)
        part[mask] = new[mask]
    return made


def edit_to(path: Path, after: tuple[Pixels, ...], box: Box | None = None) -> ImageEdit:
    """The edit that makes the colour channels of a file `after`."""
    layout = read_layout(path)
    before, _alpha = read_planes(layout)
    if box is None:
        box = Box(0, 0, layout.data_width, layout.data_height)
    return ImageEdit(layout, before, after, box)


def edit_of_copy(edit: ImageEdit, path: Path) -> ImageEdit:
    """The same edit of another file."""
    return replace(edit, layout=replace(edit.layout, path=path))

# SPDX-License-Identifier: Apache-2.0
"""The small picture in the header: painted anew where it shows the picture, kept where it does not."""

from __future__ import annotations

import dataclasses
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from plosive.geometry import Box
from plosive.media import open_plate
from plosive.media.exr.patch import patch_exr
from plosive.media.exr.structure import read_structure
from plosive.media.imageedit import ImageEdit
from plosive.media.imagefile import read_layout, read_planes

if TYPE_CHECKING:
    from conftest import Exr

WIDTH, HEIGHT = 64, 48


def with_preview(exr: Exr, shade: float) -> Path:
    """A gray ramp with a preview of 16 x 12 that shows it, darkened by `shade`."""
    ramp = np.broadcast_to(np.linspace(0.01, 3, WIDTH), (HEIGHT, WIDTH)).astype(np.float16)
    seen = ramp[:, (np.arange(16) * 63 / 15 + 0.5).astype(int)][:12].astype(np.float64) * 2**2.47393
    knee = np.where(seen > 1, 1 + np.log((np.maximum(seen, 1) - 1) * 0.184874 + 1) / 0.184874, seen)
    gray = np.clip(knee**0.4545 * 84.66 * shade, 0, 255)
    pixels = np.dstack([gray, gray, gray, np.full_like(gray, 255)]).astype(np.uint8)
    return exr.write_raw(
        "plate.exr",
        {name: ("half", 1, 1) for name in "BGR"},
        (0, 0, WIDTH - 1, HEIGHT - 1),
        [((y,), ramp[y].tobytes() * 3) for y in range(HEIGHT)],
        more=[("preview", "preview", struct.pack("<II", 16, 12) + pixels.tobytes())],
    )


def lit(path: Path) -> ImageEdit:
    layout = read_layout(path)
    before, _ = read_planes(layout)
    box = Box(16, 12, 40, 36)
    after = tuple(np.array(plane) for plane in before)
    for plane in after:
        plane[box.slices] = 0.9
    return ImageEdit(layout, before, after, box)


def test_a_preview_of_the_picture_follows_it(exr: Exr) -> None:
    path, out = with_preview(exr, 1), exr.folder / "out.exr"
    patch_exr(lit(path), out)
    old, new = read_structure(path), read_structure(out)
    before, after = (
        np.frombuffer(file.parts[0].attributes["preview"].value[8:], np.uint8).reshape(12, 16, 4)
        for file in (old, new)
    )
    changed = (before != after).any(axis=2)
    assert changed[4:7, 5:8].all() and not changed[:3].any() and not changed[:, :3].any()
    assert np.array_equal(before[..., 3], after[..., 3])
    start = old.parts[0].attributes["preview"].offset
    assert len(old.header_bytes) == len(new.header_bytes)
    assert old.header_bytes[:start] == new.header_bytes[:start]
    assert open_plate(path).info.warnings == ()
    unchanged = lit(path)
    patch_exr(dataclasses.replace(unchanged, after=unchanged.before), out)
    assert path.read_bytes() == out.read_bytes()


def test_a_preview_of_something_else_is_kept_and_told(exr: Exr) -> None:
    path, out = with_preview(exr, 0.5), exr.folder / "out.exr"
    patch_exr(lit(path), out)
    assert read_structure(path).header_bytes == read_structure(out).header_bytes
    (warning,) = open_plate(path).info.warnings
    assert "small preview" in warning


@pytest.mark.parametrize("size", [(0, 0), (16, 11), (1 << 31, 1 << 31)])
def test_a_preview_that_lies_of_its_size_is_left_alone(exr: Exr, size: tuple[int, int]) -> None:
    path, out = with_preview(exr, 1), exr.folder / "out.exr"
    data = bytearray(path.read_bytes())
    start = read_structure(path).parts[0].attributes["preview"].offset
    data[start : start + 8] = struct.pack("<II", *size)
    edit = lit(path)
    path.write_bytes(data)
    patch_exr(edit, out)
    assert read_structure(path).header_bytes == read_structure(out).header_bytes

# SPDX-License-Identifier: Apache-2.0
"""Mip and rip maps: no level is left behind."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.media.exr.decoding import decoded
from plosive.media.exr.patch import patch_exr
from plosive.media.exr.structure import read_structure
from plosive.media.imageedit import ImageEdit

if TYPE_CHECKING:
    from conftest import Exr

Level = tuple[int, int]
NAMES = ("B", "G", "R", "Z")
KINDS = {"B": "half", "G": "half", "R": "half", "Z": "float"}
TILE = 16
WIDTH, HEIGHT = 75, 54


def shares(size: int, wanted: int) -> NDArray[np.float64]:
    """(wanted, size): how much of each pixel goes into each smaller one."""
    step = size / wanted
    low, high = np.arange(wanted)[:, None] * step, (np.arange(wanted)[:, None] + 1) * step
    place = np.arange(size)[None, :]
    return np.clip(np.minimum(high, place + 1) - np.maximum(low, place), 0, None) / step


def level_size(size: int, level: int, is_rounded_up: bool) -> int:
    return max(1, -(-size // 2**level) if is_rounded_up else size // 2**level)


def levels_of(mode: int, is_rounded_up: bool) -> list[Level]:
    def count(size: int) -> int:
        return next(n for n in range(1, 32) if level_size(size, n - 1, is_rounded_up) == 1)

    if mode == 1:
        return [(level, level) for level in range(count(max(WIDTH, HEIGHT)))]
    return [(x, y) for y in range(count(HEIGHT)) for x in range(count(WIDTH))]


def pyramid(plane: NDArray[Any], mode: int, is_rounded_up: bool) -> dict[Level, NDArray[np.float64]]:
    """Every level by area means, each from the one above it; not rounded to the file's type."""
    found: dict[Level, NDArray[np.float64]] = {}
    for x, y in levels_of(mode, is_rounded_up):
        if not x and not y:
            found[0, 0] = plane.astype(np.float64)
            continue
        above = found[x - 1, y - 1] if mode == 1 else found[x - 1, y] if x else found[0, y - 1]
        height, width = level_size(HEIGHT, y, is_rounded_up), level_size(WIDTH, x, is_rounded_up)
        found[x, y] = shares(above.shape[0], height) @ above @ shares(above.shape[1], width).T
    return found


def write_map(exr: Exr, planes: dict[str, NDArray[Any]], mode: int, is_rounded_up: bool) -> Path:
    maps = {name: pyramid(planes[name], mode, is_rounded_up) for name in NAMES}
    chunks = []
    for x, y in levels_of(mode, is_rounded_up):
        stored = {
            name: planes[name] if not x and not y else maps[name][x, y].astype(planes[name].dtype)
            for name in NAMES
        }
        height, width = stored["R"].shape
        for row in range(0, height, TILE):
            for column in range(0, width, TILE):
                data = b"".join(
                    stored[name][line, column : column + TILE].tobytes()
                    for line in range(row, min(row + TILE, height))
                    for name in NAMES
                )
                chunks.append(((column // TILE, row // TILE, x, y), data))
    return exr.write_raw(
        "map.exr",
        {name: (KINDS[name], 1, 1) for name in NAMES},
        (3, -5, 3 + WIDTH - 1, -5 + HEIGHT - 1),
        chunks,
        (TILE, TILE, mode | is_rounded_up << 4),
    )


def read_levels(path: Path) -> dict[Level, dict[str, NDArray[Any]]]:
    """Every level as bits."""
    file = read_structure(path)
    part = file.parts[0]
    assert part.tiles is not None
    found: dict[Level, dict[str, NDArray[Any]]] = {}
    for level in part.tiles.levels:
        chunks = [part.chunk(level.first + place) for place in range(level.tile_count)]
        planes = {
            name: np.zeros((level.height, level.width), np.uint16 if KINDS[name] == "half" else np.uint32)
            for name in NAMES
        }
        for chunk, own in zip(chunks, decoded(file, part, chunks), strict=True):
            top, left = chunk.window.top + 5, chunk.window.left - 3
            for name, plane in zip(NAMES, own, strict=True):
                planes[name][top : top + chunk.window.height, left : left + chunk.window.width] = plane
        found[level.x, level.y] = planes
    return found


def smooth_edit(exr: Exr, path: Path) -> ImageEdit:
    edit = exr.edit(path, Box(22, 9, 51, 33))
    after = tuple(np.array(plane) for plane in edit.before)
    for plane in after:
        plane[edit.box.slices] = exr.random.random((24, 29))
    return dataclasses.replace(edit, after=after)


@pytest.mark.parametrize("is_rounded_up", [False, True], ids=["down", "up"])
@pytest.mark.parametrize("mode", [1, 2], ids=["mip", "rip"])
def test_every_level_follows(exr: Exr, mode: int, is_rounded_up: bool) -> None:
    planes = {
        name: exr.random.random((HEIGHT, WIDTH)).astype(np.float16 if kind == "half" else np.float32)
        for name, kind in KINDS.items()
    }
    path = write_map(exr, planes, mode, is_rounded_up)
    edit, out = smooth_edit(exr, path), exr.folder / "out.exr"
    patch_exr(edit, out)
    before, after = read_levels(path), read_levels(out)
    for name, plane in zip("RGB", edit.after, strict=True):
        wanted = pyramid(plane, mode, is_rounded_up)
        was = pyramid(planes[name], mode, is_rounded_up)
        for level, whole in wanted.items():
            found = after[level][name].view(np.float16)
            np.testing.assert_allclose(found.astype(np.float64), whole, rtol=2**-9, atol=2**-10)
            same = whole == was[level]
            assert np.array_equal(after[level][name][same], before[level][name][same])
        assert np.array_equal(after[0, 0][name], plane.view(np.uint16))
    for level, own in before.items():
        assert np.array_equal(own["Z"], after[level]["Z"])


def test_what_is_no_number_stays_in_every_level(exr: Exr) -> None:
    planes = exr.planes(HEIGHT, WIDTH, KINDS)
    with np.errstate(all="ignore"):
        path = write_map(exr, planes, 1, False)
    out = exr.folder / "out.exr"
    patch_exr(smooth_edit(exr, path), out)
    before, after = read_levels(path), read_levels(out)
    for level, own in before.items():
        if level != (0, 0):
            for name in "RGB":
                wild = ~np.isfinite(own[name].view(np.float16))
                assert np.array_equal(own[name][wild], after[level][name][wild])


def test_openimageio_reads_every_level(exr: Exr) -> None:
    import OpenImageIO as oiio

    path, out = exr.folder / "texture.exr", exr.folder / "out.exr"
    pixels = exr.random.random((HEIGHT, WIDTH, 3)).astype(np.float32)
    source = oiio.ImageBuf(pixels)
    config = oiio.ImageSpec()
    for name, value in (("tile_width", 32), ("tile_height", 32), ("compression", "piz")):
        config.attribute(name, value)
    config.set_format("half")
    assert oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, source, str(path), config)
    patch_exr(smooth_edit(exr, path), out)
    changed = 0
    for level in range(len(read_structure(path).parts[0].tiles.levels)):  # type: ignore[union-attr]
        (before,), (after,) = exr.read_by_openimageio(path, level), exr.read_by_openimageio(out, level)
        changed += not np.array_equal(before["R"], after["R"])
        assert before["R"].shape == after["R"].shape
    assert changed == 7

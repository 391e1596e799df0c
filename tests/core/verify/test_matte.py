# SPDX-License-Identifier: Apache-2.0
"""What counts as a matte: elements, channels, data windows, turned pictures, numbers of frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plosive.errors import MediaReadError, OptionError
from plosive.media.orientation import Orientation
from plosive.verify.matte import PlateShape, open_matte

WIDTH, HEIGHT = 16, 10


def shape(first: int = 0, count: int = 1, orientation: Orientation | None = None) -> PlateShape:
    return PlateShape(first, count, WIDTH, HEIGHT, orientation or Orientation())


def write(
    path: Path,
    channels: dict[str, float],
    box: tuple[int, int, int, int] | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    origin: tuple[int, int] = (0, 0),
) -> Path:
    """Constant channels in a data window `box` (left, top, right, bottom) of a picture of `size`."""
    import OpenImageIO as oiio

    left, top, right, bottom = box or (0, 0, *size)
    spec = oiio.ImageSpec(right - left, bottom - top, len(channels), oiio.FLOAT)
    spec.channelnames = tuple(channels)
    spec.x, spec.y = left + origin[0], top + origin[1]
    spec.full_x, spec.full_y = origin
    spec.full_width, spec.full_height = size
    values = np.tile(np.array(list(channels.values()), np.float32), (spec.height, spec.width, 1))
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec) and output.write_image(values)
    output.close()
    return path


def test_elements_count_where_matte_and_blend_do(tmp_path: Path) -> None:
    box = (3, 2, 7, 5)
    rgb = {"R": 1.0, "G": 1.0, "B": 1.0}
    write(tmp_path / "elements.1001.exr", {**rgb, "matte.A": 0.5, "blend.A": 1.0}, box, origin=(100, -20))
    write(tmp_path / "elements.1002.exr", {**rgb, "matte.A": 0.5, "blend.A": 0.0}, box)
    write(tmp_path / "elements.1003.exr", {**rgb, "matte.A": 0.0, "blend.A": 1.0}, box)
    matte = open_matte(tmp_path, None, shape(1001, 3))
    wanted = np.zeros((HEIGHT, WIDTH), bool)
    wanted[2:5, 3:7] = True
    assert (matte.at(0) == wanted).all()
    assert not matte.at(1).any() and not matte.at(2).any()


def test_elements_of_a_movie_may_be_numbered_from_anywhere(tmp_path: Path) -> None:
    for number in (1001, 1002):
        write(tmp_path / f"elements.{number}.exr", {"matte.A": number - 1001.0, "blend.A": 1.0})
    matte = open_matte(tmp_path / "elements.####.exr", None, shape(0, 2))
    assert not matte.at(0).any() and matte.at(1).all()
    with pytest.raises(OptionError, match="holds frames 1001-1002, the plate 0-2"):
        open_matte(tmp_path, None, shape(0, 3))


def test_frames_without_a_matte_may_not_change(tmp_path: Path) -> None:
    for number in (1002, 1003):
        write(tmp_path / f"m.{number}.exr", {"Y": 1.0})
    matte = open_matte(tmp_path / "m.####.exr", None, shape(1001, 3))
    assert not matte.at(0).any() and matte.at(1).all()


def test_channels(tmp_path: Path) -> None:
    path = write(tmp_path / "m.exr", {"R": 0.0, "G": 1.0, "B": 0.0, "A": 1.0})
    assert not open_matte(path, None, shape()).at(0).any()
    for name in ("G", "A", "alpha"):
        assert open_matte(path, name, shape()).at(5).all()
    with pytest.raises(OptionError, match=r"has no channel mask; it holds R, G, B, A\."):
        open_matte(path, "mask", shape())


def test_upright_and_stored_mattes_of_a_turned_plate(tmp_path: Path) -> None:
    turned = Orientation(1)
    upright = write(tmp_path / "u.exr", {"Y": 1.0}, (0, 0, 4, 2), (HEIGHT, WIDTH))
    stored = write(tmp_path / "s.exr", {"Y": 1.0}, (0, 0, 4, 2))
    found = open_matte(upright, None, shape(orientation=turned)).at(0)
    wanted = np.zeros((WIDTH, HEIGHT), bool)
    wanted[:2, :4] = True
    assert (turned.upright(found) == wanted).all()
    assert open_matte(stored, None, shape(orientation=turned)).at(0)[:2, :4].all()


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MediaReadError, match="does not exist"):
        open_matte(tmp_path / "m.exr", None, shape())

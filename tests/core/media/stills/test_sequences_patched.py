# SPDX-License-Identifier: Apache-2.0
"""Sequences end to end: opened as plates, merged, written; every frame is a copy or a patch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.core.media.stills.dpxfile import dpx
from tests.core.media.stills.edits import Pixels, random_pixels
from tests.core.media.stills.pngfile import png
from tests.core.media.stills.tiffpages import tiff

from plosive.geometry import Box
from plosive.media import open_plate, open_writer
from plosive.media.exactness import Fate
from plosive.media.imagefile import OpenedImage
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.stills.touched import bits_of

Maker = Callable[[np.random.Generator], bytes]


def of(count: int, kind: str, largest: int | None = None) -> Callable[[np.random.Generator], Pixels]:
    return lambda rng: random_pixels(rng, 48, 64, count, kind, largest)


SEQUENCES: dict[str, tuple[str, Maker]] = {
    "dpx 10 bit": ("dpx", lambda rng: dpx(of(3, "u2", 1023)(rng), 10, 1)),
    "dpx 10 bit, little-endian, bottom up": (
        "dpx",
        lambda rng: dpx(of(3, "u2", 1023)(rng), 10, 2, "<", orientation=2),
    ),
    "dpx 12 bit packed rgba": ("dpx", lambda rng: dpx(of(4, "u2", 4095)(rng), 12, 0, descriptor=51)),
    "dpx 12 bit filled": ("dpx", lambda rng: dpx(of(3, "u2", 4095)(rng), 12, 1)),
    "dpx 16 bit abgr": ("dpx", lambda rng: dpx(of(4, "u2")(rng), 16, descriptor=52)),
    "tiff": ("tif", lambda rng: tiff(of(3, "u2")(rng), ">")),
    "tiff deflate": ("tiff", lambda rng: tiff(of(4, "u2")(rng), compression=8, predictor=2)),
    "tiff tiles, half": (
        "tif",
        lambda rng: tiff(of(3, "f2")(rng), tile=(16, 16), compression=8, predictor=3),
    ),
    "tiff float, planar": ("tif", lambda rng: tiff(of(4, "f4")(rng), is_planar=True)),
    "png": ("png", lambda rng: png(of(3, "u1")(rng), [0, 1, 2, 3, 4])),
    "png 16 bit alpha": ("png", lambda rng: png(of(4, "u2")(rng), [4])),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_every_frame_is_a_copy_or_a_patch(tmp_path: Path, name: str) -> None:
    suffix, maker = SEQUENCES[name]
    (tmp_path / "out").mkdir()
    for number in range(1001, 1005):
        (tmp_path / f"plate.{number}.{suffix}").write_bytes(maker(np.random.default_rng(number)))
    out = tmp_path / "out" / f"result.####.{suffix}"
    box, masks = Box(17, 11, 50, 39), []
    with open_plate(tmp_path / f"plate.####.{suffix}") as plate:
        with open_writer(out, plate) as writer:
            for frame in plate.frames():
                touched = np.random.default_rng(frame.index).random((box.height, box.width)) < 0.7
                change = np.full((box.height, box.width, 3), [0.06, 0.03, 0.05], np.float32)
                merged = frame.merged(box, change, touched) if frame.index % 2 else frame
                assert isinstance(merged, ImagePlateFrame)
                masks.append(stored_mask(merged, box, touched) if frame.index % 2 else None)
                writer.write(merged)
        exactness = writer.exactness
    assert exactness.reasons == ()
    assert (exactness.count(Fate.COPIED), exactness.count(Fate.PATCHED)) == (2, 2)
    for index, mask in enumerate(masks):
        old = tmp_path / f"plate.{1001 + index}.{suffix}"
        new = tmp_path / "out" / f"result.{1001 + index}.{suffix}"
        if mask is None:
            assert new.read_bytes() == old.read_bytes()
            continue
        before, after = pixels_of(old), pixels_of(new)
        assert np.array_equal(before[~mask], after[~mask])
        differs = (before != after).any(axis=-1)
        assert differs[mask].mean() > 0.9, "the change is there"
        assert header_of(old) == header_of(new)


def stored_mask(frame: ImagePlateFrame, box: Box, touched: Any) -> Any:
    """Where samples may differ, as the file has its rows."""
    upright = np.zeros((frame.height, frame.width), bool)
    upright[box.slices] = touched
    return frame.orientation.stored(upright)


def pixels_of(path: Path) -> Pixels:
    with OpenedImage(path) as opened:
        return bits_of(opened.pixels(0, {}))


def header_of(path: Path) -> dict[str, str]:
    with OpenedImage(path) as opened:
        spec = opened.spec(0)
        names = [one.name for one in spec.extra_attribs]
        return {name: str(spec.get_string_attribute(name)) for name in names if name != "ImageDescription"}

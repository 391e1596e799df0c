# SPDX-License-Identifier: Apache-2.0
"""Stereo files: one view is read and patched, the others keep their bits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from plosive.errors import MediaReadError
from plosive.geometry import Box
from plosive.media import open_plate, open_writer
from plosive.media.exactness import Fate

if TYPE_CHECKING:
    from conftest import Exr

HERO = {name: "half" for name in "RGBA"}
LEFT = {f"left.{name}": "half" for name in "RGBA"} | {"forward.left.u": "half", "depth.Z": "float"}


def one_part(exr: Exr) -> Path:
    part = exr.part(exr.planes(64, 80, HERO | LEFT), "zip", multiView=["right", "left"])
    return exr.write("stereo.exr", part)


def parts(exr: Exr) -> Path:
    return exr.write(
        "stereo.exr",
        exr.part(exr.planes(64, 80, {"Z": "half"}), "zip", name="depth_right", view="right"),
        exr.part(exr.planes(64, 80, HERO), "zip", name="rgba_right", view="right"),
        exr.part(exr.planes(64, 80, HERO), "piz", name="rgba_left", view="left"),
    )


@pytest.mark.parametrize("view", [None, "right", "left"])
@pytest.mark.parametrize("made", [one_part, parts])
def test_only_the_view_asked_for_changes(exr: Exr, made: object, view: str | None) -> None:
    path = made(exr)  # type: ignore[operator]
    out = exr.folder / "out.exr"
    box, change = Box(10, 10, 50, 40), np.full((30, 40, 3), 0.1, np.float32)
    with open_plate(path, view=view) as plate, open_writer(out, plate) as writer:
        assert plate.info.view == (view or "right")
        told = [sentence for sentence in plate.info.warnings if "views" in sentence]
        assert len(told) == (view is None)
        for frame in plate.frames():
            writer.write(frame.merged(box, change, np.ones((30, 40), np.bool_)))
    assert [fate.fate for fate in writer.exactness.fates] == [Fate.PATCHED]
    changed = set()
    for number, (before, after) in enumerate(zip(exr.read(path), exr.read(out), strict=True)):
        changed |= {(number, name) for name in before if not np.array_equal(before[name], after[name])}
    if made is one_part:
        assert changed == {(0, f"left.{name}" if view == "left" else name) for name in "RGB"}
    else:
        assert changed == {(2 if view == "left" else 1, name) for name in "RGB"}


@pytest.mark.parametrize("made", [one_part, parts])
def test_an_unknown_view_is_told_which_there_are(exr: Exr, made: object) -> None:
    with pytest.raises(MediaReadError, match="no view top: its views are right and left"):
        open_plate(made(exr), view="top")  # type: ignore[operator]


def test_a_file_without_views_has_none(exr: Exr) -> None:
    path = exr.write("mono.exr", exr.part(exr.planes(64, 80, HERO), "zip"))
    assert open_plate(path).info.view == ""
    with pytest.raises(MediaReadError, match="one view only"):
        open_plate(path, view="left")


def test_alpha_is_the_view_s_own(exr: Exr) -> None:
    kinds = {name: "half" for name in "RGBA"} | {f"left.{name}": "half" for name in "RGBA"}
    planes = exr.planes(20, 20, kinds)
    planes["A"][:], planes["left.A"][:] = 1, 0.5
    path = exr.write("stereo.exr", exr.part(planes, "zip", multiView=["right", "left"]))
    for view, wanted in (("right", 1.0), ("left", 0.5)):
        with open_plate(path, view=view) as plate:
            alpha = next(plate.frames()).alpha(Box(0, 0, 20, 20))  # type: ignore[union-attr]
            assert alpha is not None and (alpha == wanted).all()

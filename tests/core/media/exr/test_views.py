# SPDX-License-Identifier: Apache-2.0
"""Stereo files: one view is read and patched, the others keep their bits."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from plosive.cli import main
from plosive.errors import MediaReadError
from plosive.geometry import Box
from plosive.media import open_plate, open_writer
from plosive.media.exactness import Fate
from plosive.media.reading import view_in
from plosive.sync.known_survey import SurveyCache

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


def test_each_view_is_looked_at_by_itself(exr: Exr) -> None:
    path = one_part(exr)
    keys = set()
    for view in (None, "right", "left"):
        with open_plate(path, view=view) as plate:
            keys.add(SurveyCache(plate)._key)
    assert len(keys) == 2  # the hero asked for is the hero


def test_a_result_without_views_is_scored_all_the_same(tmp_path: Path) -> None:
    assert view_in(Path("shot.####.exr"), "left") == "left"
    assert view_in(tmp_path, "left") == "left"
    assert view_in(Path("shot.mov"), "left") is None


def test_a_video_has_no_views(tmp_path: Path) -> None:
    (tmp_path / "shot.mov").write_bytes(b"?")
    with pytest.raises(MediaReadError, match="one view only"):
        open_plate(tmp_path / "shot.mov", view="left")


@pytest.mark.parametrize("command", ["sync", "score", "faces"])
def test_the_commands_ask_for_a_view(
    exr: Exr, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = tmp_path / "dub.wav"
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(exr.random.integers(-9000, 9000, 8000).astype("<i2").tobytes())
    arguments = [command, str(one_part(exr)), "--view", "top"]
    if command != "faces":
        arguments += ["--audio", str(sound)]
    if command == "sync":
        arguments += ["-o", str(tmp_path / "out.exr")]
    assert main(arguments) == 2
    assert "no view top: its views are right and left." in " ".join(capsys.readouterr().err.split())


def test_alpha_is_the_view_s_own(exr: Exr) -> None:
    kinds = {name: "half" for name in "RGBA"} | {f"left.{name}": "half" for name in "RGBA"}
    planes = exr.planes(20, 20, kinds)
    planes["A"][:], planes["left.A"][:] = 1, 0.5
    path = exr.write("stereo.exr", exr.part(planes, "zip", multiView=["right", "left"]))
    for view, wanted in (("right", 1.0), ("left", 0.5)):
        with open_plate(path, view=view) as plate:
            alpha = next(plate.frames()).alpha(Box(0, 0, 20, 20))  # type: ignore[union-attr]
            assert alpha is not None and (alpha == wanted).all()

# SPDX-License-Identifier: Apache-2.0
"""Image sequences: what may differ, what may not, what is missing; files changed by hand."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.core.verify.pairs import check, failed, matte, verified

from plosive.errors import MediaReadError, OptionError
from plosive.verify.check import FrameState, Status

WIDTH, HEIGHT = 40, 24
BOX = (8, 8, 20, 16)
NAN = 0x7FC12345
Pixels = NDArray[Any]


def pixels(number: int, channels: int, kind: str = "float") -> Pixels:
    random = np.random.default_rng(number)
    values = random.random((HEIGHT, WIDTH, channels), np.float32)
    if kind == "float":
        values[2, 3, 0] = np.array(NAN, np.uint32).view(np.float32)
        return values
    return np.asarray(values * np.iinfo(kind).max, kind)


def save(
    path: Path, values: Pixels, attributes: dict[str, Any] | None = None, compression: str = "zip"
) -> Path:
    """A file of its suffix's format; EXR has channels R G B A and depth."""
    import OpenImageIO as oiio

    kind = {"float32": oiio.FLOAT, "uint8": oiio.UINT8, "uint16": oiio.UINT16}[str(values.dtype)]
    spec = oiio.ImageSpec(values.shape[1], values.shape[0], values.shape[2], kind)
    if path.suffix == ".exr":
        spec.channelnames = ("R", "G", "B", "A", "Z")[: values.shape[2]]
        spec.attribute("compression", compression)
    spec.attribute("DateTime", "1970:01:01 00:00:00")
    spec.attribute("oiio:UnassociatedAlpha", 1)
    for name, value in (attributes or {}).items():
        spec.attribute(name, value)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.ascontiguousarray(values)), output.geterror()
    assert output.close()
    return path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Folders of three EXR files each, equal."""
    plate, out = tmp_path / "plate", tmp_path / "out"
    plate.mkdir()
    for number in (1001, 1002, 1003):
        save(plate / f"shot.{number}.exr", pixels(number, 5))
    shutil.copytree(plate, out)
    return plate, out


def changed(out: Path, number: int, where: tuple[int, int, int], value: float = 0.5) -> None:
    """One sample (y, x, channel) of a file of `out` written anew."""
    values = pixels(number, 5)
    values[where] = value
    save(out / f"shot.{number}.exr", values)


def test_equal_folders_pass(pair: tuple[Path, Path]) -> None:
    found = verified(*pair)
    assert found.has_passed and found.first_frame == 1001
    assert found.states == (FrameState.IDENTICAL,) * 3
    assert check(found, "files").figures["identical"] == 3


def test_a_change_in_the_matte_passes(pair: tuple[Path, Path], tmp_path: Path) -> None:
    plate, out = pair
    changed(out, 1002, (10, 12, 1))
    found = verified(plate, out / "shot.####.exr", matte=matte(tmp_path / "m.exr", WIDTH, HEIGHT, BOX))
    assert found.has_passed, found.checks
    assert found.states[1] is FrameState.PATCHED
    assert check(found, "header").status is Status.PASS
    assert check(found, "chunks").figures["touched"] == 1  # of two ZIP chunks of 16 lines
    values = check(found, "values")
    assert values.figures["outside"] == 0 and values.figures["inside"] == 1
    assert values.figures["compared"] == 5 * (WIDTH * HEIGHT - 12 * 8)
    assert values.figures["frames"][0]["changed_box"] == [12, 10, 13, 11]  # type: ignore[index]


@pytest.mark.parametrize("where", [(10, 20, 1), (16, 12, 0), (7, 8, 2)])
def test_one_pixel_outside_the_matte_fails(
    pair: tuple[Path, Path], tmp_path: Path, where: tuple[int, int, int]
) -> None:
    plate, out = pair
    changed(out, 1003, where)
    found = verified(plate, out, matte=matte(tmp_path / "m.exr", WIDTH, HEIGHT, BOX))
    assert failed(found) == ["values"]
    name = "RGB"[where[2]]
    assert check(found, "values").sentence == (
        f"Frame 1003: 1 sample differs outside the matte, the first in channel {name} at "
        f"({where[1]}, {where[0]})."
    )


def test_another_nan_is_another_value(pair: tuple[Path, Path], tmp_path: Path) -> None:
    plate, out = pair
    values = pixels(1001, 5)
    values[2, 3, 0] = np.array(NAN ^ 1, np.uint32).view(np.float32)
    save(out / "shot.1001.exr", values)
    found = verified(plate, out, matte=matte(tmp_path / "m.exr", WIDTH, HEIGHT, BOX))
    assert failed(found) == ["values"]
    assert "channel R at (3, 2)" in check(found, "values").sentence


def test_depth_may_not_change_even_in_the_matte(pair: tuple[Path, Path], tmp_path: Path) -> None:
    plate, out = pair
    changed(out, 1002, (10, 12, 4))
    found = verified(plate, out, matte=matte(tmp_path / "m.exr", WIDTH, HEIGHT, BOX))
    assert failed(found) == ["channels"]
    assert "channel Z differs" in check(found, "channels").sentence


def test_attributes_are_listed(pair: tuple[Path, Path]) -> None:
    plate, out = pair
    for number, attributes in ((1001, {"Artist": "nobody"}), (1002, {"DateTime": "2001:01:01 00:00:00"})):
        save(out / f"shot.{number}.exr", pixels(number, 5), attributes)
    found = verified(plate, out)
    assert failed(found) == ["header"]
    sentence = check(found, "header").sentence
    assert "Frame 1001: its header differs: new Artist." in sentence
    assert "Frame 1002: its header differs: changed capDate." in sentence


def test_a_lost_attribute_fails(tmp_path: Path) -> None:
    plate = save(tmp_path / "plate.exr", pixels(1, 4), {"camera": "A"})
    out = save(tmp_path / "out.exr", pixels(1, 4))
    found = verified(plate, out)
    assert failed(found) == ["header"]
    assert check(found, "header").figures["frames"][0]["lost"] == ["camera"]  # type: ignore[index]


def test_written_anew_without_loss_is_told_and_passes_unless_strict(tmp_path: Path) -> None:
    plate = save(tmp_path / "plate.exr", pixels(1, 4))
    out = tmp_path / "out.exr"
    shutil.copy(plate, out)
    data = bytearray(out.read_bytes())
    assert data.count(b"DateTime") == 0
    found = verified(plate, save(out, pixels(1, 4), compression="piz"))
    assert "header" in failed(found)  # the compression is an attribute
    assert check(found, "chunks").status is Status.INFO
    assert check(found, "values").status is Status.PASS


def test_a_picture_written_anew_with_loss_fails(tmp_path: Path) -> None:
    plate = save(tmp_path / "plate.exr", pixels(1, 3))
    out = save(tmp_path / "out.exr", np.nan_to_num(pixels(1, 3)) * np.float32(1.001))
    found = verified(plate, out)
    assert failed(found) == ["values"]
    assert "compressed anew with loss, or is another picture" in check(found, "values").sentence
    allowed = verified(plate, out, allowed_reencoded=((0, 0),))
    assert allowed.has_passed and check(allowed, "values").status is Status.REPORTED


def test_missing_and_extra_frames_fail(pair: tuple[Path, Path]) -> None:
    plate, out = pair
    (out / "shot.1002.exr").unlink()
    for name in (out, out / "shot.%04d.exr", out / "shot.1001.exr"):
        found = verified(plate, name)
        assert failed(found) == ["frames"]
        assert "lacks frame 1002" in check(found, "frames").sentence
        assert found.states[1] is FrameState.MISSING
    shutil.copy(plate / "shot.1002.exr", out)
    shutil.copy(plate / "shot.1003.exr", out / "shot.1004.exr")
    found = verified(plate, out)
    assert failed(found) == ["frames"] and found.states[-1] is FrameState.EXTRA
    assert "has frame 1004, which the plate has not" in check(found, "frames").sentence


def test_a_gap_in_the_plate_cannot_be_verified(pair: tuple[Path, Path]) -> None:
    plate, out = pair
    (plate / "shot.1002.exr").unlink()
    with pytest.raises(MediaReadError, match="lacks frame 1002"):
        verified(plate, out)


def test_a_cut_out_fails_a_cut_plate_cannot_be_verified(pair: tuple[Path, Path]) -> None:
    plate, out = pair
    whole = (out / "shot.1002.exr").read_bytes()
    (out / "shot.1002.exr").write_bytes(whole[: len(whole) // 2])
    found = verified(plate, out)
    assert failed(found) == ["files"] and found.states[1] is FrameState.DAMAGED
    with pytest.raises(MediaReadError):
        verified(out, plate)


def test_other_numbers_are_told(pair: tuple[Path, Path]) -> None:
    plate, out = pair
    for number in (1, 2, 3):
        (out / f"shot.{1000 + number}.exr").rename(out / f"shot.{number:04d}.exr")
    found = verified(plate, out)
    assert found.has_passed and check(found, "frames").status is Status.INFO


def test_the_dub_beside_is_told(pair: tuple[Path, Path]) -> None:
    import wave

    plate, out = pair
    with wave.open(str(out / "shot.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(bytes(12000))
    assert "shot.wav (0.125 s)" in check(verified(plate, out), "sound").sentence


@pytest.mark.parametrize("suffix", ["dpx", "tif", "png"])
def test_stills_outside_and_inside(tmp_path: Path, suffix: str) -> None:
    kind = "uint16"
    plate = save(tmp_path / f"plate.{suffix}", pixels(5, 3, kind))
    free = matte(tmp_path / "m.exr", WIDTH, HEIGHT, BOX)
    for where, wanted in (((10, 12), []), ((10, 20), ["values"])):
        values = pixels(5, 3, kind)
        values[(*where, 0)] ^= 0x4000
        out = save(tmp_path / f"plate_{where[1]}.{suffix}", values)
        if suffix == "dpx":
            _same_name(plate, out)
        found = verified(plate, out, matte=free)
        assert failed(found) == wanted, found.checks
        assert check(found, "header").status is Status.PASS


def _same_name(plate: Path, out: Path) -> None:
    """OpenImageIO notes each file's own name in a DPX header."""
    data = bytearray(out.read_bytes())
    data[36:136] = plate.read_bytes()[36:136]
    out.write_bytes(data)


def test_dpx_fields_are_named(tmp_path: Path) -> None:
    plate = save(tmp_path / "plate.dpx", pixels(5, 3, "uint16"))
    data = bytearray(plate.read_bytes())
    data[1920:1924] = struct.pack(">I", 0x01020304)
    data[36:40] = b"name"
    (tmp_path / "out.dpx").write_bytes(data)
    found = verified(plate, tmp_path / "out.dpx")
    assert failed(found) == ["header"]
    assert "file name, time code" in check(found, "header").sentence
    data[1920:1924] = plate.read_bytes()[1920:1924]
    (tmp_path / "out.dpx").write_bytes(data)
    assert verified(plate, tmp_path / "out.dpx").has_passed  # the name alone is told


@pytest.mark.parametrize("suffix", ["tif", "png"])
def test_lost_tags_fail(tmp_path: Path, suffix: str) -> None:
    values = pixels(5, 3, "uint8")
    plate = save(tmp_path / f"plate.{suffix}", values, {"ImageDescription": "scene 4", "XResolution": 72.0})
    out = save(tmp_path / f"out.{suffix}", values)
    found = verified(plate, out)
    assert failed(found) == ["header"]
    assert "lost" in check(found, "header").sentence
    assert check(found, "values").status is Status.PASS


def test_images_against_a_video_cannot_be_verified(tmp_path: Path) -> None:
    plate = save(tmp_path / "plate.exr", pixels(1, 3))
    (tmp_path / "out.mov").write_bytes(b"anything")
    with pytest.raises(OptionError, match="PLATE is images and OUT a video"):
        verified(plate, tmp_path / "out.mov")


def test_lengths_in_damaged_tiff_and_png_are_not_believed(tmp_path: Path) -> None:
    for suffix in ("tif", "png"):
        plate = save(tmp_path / f"plate.{suffix}", pixels(5, 3, "uint8"))
        data = plate.read_bytes()
        random = np.random.default_rng(3)
        for number in range(60):
            broken = bytearray(data)
            for place in random.integers(0, len(data), 3):
                broken[place] ^= 1 << int(random.integers(8))
            out = tmp_path / f"out.{suffix}"
            out.write_bytes(broken[: len(broken) - int(random.integers(0, 40))])
            found = verified(plate, out)
            assert found.states[0] is not FrameState.IDENTICAL, number


def test_the_report_of_a_sequence_is_found_by_any_of_its_names(pair: tuple[Path, Path]) -> None:
    plate, out = pair
    save(out / "shot.1002.exr", np.nan_to_num(pixels(1002, 5)) * np.float32(0.9))
    ranges = [{"first_frame": 1002, "last_frame_inclusive": 1002, "reason": "its chunks overlap"}]
    report = {
        "schema": "plosive.report.v1",
        "exactness": {"frames": {"patched": 1}, "rewritten_ranges": ranges},
    }
    (out / "shot.plosive.json").write_text(json.dumps(report))
    for name in (out, out / "shot.####.exr", out / "shot.%04d.exr", out / "shot.1001.exr"):
        found = verified(plate, name)
        assert check(found, "values").status is Status.REPORTED, name
        assert "its chunks overlap" in check(found, "values").sentence

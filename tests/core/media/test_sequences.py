# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import OpenImageIO as oiio
import pytest

from plosive.colour.transfer import Transfer, scene_from_linear
from plosive.geometry import Box
from plosive.media import PlateKind, open_plate, open_writer
from plosive.media.imageframe import view_of_linear

if TYPE_CHECKING:
    from tests.core.media.conftest import Maker


def pixels_of(path: Path, part: int = 0) -> np.ndarray:
    source = oiio.ImageInput.open(str(path))
    assert source is not None and source.seek_subimage(part, 0)
    pixels = source.read_image(part, 0, 0, source.spec().nchannels, source.spec().format)
    source.close()
    return np.asarray(pixels)


@pytest.mark.parametrize(
    "name",
    [
        "p.####.exr",
        "p.#.exr",
        "p.%04d.exr",
        "p.@@@@.exr",
        "p.1001-1003#.exr",
        "p.1001-1003####.exr",
        "p.1002.exr",
        "",
    ],
)
def test_ways_to_name_a_sequence(make: Maker, name: str) -> None:
    make.images("p.{frame}.exr", "half")
    with open_plate(make.folder / name) as plate:
        info = plate.info
        assert (info.kind, info.first_frame, info.frame_count) == (PlateKind.SEQUENCE, 1001, 3)
        assert info.frame_rate == 24 and info.transfer is Transfer.SCENE


def test_rate_comes_from_the_option_the_files_or_24(make: Maker) -> None:
    rate = ("rational", (24000, 1001))
    pattern = make.images("p.{frame}.exr", "half", attributes={"FramesPerSecond": rate})
    with open_plate(pattern) as plate:
        assert plate.info.frame_rate == Fraction(24000, 1001)
        assert plate.frame_times()[1] == Fraction(1001, 24000)
    with open_plate(pattern, sequence_rate=Fraction(25)) as plate:
        assert plate.info.frame_rate == 25


def test_timecode_and_pixel_aspect_of_exr(make: Maker) -> None:
    attributes = {"smpte:TimeCode": ("timecode", (0x01020314, 0)), "PixelAspectRatio": 2.0}
    with open_plate(make.images("p.{frame}.exr", "half", attributes=attributes)) as plate:
        assert plate.info.start_timecode == "01:02:03:14" and plate.info.pixel_aspect == 2


def test_a_lone_image_is_a_still_held_in_time(make: Maker) -> None:
    make.images("photo.png", "uint8", frames=(0,))
    with open_plate(
        make.folder / "photo.png", still_seconds=Fraction(1, 2), still_rate=Fraction(25)
    ) as plate:
        frames = list(plate.frames())
        assert plate.info.kind is PlateKind.STILL and len(frames) == 13
        assert frames[0].rgb8() is frames[12].rgb8()
        assert [frame.index for frame in plate.frames(11)] == [11, 12]


def test_numbered_stills_far_apart_are_no_sequence(make: Maker) -> None:
    make.images("IMG_{frame}.png", "uint8", frames=(1001, 1044))
    with open_plate(make.folder / "IMG_1001.png") as plate:
        assert plate.info.kind is PlateKind.STILL


def test_a_still_becomes_a_video(make: Maker) -> None:
    make.images("photo.png", "uint8", frames=(0,))
    with open_plate(make.folder / "photo.png", still_seconds=Fraction(1, 4)) as plate:
        with open_writer(make.folder / "o.mp4", plate) as writer:
            for frame in plate.frames():
                writer.write(frame)
        shown = next(iter(plate.frames())).rgb8()
    with open_plate(make.folder / "o.mp4") as result:
        assert result.info.frame_count == 6 and result.info.pixel_format == "yuv420p"
        assert np.abs(next(iter(result.frames())).rgb8().astype(int) - shown).mean() < 2


def test_exif_orientation_is_undone_and_kept(make: Maker) -> None:
    make.images("photo.tif", "uint8", frames=(0,), attributes={"Orientation": 6})
    with open_plate(make.folder / "photo.tif") as plate:
        assert (plate.info.width, plate.info.height, plate.info.rotation_degrees) == (32, 48, 90)
        frame = next(iter(plate.frames()))
        box = Box(4, 6, 20, 22)
        merged = frame.merged(box, np.full((16, 16, 3), 0.1, np.float32), np.ones((16, 16), bool))
        assert np.abs(merged.working(box) - frame.working(box) - 0.1).max() < 0.005
        with open_writer(make.folder / "o.tif", plate) as writer:
            writer.write(merged)
    with open_plate(make.folder / "o.tif") as result:
        assert result.info.rotation_degrees == 90
        assert np.array_equal(next(iter(result.frames())).rgb8(), merged.rgb8())


def test_untouched_frames_are_the_very_files(make: Maker) -> None:
    pattern = make.images("p.{frame}.exr", "half", attributes={"compression": "dwaa", "owner": "a studio"})
    (make.folder / "out").mkdir()
    with open_plate(pattern) as plate, open_writer(make.folder / "out", plate) as writer:
        for frame in plate.frames():
            writer.write(frame)
    for number in (1001, 1002, 1003):
        name = f"p.{number}.exr"
        assert (make.folder / "out" / name).read_bytes() == (make.folder / name).read_bytes()


def test_other_parts_channels_and_metadata_come_back(make: Maker) -> None:
    path = make.folder / "p.exr"
    first, second = oiio.ImageSpec(40, 30, 4, "half"), oiio.ImageSpec(20, 10, 1, "float")
    first.channelnames, second.channelnames = ("R", "G", "B", "A"), ("Z",)
    for spec, name in ((first, "rgba"), (second, "depth")):
        spec.attribute("oiio:subimagename", name)
        spec.attribute("compression", "zips")
        spec.full_width, spec.full_height = 64, 48
    first.x, first.y, second.x = 5, 7, 30
    first.attribute("studio:shot", "sc010")
    chance = np.random.default_rng(1)
    rgba, depth = chance.random((30, 40, 4), np.float32), chance.random((10, 20, 1), np.float32) * 1e6
    rgba[3, 4] = np.nan
    rgba[3, 5] = np.inf
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), (first, second)) and output.write_image(rgba)
    assert output.open(str(path), second, "AppendSubimage") and output.write_image(depth)
    output.close()
    with open_plate(path) as plate:
        assert (plate.info.width, plate.info.height) == (64, 48)
        frame = next(iter(plate.frames()))
        whole = Box(0, 0, 64, 48)
        assert np.isfinite(frame.working(whole)).all()
        assert np.allclose(frame.working(Box(50, 40, 60, 45)), scene_from_linear(np.zeros(1, np.float32)))
        touched = np.zeros((48, 64), bool)
        touched[:30, :30] = True
        merged = frame.merged(whole, np.full((48, 64, 3), 0.1, np.float32), touched)
        with open_writer(make.folder / "o.exr", plate) as writer:
            writer.write(merged)
    before, after = pixels_of(path).view(np.uint16), pixels_of(make.folder / "o.exr").view(np.uint16)
    changed = before != after
    assert not changed[..., 3].any() and not changed[23:].any() and not changed[:, 25:].any()
    assert not changed[3, 4:6].any() and changed[:3, :25, :3].all()
    assert np.array_equal(pixels_of(path, 1), pixels_of(make.folder / "o.exr", 1))
    source = oiio.ImageInput.open(str(make.folder / "o.exr"))
    assert source.spec().get_string_attribute("studio:shot") == "sc010"
    assert (source.spec().x, source.spec().y) == (5, 7)


def test_every_half_value_survives_beside_a_change(make: Maker) -> None:
    path = make.folder / "p.exr"
    spec = oiio.ImageSpec(256, 256, 3, "half")
    spec.attribute("compression", "zip")
    halves = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(np.repeat(halves[..., None], 3, axis=2).view(np.float16))
    output.close()
    with open_plate(path) as plate:
        frame = next(iter(plate.frames()))
        touched = np.ones((256, 256), bool)
        touched[60, 64] = False
        merged = frame.merged(Box(0, 0, 256, 256), np.full((256, 256, 3), 0.01, np.float32), touched)
        with open_writer(make.folder / "o.exr", plate) as writer:
            writer.write(merged)
    after = pixels_of(make.folder / "o.exr")
    unfinite = ~np.isfinite(halves.view(np.float16))
    assert np.array_equal(after.view(np.uint16)[unfinite, 0], halves[unfinite])
    assert after.view(np.uint16)[60, 64, 0] == halves[60, 64]
    assert np.isfinite(after[~unfinite]).all()


def test_overwriting_replaces_the_frames(make: Maker) -> None:
    pattern = make.images("p.{frame}.png", "uint8")
    for is_second in (False, True):
        with (
            open_plate(pattern) as plate,
            open_writer(make.folder / "o.####.png", plate, overwrite=is_second) as writer,
        ):
            for frame in plate.frames():
                writer.write(frame)
    assert len(list(make.folder.glob("o.*.png"))) == 3 and not list(make.folder.glob(".*"))


def test_the_view_of_linear_rises_and_stays_below_white() -> None:
    values = np.array([-1, 0, 0.18, 0.8, 1, 4, 1000], np.float32)
    shown = view_of_linear(values)
    assert shown[0] == 0 and np.allclose(shown[1:4], values[1:4])
    assert (np.diff(shown[1:6]) > 0).all() and shown.max() <= 1


def test_real_exr_and_dpx(material: Path, tmp_path: Path) -> None:
    """Real files: every part and channel comes back, but for the touched box."""
    files = [
        "Beachball_multipart.0001.exr",
        "DisplayWindow_t08.exr",
        "Tiles_GoldenGate.exr",
        "TestImages_AllHalfValues.exr",
        "crypto_special_chars.exr",
        "oiio_grid-overscan.exr",
        "dpx_nuke_10bits_rgb.dpx",
    ]
    for name in files:
        path = Path(shutil.copyfile(material / "exr" / name, tmp_path / ("plate" + Path(name).suffix)))
        with open_plate(path) as plate:
            frame = next(iter(plate.frames()))
            box = Box(40, 30, 100, 90).clipped(frame.width, frame.height)
            change = np.full((box.height, box.width, 3), 0.05, np.float32)
            merged = frame.merged(box, change, np.ones((box.height, box.width), bool))
            out = tmp_path / f"out{path.suffix}"
            with open_writer(out, plate, overwrite=True) as writer:
                writer.write(merged)
            with open_plate(out) as result:
                back = next(iter(result.frames()))
                for ours, theirs in zip(merged.planes(), back.planes(), strict=True):
                    kind = f"u{ours.dtype.itemsize}"
                    assert np.array_equal(
                        np.ascontiguousarray(ours).view(kind), np.ascontiguousarray(theirs).view(kind)
                    )

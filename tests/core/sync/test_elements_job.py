# SPDX-License-Identifier: Apache-2.0
"""Elements of whole jobs: plate files and elements, put together by OpenImageIO or Nuke's script, are OUT."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenImageIO as oiio
import pytest
from numpy.typing import NDArray
from tests.core.composite.elements_made import whole
from tests.core.composite.nuke_reader import Picture, Viewer, read_script
from tests.core.composite.test_elements import rebuilt
from tests.core.conftest import PictureFrame

from plosive.errors import OptionError
from plosive.geometry import Box
from plosive.media import open_plate
from plosive.media.scene import linear_box
from plosive.progress import SilentProgress
from plosive.sync import SyncOptions, sync_plate

WORDS = "Maybe Bob prefers fluffy purple muffins"
COUNT, FIRST = 8, 1001
NAMES = ("rgba.red", "rgba.green", "rgba.blue")


def linear_frames(portrait: Sequence[PictureFrame]) -> list[NDArray[np.float16]]:
    """The portrait in linear light, a lamp of 60 beside the face and a negative corner."""
    frames = []
    for frame in portrait[:COUNT]:
        linear = np.power(frame.picture, 2.2)
        linear[100:110, 60:70] = 60
        linear[:10, :10] = -0.05
        frames.append(linear.astype(np.float16))
    return frames


@pytest.fixture(scope="module")
def exr_job(
    portrait: list[PictureFrame], spoken_line: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A half float sequence from frame 1001, synced with frames 1004-1005 kept; its folder."""
    folder = tmp_path_factory.mktemp("exr")
    (folder / "plate").mkdir()
    for index, frame in enumerate(linear_frames(portrait)):
        spec = oiio.ImageSpec(frame.shape[1], frame.shape[0], 3, "half")
        spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), (24, 1))
        spec.attribute("cameraModel", "Plosive One")
        out = oiio.ImageOutput.create("x.exr")
        assert out.open(str(folder / "plate" / f"shot.{FIRST + index}.exr"), spec) and out.write_image(frame)
        out.close()
    options = SyncOptions(
        folder / "plate" / "shot.%04d.exr", spoken_line, folder / "out" / "shot.%04d.exr", transcript=WORDS,
        elements=folder / "deep" / "elements", frame_range="1001-1003", use_cache=False,
    )  # fmt: skip
    sync_plate(options, SilentProgress())
    return folder


def image(path: Path) -> NDArray[Any]:
    """R G B of a file in its own type."""
    buffer = oiio.ImageBuf(str(path))
    return np.asarray(buffer.get_pixels(buffer.spec().format))[..., :3]


def test_an_exr_job_is_put_together_again_from_its_files(exr_job: Path) -> None:
    changed = 0
    for number in range(FIRST, FIRST + COUNT):
        plate, out = (image(exr_job / name / f"shot.{number}.exr") for name in ("plate", "out"))
        path = exr_job / "deep" / "elements" / f"elements.{number}.exr"
        final = rebuilt(plate.astype(np.float32), path)
        steps = half_steps(final.astype(np.float16), out)
        assert steps.max() <= 1, "half floats next to each other at most: the delivered file is rounded"
        assert (steps > 0).mean() < 0.01
        kept = whole(path)["mouth.alpha"] == 0
        np.testing.assert_array_equal(final[kept].astype(np.float16), out[kept])
        np.testing.assert_array_equal(plate[kept], out[kept])
        changed += int((out != plate).any(axis=2).sum())
    assert changed > 2000


def half_steps(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.int64]:
    """How many representable half floats lie between two pictures' values."""

    def ordered(values: NDArray[Any]) -> NDArray[np.int64]:
        bits = values.astype(np.float16).view(np.int16).astype(np.int64)
        return np.where(bits < 0, -32768 - bits, bits)

    return np.abs(ordered(one) - ordered(other))


def test_nuke_s_script_shows_the_same(exr_job: Path) -> None:
    folder = exr_job / "deep" / "elements"

    def opened(file: str, number: int) -> Picture:
        if "elements" in file:
            return {"rgba.alpha": np.zeros((360, 640), np.float32), **whole(Path(file % number))}
        pixels = image(Path(file % number)).astype(np.float32)
        planes = {name: np.ascontiguousarray(pixels[..., k]) for k, name in enumerate(NAMES)}
        return {**planes, "rgba.alpha": np.zeros((360, 640), np.float32)}

    viewer = Viewer(read_script((folder / "elements.nk").read_text(encoding="utf-8")), opened)
    for number in (FIRST, FIRST + 1, FIRST + 5):
        shown = np.stack([viewer.show("Final", number)[name] for name in NAMES], axis=2)
        plate = image(exr_job / "plate" / f"shot.{number}.exr").astype(np.float32)
        np.testing.assert_array_equal(shown, rebuilt(plate, folder / f"elements.{number}.exr"))
        assert not any(viewer.show("Check", number)[name].any() for name in NAMES)


def test_tracks_follow_the_mouth_and_headers_the_camera(exr_job: Path) -> None:
    folder = exr_job / "deep" / "elements"
    told = json.loads((folder / "elements.json").read_text(encoding="utf-8"))
    (face,) = told["faces"]
    assert face["frames"] == list(range(FIRST, FIRST + COUNT))
    assert told["made_by"]["generator"] == "plate" and told["plate"]["first_frame"] == FIRST
    matte = whole(folder / f"elements.{FIRST}.exr")["matte.alpha"]
    x, y = face["final_points"]["mouth_centre"][0]
    assert matte[360 - 1 - int(y), int(x)] == 1, "y counts upwards"
    assert [source is None for source in face["source_frames"]] == [blend == 0 for blend in face["blend"]]
    assert (np.array(face["final_points"]["chin"]) != np.array(face["plate_points"]["chin"])).any()
    header = oiio.ImageBuf(str(folder / f"elements.{FIRST + 7}.exr")).spec()
    assert header.getattribute("cameraModel") == "Plosive One"
    assert (header.width, header.height) == (1, 1)


@pytest.mark.parametrize(("pixels", "most_codes"), [("yuv444p10le", 0.51), ("yuv422p10le", 0.51)])
def test_a_10_bit_job_is_put_together_again(
    portrait: list[PictureFrame], spoken_line: Path, tmp_path: Path, pixels: str, most_codes: float
) -> None:
    plate = tmp_path / "plate.mkv"
    with av.open(str(plate), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 640, 360, pixels
        for frame in portrait[:COUNT]:
            codes = np.rint(np.clip(frame.picture, 0, 1) * 65535).astype(np.uint16)
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(codes), "rgb48le")
            container.mux(stream.encode(picture.reformat(format=pixels)))
        container.mux(stream.encode(None))
    options = SyncOptions(
        plate, spoken_line, tmp_path / "out.mkv", transcript=WORDS, codec="ffv1", elements=tmp_path / "e",
        elements_start=1001, use_cache=False,
    )  # fmt: skip
    sync_plate(options, SilentProgress())
    with open_plate(plate) as before, open_plate(tmp_path / "out.mkv") as after:
        for index, (frame, out) in enumerate(zip(before.frames(), after.frames(), strict=True)):
            box = Box(0, 0, frame.width, frame.height)
            path = tmp_path / "e" / f"elements.{1001 + index}.exr"
            final = rebuilt(linear_box(frame, before.info.transfer, box), path)
            layers = whole(path)
            inside = layers["mouth.alpha"] > 0
            made = np.stack([layers[name] for name in NAMES], axis=2)
            np.testing.assert_array_equal(final[inside], made[inside])
            coded = np.power(np.abs(final), 1 / 2.4) * np.sign(final)
            off = luma(coded) - luma(out.working(box))
            assert np.abs(off).max() * 876 < most_codes
            assert inside.any()


def luma(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Y' of R'G'B' with BT.601's weights, as small pictures without tags are coded."""
    return np.asarray(rgb @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def test_a_still_and_its_elements_may_share_a_folder(
    portrait: list[PictureFrame], spoken_line: Path, tmp_path: Path
) -> None:
    codes = np.rint(portrait[0].picture * 65535).astype(np.uint16)
    still = tmp_path / "still.tif"
    oiio.ImageBuf(np.ascontiguousarray(codes)).write(str(still))
    folder = tmp_path / "new"
    options = SyncOptions(
        still, spoken_line, folder / "talk.%04d.tif", transcript=WORDS, elements=folder, use_cache=False,
    )  # fmt: skip
    result = sync_plate(options, SilentProgress())
    for number in (0, result.frames_total - 1):
        plate, out = (image(path) / 65535 for path in (still, folder / f"talk.{number:04d}.tif"))
        linear = np.where(plate <= 0.04045, plate / 12.92, ((plate + 0.055) / 1.055) ** 2.4)
        final = rebuilt(linear.astype(np.float32), folder / f"elements.{number:04d}.exr")
        coded = np.where(final <= 0.0031308, final * 12.92, 1.055 * np.abs(final) ** (1 / 2.4) - 0.055)
        assert np.abs(np.clip(coded, 0, 1) - out).max() < 1e-4  # integers end at white
    assert not [path.name for path in (*tmp_path.iterdir(), *folder.iterdir()) if path.name.startswith(".")]
    read = read_script((folder / "elements.nk").read_text(encoding="utf-8")).nodes["Plate"]
    assert read.text("file") == still.resolve().as_posix() and read.text("last") == "1"


def test_options_that_make_no_sense_are_refused() -> None:
    options = {"plate": Path("a.mov"), "dub": Path("b.wav"), "out": Path("c.mov")}
    with pytest.raises(OptionError, match="elements-window"):
        SyncOptions(**options, elements_window="half").validated()
    with pytest.raises(OptionError, match="elements-compression"):
        SyncOptions(**options, elements_compression="dwaa").validated()
    with pytest.raises(OptionError, match="elements-start"):
        SyncOptions(**options, elements_start=-1).validated()

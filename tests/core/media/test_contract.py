# SPDX-License-Identifier: Apache-2.0
"""What every plate must hold, whatever file it lies in: reading, editing, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from plosive.geometry import Box
from plosive.media import PlateKind, open_plate, open_writer
from plosive.media.imageframe import ImagePlateFrame
from plosive.media.videoframe import VideoPlateFrame

if TYPE_CHECKING:
    from tests.core.media.conftest import Maker


@dataclass(frozen=True)
class Case:
    """`make` writes the plate and returns its path; `out` names a result like it."""

    make: Callable[[Any], Path]
    out: str
    is_lossless: bool
    shown_tolerance: float = 2.5  # mean difference of rgb8 and working, in 8-bit steps


FILM = Fraction(24000, 1001)
NTSC = Fraction(30000, 1001)
HALF = {"compression": "zip"}

CASES = {
    "h264": Case(
        lambda m: m.video("p.mp4", "libx264", "yuv420p", options={"crf": "4", "bf": "2"}), "o.mp4", False
    ),
    "h264 10 bit": Case(lambda m: m.video("p.mp4", "libx264", "yuv422p10le", rate=FILM), "o.mp4", False),
    "h264 full range": Case(
        lambda m: m.video("p.mov", "libx264", "yuv420p", tags=(1, 1, 1, 2)), "o.mov", False
    ),
    "h264 rotated": Case(lambda m: m.video("p.mp4", "libx264", "yuv420p", rotation=90), "o.mp4", False),
    "hevc": Case(
        lambda m: m.video(
            "p.mp4", "libx265", "yuv420p10le", tags=(9, 16, 9, 1), options={"x265-params": "log-level=none"}
        ),
        "o.mp4",
        False,
    ),
    "prores hq": Case(
        lambda m: m.video(
            "p.mov", "prores_ks", "yuv422p10le", rate=NTSC, options={"profile": "hq"}, timecode="01:00:00;00"
        ),
        "o.mov",
        False,
    ),
    "prores 4444": Case(
        lambda m: m.video(
            "p.mov", "prores_ks", "yuva444p10le", options={"profile": "4444", "alpha_bits": "16"}
        ),
        "o.mov",
        False,
    ),
    "prores odd": Case(
        lambda m: m.video(
            "p.mov", "prores_ks", "yuv422p10le", width=97, height=61, options={"profile": "lt"}
        ),
        "o.mov",
        False,
    ),
    "dnxhr mxf": Case(
        lambda m: m.video(
            "p.mxf",
            "dnxhd",
            "yuv422p10le",
            width=256,
            height=128,
            options={"profile": "dnxhr_hqx"},
            timecode="10:00:00:00",
        ),
        "o.mxf",
        False,
    ),
    "mpeg1": Case(
        lambda m: m.video("p.mpg", "mpeg1video", "yuv420p", rate=Fraction(25), tags=(2, 2, 2, 1)),
        "o.mpg",
        False,
    ),
    "mpeg2 anamorphic": Case(
        lambda m: m.video(
            "p.mpg",
            "mpeg2video",
            "yuv420p",
            width=96,
            height=64,
            rate=Fraction(25),
            pixel_aspect=Fraction(64, 45),
        ),
        "o.mpg",
        False,
        4.0,
    ),
    "interlaced mpeg2": Case(
        lambda m: m.video("p.mov", "mpeg2video", "yuv420p", rate=Fraction(25), is_interlaced=True),
        "o.mov",
        False,
    ),
    "ffv1 4:2:0 odd": Case(lambda m: m.video("p.mkv", "ffv1", "yuv420p", width=97, height=61), "o.mkv", True),
    "ffv1 10 bit": Case(lambda m: m.video("p.mkv", "ffv1", "yuv422p10le", rate=FILM), "o.mkv", True),
    "ffv1 alpha": Case(lambda m: m.video("p.mkv", "ffv1", "yuva444p10le"), "o.mkv", True),
    "ffv1 rgb": Case(lambda m: m.video("p.mkv", "ffv1", "gbrp10le", tags=(1, 1, 0, 2)), "o.mkv", True),
    "ffv1 8 bit rgb": Case(lambda m: m.video("p.mkv", "ffv1", "bgr0", tags=(1, 1, 0, 2)), "o.mkv", True),
    "ffv1 gray": Case(lambda m: m.video("p.mkv", "ffv1", "gray"), "o.mkv", True),
    "ffv1 rotated": Case(lambda m: m.video("p.mkv", "ffv1", "yuv422p", rotation=270), "o.mkv", True),
    "ffv1 in avi": Case(lambda m: m.video("p.avi", "ffv1", "yuv444p"), "o.avi", True),
    "png in mov": Case(lambda m: m.video("p.mov", "png", "rgb24", tags=(1, 13, 0, 2)), "o.mov", True),
    "variable rate": Case(
        lambda m: m.video(
            "p.mp4",
            "libx264",
            "yuv420p",
            time_stamps=[0, 1001, 2002, 4004, 5005, 9009],
            time_base=Fraction(1, 30000),
        ),
        "o.mp4",
        False,
    ),
    "exr half": Case(lambda m: m.images("p.{frame}.exr", "half", attributes=HALF), "o.####.exr", True, 99),
    "exr float rgba": Case(
        lambda m: m.images(
            "p.{frame}.exr", "float", channels=("R", "G", "B", "A"), attributes={"compression": "piz"}
        ),
        "o.####.exr",
        True,
        99,
    ),
    "exr data window": Case(
        lambda m: m.images("p.{frame}.exr", "half", window=(-6, -4, 64, 40)), "o.####.exr", True, 99
    ),
    "exr overscan": Case(
        lambda m: m.images("p.{frame}.exr", "half", window=(4, 3, 40, 26)), "o.####.exr", True, 99
    ),
    "exr many channels": Case(
        lambda m: m.images("p.{frame}.exr", "half", channels=("R", "G", "B", "A", "Z", "id.x")),
        "o.####.exr",
        True,
        99,
    ),
    "exr luminance": Case(
        lambda m: m.images("p.{frame}.exr", "half", channels=("Y",)), "o.####.exr", True, 99
    ),
    "png": Case(lambda m: m.images("p.{frame}.png", "uint8"), "o.####.png", True),
    "png 16 bit alpha": Case(
        lambda m: m.images("p.{frame}.png", "uint16", channels=("R", "G", "B", "A")), "o.####.png", True
    ),
    "tiff": Case(lambda m: m.images("p.{frame}.tif", "uint16"), "o.####.tif", True),
    "tiff float": Case(lambda m: m.images("p.{frame}.tif", "float"), "o.####.tif", True, 99),
    "dpx": Case(
        lambda m: m.images("p.{frame}.dpx", "uint16", attributes={"oiio:BitsPerSample": 10}),
        "o.####.dpx",
        True,
    ),
    "one frame": Case(lambda m: m.video("p.mkv", "ffv1", "yuv420p", frames=1), "o.mkv", True),
}


KEPT = (
    "kind",
    "width",
    "height",
    "frame_count",
    "frame_rate",
    "first_frame",
    "start_timecode",
    "pixel_aspect",
    "codec",
    "is_variable_rate",
    "is_interlaced",
    "has_alpha",
    "rotation_degrees",
    "transfer",
    "is_float",
    "bit_depth",
)


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def native(frame: Any) -> list[np.ndarray]:
    """The native samples as integers, so that NaN compare too."""
    assert isinstance(frame, VideoPlateFrame | ImagePlateFrame)
    return [np.ascontiguousarray(plane).view(f"u{plane.dtype.itemsize}") for plane in frame.planes()]


def same(first: Any, second: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(native(first), native(second), strict=True))


def a_change(frame: Any) -> tuple[Box, np.ndarray, np.ndarray]:
    """A box off the grid of chroma, an even change, and a round matte."""
    box = Box(frame.width // 4 + 1, frame.height // 4 + 1, frame.width * 3 // 4, frame.height * 3 // 4)
    y, x = np.mgrid[0 : box.height, 0 : box.width]
    touched = (x - box.width / 2) ** 2 + (y - box.height / 2) ** 2 < (min(box.width, box.height) / 2.2) ** 2
    change = np.full((box.height, box.width, 3), [0.06, 0.03, 0.05], np.float32)
    return box, change, touched


def test_frames_and_times_agree(case: Case, make: Maker) -> None:
    with open_plate(case.make(make)) as plate:
        frames = list(plate.frames())
        info = plate.info
        assert len(frames) == info.frame_count == len(plate.frame_times())
        assert [frame.index for frame in frames] == list(range(info.frame_count))
        assert tuple(frame.start_seconds for frame in frames) == plate.frame_times()
        assert plate.frame_times()[0] == 0
        assert all(a < b for a, b in zip(plate.frame_times(), plate.frame_times()[1:], strict=False))
        assert {(frame.width, frame.height) for frame in frames} == {(info.width, info.height)}
        assert info.duration_seconds == info.frame_count / info.frame_rate


def test_frames_from_the_middle_are_the_same(case: Case, make: Maker) -> None:
    with open_plate(case.make(make)) as plate:
        frames = list(plate.frames())
        for first in range(plate.info.frame_count):
            later = list(plate.frames(first))
            assert [frame.index for frame in later] == [frame.index for frame in frames[first:]]
            assert all(same(a, b) for a, b in zip(frames[first:], later, strict=True))


def test_both_views_show_the_same_upright_picture(case: Case, make: Maker, paint: Any) -> None:
    with open_plate(case.make(make)) as plate:
        for frame in plate.frames():
            shown = frame.rgb8()
            assert shown.shape == (frame.height, frame.width, 3) and shown.dtype == np.uint8
            whole = frame.working(Box(0, 0, frame.width, frame.height))
            assert whole.shape == shown.shape and whole.dtype == np.float32 and np.isfinite(whole).all()
            assert np.abs(np.clip(whole, 0, 1) * 255 - shown).mean() < case.shown_tolerance
            box = Box(5, 3, frame.width - 7, frame.height - 2)
            assert np.abs(frame.working(box) - whole[box.slices]).max() < 1e-5


def test_merging_touches_nothing_outside(case: Case, make: Maker) -> None:
    with open_plate(case.make(make)) as plate:
        frame = next(iter(plate.frames()))
        box, change, touched = a_change(frame)
        before = [plane.copy() for plane in native(frame)]
        assert same(frame.merged(box, np.zeros_like(change), touched), frame)
        assert same(frame.merged(box, change, np.zeros_like(touched)), frame)
        merged = frame.merged(box, change, touched)
        assert all(np.array_equal(a, b) for a, b in zip(before, native(frame), strict=True)), (
            "the plate was edited"
        )
        assert not same(merged, frame)
        whole = Box(0, 0, frame.width, frame.height)
        difference = np.abs(merged.working(whole) - frame.working(whole)).max(axis=-1)
        inside = np.zeros((frame.height, frame.width), bool)
        inside[box.slices] = touched
        margin = inside.copy()  # linear chroma reaches up to four pixels beyond a changed sample
        for axis in (0, 1):
            for shift in (-4, -3, -2, -1, 1, 2, 3, 4):
                margin |= np.roll(inside, shift, axis)
        assert difference[~margin].max(initial=0) < 1e-6


def test_merging_adds_the_change(case: Case, make: Maker) -> None:
    with open_plate(case.make(make)) as plate:
        frame = next(iter(plate.frames()))
        if plate.info.pixel_format.startswith(("gray", "half x 1")):
            pytest.skip("grey takes only the luminance of the change")
        box = Box(frame.width // 4, frame.height // 4, frame.width * 3 // 4, frame.height * 3 // 4)
        change = np.full((box.height, box.width, 3), [0.04, 0.02, 0.03], np.float32)
        merged = frame.merged(box, change, np.ones((box.height, box.width), bool))
        centre = Box(box.left + 8, box.top + 8, box.right_exclusive - 8, box.bottom_exclusive - 8)
        if centre.is_empty:
            centre = Box(box.left + 4, box.top + 4, box.right_exclusive - 4, box.bottom_exclusive - 4)
        gained = merged.working(centre) - frame.working(centre)
        step = 1 / 255 if plate.info.bit_depth == 8 else 1 / 1023
        assert np.abs(gained - change[0, 0]).max() < 2.5 * step


def test_the_way_back_keeps_what_the_plate_is(case: Case, make: Maker, tmp_path: Path) -> None:
    out = tmp_path / "out" / case.out
    out.parent.mkdir()
    with open_plate(case.make(make), still_seconds=Fraction(1, 8)) as plate:
        written = []
        with open_writer(out, plate) as writer:
            for frame in plate.frames():
                made = frame.merged(*a_change(frame)) if frame.index % 2 else frame
                writer.write(made)
                written.append(made)
        with open_plate(out) as result:
            ours, theirs = plate.info, result.info
            for name in KEPT:
                assert getattr(theirs, name) == getattr(ours, name), name
            assert result.frame_times() == plate.frame_times()
            back = list(result.frames())
            if case.is_lossless:
                assert all(same(a, b) for a, b in zip(written, back, strict=True))
            else:
                error = [
                    np.abs(a.rgb8().astype(int) - b.rgb8()).mean() for a, b in zip(written, back, strict=True)
                ]
                assert np.mean(error) < 1.5
            if ours.kind is PlateKind.VIDEO:
                assert result.source.profile == plate.source.profile or case.out == "o.mp4"
                assert result.source.tags == plate.source.tags
                assert result.source.pixel_format == plate.source.pixel_format
    assert {path.name for path in out.parent.iterdir() if path.name.startswith(".")} == set()


def test_the_same_input_gives_the_same_bytes(case: Case, make: Maker, tmp_path: Path) -> None:
    plate_path = case.make(make)
    results = []
    for name in ("first", "second"):
        out = tmp_path / name / case.out
        out.parent.mkdir()
        with open_plate(plate_path) as plate, open_writer(out, plate) as writer:
            for frame in plate.frames():
                writer.write(frame.merged(*a_change(frame)))
        results.append({path.name: path.read_bytes() for path in out.parent.iterdir()})
    assert results[0] == results[1]

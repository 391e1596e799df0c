# SPDX-License-Identifier: Apache-2.0
"""Results in another format than the plate's."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from plosive.colour.transfer import Transfer
from plosive.geometry import Box
from plosive.media import open_plate, open_writer
from plosive.media.codecchoice import choose_encoding
from plosive.media.encoding import Wanted
from plosive.media.layout import SampleLayout

if TYPE_CHECKING:
    from tests.core.media.conftest import Maker


def converted(plate_path: Path, out: Path, **options: Any) -> tuple[Any, tuple[str, ...]]:
    with open_plate(plate_path) as plate, open_writer(out, plate, **options) as writer:
        for frame in plate.frames():
            writer.write(frame)
    return open_plate(out), writer.warnings


@pytest.mark.parametrize(
    ("encoder", "pixel_format", "plate", "out", "codec", "profile", "out_format"),
    [
        ("libx264", "yuv420p", "p.mp4", "o.mov", "prores", "HQ", "yuv422p10le"),
        ("libx264", "yuv444p", "p.mp4", "o.mov", "prores", "4444", "yuv444p12le"),
        ("libx264", "yuv420p", "p.mov", "o.mov", "h264", "High", "yuv420p"),
        ("prores_ks", "yuv422p10le", "p.mov", "o.mp4", "h264", "High", "yuv420p"),
        ("prores_ks", "yuv422p10le", "p.mov", "o.mkv", "ffv1", None, "yuv422p10le"),
        ("prores_ks", "yuv422p10le", "p.mov", "o.mxf", "dnxhd", "DNXHR HQX", "yuv422p10le"),
        ("libx264", "yuv420p", "p.mp4", "o.mxf", "dnxhd", "DNXHR HQ", "yuv422p"),
        ("libx264", "yuv420p", "p.mp4", "o.mpg", "mpeg2video", "Main", "yuv420p"),
        ("ffv1", "gbrp10le", "p.mkv", "o.mov", "prores", "4444", "yuv444p12le"),
    ],
)
def test_the_extension_chooses(
    make: Maker,
    encoder: str,
    pixel_format: str,
    plate: str,
    out: str,
    codec: str,
    profile: str,
    out_format: str,
) -> None:
    tags = (1, 1, 0, 2) if pixel_format.startswith("gbr") else (1, 1, 1, 1)
    path = make.video(plate, encoder, pixel_format, width=256, height=128, rate=Fraction(25), tags=tags)
    result, _ = converted(path, make.folder / out)
    with result, open_plate(path) as original:
        assert (result.info.codec, result.source.profile, result.info.pixel_format) == (
            codec,
            profile,
            out_format,
        )
        assert result.frame_times() == original.frame_times()
        for ours, theirs in zip(original.frames(), result.frames(), strict=True):
            whole = Box(0, 0, ours.width, ours.height)
            assert np.abs(ours.working(whole) - theirs.working(whole)).mean() < 0.008
        assert result.source.tags.primaries == 1


@pytest.mark.parametrize(
    ("codec", "name", "profile"),
    [
        ("prores", "prores", "HQ"),
        ("prores_proxy", "prores", "Proxy"),
        ("prores_422", "prores", "Standard"),
        ("prores_4444", "prores", "4444"),
        ("dnxhr_sq", "dnxhd", "DNXHR SQ"),
        ("ffv1", "ffv1", None),
        ("h264", "h264", None),
        ("hevc", "hevc", None),
        ("png", "png", None),
    ],
)
def test_a_codec_that_is_asked_for(make: Maker, codec: str, name: str, profile: str | None) -> None:
    path = make.video("p.mkv", "ffv1", "yuv422p10le", width=256, height=128)
    result, _ = converted(path, make.folder / ("o.mkv" if codec == "ffv1" else "o.mov"), codec=codec)
    with result:
        assert result.info.codec == name
        assert profile is None or result.source.profile == profile


def test_depth_and_chroma_are_converted_exactly(make: Maker) -> None:
    """8-bit luma times four is 10-bit luma: no rounding, no shift of range."""
    path = make.video("p.mp4", "libx264", "yuv420p")
    with open_plate(path) as plate:
        before = [frame.planes()[0] for frame in plate.frames()]
        from plosive.media.conversion import picture_from_planes, target_coding
        from plosive.media.videoframe import plane_views

        frame = next(iter(plate.frames()))
        coding = target_coding("yuv422p10le", frame.samples.coding.matrix, False)
        picture = picture_from_planes(frame.planes(), frame.samples.coding, coding)
        luma, blue, _ = plane_views(picture, coding.layout)
    assert np.array_equal(luma, before[0].astype(np.uint16) * 4)
    assert blue.shape == (64, 48)


def test_standard_definition_becomes_709_in_dnxhr(make: Maker) -> None:
    path = make.video(
        "p.mpg", "mpeg1video", "yuv420p", width=256, height=128, rate=Fraction(25), tags=(2, 2, 2, 1)
    )
    result, _ = converted(path, make.folder / "o.mxf")
    with result, open_plate(path) as plate:
        ours, theirs = next(iter(plate.frames())), next(iter(result.frames()))
        assert plate.samples.coding.matrix.name == "BT601" and result.samples.coding.matrix.name == "BT709"
        assert np.abs(ours.rgb8().astype(int) - theirs.rgb8()).mean() < 2


def test_video_to_scene_linear_exr(make: Maker) -> None:
    path = make.video(
        "p.mov",
        "prores_ks",
        "yuv422p10le",
        rate=Fraction(30000, 1001),
        timecode="01:00:00;02",
        options={"profile": "hq"},
    )
    result, warnings = converted(path, make.folder / "shot.####.exr")
    with result, open_plate(path) as plate:
        assert result.info.transfer is Transfer.SCENE and result.info.first_frame == 0
        assert result.info.frame_rate == plate.info.frame_rate
        assert result.info.start_timecode == "01:00:00;02"
        first = next(iter(result.frames()))
        whole = Box(0, 0, first.width, first.height)
        linear = np.stack(first.planes(), axis=-1).astype(np.float32)
        coded = next(iter(plate.frames())).working(whole)
        assert np.abs(linear - np.sign(coded) * np.abs(coded) ** 2.4).max() < 0.002
        assert first.layout.attributes["chromaticities"][0] == pytest.approx(0.64)
    assert warnings == ()


def test_exr_to_prores_is_a_viewing_copy(make: Maker) -> None:
    attributes = {"smpte:TimeCode": ("timecode", (0x10000000, 0))}
    pattern = make.images("p.{frame}.exr", "half", width=96, height=64, attributes=attributes)
    result, warnings = converted(pattern, make.folder / "o.mov")
    with result:
        assert (result.source.profile, result.info.start_timecode) == ("4444", "10:00:00:00")
        assert result.info.frame_rate == 24 and result.info.transfer is Transfer.BT1886
    assert any("viewing copy" in sentence for sentence in warnings)


@pytest.mark.parametrize(
    ("out", "depth"), [("o.####.png", 16), ("o.####.dpx", 10), ("o.####.tif", 16), ("o.####.jpg", 8)]
)
def test_video_to_integer_images(make: Maker, out: str, depth: int) -> None:
    path = make.video("p.mkv", "ffv1", "yuv444p12le")
    result, _ = converted(path, make.folder / out)
    with result, open_plate(path) as plate:
        assert result.info.bit_depth == depth
        ours, theirs = next(iter(plate.frames())), next(iter(result.frames()))
        whole = Box(0, 0, ours.width, ours.height)
        assert np.abs(ours.working(whole) - theirs.working(whole)).mean() < 0.006


def test_odd_sizes_become_4_4_4_in_h264(make: Maker) -> None:
    path = make.video("p.mkv", "ffv1", "yuv420p", width=97, height=61)
    result, warnings = converted(path, make.folder / "o.mp4")
    with result:
        assert (result.info.width, result.info.height) == (97, 61)
        assert "444" in result.info.pixel_format
    assert any("odd" in sentence for sentence in warnings)


def test_1999_by_1001(make: Maker) -> None:
    path = make.video("p.mkv", "ffv1", "yuv420p", width=1999, height=1001, frames=2)
    result, _ = converted(path, make.folder / "o.mov")
    with result:
        assert (result.info.width, result.info.height, result.info.frame_count) == (1999, 1001, 2)


@pytest.mark.parametrize("name", ["yuv420p", "yuva444p10le", "gbrap12le", "gray16le", "yuv422p16le"])
@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".mxf", ".mkv", ".mpg", ".avi", ".ts"])
def test_every_layout_finds_an_encoding(name: str, suffix: str) -> None:
    layout = SampleLayout.parse(name)
    assert layout is not None
    wanted = Wanted(layout, 1920, 1080, False, Transfer.BT1886, None)
    encoding = choose_encoding(Path(f"o{suffix}"), wanted, None)
    assert encoding.pixel_format and encoding.encoder

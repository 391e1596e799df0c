# SPDX-License-Identifier: Apache-2.0
"""Merging down to the samples of a file: EXR past white and below black, Y'CbCr in every depth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from plosive.colour.plate_colour import ColourChoice
from plosive.colour.transfer import Transfer, linear_from_scene, scene_from_linear, to_linear
from plosive.composite.merge import Layers, Merger
from plosive.faces.topology import INNER_LIPS, OUTER_LIPS
from plosive.faces.track import FaceTrack
from plosive.generate.protocol import Patch
from plosive.geometry import Box
from plosive.media import open_plate, open_writer
from plosive.media.layout import SampleLayout
from plosive.media.planes import PlaneCoding
from plosive.media.ycbcr import CodeRange, Matrix

oiio = pytest.importorskip("OpenImageIO")

Floats = NDArray[np.float32]

REC709_TO_AP1 = np.array(
    [[0.61310, 0.33952, 0.04738], [0.07019, 0.91635, 0.01345], [0.02062, 0.10957, 0.86981]], np.float32
)
HIGHLIGHT, DEEPEST = 60.0, -0.25
TOLERANCE_BETWEEN_DEVICES = 2e-3
"""Largest difference in working values (0..1) that two devices may make: half a code of 8 bits. Their blurs
are worked out in other orders; on one device the same input gives the same bits."""


def patch_over(box: Box, base: Floats, mouth: Floats, matte: Floats, face_width: float) -> Patch:
    grid = np.stack(np.meshgrid(np.arange(box.width), np.arange(box.height)), axis=-1).astype(np.float32)
    return Patch(
        box=box,
        base=base,
        base_matte=np.zeros(matte.shape, np.float32),
        mouth=mouth,
        mouth_matte=matte,
        plate_map=grid + np.array([box.left, box.top], np.float32),
        face_width=face_width,
        source_index=0,
    )


def feathered(height: int, width: int) -> Floats:
    """An ellipse that is 1 in its middle, feathered, and exactly 0 in a wide margin."""
    rows, columns = np.mgrid[:height, :width]
    away = np.hypot((rows - height / 2) / (0.36 * height), (columns - width / 2) / (0.36 * width))
    return np.clip(3 * (1 - away), 0, 1).astype(np.float32)


@pytest.fixture(scope="module")
def hot_face(portrait: list[Any], track: FaceTrack) -> tuple[Floats, Box]:
    """The portrait as light in ACEScg (h, w, 3): 60 on teeth and lower lip, below 0 on the skin beside them;
    and a box around its mouth.
    """
    linear = np.power(portrait[0].working(Box(0, 0, 640, 360)), 2.4) @ REC709_TO_AP1.T
    points = track.landmarks[0]
    lips = points[np.concatenate([OUTER_LIPS, INNER_LIPS]), :2]
    left, top = np.floor(lips.min(axis=0)).astype(int) - 24
    right, bottom = np.ceil(lips.max(axis=0)).astype(int) + 24
    x, y = (round(float(value)) for value in points[14, :2])  # middle of the lower lip's inner edge
    linear[y - 2 : y + 1, x - 3 : x + 4] = np.linspace(3, HIGHLIGHT, 7, dtype=np.float32)[:, None]
    linear[y + 4, x - 2 : x + 3] = (HIGHLIGHT, 40, 25)
    linear[y + 10 : y + 13, x - 14 : x - 8] = (0.3, -0.02, DEEPEST)
    return np.ascontiguousarray(linear, np.float32), Box(int(left), int(top), int(right), int(bottom))


@pytest.mark.parametrize(("kind", "compression"), [("half", "zip"), ("half", "dwaa:45"), ("float", "zip")])
def test_exr_light_past_white_and_below_black_is_merged_without_clipping(
    tmp_path: Path, hot_face: tuple[Floats, Box], kind: str, compression: str
) -> None:
    light, box = hot_face
    plate_path = tmp_path / "plate.exr"
    spec = oiio.ImageSpec(light.shape[1], light.shape[0], 3, kind)
    spec.attribute("compression", compression)
    output = oiio.ImageOutput.create(str(plate_path))
    assert output.open(str(plate_path), spec) and output.write_image(light)
    output.close()
    out = tmp_path / "out.exr"
    with open_plate(plate_path, colour=ColourChoice("ACEScg")) as reader:
        frame = next(iter(reader.frames()))
        plate = frame.working(box)
        native = np.stack(frame.planes(), axis=-1).astype(np.float32)
        assert native.max() > 45 and native.min() < -0.15, "what the plate holds"
        assert native[box.slices].max() == native.max()
        mouth = np.ascontiguousarray(np.roll(plate, (2, 3), axis=(0, 1)))  # the mouth, a little elsewhere
        matte = feathered(*plate.shape[:2])
        layers = Merger().merge(plate, patch_over(box, plate, mouth, matte, 130.0), Transfer.SCENE, 1.0)
        merged = frame.merged(layers.box, layers.change, layers.touched)
        with open_writer(out, reader) as writer:
            writer.write(merged)
    after = np.stack(merged.planes(), axis=-1)
    result = after.astype(np.float32)
    outside = np.ones(native.shape[:2], np.bool_)
    outside[box.slices] = matte == 0
    assert np.array_equal(result[outside], native[outside])
    near = 1e-3 if kind == "half" else 2e-5
    patch = linear_from_scene(layers.patch)
    share = layers.matte[..., None]
    wanted = native[box.slices] * (1 - share) + patch * share
    np.testing.assert_allclose(result[box.slices], wanted, rtol=near, atol=2e-5)
    inside = matte == 1
    lit = np.abs(layers.patch - mouth)[inside]
    assert lit.max() <= 30 / 255 + 1e-5, "light may move the patch, nothing clips it"
    # A stop is 1 / 17.52 in ACEScct: light is matched within 30/255, about two stops.
    assert result[box.slices][inside].max() > 12 and result[box.slices][inside].min() < -0.1
    with open_plate(out) as again:
        back = np.stack(next(iter(again.frames())).planes(), axis=-1)
    if compression == "zip":
        bits = f"u{after.dtype.itemsize}"
        assert np.array_equal(back.view(bits), after.view(bits))
    else:  # DWAA is lossy, and says so; but it neither clips nor drifts
        assert any("DWAA" in warning for warning in reader.info.warnings)
        assert abs(float(back.max()) - float(after.max())) < 0.05 * float(after.max())
        assert float(np.abs(back.astype(np.float32) - result).mean()) < 0.01


def test_the_same_mouth_changes_no_bit(hot_face: tuple[Floats, Box]) -> None:
    light, box = hot_face
    plate = scene_from_linear(light[box.slices])
    matte = feathered(*plate.shape[:2])
    for transfer in (Transfer.SCENE, Transfer.BT1886, Transfer.SRGB):
        layers = Merger().merge(plate, patch_over(box, plate, plate.copy(), matte, 130.0), transfer, 0.7)
        assert not layers.change.any() and layers.touched.any()


FORMATS = [
    (pixel_format, is_full)
    for pixel_format in (
        "yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le",
        "yuv420p12le", "yuv422p12le", "yuv444p12le",
    )
    for is_full in (False, True)
]  # fmt: skip


def coded(
    pixel_format: str, is_full: bool, width: int, height: int
) -> tuple[PlaneCoding, list[NDArray[Any]]]:
    """Planes of a shaded, slightly grainy picture."""
    layout = SampleLayout.parse(pixel_format)
    assert layout is not None
    coding = PlaneCoding(layout, Matrix.BT709, CodeRange(layout.bit_depth, is_full))
    noise = np.random.default_rng(4)
    planes = []
    for number in range(3):
        w, h = layout.plane_size(number, width, height)
        rows, columns = np.mgrid[:h, :w] / np.array([[[h]], [[w]]])
        level = (
            0.35 + 0.25 * columns + 0.1 * rows
            if number == 0
            else 0.5 + 0.06 * (rows - columns) * (-1) ** number
        )
        codes = level * (1 << layout.bit_depth) + noise.normal(0, 0.8, (h, w))
        planes.append(np.rint(codes).astype(layout.dtype))
    return coding, planes


def laid(coding: PlaneCoding, planes: list[NDArray[Any]], box: Box, shift: float) -> tuple[Layers, Floats]:
    plate = coding.rgb(planes, box)
    grain = np.random.default_rng(8).normal(shift, 0.004, plate.shape)  # a warped mouth lies between codes
    mouth = np.ascontiguousarray(np.roll(plate, 2, axis=1)) + grain.astype(np.float32)
    matte = feathered(box.height, box.width)
    return Merger().merge(plate, patch_over(box, plate, mouth, matte, 300.0), Transfer.BT1886, 1.0), matte


@pytest.mark.parametrize(("pixel_format", "is_full"), FORMATS)
def test_planes_change_in_the_matte_alone(pixel_format: str, is_full: bool) -> None:
    width, height, box = 129, 97, Box(15, 11, 119, 91)  # odd on purpose
    coding, planes = coded(pixel_format, is_full, width, height)
    before = [plane.copy() for plane in planes]
    layers, matte = laid(coding, planes, box, 0.02)
    coding.add_change(planes, box, layers.change, layers.touched)
    where = np.zeros((height, width), np.bool_)
    where[box.slices] = matte > 0
    for number, (old, new) in enumerate(zip(before, planes, strict=True)):
        changed = old != new
        assert changed.any()
        step_x = 1 << coding.layout.chroma_shift_x if number else 1
        step_y = 1 << coding.layout.chroma_shift_y if number else 1
        for y, x in np.argwhere(changed):
            assert where[y * step_y : (y + 1) * step_y, x * step_x : (x + 1) * step_x].all()


@pytest.mark.parametrize(("pixel_format", "is_full"), FORMATS)
def test_rounding_has_no_lean(pixel_format: str, is_full: bool) -> None:
    """The mean of what was asked for arrives within a fiftieth of a code, in luma and chroma."""
    box = Box(0, 0, 160, 128)
    coding, planes = coded(pixel_format, is_full, 160, 128)
    layers, matte = laid(coding, planes, box, 0.0)
    before = [plane.astype(np.float64) for plane in planes]
    coding.add_change(planes, box, layers.change, layers.touched)
    luma, *_ = coding.matrix.ycbcr(layers.change)
    inside = matte > 0
    error = (planes[0] - before[0])[inside] - luma[inside] * coding.code_range.luma_scale
    assert abs(float(error.mean())) < 0.02 and np.abs(error).max() <= 0.5 + 1e-3


def test_a_smooth_patch_bands_no_more_than_a_plate_of_that_depth() -> None:
    """Merged 8-bit codes are those that the wanted picture itself would have: rounded once, not twice."""
    height, width = 96, 256
    layout = SampleLayout.parse("gray")
    assert layout is not None
    coding = PlaneCoding(layout, Matrix.BT709, CodeRange(8, True))
    ramp = 0.4 + 0.05 * np.arange(width, dtype=np.float32)[None].repeat(height, 0) / width
    grain = np.random.default_rng(7).normal(0, 1 / 255, (height, width)).astype(np.float32)
    planes = [np.rint((ramp + grain) * 255).astype(np.uint8)]
    plate = coding.rgb(planes, Box(0, 0, width, height))
    change = (ramp + np.float32(0.011))[..., None] - plate
    touched = np.ones((height, width), np.bool_)
    coding.add_change(planes, Box(0, 0, width, height), change, touched)
    assert np.array_equal(planes[0], np.rint((ramp + np.float32(0.011)) * 255).astype(np.uint8))
    steps = np.flatnonzero(np.diff(planes[0][0].astype(int)))
    assert len(steps) == round(0.05 * 255) and np.abs(np.diff(planes[0].astype(int), axis=1)).max() == 1


def other_devices() -> list[str]:
    found = ["cuda"] if torch.cuda.is_available() else []
    return found + (["mps"] if torch.backends.mps.is_available() else [])


@pytest.mark.parametrize("transfer", list(Transfer))
def test_every_device_makes_the_same_picture(transfer: Transfer) -> None:
    devices = other_devices()
    if not devices:
        pytest.skip("needs a second device beside the CPU")
    rng = np.random.default_rng(5)
    box = Box(0, 0, 300, 280)
    plate = rng.uniform(0.3, 0.6, (280, 300, 3)).astype(np.float32)
    mouth = (plate + rng.normal(0.03, 0.02, plate.shape)).astype(np.float32)
    patch = patch_over(box, plate, mouth, feathered(280, 300), 300.0)
    reference = Merger().merge(plate, patch, transfer, 0.9)
    for device in devices:
        one, again = (Merger(device).merge(plate, patch, transfer, 0.9) for _ in range(2))
        assert np.array_equal(one.change, again.change), "the same bits on one device"
        assert np.array_equal(one.touched, reference.touched)
        assert np.abs(one.change - reference.change).max() < TOLERANCE_BETWEEN_DEVICES


@pytest.mark.parametrize("transfer", list(Transfer))
def test_the_same_bits_again(transfer: Transfer) -> None:
    rng = np.random.default_rng(6)
    plate = rng.uniform(0.3, 0.6, (160, 180, 3)).astype(np.float32)
    patch = patch_over(Box(0, 0, 180, 160), plate, plate[:, ::-1].copy(), feathered(160, 180), 150.0)
    one, again = (Merger().merge(plate, patch, transfer, 1.0) for _ in range(2))
    assert np.array_equal(one.change, again.change) and np.array_equal(one.patch, again.patch)
    light = to_linear(torch.from_numpy(plate + one.change), transfer)
    assert bool(torch.isfinite(light).all())

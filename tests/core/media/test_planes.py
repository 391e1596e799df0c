# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import av
import numpy as np
import pytest

from plosive.geometry import Box
from plosive.media.layout import Model, SampleLayout, planar_name
from plosive.media.orientation import Orientation
from plosive.media.planes import PlaneCoding
from plosive.media.videoframe import planar_picture, plane_views
from plosive.media.ycbcr import CodeRange, Matrix

PACKED = [
    "nv12",
    "nv16",
    "p010le",
    "p210le",
    "yuyv422",
    "uyvy422",
    "rgb24",
    "bgra",
    "rgb48be",
    "ayuv64le",
    "nv24",
]
PLANAR = [
    "yuv420p",
    "yuv422p10le",
    "yuv444p12le",
    "yuva444p10le",
    "yuv411p",
    "yuv440p",
    "gbrp10le",
    "gray",
    "gray10le",
]


def _coding(name: str, is_full: bool = False) -> PlaneCoding:
    layout = SampleLayout.parse(name)
    assert layout is not None
    return PlaneCoding(
        layout, Matrix.BT709, CodeRange(layout.bit_depth, is_full or layout.is_always_full_range)
    )


def _planes(coding: PlaneCoding, width: int, height: int) -> list[np.ndarray]:
    chance = np.random.default_rng(3)
    top = 1 << coding.layout.bit_depth
    sizes = [coding.layout.plane_size(plane, width, height) for plane in range(coding.layout.plane_count)]
    return [chance.integers(top // 4, 3 * top // 4, (h, w)).astype(coding.layout.dtype) for w, h in sizes]


@pytest.mark.parametrize("name", PACKED)
def test_other_formats_become_planar_without_loss(name: str) -> None:
    picture = av.VideoFrame(32, 16, name)
    chance = np.random.default_rng(1)
    for plane in picture.planes:
        data = np.frombuffer(plane, np.uint8)
        data[:] = chance.integers(0, 256, data.size)
    planar = planar_picture(picture)
    layout = SampleLayout.parse(planar.format.name)
    assert layout is not None
    again = planar_picture(planar.reformat(format=name))
    for ours, theirs in zip(plane_views(planar, layout), plane_views(again, layout), strict=True):
        assert np.array_equal(ours, theirs)


def test_unknown_formats_go_to_a_deeper_planar_one() -> None:
    assert planar_name("bayer_rggb16le", True, False, 16) == "gbrp16le"
    assert planar_name("yuv422p10be", False, False, 10) == "yuv422p10le"


@pytest.mark.parametrize("name", PLANAR)
@pytest.mark.parametrize("size", [(32, 16), (31, 17)])
def test_no_change_changes_nothing(name: str, size: tuple[int, int]) -> None:
    coding = _coding(name)
    planes = _planes(coding, *size)
    before = [plane.copy() for plane in planes]
    coding.add_change(planes, Box(3, 2, 20, 13), np.zeros((11, 17, 3), np.float32), np.ones((11, 17), bool))
    assert all(np.array_equal(old, new) for old, new in zip(before, planes, strict=True))


@pytest.mark.parametrize("name", PLANAR)
def test_only_wholly_touched_samples_change(name: str) -> None:
    coding = _coding(name)
    width, height = 31, 17
    planes = _planes(coding, width, height)
    before = [plane.copy() for plane in planes]
    box = Box(5, 3, 31, 17)
    touched = np.random.default_rng(5).random((box.height, box.width)) < 0.8
    change = np.broadcast_to(np.array([0.1, 0.05, 0.2], np.float32), (box.height, box.width, 3)).copy()
    coding.add_change(planes, box, change, touched)
    allowed = np.zeros((height, width), bool)
    allowed[box.slices] = touched
    for number, (old, new) in enumerate(zip(before, planes, strict=True)):
        changed = old != new
        if coding.layout.has_alpha and number == len(planes) - 1:
            assert not changed.any()
        elif coding.layout.is_chroma(number):
            step_x, step_y = 1 << coding.layout.chroma_shift_x, 1 << coding.layout.chroma_shift_y
            for y, x in zip(*np.nonzero(changed), strict=True):
                assert allowed[y * step_y : (y + 1) * step_y, x * step_x : (x + 1) * step_x].all()
            if step_x * step_y < 4:
                assert changed.any()
        else:
            assert np.array_equal(changed, allowed)


def test_a_chroma_sample_at_an_odd_edge_changes_when_its_one_column_is_touched() -> None:
    coding = _coding("yuv420p")
    planes = _planes(coding, 31, 17)
    before = planes[1].copy()
    coding.add_change(
        planes, Box(30, 16, 31, 17), np.full((1, 1, 3), [0, 0, 0.3], np.float32), np.ones((1, 1), bool)
    )
    changed = before != planes[1]
    assert changed[-1, -1] and changed.sum() == 1


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "yuv444p12le", "gbrp10le"])
def test_an_even_change_arrives(name: str) -> None:
    coding = _coding(name)
    planes = _planes(coding, 32, 32)
    box = Box(0, 0, 32, 32)
    before = coding.rgb(planes, box)
    change = np.full((32, 32, 3), [0.06, -0.04, 0.02], np.float32)
    coding.add_change(planes, box, change, np.ones((32, 32), bool))
    error = coding.rgb(planes, box) - before - change
    assert np.abs(error).max() < 2.5 / (1 << coding.layout.bit_depth)


def test_a_box_reads_the_same_as_the_whole() -> None:
    coding = _coding("yuv420p")
    planes = _planes(coding, 31, 17)
    whole = coding.rgb(planes, Box(0, 0, 31, 17))
    for box in (Box(1, 1, 2, 2), Box(4, 2, 19, 15), Box(0, 0, 31, 1), Box(30, 16, 31, 17), Box(7, 5, 31, 17)):
        assert np.abs(coding.rgb(planes, box) - whole[box.slices]).max() < 1e-6


def test_codes_stay_legal_but_untouched_illegal_ones_stay() -> None:
    coding = _coding("gray10le")
    plane = np.array([[2, 1022, 500, 500]], np.uint16)
    change = np.zeros((1, 4, 3), np.float32)
    change[0, 2:] = [[5.0] * 3, [-5.0] * 3]
    coding.add_change([plane], Box(0, 0, 4, 1), change, np.ones((1, 4), bool))
    assert plane.tolist() == [[2, 1022, 1019, 4]]


def test_grey_and_range() -> None:
    assert CodeRange(10, False).legal_codes == (4, 1019)
    assert CodeRange(8, False).legal_codes == (1, 254)
    assert CodeRange(8, True).legal_codes == (0, 255)
    black_and_white = np.array([[64, 940]], np.uint16)
    assert np.allclose(
        _coding("gray10le").rgb([black_and_white], Box(0, 0, 2, 1))[0, :, 0], [0, 1], atol=1e-6
    )
    assert _coding("gray").layout.model is Model.GRAY


@pytest.mark.parametrize("code", range(1, 9))
def test_orientation_and_its_inverse(code: int) -> None:
    orientation = Orientation.of_exif(code)
    stored = np.arange(6 * 4 * 3).reshape(6, 4, 3)
    upright = orientation.upright(stored)
    assert np.array_equal(orientation.stored(upright), stored)
    width, height = orientation.upright_size(4, 6)
    assert upright.shape == (height, width, 3)
    box = Box(1, 1, width - 1, height)
    inside = orientation.stored_box(box, 4, 6)
    assert np.array_equal(orientation.upright(stored[inside.slices]), upright[box.slices])

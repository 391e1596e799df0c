# SPDX-License-Identifier: Apache-2.0
"""What differs outside a face, and what the edge of a change looks like."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.geometry import Box
from plosive.quality.difference import EdgeMeasure, OutsideMeasure, measure_edge, measure_outside
from plosive.quality.watching import WatchedFrame

FACE_WIDTH = 200.0
LOWER_FACE = Box(120, 120, 320, 340)
LIPS = [np.array([[190, 220], [220, 205], [250, 220], [220, 240]], np.float32)]
SHAPE = (400, 440, 3)


class FloatFrame:
    """A frame of float samples; `working` is all a measure may ask of it."""

    def __init__(self, picture: NDArray[np.float32]) -> None:
        self.picture = picture
        self.index, self.start_seconds = 0, Fraction(0)
        self.height, self.width = picture.shape[:2]

    def working(self, box: Box) -> NDArray[np.float32]:
        return self.picture[box.slices]


def skin() -> NDArray[np.float32]:
    """Mildly textured skin, lit from one side, 0..255."""
    texture = np.random.default_rng(3).normal(0, 2, SHAPE[:2])
    light = np.linspace(120, 170, SHAPE[1])[None] + texture
    return np.stack([light * 1.1, light * 0.85, light * 0.75], axis=2).astype(np.float32)


def changed(amount: float, feather: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(result, plate) with `amount` levels added in an ellipse of the lower face, feathered over some
    pixels.
    """
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    away = (np.hypot((x - 220) / 80, (y - 235) / 70) - 1) * 75
    matte = np.clip(0.5 - away / max(feather, 1e-3), 0, 1)[..., None]
    plate = np.clip(np.rint(skin()), 0, 255)
    return np.clip(np.rint(plate + amount * matte), 0, 255).astype(np.uint8), plate.astype(np.uint8)


def edge(amount: float, feather: float) -> EdgeMeasure | None:
    result, plate = changed(amount, feather)
    return measure_edge(result, plate, LOWER_FACE, FACE_WIDTH, LIPS)


def watched(picture: NDArray[np.float32]) -> WatchedFrame:
    rgb = np.clip(np.rint(np.nan_to_num(picture)), 0, 255).astype(np.uint8)
    return WatchedFrame(FloatFrame(picture), rgb, ())


class TestEdge:
    def test_no_change_has_no_edge(self) -> None:
        assert edge(0.0, 10.0) is None

    def test_a_hard_patch_is_steeper_than_a_soft_one(self) -> None:
        hard, soft = edge(15.0, 1.0), edge(15.0, 40.0)
        assert hard is not None and soft is not None
        assert hard.gradient_ratio > 1.3 * soft.gradient_ratio
        assert soft.gradient_ratio < 1.5

    @pytest.mark.parametrize("amount", [4.0, 10.0, 20.0])
    def test_ring_colour_is_the_shift_that_was_made(self, amount: float) -> None:
        found = edge(amount, 2.0)
        assert found is not None
        assert found.ring_colour == pytest.approx(
            amount / 255 * 100, rel=0.35
        )  # L* moves a little less than R'G'B'

    def test_a_change_of_the_mouth_alone_is_no_seam(self) -> None:
        plate = np.clip(np.rint(skin()), 0, 255).astype(np.uint8)
        result = plate.copy()
        result[212:232, 200:240] = 20
        assert measure_edge(result, plate, LOWER_FACE, FACE_WIDTH, LIPS) is None

    def test_the_noise_of_a_codec_is_no_change(self) -> None:
        plate = np.clip(np.rint(skin()), 0, 255)
        noise = np.random.default_rng(5).normal(0, 1.5, SHAPE)
        result = np.clip(np.rint(plate + noise), 0, 255).astype(np.uint8)
        assert measure_edge(result, plate.astype(np.uint8), LOWER_FACE, FACE_WIDTH, LIPS) is None

    def test_a_face_at_the_border_does_not_fail(self) -> None:
        result, plate = changed(15.0, 2.0)
        for box in (Box(0, 0, 120, 140), Box(380, 330, 440, 400), Box(0, 0, 440, 400)):
            measure_edge(result, plate, box.clipped(440, 400), FACE_WIDTH, LIPS)


class TestOutside:
    def test_equal_pictures_have_no_difference(self) -> None:
        total = OutsideMeasure()
        measure_outside(total, watched(skin()), watched(skin()), [LOWER_FACE])
        inside = LOWER_FACE.width * LOWER_FACE.height
        assert (total.samples, total.different) == ((SHAPE[0] * SHAPE[1] - inside) * 3, 0)
        assert total.is_native and total.frames == 1 and total.changed_indices == []

    def test_a_change_inside_the_face_is_not_counted_and_one_outside_is(self) -> None:
        plate, result = skin(), skin()
        result[200:220, 200:220] += 50
        total = OutsideMeasure()
        measure_outside(total, watched(result), watched(plate), [LOWER_FACE])
        assert total.different == 0
        result[10, 10, 1] += 3
        measure_outside(total, watched(result), watched(plate), [LOWER_FACE])
        assert (total.different, total.changed_indices) == (1, [0])
        assert total.largest == pytest.approx(3, abs=1e-4)

    def test_a_value_that_is_no_number_in_both_is_equal(self) -> None:
        plate, result = skin(), skin()
        plate[5, 5] = result[5, 5] = np.nan
        total = OutsideMeasure()
        measure_outside(total, watched(result), watched(plate), [])
        assert total.different == 0

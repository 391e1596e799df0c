# SPDX-License-Identifier: Apache-2.0
"""Sharpness: blur that the plate has and the mouth lacks is found, along x and y, and given."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from plosive.colour.transfer import Transfer
from plosive.composite.merge import Merger
from plosive.composite.sharpness import Blur, blur_between, blurred_like
from plosive.generate.protocol import Patch
from plosive.geometry import Box

HEIGHT, WIDTH = 220, 260


def face(seed: int = 1) -> NDArray[np.float32]:
    """A picture with the spectrum of photographs: (h, w, 3)."""
    rng = np.random.default_rng(seed)
    across, down = np.fft.fftfreq(WIDTH), np.fft.fftfreq(HEIGHT)
    away = np.hypot(down[:, None], across)
    away[0, 0] = 1
    waves = np.fft.fft2(rng.standard_normal((HEIGHT, WIDTH))) / away**1.5
    waves[0, 0] = 0
    picture = gaussian_filter(np.fft.ifft2(waves).real, 0.6)
    return np.repeat((0.5 + 0.08 * picture / picture.std())[..., None], 3, axis=-1).astype(np.float32)


def unseen() -> NDArray[np.float32]:
    matte = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    matte[70:150, 80:180] = 1
    return matte


def blurred(picture: NDArray[np.float32], across: float, down: float) -> NDArray[np.float32]:
    return np.asarray(gaussian_filter(picture, (down, across, 0)), dtype=np.float32)


def test_equal_pictures_lack_nothing() -> None:
    assert blur_between(face(), face(), unseen()).is_none


def test_what_changes_inside_the_matte_tells_nothing() -> None:
    mouth = face()
    mouth[80:140, 90:170] = 0.2
    assert blur_between(mouth, face(), unseen()).is_none


@pytest.mark.parametrize("width", [1.6, 2.0, 3.0])
def test_a_plate_out_of_focus_is_matched(width: float) -> None:
    found = blur_between(face(), blurred(face(), width, width), unseen())
    assert found.across == pytest.approx(width**2, rel=0.45)
    assert found.down == pytest.approx(width**2, rel=0.45)


def test_a_head_that_moves_sideways_is_blurred_sideways() -> None:
    found = blur_between(face(), blurred(face(), 2.5, 0), unseen())
    assert found.across > 2.5 and found.down < found.across / 3


def test_a_source_a_little_soft_is_sharpened_and_never_much() -> None:
    plate, soft = face(), blurred(face(), 1.1, 1.1)
    found = blur_between(soft, plate, unseen())
    assert -0.8 <= found.across < -0.2 and -0.8 <= found.down < -0.2
    outside = unseen() == 0
    before, after = (np.abs(one - plate)[outside].mean() for one in (soft, blurred_like(soft, found)))
    assert after < before
    assert blur_between(blurred(plate, 4, 4), plate, unseen()).across >= -0.8


def test_grain_does_not_hide_blur() -> None:
    """A plate out of focus whose grain is as sharp as ever: its power is known."""
    rng = np.random.default_rng(4)
    ours, theirs = (
        picture + rng.normal(0, 0.01, picture.shape).mean(axis=-1, keepdims=True).astype(np.float32)
        for picture in (face(), blurred(face(), 2, 2))
    )
    power = 0.01**2 / 3
    wave = 2 * np.pi * np.fft.fftfreq(64)
    noise = np.array(
        [
            [
                power
                * (4 * np.sin(wave) ** 2 * np.exp(-((sigma * wave) ** 2))).mean()
                * np.exp(-((sigma * wave) ** 2)).mean()
            ]
            * 2
            for sigma in (0.8, 1.6)
        ]
    )
    found = blur_between(ours, theirs, unseen(), noise)
    assert found.across == pytest.approx(4, rel=0.4) and found.down == pytest.approx(4, rel=0.4)


def test_blur_is_what_it_says() -> None:
    picture = face()
    given = blurred_like(picture, Blur(4, 0.0))
    wanted = gaussian_filter(picture, (0, 2, 0), truncate=4)
    inside = np.s_[12:-12, 12:-12]
    assert np.abs(given - wanted)[inside].max() < 0.01
    assert np.array_equal(blurred_like(picture, Blur()), picture)


def test_merging_lays_a_sharp_mouth_softly_on_a_soft_face() -> None:
    plate, sharp = blurred(face(), 2.5, 2.5), face()
    matte = gaussian_filter(unseen(), 4) * (gaussian_filter(unseen(), 4) > 0.01)
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    patch = Patch(
        box=Box(0, 0, WIDTH, HEIGHT),
        base=plate,
        base_matte=np.zeros((HEIGHT, WIDTH), dtype=np.float32),
        mouth=sharp,
        mouth_matte=matte.astype(np.float32),
        plate_map=np.stack([columns, rows], axis=-1).astype(np.float32),
        face_width=200.0,
        source_index=3,
    )
    made = plate + Merger().merge(plate, patch, Transfer.BT1886, 1.0).change
    inside = np.s_[85:135, 95:165, 1]
    detail = [float(np.diff(picture[inside], axis=1).var()) for picture in (sharp, plate, made)]
    assert detail[2] < detail[1] * 1.6 < detail[0]


def test_a_face_of_a_few_pixels_is_left() -> None:
    tiny = face()[:9, :9]
    assert blur_between(tiny, blurred(tiny, 2, 2), np.zeros((9, 9), dtype=np.float32)).is_none
    nothing = np.zeros((0, 0, 3), dtype=np.float32)
    assert blur_between(nothing, nothing, nothing[..., 0]).is_none

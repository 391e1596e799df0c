# SPDX-License-Identifier: Apache-2.0
"""Merging: nothing outside the matte, light carried over."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from plosive.colour.transfer import (
    Transfer,
    acescct_from_linear,
    linear_from_acescct,
    linear_from_scene,
    scene_from_linear,
    to_linear,
    to_working,
)
from plosive.composite.blur import gaussian_blurred
from plosive.composite.light import light_difference
from plosive.composite.merge import Merger
from plosive.generate.protocol import Patch
from plosive.geometry import Box

SIZE = 96
FACE_WIDTH = 80.0


def disc(radius: float, softness: float = 6.0) -> NDArray[np.float32]:
    """A feathered disc, exactly 0 far out."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    away = np.hypot(rows - SIZE / 2, columns - SIZE / 2)
    return np.clip((radius - away) / softness, 0, 1).astype(np.float32)


def texture(seed: int) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).uniform(-0.05, 0.05, (SIZE, SIZE, 3))
    return (0.45 + noise).astype(np.float32)


def patch_of(mouth: NDArray[np.float32], base: NDArray[np.float32]) -> Patch:
    grid = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), axis=-1).astype(np.float32)
    return Patch(
        box=Box(10, 20, 10 + SIZE, 20 + SIZE),
        base=base,
        base_matte=np.zeros((SIZE, SIZE), dtype=np.float32),
        mouth=mouth,
        mouth_matte=disc(26),
        plate_map=grid + np.array([10, 20], dtype=np.float32),
        face_width=FACE_WIDTH,
        source_index=0,
    )


@pytest.mark.parametrize("transfer", list(Transfer))
def test_transfers_undo_themselves(transfer: Transfer) -> None:
    lowest = 0.0 if transfer in (Transfer.PQ, Transfer.HLG) else -0.2
    working = torch.linspace(lowest, 1.0, 201, dtype=torch.float32)
    assert torch.allclose(to_working(to_linear(working, transfer), transfer), working, atol=2e-4)


def test_acescct_published_values() -> None:
    linear = np.array([0.0, 0.18, 1.0, 65504.0, -0.005], dtype=np.float32)
    coded = acescct_from_linear(linear)
    np.testing.assert_allclose(coded[:3], [0.0729055, 0.4135884, 0.5547945], atol=1e-6)
    np.testing.assert_allclose(linear_from_acescct(coded), linear, rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize("sigma", [1.5, 3.0, 9.0, 25.0])
def test_blur_agrees_with_a_plain_gaussian(sigma: float) -> None:
    picture = np.zeros((160, 160, 1), dtype=np.float32)
    picture[60:100, 50:110] = 1
    expected = gaussian_filter(picture[..., 0], sigma, mode="constant")
    found = gaussian_blurred(torch.from_numpy(picture), sigma)[..., 0].numpy()
    assert np.abs(found - expected).max() < 0.035


def test_scene_values_published_here() -> None:
    linear = np.array([0.0, 0.18, 1.0, 60.0, 65504.0, -0.25, -0.001], dtype=np.float32)
    coded = scene_from_linear(linear)
    np.testing.assert_allclose(coded[:4], [0, 0.4613561, 1, 1.974546], atol=2e-6)
    assert coded[4] < 3.4 and coded[5] > -0.6, "all of it fits what is kept of sources"
    np.testing.assert_allclose(linear_from_scene(coded), linear, rtol=2e-5, atol=1e-7)
    np.testing.assert_allclose(to_working(torch.from_numpy(linear), Transfer.SCENE).numpy(), coded, atol=2e-6)
    rising = scene_from_linear(np.linspace(0.9, 1.1, 201, dtype=np.float32))
    assert np.abs(np.diff(rising, n=2)).max() < 1e-5, "no kink at white"


def test_a_darker_source_is_lit_like_the_skin_around() -> None:
    under, mouth = texture(1), texture(1) - np.float32(0.06)
    lit = mouth + light_difference(*map(torch.from_numpy, (under, mouth, disc(26))), FACE_WIDTH).numpy()
    middle = disc(26) > 0.9
    assert abs(float((lit - under)[middle].mean())) < 0.004


def test_light_never_lifts_a_mouth_far() -> None:
    under, mouth = texture(1), texture(1) - np.float32(0.4)
    added = light_difference(*map(torch.from_numpy, (under, mouth, disc(26))), FACE_WIDTH).numpy()
    assert added.max() <= 30 / 255 + 1e-6


@pytest.mark.parametrize("transfer", [Transfer.BT1886, Transfer.ACESCCT])
def test_nothing_changes_outside_the_matte(transfer: Transfer) -> None:
    plate = texture(1)
    layers = Merger().merge(plate, patch_of(texture(2), plate), transfer, 1.0)
    outside = disc(26) == 0
    assert not layers.touched[outside].any()
    assert np.all(layers.change[outside] == 0)
    assert np.abs(layers.change[disc(26) > 0.5]).max() > 0.01


def test_blend_scales_the_change_in_linear_light() -> None:
    plate = texture(1)
    patch = patch_of(np.clip(texture(2) + 0.1, 0, 1), plate)
    none = Merger().merge(plate, patch, Transfer.BT1886, 0.0)
    assert not none.touched.any() and np.all(none.change == 0)
    half, full = (Merger().merge(plate, patch, Transfer.BT1886, blend) for blend in (0.5, 1.0))
    linear = [np.power(plate + layers.change, 2.4) for layers in (half, full)]
    before = np.power(plate, 2.4)
    np.testing.assert_allclose(linear[0] - before, (linear[1] - before) / 2, atol=2e-6)


def test_a_broken_plate_pixel_does_not_spread() -> None:
    plate = texture(1)
    broken = plate.copy()
    broken[48, 48] = np.nan
    layers = Merger().merge(broken, patch_of(texture(2), plate), Transfer.ACESCCT, 1.0)
    assert np.isfinite(layers.change).all()

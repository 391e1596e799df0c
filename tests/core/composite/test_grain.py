# SPDX-License-Identifier: Apache-2.0
"""Grain: measured as it was put in, added where it is missing, new in every frame, none in a clean plate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from plosive.colour.transfer import Transfer
from plosive.composite.grain import GrainMatcher
from plosive.composite.merge import Merger
from plosive.composite.noise import NoiseTile
from plosive.composite.sharpness import Blur
from plosive.generate.crops import CropFile
from plosive.generate.grain import Grain, colour_of_differences, differences_of_colour, measured_grain
from plosive.generate.matte import MATTE_POINTS
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import Patch
from plosive.geometry import Box

HEIGHT, WIDTH = 150, 190
SIGMAS = np.array([2.4, 1.8, 3.0], dtype=np.float32) / 255
BLURS = (0.8, 0.7, 1.1)


def grain(rng: np.random.Generator) -> NDArray[np.float32]:
    """Coloured, correlated grain of red, green and blue: (h, w, 3)."""
    made = np.stack(
        [gaussian_filter(rng.standard_normal((HEIGHT, WIDTH)), blur, mode="wrap") for blur in BLURS], axis=-1
    )
    return np.asarray(made / made.std(axis=(0, 1)) * SIGMAS, dtype=np.float32)


def skin() -> NDArray[np.float32]:
    """A lit cheek with some texture: (h, w, 3)."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    light = 0.35 + 0.3 * columns / WIDTH + 0.05 * np.sin(rows / 25)
    pores = gaussian_filter(np.random.default_rng(9).standard_normal((HEIGHT, WIDTH)), 1.5) * 0.02
    return np.asarray((light + pores)[..., None] * [1.1, 0.9, 0.8], dtype=np.float32)


@pytest.fixture
def crops() -> Iterator[CropFile]:
    with CropFile() as file:
        yield file


def pool(crops: CropFile, pictures: list[NDArray[np.float32]]) -> SourcePool:
    """A pool as far as grain looks at it: pictures of a face that keeps still."""
    count = len(pictures)
    points = np.zeros((478, 3), dtype=np.float32)
    points[:, :2] = np.random.default_rng(3).uniform((0, 0), (WIDTH, HEIGHT), (478, 2))
    points[[61, 291, 0, 17, 37, 267, 84, 314], :2] = (WIDTH / 2, HEIGHT / 2)
    assert len(MATTE_POINTS) > 8
    tickets = [crops.add(picture, Box(0, 0, WIDTH, HEIGHT)) for picture in pictures]
    made: Any = SimpleNamespace(
        order=np.arange(count),
        take=np.zeros(count, dtype=np.int64),
        landmarks=np.repeat(points[None], count, axis=0),
        pixels=lambda source: (crops.read(tickets[source]), tickets[source].box),
    )
    return cast(SourcePool, made)


def patch(mouth: NDArray[np.float32], base: NDArray[np.float32], reach: float, repeated: bool) -> Patch:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    away = np.hypot(rows - HEIGHT / 2, columns - WIDTH / 2)
    matte = np.clip((reach - away) / 12 + 0.5, 0, 1).astype(np.float32)
    return Patch(
        box=Box(0, 0, WIDTH, HEIGHT),
        base=base,
        base_matte=np.zeros((HEIGHT, WIDTH), dtype=np.float32),
        mouth=mouth,
        mouth_matte=matte,
        plate_map=np.stack([columns, rows], axis=-1),
        face_width=120.0,
        source_index=90,
        is_repeated=repeated,
    )


def known() -> Grain:
    """The grain of `grain`, as it is."""
    channels = differences_of_colour(np.stack([grain(np.random.default_rng(seed)) for seed in range(24)]))
    waves = np.fft.fft2(channels, axes=(1, 2))
    power = np.einsum("nyxc,nyxd->cdyx", waves, waves.conj()).real
    lags = np.arange(-8, 9)
    covariance = np.fft.ifft2(power).real[:, :, lags[:, None], lags[None]]
    middle = np.sqrt(np.einsum("ccyx->cyx", covariance)[:, 8, 8])
    amplitude = channels.std(axis=(0, 1, 2))
    return Grain(
        levels=np.array([0.2, 0.8], dtype=np.float32),
        amplitudes=np.stack([amplitude, amplitude]).astype(np.float32),
        correlation=(covariance / (middle[:, None] * middle)[..., None, None]).astype(np.float32),
    )


def test_colours_there_and_back() -> None:
    picture = skin()
    assert np.allclose(colour_of_differences(differences_of_colour(picture)), picture, atol=1e-6)


def test_grain_is_measured_as_it_was_put_in(crops: CropFile) -> None:
    rng = np.random.default_rng(1)
    found = measured_grain(pool(crops, [skin() + grain(rng) for _ in range(20)]))
    assert found is not None
    wanted = known()
    assert np.allclose(found.amplitudes / wanted.amplitudes[0], 1, atol=0.08)
    near = np.s_[:, :, 6:11, 6:11]
    assert np.abs(found.correlation[near] - wanted.correlation[near]).max() < 0.08


def test_grain_is_measured_at_each_brightness(crops: CropFile) -> None:
    rng = np.random.default_rng(1)
    stronger_in_shadow = 2 - 2 * skin()[..., :1]
    found = measured_grain(pool(crops, [skin() + grain(rng) * stronger_in_shadow for _ in range(20)]))
    assert found is not None and len(found.levels) >= 3
    wanted = known().amplitudes[0, 0] * (2 - 2 * 1.176 * found.levels)
    assert np.allclose(found.amplitudes[:, 0] / wanted, 1, atol=0.12)


def test_a_clean_plate_has_no_grain(crops: CropFile) -> None:
    assert measured_grain(pool(crops, [skin()] * 12)) is None


def test_what_a_codec_leaves_is_no_grain(crops: CropFile) -> None:
    """Blocks that are coded anew differ, those that are skipped repeat."""
    rng = np.random.default_rng(2)
    pictures = [skin()]
    for _ in range(20):
        coded = np.kron(rng.random((5, 6)) > 0.5, np.ones((32, 32)))[:HEIGHT, :WIDTH, None]
        pictures.append(np.where(coded > 0, skin() + grain(rng), pictures[-1]))
    assert measured_grain(pool(crops, pictures)) is None


def test_too_few_pictures_tell_nothing(crops: CropFile) -> None:
    assert measured_grain(pool(crops, [skin()])) is None


def test_the_tile_looks_like_the_grain() -> None:
    wanted = known()
    tile = NoiseTile(wanted.correlation, 4)
    noise = tile.bands.sum(axis=0)
    assert np.allclose(noise.std(axis=(1, 2)), 1, atol=0.03)
    for lag in (1, 2, 3):
        along = (noise[0] * np.roll(noise[0], lag, axis=1)).mean()
        assert along == pytest.approx(float(wanted.correlation[0, 0, 8, 8 + lag]), abs=0.03)
    crossed = (noise[0] * noise[1]).mean()
    assert crossed == pytest.approx(float(wanted.correlation[0, 1, 8, 8]), abs=0.03)


def test_the_tile_goes_on_past_its_edges_and_moves_every_frame() -> None:
    tile = NoiseTile(known().correlation, 4)
    wide = tile.drawn(tile.bands, 3, 700, 900)
    assert np.array_equal(wide[..., :188, :388], wide[..., 512:, 512:])
    assert np.array_equal(wide, tile.drawn(tile.bands, 3, 700, 900))
    one, next_one = (tile.drawn(tile.bands, frame, 300, 300).sum(axis=0)[0] for frame in (3, 4))
    assert abs(np.corrcoef(one.ravel(), next_one.ravel())[0, 1]) < 0.05


def merged(frame: int, matcher: GrainMatcher | None, repeated: bool) -> tuple[NDArray[np.float32], Patch]:
    """What merging adds to clean skin, whose plate and mouth have grain of their own; the mouth's is that of
    frame 0 where `repeated`.
    """
    plate = skin() + grain(np.random.default_rng(100 + frame))
    mouth = skin() + grain(np.random.default_rng(500 + (0 if repeated else frame)))
    one = patch(mouth, plate, 55, repeated and frame > 0)
    layers = Merger().merge(plate, one, Transfer.BT1886, 1.0, matcher, frame)
    return plate + layers.change - skin(), one


def test_feathers_and_middles_have_as_much_grain_as_the_plate() -> None:
    matcher = GrainMatcher(known(), 1)
    without, kept = np.zeros(2), np.zeros(2)
    for frame in range(6):
        for matched, totals in ((None, without), (matcher, kept)):
            noise, one = merged(frame, matched, False)
            seen = one.mouth_matte**2  # the matte counts twice where the plate is not moved
            for place, zone in enumerate(((seen > 0.3) & (seen < 0.7), seen > 0.98)):
                totals[place] += (differences_of_colour(noise)[zone][:, 0] ** 2).mean() / 6
    wanted = float(known().amplitudes[0, 0])
    assert np.sqrt(without[0]) < 0.8 * wanted  # what two grains laid over each other lose
    assert np.allclose(np.sqrt(kept) / wanted, 1, atol=0.1)


def test_grain_of_a_held_source_is_new_in_every_frame() -> None:
    matcher = GrainMatcher(known(), 1)
    inside = patch(skin(), skin(), 55, False).mouth_matte > 0.99
    frozen = [merged(frame, None, True)[0][inside][:, 1] for frame in (1, 2)]
    alive = [merged(frame, matcher, True)[0][inside][:, 1] for frame in (1, 2)]
    assert np.corrcoef(*frozen)[0, 1] > 0.9
    assert np.corrcoef(*alive)[0, 1] < 0.35
    assert np.std(alive[0]) == pytest.approx(np.std(frozen[0]), rel=0.12)


def test_texture_stays_when_grain_is_renewed() -> None:
    matcher, rng = GrainMatcher(known(), 1), np.random.default_rng(5)
    stubble = np.where(rng.random((HEIGHT, WIDTH, 1)) < 0.03, -0.15, 0).astype(np.float32)
    face = skin() + gaussian_filter(stubble, (0.6, 0.6, 0))
    cleaned = matcher.carried(face + grain(rng), True, Blur()).mouth
    hairs = stubble[..., 0] < 0
    kept = (cleaned - skin())[hairs].mean() / (face - skin())[hairs].mean()
    assert kept > 0.85


def test_nothing_changes_outside_the_matte_and_twice_is_the_same() -> None:
    matcher = GrainMatcher(known(), 1)
    plate = skin() + grain(np.random.default_rng(1))
    one = replace(patch(skin(), plate, 40, True), base_matte=np.zeros((HEIGHT, WIDTH), dtype=np.float32))
    first, second = (Merger().merge(plate, one, Transfer.BT1886, 1.0, matcher, 7) for _ in range(2))
    assert np.array_equal(first.change, second.change)
    assert not first.change[one.mouth_matte == 0].any()

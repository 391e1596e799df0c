# SPDX-License-Identifier: Apache-2.0
"""The contract of every generator: run over all there are."""

from __future__ import annotations

import numpy as np
import pytest

from plosive.errors import OptionError
from plosive.faces.measure import mouth_channels
from plosive.faces.track import FaceTrack
from plosive.generate import find_generator
from plosive.generate.crops import CropFile
from plosive.generate.pool import SourcePool
from plosive.generate.protocol import Generator, MouthWish, Patch, Shot
from plosive.generate.sources import SourceCollector, SourceLibrary
from plosive.geometry import Box


@pytest.fixture(params=["plate"])
def generator(request: pytest.FixtureRequest) -> Generator:
    return find_generator(request.param)


@pytest.fixture
def shot(track: FaceTrack, sources: SourceLibrary) -> Shot:
    """A smile that is asked to close for three frames and to open wide in the end."""
    values = mouth_channels(track.head.upright)
    count = len(values)
    closure = np.zeros(count, dtype=np.float32)
    closure[3:6] = 1
    values[3:6, 0] = 0
    values[7:, 0] = 0.45
    nothing = np.zeros(count, dtype=np.float32)
    return Shot(track, MouthWish(values, closure, nothing, nothing), SourcePool.of(track, sources), seed=0)


def rendered(generator: Generator, shot: Shot, portrait: list, rows: list[int]) -> list[Patch]:
    plan = generator.plan(shot)
    patches = [plan.render(row, portrait[int(shot.track.indices[row])]) for row in rows]
    assert all(patch is not None for patch in patches)
    return [patch for patch in patches if patch is not None]


def test_patches_are_whole(generator: Generator, shot: Shot, portrait: list) -> None:
    for patch in rendered(generator, shot, portrait, [0, 4, 9]):
        shape = (patch.box.height, patch.box.width)
        assert patch.mouth.shape == patch.base.shape == (*shape, 3)
        assert patch.mouth_matte.shape == patch.base_matte.shape == shape
        assert patch.plate_map.shape == (*shape, 2)
        for array in (patch.mouth, patch.base, patch.mouth_matte, patch.base_matte, patch.plate_map):
            assert array.dtype == np.float32
            assert np.isfinite(array).all()
        assert patch.mouth_matte.min() >= 0 and patch.mouth_matte.max() > 0.99
        edge = np.concatenate([patch.mouth_matte[0], patch.mouth_matte[-1], patch.mouth_matte[:, 0]])
        assert edge.max() == 0, "the matte ends inside the box"
        inside = patch.box.clipped(640, 360)
        assert inside == patch.box, "the box lies inside the picture"


def test_base_equals_the_plate_where_its_matte_is_zero(
    generator: Generator, shot: Shot, portrait: list
) -> None:
    (patch,) = rendered(generator, shot, portrait, [4])
    plate = portrait[4].working(patch.box)
    still = patch.base_matte == 0
    assert still.any() and not still.all()
    assert np.array_equal(patch.base[still], plate[still])


def test_same_seed_same_bits_in_any_order(generator: Generator, shot: Shot, portrait: list) -> None:
    forward = rendered(generator, shot, portrait, [0, 4, 9])
    backward = rendered(generator, shot, portrait, [9, 4, 0])[::-1]
    for one, other in zip(forward, backward, strict=True):
        assert np.array_equal(one.mouth, other.mouth)
        assert np.array_equal(one.base, other.base)


def test_a_closed_mouth_shows_no_teeth(generator: Generator, shot: Shot, portrait: list) -> None:
    """The portrait smiles; teeth are the brightest and least red thing in the mouth."""
    smiling, closed = rendered(generator, shot, portrait, [0, 4])
    assert teeth_share(smiling) > 0.05
    assert teeth_share(closed) < 0.35 * teeth_share(smiling), "what is left are highlights on skin"


def teeth_share(patch: Patch) -> float:
    inner = patch.mouth[patch.mouth_matte > 0.98]
    red, green, blue = inner.T
    return float(((green > 0.72) & (red - blue < 0.12)).mean())


def test_an_unknown_generator_is_said() -> None:
    with pytest.raises(OptionError, match="plate"):
        find_generator("wav2lip")


def test_crops_come_back_closer_than_a_code_value(tmp_path) -> None:
    pixels = np.random.default_rng(1).uniform(-0.3, 1.5, (7, 9, 3)).astype(np.float32)
    with CropFile(str(tmp_path)) as crops:
        first = crops.add(pixels, Box(0, 0, 9, 7))
        second = crops.add(pixels * 0.5, Box(2, 3, 11, 10))
        assert np.abs(crops.read(first) - pixels).max() < 0.5 / 4095 / 4
        assert np.abs(crops.read(second) - pixels * 0.5).max() < 0.5 / 4095 / 4


def test_a_long_clip_keeps_a_bounded_library(track: FaceTrack, portrait: list, tmp_path) -> None:
    with CropFile(str(tmp_path)) as crops:
        collector = SourceCollector(crops)
        for _ in range(2100):
            collector.add(portrait[0], track.landmarks[0])
        rows = collector.library().rows
    assert 480 <= len(rows) <= 960
    assert rows.max() > 2000 and rows.min() == 0, "it spans the clip"
    assert (np.diff(rows) == 1).mean() > 0.9, "in runs of consecutive frames"

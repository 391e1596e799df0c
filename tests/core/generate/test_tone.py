# SPDX-License-Identifier: Apache-2.0
"""Pictures of one take made to look as another's camera saw them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer
from plosive.faces.track import FaceTrack
from plosive.generate.pool import SourcePool
from plosive.generate.sources import SourceLibrary
from plosive.generate.tone import TonePlaces
from plosive.geometry import Box

Picture = tuple[NDArray[np.float32], Box, NDArray[np.float32]]


def _pictures(pool: SourcePool) -> list[Picture]:
    return [(*pool.pixels(place), pool.landmarks[place]) for place in range(0, len(pool), 2)]


def _altered(picture: Picture, gamma: float, gains: tuple[float, float, float], side: float) -> Picture:
    """As another camera with other light would show it; BT.1886."""
    pixels, box, landmarks = picture
    ramp = np.exp2(side * np.linspace(-1, 1, pixels.shape[1], dtype=np.float32))[None, :, None]
    light = np.clip(pixels, 0, None) ** 2.4 * np.array(gains, np.float32) * ramp
    return (light ** (gamma / 2.4)).astype(np.float32), box, landmarks


@pytest.mark.parametrize(
    ("gamma", "gains", "side", "largest_error"),
    [
        (1.0, (1.0, 1.0, 1.0), 0.0, 0.001),
        (1.0, (1.3, 0.9, 0.7), 0.0, 0.02),
        (1.25, (1.3, 0.9, 0.7), 0.0, 0.035),
        (1.0, (0.8, 0.9, 1.1), 0.5, 0.03),
    ],
)
def test_another_camera_and_light_are_undone(
    track: FaceTrack,
    sources: SourceLibrary,
    gamma: float,
    gains: tuple[float, float, float],
    side: float,
    largest_error: float,
) -> None:
    pool = SourcePool.of(track, sources)
    places = TonePlaces(pool.upright.mean(axis=0))
    true = _pictures(pool)
    given = [_altered(one, gamma, gains, side) for one in true]
    match = places.match(
        places.tone(given, Transfer.BT1886), places.tone(true, Transfer.BT1886), Transfer.BT1886
    )
    before = np.mean([np.abs(one[0] - other[0]).mean() for one, other in zip(given, true, strict=True)])
    after = np.mean(
        [np.abs(match.applied(*one) - other[0]).mean() for one, other in zip(given, true, strict=True)]
    )
    assert after < largest_error
    assert after < 0.5 * before or before < 0.001


def test_what_shows_no_face_is_left_alone(track: FaceTrack, sources: SourceLibrary) -> None:
    pool = SourcePool.of(track, sources)
    places = TonePlaces(pool.upright.mean(axis=0))
    pixels, box = pool.pixels(0)
    away = pool.landmarks[0] + np.array([5000, 0, 0], np.float32)
    nothing = places.tone([(pixels, box, away)], Transfer.BT1886)
    match = places.match(nothing, places.tone(_pictures(pool), Transfer.BT1886), Transfer.BT1886)
    assert match.contrast == 1.0
    assert np.array_equal(match.applied(pixels, box, pool.landmarks[0]), pixels)

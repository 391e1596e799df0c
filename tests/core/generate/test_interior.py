# SPDX-License-Identifier: Apache-2.0
"""Teeth, dark and tongue are told in drawn openings, in any light, and asked for as sounds show them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.generate.interior import asked_interiors, see_interiors, tuckedness

SKIN, LIP = np.array([0.75, 0.55, 0.45]), np.array([0.6, 0.3, 0.3])
TOOTH, DARK, TONGUE = np.array([0.8, 0.76, 0.7]), np.array([0.06, 0.03, 0.03]), np.array([0.55, 0.3, 0.3])
GAP = np.full(6, 0.12, np.float32)


def openings(light: float = 1.0) -> NDArray[np.float32]:
    """Clenched teeth, upper teeth over dark, lower teeth under dark, all dark, teeth over tongue, lips."""
    inside = np.empty((6, 12, 32, 3))
    inside[:] = LIP
    across = slice(4, 28)
    inside[0, :, across] = TOOTH
    inside[1, :6, across], inside[1, 6:, across] = TOOTH, DARK
    inside[2, :6, across], inside[2, 6:, across] = DARK, TOOTH
    inside[3, :, across] = DARK
    inside[4, :4, across], inside[4, 4:6, across], inside[4, 6:, across] = TOOTH, DARK, TONGUE
    return (inside * light).astype(np.float32)


def seen(light: float = 1.0, pixels: float = 20.0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    thumbnails = np.tile(SKIN * light, (6, 8, 8, 1)).astype(np.float32)
    redness = np.full(6, (LIP[0] - LIP[1:].mean()) / LIP.mean(), np.float32)
    found = see_interiors(openings(light), thumbnails, redness, GAP, np.full(6, pixels, np.float32))
    return found.shown, found.trust


@pytest.mark.parametrize("light", [1.0, 0.35])
def test_what_an_opening_shows_is_told_in_any_light(light: float) -> None:
    upper, lower, dark, tongue = seen(light)[0].T
    assert upper[0] > 0.8 and lower[0] > 0.8, "clenched"
    assert upper[1] > 0.8 and lower[1] < 0.1 and dark[1] > 0.4
    assert upper[2] < 0.1 and lower[2] > 0.8
    assert dark[3] > 0.8 and max(upper[3], lower[3]) < 0.05
    assert tongue[4] > 0.2 and tongue[[0, 1, 2, 3]].max() < 0.1
    assert max(upper[5], lower[5], dark[5], tongue[5]) < 0.1, "lips are nothing of it"


def test_a_coarse_picture_tells_nothing() -> None:
    assert seen(pixels=1.0)[1].max() == 0
    assert seen(pixels=20.0)[1].min() == 1


def test_more_teeth_are_asked_for_where_the_sound_shows_more() -> None:
    chance = np.random.default_rng(0)
    known = see_interiors(
        openings()[chance.integers(0, 4, 80)],
        np.tile(SKIN, (80, 8, 8, 1)).astype(np.float32),
        np.full(80, 0.5, np.float32),
        np.full(80, 0.12, np.float32),
        np.full(80, 20, np.float32),
    )
    lips = np.zeros((80, 120), np.float32)
    order = np.arange(80, dtype=np.int64)
    beyond = np.array([[1.0, 1.0, -1.0], [0, 0, 0], [-1.0, -1.0, 1.0]], np.float32)
    wanted = asked_interiors(lips[:3], np.full(3, 0.12, np.float32), beyond, lips, order, known).shown
    assert wanted[0, 0] > wanted[1, 0] + 0.2 > wanted[2, 0] + 0.4
    assert wanted[0, 2] < wanted[1, 2] < wanted[2, 2]
    assert wanted[1, :3] == pytest.approx(known.shown[:, :3].mean(axis=0), abs=0.01)
    unheard = asked_interiors(lips[:3], np.full(3, 0.12, np.float32), None, lips, order, known)
    assert not unheard.trust.any(), "nothing is asked where no sound is known"


def test_a_thin_pale_lip_under_a_slit_is_tucked() -> None:
    shown, trust = np.zeros((8, 4), np.float32), np.ones(8, np.float32)
    shown[0, 0] = 0.5
    from plosive.generate.interior import Interiors

    height, redness = np.full(8, 0.1, np.float32), np.full(8, 0.5, np.float32)
    gap = np.full(8, 0.03, np.float32)
    height[0], redness[0] = 0.07, 0.4
    height[1], redness[1], gap[1] = 0.07, 0.4, 0.2
    found = tuckedness(height, redness, gap, Interiors(shown, trust))
    assert found[0] > 0.9 and found[1:].max() < 0.1

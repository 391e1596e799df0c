# SPDX-License-Identifier: Apache-2.0
"""Shots are told apart; light, flashes and pans are not taken for cuts."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.faces.finding.cuts import CutDetector

Picture = NDArray[np.uint8]


def shots(pictures: list[Picture]) -> list[int]:
    detector = CutDetector()
    return [detector.see(picture) for picture in pictures]


def lit(picture: Picture, gain: float, lift: float = 0) -> Picture:
    return np.clip(picture.astype(np.float32) * gain + lift, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_hard_cuts_and_shots_of_a_frame_or_two(two_pictures: list[Picture], length: int) -> None:
    one, two = two_pictures
    third = np.ascontiguousarray(one[::-1, ::-1])
    told = shots([one] * 6 + [two] * length + [third] * 6)
    assert told == [0] * 6 + [1] * length + [2] * 6


def test_a_clip_of_one_frame_shots(two_pictures: list[Picture]) -> None:
    one, two = two_pictures
    clip = [one, two, np.ascontiguousarray(one[::-1]), np.ascontiguousarray(two[:, ::-1])]
    assert shots(clip) == [0, 1, 2, 3]


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("length", [1, 2, 4])
def test_the_shot_goes_on_after_a_flash(two_pictures: list[Picture], level: int, length: int) -> None:
    one, two = two_pictures
    told = shots([one] * 5 + [np.full_like(one, level)] * length + [one] * 5 + [two] * 3)
    assert told[:5] == told[5 + length : 10 + length] == [0] * 5
    assert set(told[-3:]) == {2}, "the next cut has a number of its own"


def test_a_longer_white_stretch_ends_the_shot(two_pictures: list[Picture]) -> None:
    one = two_pictures[0]
    told = shots([one] * 5 + [np.full_like(one, 255)] * 8 + [one] * 5)
    assert told == [0] * 5 + [1] * 8 + [2] * 5


def test_light_that_changes_is_no_cut(two_pictures: list[Picture]) -> None:
    one = two_pictures[0]
    assert set(shots([lit(one, 0.3 + 0.05 * step) for step in range(25)])) == {0}
    assert set(shots([lit(one, 0.4 if step % 4 == 0 else 1.0) for step in range(20)])) == {0}


def test_a_dissolve_is_one_cut(two_pictures: list[Picture]) -> None:
    one, two = two_pictures
    for length in (6, 12, 24):
        mixed = [lit(one, 1 - k / length) + lit(two, k / length) for k in range(1, length)]
        told = shots([one] * 20 + mixed + [two] * 30)
        assert max(told) == 1
        assert told[20] == 0 and told[20 + length + 16] == 1


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (8, 8), (9, 4000)])
def test_pictures_of_any_size(size: tuple[int, int]) -> None:
    picture = np.zeros((*size, 3), dtype=np.uint8)
    for _ in range(5):
        assert shots([picture, picture, picture, picture]) == [0] * 4

# SPDX-License-Identifier: Apache-2.0
"""Smoothing takes noise from rests and nothing from speech."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.faces.measure import INNER_LIP_PAIRS
from plosive.faces.stable.smoothing import PARTS, face_parts, smoothed
from plosive.faces.track import FaceTrack

FRAMES = 120
NOISE = 0.003
LOWER = np.array([14, 317, 87, 402, 178, 318, 88, 324, 95, 17, 84, 314, 181, 405, 91, 321, 152])


def spoken() -> NDArray[np.float32]:
    """A gap of the lips (T,): a rest, then openings 5 frames apart that end in exact closures."""
    gap = np.zeros(FRAMES)
    for start in range(50, 100, 5):
        gap[start : start + 5] = [0, 0.06, 0.16, 0.15, 0.05]
    return gap.astype(np.float32)


def faces(upright: NDArray[np.float32], gap: NDArray[np.float32], seed: int = 0) -> NDArray[np.float32]:
    """(T, 478, 3): a face at rest whose lower lip and chin go down by `gap`, with noise on every point."""
    made = np.repeat(upright[None], FRAMES, axis=0)
    made[:, INNER_LIP_PAIRS[:, 1]] = made[:, INNER_LIP_PAIRS[:, 0]]
    made[:, LOWER, 1] += gap[:, None]
    noise = np.random.default_rng(seed).normal(0, NOISE, made.shape)
    return (made + noise).astype(np.float32)


def gap_of(face: NDArray[np.float32]) -> NDArray[np.float32]:
    return (face[:, [14, 317, 87], 1] - face[:, [13, 312, 82], 1]).mean(axis=1)


def test_every_landmark_belongs_to_one_part() -> None:
    parts = face_parts()
    assert tuple(parts) == PARTS
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(478))
    assert {13, 14, 61, 291} <= set(parts["mouth"].tolist())
    assert {4, 168} <= set(parts["rest"].tolist())
    assert 152 in parts["jaw"]


def test_a_rest_gets_steady(track: FaceTrack) -> None:
    made = faces(track.head.upright[0], spoken())
    steady = smoothed(made, np.arange(FRAMES))
    rest = slice(4, 44)
    before, after = (face[rest].std(axis=0).mean() for face in (made, steady))
    assert after < 0.5 * before


def test_closures_stay_closed_and_on_time_and_nothing_is_blunted(track: FaceTrack) -> None:
    gap = spoken()
    made = faces(track.head.upright[0], gap)
    found = gap_of(smoothed(made, np.arange(FRAMES)))
    closed = np.arange(50, 100, 5)
    assert np.abs(found[closed]).max() < 0.01
    between = closed[1:]  # before the first one lies the rest, which is as closed
    assert [int(found[place - 2 : place + 3].argmin()) for place in between] == [2] * len(between)
    assert np.diff(found)[50:100].max() >= 0.97 * np.diff(gap)[50:100].max()
    assert found[50:100].max() >= 0.97 * gap.max()


def test_motion_is_not_late(track: FaceTrack) -> None:
    ramp = np.clip((np.arange(FRAMES) - 40) / 30, 0, 1).astype(np.float32) * 0.3
    found = gap_of(smoothed(faces(track.head.upright[0], ramp), np.arange(FRAMES)))
    late_frames = (ramp - found)[42:68].mean() / np.diff(ramp).max()
    assert abs(late_frames) < 0.15


def test_nothing_passes_a_gap(track: FaceTrack) -> None:
    made = faces(track.head.upright[0], spoken())
    made[60:] += 0.001  # less than noise: only the gap can keep the two apart
    indices = np.concatenate([np.arange(60), np.arange(61, FRAMES + 1)])
    apart = smoothed(made, indices)
    assert not np.array_equal(apart, smoothed(made, np.arange(FRAMES)))
    changed = made.copy()
    changed[60:] += 0.5
    # The other side of the gap is far away now, and its noise is what it was.
    assert np.allclose(smoothed(changed, indices)[:60], apart[:60], atol=2e-3)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_tracks_come_back(track: FaceTrack, count: int) -> None:
    upright = track.head.upright[:count]
    found = smoothed(upright, np.arange(count))
    assert found.shape == upright.shape
    assert np.abs(found - upright).max() < 0.05

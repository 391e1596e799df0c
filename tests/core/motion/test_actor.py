# SPDX-License-Identifier: Apache-2.0
"""Curves carried over to an actor, whatever the plate shows of him."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.motion import (
    CHANNELS,
    ActorMotion,
    ActorRange,
    MotionCurves,
    MouthFootage,
    actor_range,
    fit_to_range,
    motion_curves,
)
from plosive.motion.actor import GENERIC_CLOSED, GENERIC_OPEN
from plosive.speech import Speech

Rows = NDArray[np.float32]


@pytest.fixture
def curves(demo_speech: Speech) -> MotionCurves:
    centres = [(k + Fraction(1, 2)) / 25 for k in range(88)]
    return motion_curves(demo_speech, centres, frame_seconds=Fraction(1, 25))


def seen(rows: Rows) -> ActorRange:
    return actor_range([MouthFootage(rows, (np.arange(len(rows)) + 0.5) / 25)])


def fitted(curves: MotionCurves, rows: Rows) -> ActorMotion:
    return fit_to_range(curves, seen(rows))


def talking(frames: int = 200, size: float = 1.0) -> Rows:
    """A plate of someone who talks: generic ranges, `size` times as large, a third of it closed."""
    rng = np.random.default_rng(3)
    opening = np.clip(rng.normal(0.5, 0.35, frames), 0, 1.1)
    opening[rng.random(frames) < 0.33] = 0
    top = np.array(GENERIC_OPEN[2])
    rows = np.array(GENERIC_CLOSED) + size * opening[:, None] * top
    rows[:, 0] = size * opening * top[0] + 0.002
    rows[:, 1] = GENERIC_CLOSED[1] + rng.normal(0, 0.02, frames)
    return rows.astype(np.float32)


def test_range_is_the_actors(curves: MotionCurves) -> None:
    small, large = (fitted(curves, talking(size=size)) for size in (0.6, 1.4))
    assert seen(talking(size=0.6)).generic == ()
    ratio = np.ptp(large.values, axis=0) / np.ptp(small.values, axis=0)
    assert ratio[[0, 2, 3, 4]] == pytest.approx(1.4 / 0.6, rel=0.25)
    plate = talking(size=1.4)
    assert np.percentile(large.values[:, 0], 95) < np.percentile(plate[:, 0], 99) * 1.15


def plates() -> dict[str, Rows]:
    rows = talking()
    shut, gaping = rows[rows[:, 0] < 0.02], rows[rows[:, 0] > 0.12]
    holes = rows.copy()
    holes[::3] = np.nan
    return {
        "nothing": rows[:0],
        "one frame": rows[:1],
        "silent": shut,
        "always open": gaping,
        "frozen": np.repeat(rows[5:6], 100, axis=0),
        "holes": holes,
        "only holes": holes[::3],
    }


@pytest.mark.parametrize("kind", list(plates()))
def test_any_plate_gives_a_human_mouth(curves: MotionCurves, kind: str) -> None:
    motion = fitted(curves, plates()[kind])
    assert motion.values.shape == curves.values.shape
    assert motion.values.dtype == np.float32
    assert np.isfinite(motion.values).all()
    assert motion.values[:, 0].min() == 0
    assert 0.08 < motion.values[:, 0].max() < 0.5
    assert 0.35 < motion.values[:, 1].min() <= motion.values[:, 1].max() < 0.75
    assert (motion.values[curves.closure == 1, 0] == 0).all()
    assert (motion.values[curves.rest == 1, 0] == 0).all()
    assert np.array_equal(motion.closure, curves.closure)
    assert np.array_equal(motion.tuck, curves.tuck)
    if kind in ("nothing", "one frame", "silent", "only holes"):
        assert seen(plates()[kind]).generic == CHANNELS


def test_order_of_openness_survives(curves: MotionCurves) -> None:
    motion = fitted(curves, talking())
    free = (curves.closure == 0) & (curves.rest == 0)
    order = np.argsort(curves.values[free, 0], kind="stable")
    assert (np.diff(motion.values[free, 0][order]) >= -1e-6).all()


def test_a_silent_dub_gives_the_actors_closed_mouth() -> None:
    silence = np.zeros(10, np.float32)
    values = np.tile(np.array([0.0, 0.48, 0.10, 0.08, 0.10], np.float32), (10, 1))
    centres = tuple(Fraction(k, 25) for k in range(10))
    resting = MotionCurves(
        centres, values, silence, silence, silence + 1, np.zeros((10, 4), np.float32), ("SIL",) * 10
    )
    plate = talking()
    motion = fitted(resting, plate)
    closed = np.median(plate[plate[:, 0] < 0.03], axis=0)
    assert (motion.values[:, 0] == 0).all()
    assert motion.values[0, 2:] == pytest.approx(closed[2:], abs=0.01)

# SPDX-License-Identifier: Apache-2.0
"""Curves carried over to an actor, whatever the plate shows of him."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
from plosive.motion.visemes import SIBILANTS
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


def test_gains_are_what_was_asked_for(curves: MotionCurves) -> None:
    actor = replace(seen(talking()), peak_speeds=np.full(5, 1e6))  # the speed limit has its own test
    plain = fit_to_range(curves, actor).values
    for jaw, lip in ((1.5, 1.0), (0.5, 1.0), (1.0, 1.5), (1.4, 1.4), (2.0, 2.0)):
        gained = fit_to_range(curves, actor, jaw_gain=jaw, lip_gain=lip).values
        ratio = gained.std(axis=0) / plain.std(axis=0)
        sibilant = np.array([symbol in SIBILANTS for symbol in curves.symbols])
        jaws = gained[~sibilant, 2].std() / plain[~sibilant, 2].std()
        assert jaws == pytest.approx(jaw, rel=0.08)
        if jaw > 1:
            assert np.allclose(gained[sibilant, 2], plain[sibilant, 2])
        assert ratio[1] == pytest.approx(lip, rel=0.08)
        assert ratio[0] == pytest.approx((jaw + lip) / 2, rel=0.08)
        assert (gained[curves.closure == 1, 0] == 0).all()
    still = fit_to_range(curves, actor, jaw_gain=0.0, lip_gain=0.0).values
    assert (still[:, 0] == 0).all()
    assert np.ptp(still[:, 1:3], axis=0) == pytest.approx(0, abs=1e-6)


def test_what_an_artist_draws_smaller_comes_out_smaller(curves: MotionCurves) -> None:
    actor = replace(seen(talking()), peak_speeds=np.full(5, 1e6))
    smaller = replace(curves, values=(0.6 * curves.values).astype(np.float32))
    plain = fit_to_range(curves, actor).values[:, 2].std()
    alone = fit_to_range(smaller, actor).values[:, 2].std()
    known = fit_to_range(smaller, actor, unedited=curves).values[:, 2].std()
    assert known < 0.75 * plain
    assert known < alone


def test_a_gain_may_change_over_time(curves: MotionCurves) -> None:
    actor = seen(talking())
    half = len(curves.values) // 2
    gain = np.where(np.arange(len(curves.values)) < half, 1.0, 0.0)
    plain, gained = (fit_to_range(curves, actor, jaw_gain=g, lip_gain=g).values for g in (1.0, gain))
    assert np.allclose(plain[: half - 4], gained[: half - 4], atol=1e-6)
    assert (gained[half:, 0] == 0).all()


@pytest.mark.parametrize("size", [0.6, 1.0, 1.4])
def test_amplitude_is_the_actors(make_speech: Callable[..., Speech], size: float) -> None:
    rng = np.random.default_rng(8)
    sounds = ("AA", "T", "IY", "S", "EH", "N", "AH", "K", "OW", "R", "AE", "D", "UW", "L", "IH", "M")
    phones = [(str(sound), int(rng.integers(6, 16))) for sound in rng.choice(sounds, 300)]
    speech = make_speech(phones)
    centres = [(k + Fraction(1, 2)) / 25 for k in range(int(speech.duration_seconds * 25))]
    long = motion_curves(speech, centres, frame_seconds=Fraction(1, 25))
    rows = talking(400, size)
    spoken = (long.rest == 0) & (long.closure == 0) & (long.values[:, 0] > 0.1)
    motion = fitted(long, rows).values[spoken]
    parted = rows[rows[:, 0] >= 0.03]
    for column in (0, 2, 3, 4):
        ours, theirs = (np.subtract(*np.percentile(x[:, column], (90, 10))) for x in (motion, parted))
        assert 0.85 <= ours / theirs <= 1.15


def test_a_mood_moves_the_width_and_nothing_opens(curves: MotionCurves) -> None:
    actor = seen(talking())
    plain = fit_to_range(curves, actor).values
    smiling = fit_to_range(curves, actor, width_offset=0.06).values
    shut = curves.closure == 1
    wide = (plain[:, 0] > actor.open[0, 0]) & (curves.closure == 0) & (curves.rest == 0)
    assert wide.sum() > 10
    assert np.median(smiling[wide, 1] - plain[wide, 1]) == pytest.approx(0.06, abs=1e-5)
    assert np.median(smiling[shut, 1] - plain[shut, 1]) == pytest.approx(0.03, abs=0.006)
    assert (smiling[:, 0] == plain[:, 0]).all()
    assert (smiling[:, 2] == plain[:, 2]).all()
    assert (smiling[shut, 3] < plain[shut, 3]).all(), "stretched lips are thinner"


def test_a_correction_never_opens_what_is_closed_and_stays_small(curves: MotionCurves) -> None:
    actor = seen(talking())
    rng = np.random.default_rng(5)
    wild = rng.normal(0, 3, curves.values.shape)
    corrected = fit_to_range(curves, actor, correction=wild)
    plain = fit_to_range(curves, actor).values
    held = (curves.closure == 1) | (curves.rest == 1)
    assert (corrected.values[held, 0] == 0).all()
    span = actor.open[2] - actor.open[0]
    assert (np.abs(corrected.values - plain)[:, 2] <= 0.31 * span[2] + 1e-6).all()
    assert not np.array_equal(corrected.values, plain)


def test_no_channel_is_faster_than_the_actor(curves: MotionCurves) -> None:
    rng = np.random.default_rng(6)
    wild = rng.normal(0, 3, curves.values.shape)
    for size in (0.5, 1.5):
        actor = seen(talking(size=size))
        motion = fit_to_range(curves, actor, correction=wild)
        steps = np.abs(np.diff(motion.values, axis=0)) * 25
        assert (steps <= actor.peak_speeds * 1.001).all()
        assert (motion.values[curves.closure == 1, 0] == 0).all()


def test_a_slow_actor_is_known_from_a_quick_one() -> None:
    moment = (np.arange(400) + 0.5) / 25
    speeds = []
    for hertz in (1.6, 3.0):
        opening = np.clip(0.5 - 0.6 * np.cos(2 * np.pi * hertz * moment), 0, 1)
        rows = np.array(GENERIC_CLOSED) + opening[:, None] * np.array(GENERIC_OPEN[2])
        rows[:, 0] = opening * GENERIC_OPEN[2][0]
        speeds.append(actor_range([MouthFootage(rows.astype(np.float32), moment)]).peak_speeds[0])
    assert speeds[0] < 0.8 * speeds[1]


def test_other_takes_widen_what_the_plate_shows() -> None:
    moment = (np.arange(200) + 0.5) / 25
    silent = talking()
    silent = np.repeat(silent[silent[:, 0] < 0.02][:1], 60, axis=0)
    plate = MouthFootage(silent, moment[:60])
    other = talking(size=1.3)
    other[:, 2] += 0.1  # another lens: the chin seems lower
    alone, with_take = actor_range([plate]), actor_range([plate, MouthFootage(other, moment)])
    assert alone.generic == CHANNELS
    assert with_take.generic == ()
    assert (with_take.takes, with_take.frames) == (2, 260)
    assert with_take.closed == pytest.approx(alone.closed, abs=1e-6)
    assert with_take.open[2, 0] == pytest.approx(np.percentile(other[other[:, 0] > 0.03, 0], 90), rel=0.02)
    assert with_take.open[1, 2] - with_take.closed[2] < 0.06, "the lens is no open jaw"


def test_habits_are_told() -> None:
    gaping = np.repeat(talking()[:1], 50, axis=0)
    gaping[:, 0] = 0.06
    sides = np.tile(np.array([[0.02, 0.01]], np.float32), (50, 1))
    known = actor_range([MouthFootage(gaping, (np.arange(50) + 0.5) / 25, sides)])
    assert known.parted_share == 1
    assert known.still_aperture == pytest.approx(0.06, abs=1e-4)
    assert known.sides == pytest.approx((0.02, 0.01), abs=1e-4)

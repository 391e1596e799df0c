# SPDX-License-Identifier: Apache-2.0
"""Under- and over-articulation: closures stay, sounds differ less or more, nothing jumps."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from plosive.motion import ActorMotion, ActorRange, actor_range, fit_to_range, motion_curves
from plosive.motion.articulation import articulated
from plosive.speech import Speech

RATE = 25
AMOUNTS = [0.0, 0.3, 0.7, 1.3, 1.6, 2.0]
Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def actor() -> ActorRange:
    """Nobody in particular: generic ranges."""
    return actor_range([])


def centres(count: int) -> list[Fraction]:
    return [(index + Fraction(1, 2)) / RATE for index in range(count)]


def fitted(speech: Speech, actor: ActorRange, **gains: float) -> ActorMotion:
    count = int(speech.duration_seconds * RATE)
    curves = motion_curves(speech, centres(count), frame_seconds=Fraction(1, RATE))
    return fit_to_range(curves, actor, **gains)


@pytest.fixture(scope="module")
def motion(demo_speech: Speech, actor: ActorRange) -> ActorMotion:
    return fitted(demo_speech, actor)


def said(motion: ActorMotion, actor: ActorRange, amount: float | Floats) -> ActorMotion:
    count = len(motion.values)
    return articulated(motion, actor, np.broadcast_to(amount, count).astype(np.float64), centres(count))


def kept(motion: ActorMotion) -> NDArray[np.float32]:
    return np.maximum(np.maximum(motion.closure, motion.tuck), motion.rest)


def test_one_changes_nothing(motion: ActorMotion, actor: ActorRange) -> None:
    assert said(motion, actor, 1.0).values.tobytes() == motion.values.tobytes()


@pytest.mark.parametrize("amount", AMOUNTS)
def test_closures_tucks_and_rest_are_kept_exactly(
    motion: ActorMotion, actor: ActorRange, amount: float
) -> None:
    made = said(motion, actor, amount)
    held = kept(motion) == 1
    assert held.sum() > 10 and not held.all()
    assert np.array_equal(made.values[held], motion.values[held])
    for name in ("closure", "tuck", "rest"):
        assert np.array_equal(getattr(made, name), getattr(motion, name))
    assert not np.array_equal(made.values[~held], motion.values[~held])


def test_sounds_differ_the_more_the_higher_it_is(motion: ActorMotion, actor: ActorRange) -> None:
    free = kept(motion) < 0.5
    spread = [said(motion, actor, amount).values[free].std(axis=0) for amount in (0.0, 0.5, 1.0, 1.5, 2.0)]
    assert (np.diff(spread, axis=0) > 0).all(), "in every channel"
    assert spread[0][0] < 0.7 * spread[2][0] and spread[4][0] > 1.1 * spread[2][0]


def test_lips_that_do_not_close_in_the_dub_do_not_look_closed(motion: ActorMotion, actor: ActorRange) -> None:
    free = kept(motion) == 0
    parted = free & (motion.values[:, 0] > 0.04)
    for amount in AMOUNTS:
        assert said(motion, actor, amount).values[parted, 0].min() >= 0.039


@pytest.mark.parametrize("amount", AMOUNTS)
def test_nothing_moves_faster_than_lips_or_than_it_did(
    motion: ActorMotion, actor: ActorRange, amount: float
) -> None:
    made = said(motion, actor, amount)
    step, before = np.abs(np.diff(made.values, axis=0)), np.abs(np.diff(motion.values, axis=0))
    assert (step <= np.maximum(2 * actor.peak_speeds / RATE, before.max(axis=0)) + 1e-6).all()


def test_nothing_goes_far_beyond_what_the_actor_shows(motion: ActorMotion, actor: ActorRange) -> None:
    room = 0.1 * (actor.open[2] - actor.open[0])
    top = np.maximum(actor.bounds[1], motion.values.max(axis=0)) + room
    bottom = np.minimum(actor.bounds[0], motion.values.min(axis=0)) - room
    made = said(motion, actor, 2.0).values
    assert (made <= top + 1e-6).all() and (made >= bottom - 1e-6).all()


def test_short_vowels_lose_more_than_long_ones(actor: ActorRange) -> None:
    """Vowels of 2, 4 and 12 frames, all as wide, between consonants."""
    values = np.tile(actor.open[0], (60, 1))
    values[[10, 11, *range(20, 24), *range(32, 44)]] = actor.open[2]
    none = np.zeros(60, np.float32)
    plain = ActorMotion(values.astype(np.float32), none, none, none)
    reached = said(plain, actor, 0.0).values[[10, 22, 38]] - actor.open[0]
    assert (np.diff(reached[:, 0]) > 0).all() and (np.diff(reached[:, 2]) > 0).all()
    assert reached[0, 0] < 0.75 * reached[2, 0]
    crisp = said(plain, actor, 2.0).values[[10, 22, 38], 0]
    assert crisp[:2].min() > crisp[2] > plain.values[38, 0], "and gain more"


def test_it_is_no_gain(demo_speech: Speech, motion: ActorMotion, actor: ActorRange) -> None:
    """No pair of jaw and lip gains comes to what articulation does."""
    free = kept(motion) < 0.5
    scale = motion.values[free].std(axis=0)
    gains = [(jaw, lip) for jaw in np.arange(0.2, 2.01, 0.2) for lip in np.arange(0.2, 2.01, 0.2)]
    scaled = [
        fitted(demo_speech, actor, jaw_gain=float(jaw), lip_gain=float(lip)).values for jaw, lip in gains
    ]
    for amount in (0.3, 1.7):
        made = said(motion, actor, amount).values
        whole = np.square((made - motion.values)[free] / scale).sum()
        left = min(np.square((made - other)[free] / scale).sum() for other in scaled)
        assert left > 0.15 * whole


def test_it_changes_over_time_without_a_jump(motion: ActorMotion, actor: ActorRange) -> None:
    count = len(motion.values)
    ramp = np.interp(np.arange(count), [20, 40, 60], [0.0, 1.0, 2.0])
    made = said(motion, actor, ramp)
    as_found = ramp == 1
    assert np.array_equal(made.values[as_found], motion.values[as_found])
    assert np.allclose(made.values[:20], said(motion, actor, 0.0).values[:20])
    step, before = np.abs(np.diff(made.values, axis=0)), np.abs(np.diff(motion.values, axis=0))
    assert (step <= np.maximum(2 * actor.peak_speeds / RATE, before.max(axis=0)) + 1e-6).all()


def test_a_silent_dub_has_nothing_to_articulate(
    make_speech: Callable[..., Speech], actor: ActorRange
) -> None:
    rest = fitted(make_speech([("SIL", 100)]), actor)
    assert said(rest, actor, 2.0) is rest


def test_one_short_word_is_enough(make_speech: Callable[..., Speech], actor: ActorRange) -> None:
    word = fitted(make_speech([("SIL", 20), ("Y", 6), ("EH", 12), ("S", 12), ("SIL", 40)]), actor)
    for amount in (0.0, 2.0):
        made = said(word, actor, amount)
        assert np.isfinite(made.values).all()
        assert not np.array_equal(made.values, word.values)

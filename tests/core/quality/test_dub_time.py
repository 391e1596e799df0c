# SPDX-License-Identifier: Apache-2.0
"""A result that plays at another speed than its dub is measured in the dub's time."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from types import ModuleType

import numpy as np
import pytest

from plosive.quality.dub_time import DubTime
from plosive.quality.expectation import Expectation
from plosive.quality.measured import MeasuredTake, measure_take
from plosive.quality.scorecard import ScoredPhone
from plosive.quality.take import Take

RATE = Fraction(25)


def moments_at(speed: Fraction, seconds: Fraction) -> DubTime:
    """Frames of a plate at 25 that plays at `speed` under a dub of `seconds`, from its end where it is below
    0.
    """
    step = 1 / (RATE * abs(speed))
    moments = tuple((index + Fraction(1, 2)) * step for index in range(int(seconds / step)))
    return DubTime(moments if speed > 0 else moments[::-1])


@pytest.fixture
def measured(
    expectation: Expectation, load_beside: Callable[[str], ModuleType]
) -> Callable[[Fraction, float], MeasuredTake]:
    """A mouth that does what the dub asks for at each frame's moment of it, or `lag_seconds` later."""
    synthetic_face = load_beside("conftest").synthetic_face

    def measure(speed: Fraction, lag_seconds: float = 0.0) -> MeasuredTake:
        heard = moments_at(speed, expectation.speech.duration_seconds)
        times = np.array([float(moment) for moment in heard.moments])
        seen = synthetic_face(expectation, times, lag_seconds, 1.0)
        return measure_take(Take(seen, None, expectation, times, RATE, heard_rate=heard.rate))

    return measure


@pytest.mark.parametrize("speed", [Fraction(2), Fraction(1, 2), Fraction(-1), Fraction(-3, 2)], ids=str)
def test_a_mouth_that_follows_the_dub_is_found_at_any_speed(
    speed: Fraction, measured: Callable[..., MeasuredTake]
) -> None:
    at_once, late = measured(speed), measured(speed, 0.2)
    assert at_once.timing is not None and late.timing is not None and at_once.articulation is not None
    assert abs(at_once.timing.lag_ms) <= 20 and at_once.timing.evidence > 4
    assert abs(late.timing.lag_ms - 200) <= 20, "in the dub's time, whatever the plate's"
    assert at_once.articulation.correlations.min() > 0.9
    assert at_once.closures and all(phone.is_met for phone in at_once.closures)


def test_lips_move_as_fast_as_they_are_seen_to(measured: Callable[..., MeasuredTake]) -> None:
    as_shot, twice = measured(Fraction(1)).take, measured(Fraction(2)).take
    assert np.nanmean(twice.lip_speed) == pytest.approx(np.nanmean(as_shot.lip_speed), rel=0.2)


def test_the_rate_is_that_at_which_the_dub_hears_frames() -> None:
    assert moments_at(Fraction(2), Fraction(1)).rate == 50
    assert moments_at(Fraction(-1, 2), Fraction(3)).rate == Fraction(25, 2)
    assert DubTime((Fraction(1), Fraction(1))).rate is None


@pytest.mark.parametrize(
    "speed, first, last",
    [(Fraction(2), (Fraction(2, 5), Fraction(4, 5)), (Fraction(6, 5), Fraction(8, 5))),
     (Fraction(-1), (Fraction(1, 5), Fraction(2, 5)), (Fraction(3, 5), Fraction(4, 5)))],
)  # fmt: skip
def test_phones_lie_where_the_result_shows_them(
    speed: Fraction, first: tuple[Fraction, Fraction], last: tuple[Fraction, Fraction]
) -> None:
    """A dub of a second with sounds from 0.2 to 0.4 and 0.6 to 0.8."""
    heard = moments_at(speed, Fraction(1))
    phones = (
        ScoredPhone("B", Fraction(1, 5), Fraction(2, 5)),
        ScoredPhone("M", Fraction(3, 5), Fraction(4, 5)),
    )
    centres = [(index + Fraction(1, 2)) / RATE for index in range(len(heard.moments))]
    laid = heard.laid(phones, centres)
    assert [(phone.start_seconds, phone.end_seconds) for phone in laid] == [first, last]
    assert [phone.symbol for phone in laid] == (["B", "M"] if speed > 0 else ["M", "B"])

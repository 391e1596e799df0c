# SPDX-License-Identifier: Apache-2.0
"""Seconds left: not known before a first job, then from what earlier ones took a frame in each stage."""

from __future__ import annotations

from plosive_daemon.workers.pace import Pace
from plosive_daemon.workers.protocol import ProgressTold


class Clock:
    """Seconds that go by when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told(stage: str, done: int = 0, total: int = 0, speed: float = 0.0, left: float = -1.0) -> ProgressTold:
    return ProgressTold("job", stage, done, total, speed, left)


def work(pace: Pace, clock: Clock, frames: int) -> None:
    """A job whose stages take 0, 0.1, 0.02 and 0.2 s a frame."""
    pace.begin()
    for stage, total, seconds in (("open", 0, 0), ("faces", frames, 0.1), ("plan", 0, 0.02)):
        pace.left(told(stage, 0, total))
        clock.now += seconds * frames
    pace.left(told("render", 0, frames))
    clock.now += 0.2 * frames
    pace.finish()


def test_it_is_not_known_before_a_first_job_has_ended() -> None:
    pace = Pace(Clock())
    assert pace.left(told("faces", 10, 100, 25.0)) == -1.0
    assert pace.left(told("render", 10, 100, 25.0, 3.6)) == 3.6, "the worker knows its own pace"


def test_it_counts_this_stage_and_the_later_ones() -> None:
    clock = Clock()
    pace = Pace(clock)
    work(pace, clock, 100)
    pace.begin()
    assert pace.left(told("open")) == -1.0, "the frames are not counted yet"
    assert pace.left(told("faces", 0, 50)) == 50 * (0.1 + 0.02 + 0.2)
    assert pace.left(told("faces", 20, 50, 15.0)) == 2.0 + 50 * 0.22, "its own speed, once there is one"
    pace.left(told("plan"))
    clock.now += 0.4
    assert pace.left(told("plan")) == 0.6 + 50 * 0.2
    clock.now += 60
    assert pace.left(told("plan")) == 10.0, "longer than usual: never below what follows"
    assert pace.left(told("score", 0, 50)) == -1.0, "no earlier job had it"


def test_one_odd_job_does_not_spoil_it() -> None:
    clock = Clock()
    pace = Pace(clock)
    for frames in (100, 100, 100):
        work(pace, clock, frames)
    pace.begin()
    pace.left(told("faces", 0, 10))
    clock.now += 500
    pace.left(told("render", 0, 10))
    pace.finish()
    pace.begin()
    assert pace.left(told("faces", 0, 100)) < 100

# SPDX-License-Identifier: Apache-2.0
"""What another process is told of a job, and how quickly a job hears that it should stop."""

from __future__ import annotations

import json
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from plosive.attended import BEAT_SECONDS, attended
from plosive.errors import JobCancelled
from plosive.progress import SilentProgress
from plosive.told_progress import ToldProgress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told_by(clock: Clock, most_per_second: float = 5.0) -> tuple[ToldProgress, list[dict[str, object]]]:
    told: list[dict[str, object]] = []
    return ToldProgress(told.append, most_per_second, clock=clock), told


def test_it_tells_a_few_times_a_second_and_whenever_something_begins_or_ends() -> None:
    clock = Clock()
    progress, told = told_by(clock)
    progress.start("render", 1000)
    for _ in range(1000):
        clock.now += 0.01
        progress.advance()
    progress.finish()
    assert 45 <= len(told) <= 53
    assert json.loads(json.dumps(told)) == told
    assert told[0]["frames_done"] == 0 and told[0]["fps"] is None and told[0]["seconds_left"] is None
    assert told[-1]["frames_done"] == 1000 and told[-1]["is_stage_done"]
    assert told[25]["fps"] == pytest.approx(100, rel=0.1)
    assert told[25]["seconds_left"] == pytest.approx(5, abs=0.5)
    assert told[-1]["stage_seconds"] == pytest.approx(10)


def test_the_time_left_does_not_jump_when_frames_that_were_kept_rush_past() -> None:
    clock = Clock()
    progress, told = told_by(clock, 1.0)
    progress.start("render", 500)
    for frame in range(500):
        clock.now += 0.001 if frame < 50 else 0.5
        progress.advance()
    left = [float(str(one["seconds_left"])) for one in told if one["seconds_left"] is not None]
    truth = [float(500 - int(str(one["frames_done"]))) / 2 for one in told if one["seconds_left"] is not None]
    steps = [abs(after - before) for before, after in pairwise(left[40:])]
    assert max(steps) < 2.5
    assert all(abs(a - b) < 0.1 * b + 3 for a, b in zip(left[60:], truth[60:], strict=True))


def test_warnings_are_told_at_once_and_once(tmp_path: Path) -> None:
    clock = Clock()
    told: list[dict[str, object]] = []
    picture = tmp_path / "latest.jpg"
    progress = ToldProgress(told.append, picture=picture, clock=clock)
    progress.start("speech", None)
    for sentence in ("a", "b", "a"):
        progress.warn(sentence)
    progress.advance()
    assert [one["warnings"] for one in told] == [[], ["a"], ["b"]]
    assert progress.warnings == ("a", "b")
    assert told[-1]["picture"] is None and told[-1]["frames_total"] is None
    picture.write_bytes(b"x")
    progress.finish()
    assert told[-1]["picture"] == str(picture) and told[-1]["seconds_left"] == 0.0


def test_it_stops_the_job_at_the_next_call() -> None:
    stop: list[bool] = []
    progress = ToldProgress(lambda told: None, should_stop=lambda: bool(stop))
    progress.start("faces", 10)
    progress.advance()
    stop.append(True)
    for call in (progress.advance, progress.finish, lambda: progress.start("render", 1)):
        with pytest.raises(JobCancelled):
            call()


def test_attended_work_gives_its_result_its_error_or_nothing() -> None:
    assert attended(lambda: 3, SilentProgress()) == 3
    with pytest.raises(ZeroDivisionError):
        attended(lambda: 1 // 0, SilentProgress())
    with pytest.raises(TimeoutError, match="its own"):
        attended(lambda: (_ for _ in ()).throw(TimeoutError("its own")), SilentProgress())
    release = threading.Event()
    asked: list[float] = []

    class Impatient(SilentProgress):
        def advance(self, frames: int = 1) -> None:
            assert frames == 0
            asked.append(time.monotonic())
            if len(asked) == 2:
                raise JobCancelled("stop")

    with pytest.raises(JobCancelled):
        attended(lambda: release.wait(30), Impatient())
    release.set()
    assert len(asked) == 2 and asked[1] - asked[0] >= BEAT_SECONDS * 0.9

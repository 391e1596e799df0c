# SPDX-License-Identifier: Apache-2.0
"""How far a reel is: renders counted, and no time told without ground."""

from __future__ import annotations

from typing import Any

import pytest

from plosive.progress import SilentProgress
from plosive.reel.renders.pace import Load, ReelPace
from plosive.reel.renders.progress import MeteredRender, ReelMeter, ReelPosition, ReelProgress, ReelWatch


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Stages(SilentProgress):
    """Keeps what stages are told."""

    def __init__(self) -> None:
        super().__init__()
        self.stages: list[str] = []

    def start(self, stage: str, total_frames: int | None) -> None:
        del total_frames
        self.stages.append(stage)


def test_the_first_render_of_a_plate_is_counted_apart() -> None:
    clock = Clock()
    loads = {0: Load("a", 100), 1: Load("a", 100), 2: Load("b", 50), 3: Load("b", 50), 4: Load("a", 10)}
    pace = ReelPace(loads, clock=clock)
    assert pace.left() == -1.0
    pace.begin(0)
    clock.now += 200.0
    assert pace.left() == -1.0, "nothing is made yet"
    pace.end(0, is_made=True)
    assert pace.left() == pytest.approx(2.0 * 210), "all that is known: 2 s a frame"
    pace.begin(1)
    clock.now += 30.0
    assert pace.left() == pytest.approx(2.0 * 210 - 30)
    clock.now += 20.0
    pace.end(1, is_made=True)
    assert pace.left() == pytest.approx(50 * 2.0 + 50 * 0.5 + 10 * 0.5)
    pace.begin(2)
    clock.now += 1000.0
    assert pace.left() == pytest.approx(50 * 0.5 + 10 * 0.5), "late, but never below what follows"


def test_what_is_not_made_tells_nothing_and_several_at_once_share() -> None:
    clock = Clock()
    pace = ReelPace({place: Load(place, 10) for place in range(5)}, 2, clock)
    pace.begin(0)
    pace.end(0, is_made=False)
    assert pace.left() == -1.0, "it failed: that took no time worth telling"
    pace.begin(1)
    pace.begin(2)
    clock.now += 20.0
    pace.end(1, is_made=True)
    assert pace.left() == pytest.approx((0 + 2 * 20) / 2)
    pace.end(2, is_made=True)
    pace.begin(3)
    pace.end(3, is_made=False)
    assert pace.left() == pytest.approx(20.0), "one is left: nobody helps"
    pace.wait()
    clock.now += 3.0
    pace.wait()
    assert pace.left() == pytest.approx(17.0), "somebody else is at it"
    pace.begin(4)
    pace.run(1)
    clock.now += 5.0
    pace.end(4, is_made=True)
    assert pace.left() == 0.0


def test_a_meter_tells_where_the_reel_is() -> None:
    clock, told = Clock(), list[ReelPosition]()
    renders = {
        7: MeteredRender(3, "sh030", "de", Load("a", 20)),
        9: MeteredRender(3, "sh030", "fr", Load("a", 20)),
    }
    meter = ReelMeter(renders, ReelWatch(told.append), clock=clock)
    inner = Stages()
    first = ReelProgress(inner, meter, 7)
    for stage, frames in (("faces", 20), ("render", 20), ("score", 20)):
        first.start(stage, frames)
        for _ in range(frames):
            clock.now += 0.1
            first.advance()
        first.finish()
    meter.end(7, is_made=True)
    ReelProgress(inner, meter, 9).start("faces", 20)
    assert inner.stages == ["1/2 faces", "1/2 render", "1/2 score", "2/2 faces"]
    begun: Any = {"renders_total": 2, "shot_number": 3, "shot_name": "sh030", "frames_total": 40}
    assert told[0] == ReelPosition(1, renders_done=0, language="de", frames_done=0, **begun)
    done = [one.frames_done for one in told]
    assert done == sorted(done) and set(done) == set(range(21)), "frames count where they are rendered"
    assert {one.seconds_left for one in told[:61]} == {-1.0}
    last = ReelPosition(2, renders_done=1, language="fr", frames_done=20, seconds_left=6.0, **begun)
    assert told[-1].seconds_left == pytest.approx(6.0)
    assert told[-1].__class__(**{**vars(told[-1]), "seconds_left": 6.0}) == last

# SPDX-License-Identifier: Apache-2.0
"""How far a reel is: its renders counted, the stages of each under its number, notes kept for the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plosive.progress import Progress
from plosive.reel.renders.pace import Load, ReelPace
from plosive.sync.latest_picture import LatestPicture

__all__ = ["MeteredRender", "ReelMeter", "ReelPosition", "ReelProgress", "ReelWatch"]

_RENDER = "render"
_JUDGE_SECONDS = 0.5


@dataclass(frozen=True)
class ReelPosition:
    """Where a reel is. Counted are the renders that this run makes, `render` from 1; what was found from an
    earlier run is none of them. A render serves one shot, or several of one plate that run on over a cut or
    share frames: `shot_number` and `shot_name` are the first. Frames are those of all renders;
    `seconds_left` is below 0 before there is ground to tell it: until a first render is made.
    """

    render: int
    renders_total: int
    renders_done: int
    shot_number: int
    shot_name: str
    language: str
    frames_done: int
    frames_total: int
    seconds_left: float = -1.0


def _nobody(position: ReelPosition) -> None:
    del position


@dataclass(frozen=True)
class ReelWatch:
    """Who watches a reel: `at` is told where it is at every stage and frame, `picture` shows frames as they
    are made.
    """

    at: Callable[[ReelPosition], None] = _nobody
    picture: LatestPicture | None = None


@dataclass(frozen=True)
class MeteredRender:
    """One render to be made: its first shot, and what it is to take."""

    shot_number: int
    shot_name: str
    language: str
    load: Load


class ReelMeter:
    """Counts `renders`, which are known by their places, and tells `watch`."""

    def __init__(
        self,
        renders: Mapping[int, MeteredRender],
        watch: ReelWatch,
        at_once: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._renders = renders
        self._watch = watch
        self._clock = clock
        self._pace = ReelPace({place: one.load for place, one in renders.items()}, at_once, clock)
        self._total = sum(one.load.frames for one in renders.values())
        self._frames: dict[int, int] = {}
        self._begun = 0
        self._last = next(iter(renders), 0)
        self._done = 0
        self._judged = 0.0
        self._left = -1.0

    def begin(self, place: int) -> str:
        """The render `place` begins; its label, as 3/25."""
        self._pace.begin(place)
        self._begun += 1
        self._last = place
        self._frames[place] = 0
        self._judged = 0.0
        self._tell(place)
        return f"{self._begun}/{len(self._renders)}"

    def advance(self, place: int, frames: int) -> None:
        """So many more of its frames are made."""
        self._frames[place] = min(self._renders[place].load.frames, self._frames[place] + frames)
        self._tell(place)

    def end(self, place: int, *, is_made: bool) -> None:
        """It has ended; `is_made` is False where it failed or was found."""
        self._pace.end(place, is_made=is_made)
        self._frames[place] = self._renders[place].load.frames
        self._done += 1
        self._judged = 0.0
        self._tell(place)

    def run(self, at_once: int) -> None:
        """So many renders run at a time from now on."""
        self._pace.run(at_once)

    def wait(self) -> None:
        """Others are at work, nobody here."""
        self._pace.wait()
        self._tell(self._last)

    def _tell(self, place: int) -> None:
        now = self._clock()
        if now - self._judged >= _JUDGE_SECONDS or not self._judged:
            self._judged, self._left = now, self._pace.left()
        one = self._renders.get(place)
        if one is None:
            return
        self._watch.at(
            ReelPosition(
                render=self._begun,
                renders_total=len(self._renders),
                renders_done=self._done,
                shot_number=one.shot_number,
                shot_name=one.shot_name,
                language=one.language,
                frames_done=sum(self._frames.values()),
                frames_total=self._total,
                seconds_left=self._left,
            )
        )


class ReelProgress:
    """Progress of one of a reel's renders, told to `inner` with its number in the reel before each stage, and
    counted by `meter`. Warnings stay with the render: they are in the report.
    """

    def __init__(self, inner: Progress, meter: ReelMeter, place: int) -> None:
        self._inner = inner
        self._meter = meter
        self._place = place
        self._label = meter.begin(place)
        self._stage = ""

    def start(self, stage: str, total_frames: int | None) -> None:
        self._stage = stage
        self._inner.start(f"{self._label} {stage}", total_frames)

    def advance(self, frames: int = 1) -> None:
        self._meter.advance(self._place, frames if self._stage == _RENDER else 0)
        self._inner.advance(frames)

    def warn(self, sentence: str) -> None:
        del sentence

    def finish(self) -> None:
        self._inner.finish()

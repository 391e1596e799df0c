# SPDX-License-Identifier: Apache-2.0
"""How long the rest of a job takes, judged by what earlier jobs took on the same device."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable

from plosive_daemon.workers.protocol import ProgressTold

__all__ = ["Pace"]

_MOST_JOBS = 5


class Pace:
    """Of one device; one job at a time: `begin`, `left` at each progress, `finish` when it is done.

    A stage takes the median of the seconds a frame that it took in the last five jobs, times the job's
    frames. Jobs with larger pictures take longer than that tells; the estimate mends with each stage.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, deque[float]] = {}
        self._order: list[str] = []
        self.begin()

    def begin(self) -> None:
        """A job begins."""
        self._begun: dict[str, float] = {}
        self._frames = 0

    def left(self, told: ProgressTold) -> float:
        """Seconds to the end of the job; below 0 where that is not known: before a first job has ended here,
        and until the job's frames are counted.
        """
        now = self._clock()
        since = self._begun.setdefault(told.stage, now)
        self._frames = told.frames_total or self._frames
        if told.seconds_left >= 0:
            return told.seconds_left
        if told.stage not in self._order or not self._frames:
            return -1.0
        if told.frames_total and told.frames_per_second > 0:
            here = (told.frames_total - told.frames_done) / told.frames_per_second
        else:
            here = max(0.0, self._usual(told.stage) - (now - since))
        later = self._order[self._order.index(told.stage) + 1 :]
        return round(here + sum(self._usual(stage) for stage in later if stage not in self._begun), 1)

    def finish(self) -> None:
        """It is done, and was made as a whole: what it took is known for the next."""
        if not self._frames:
            return
        names, starts = list(self._begun), [*self._begun.values(), self._clock()]
        for place, name in enumerate(names):
            taken = (starts[place + 1] - starts[place]) / self._frames
            self._known.setdefault(name, deque(maxlen=_MOST_JOBS)).append(taken)
        self._order = names

    def _usual(self, stage: str) -> float:
        return statistics.median(self._known[stage]) * self._frames if stage in self._known else 0.0

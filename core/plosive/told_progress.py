# SPDX-License-Identifier: Apache-2.0
"""Progress as plain dictionaries, a few a second, for whoever watches from another process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from plosive.errors import JobCancelled

__all__ = ["ToldProgress"]

_WINDOW_SECONDS = 20.0
_LEAST_WINDOW_SECONDS = 0.5
_SETTLE_SECONDS = 5.0
_MOST_KEPT = 64


class ToldProgress:
    """A `Progress` that calls `tell` with what there is to know, at most `most_per_second` times a second,
    and once more whenever a stage begins or ends, or something is warned of. `tell` should be quick.

    `should_stop` is asked at every call: where it says so, JobCancelled is raised. `picture` is a file that
    the job replaces now and then (`sync.latest_picture`).

    What is told is ready for JSON: `stage`; `frames_done` and `frames_total` of it (None where nobody knows);
    `fps`, frames a second of the last 20 s, and `seconds_left` of the stage, an estimate that does not jump
    (both None while nothing can be told); `stage_seconds` and `job_seconds` so far; `warnings`, those that
    are new; `picture`, its path once it is there; `is_stage_done`.
    """

    def __init__(
        self,
        tell: Callable[[dict[str, object]], None],
        most_per_second: float = 5.0,
        should_stop: Callable[[], bool] = lambda: False,
        picture: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._least_seconds = 1 / most_per_second
        self._should_stop = should_stop
        self._picture = picture
        self._clock = clock
        self._began = self._stage_began = clock()
        self._told_at: float | None = None
        self._stage = ""
        self._total: int | None = None
        self._done = 0
        self._is_stage_done = True
        self._seen: deque[tuple[float, int]] = deque(maxlen=_MOST_KEPT)
        self._left: tuple[float, float] | None = None
        self._all_warnings: dict[str, None] = {}
        self._new_warnings: list[str] = []

    @property
    def warnings(self) -> tuple[str, ...]:
        """All so far, each once."""
        return tuple(self._all_warnings)

    def start(self, stage: str, total_frames: int | None) -> None:
        """A stage begins."""
        now = self._clock()
        self._stage, self._total, self._done, self._is_stage_done = stage, total_frames, 0, False
        self._stage_began, self._left = now, None
        self._seen.clear()
        self._seen.append((now, 0))
        self._say(now)
        self._ask()

    def advance(self, frames: int = 1) -> None:
        """`frames` more are done; 0 is a sign of life."""
        now = self._clock()
        self._done += frames
        if now - self._seen[-1][0] >= _WINDOW_SECONDS / _MOST_KEPT if self._seen else True:
            self._seen.append((now, self._done))
        if self._told_at is None or now - self._told_at >= self._least_seconds:
            self._say(now)
        self._ask()

    def warn(self, sentence: str) -> None:
        """Told at once, and once."""
        if sentence not in self._all_warnings:
            self._all_warnings[sentence] = None
            self._new_warnings.append(sentence)
            self._say(self._clock())
        self._ask()

    def finish(self) -> None:
        """The stage is done."""
        self._is_stage_done = True
        self._say(self._clock())
        self._ask()

    def _ask(self) -> None:
        if self._should_stop():
            raise JobCancelled("The job was cancelled.")

    def _say(self, now: float) -> None:
        self._told_at = now
        fps = self._fps(now)
        has_picture = self._picture is not None and self._picture.is_file()
        warnings, self._new_warnings = self._new_warnings, []
        self._tell(
            {
                "stage": self._stage,
                "frames_done": self._done,
                "frames_total": self._total,
                "fps": None if fps is None else round(fps, 3),
                "seconds_left": self._seconds_left(now, fps),
                "stage_seconds": round(now - self._stage_began, 3),
                "job_seconds": round(now - self._began, 3),
                "warnings": warnings,
                "picture": str(self._picture) if has_picture else None,
                "is_stage_done": self._is_stage_done,
            }
        )

    def _fps(self, now: float) -> float | None:
        while len(self._seen) > 1 and now - self._seen[1][0] > _WINDOW_SECONDS:
            self._seen.popleft()
        if not self._seen:
            return None
        since, done = self._seen[0]
        if now - since < _LEAST_WINDOW_SECONDS or self._done == done:
            return None
        return (self._done - done) / (now - since)

    def _seconds_left(self, now: float, fps: float | None) -> float | None:
        """What was told before, less the time since, drawn towards what the speed says now."""
        if self._is_stage_done:
            return 0.0
        if fps is None or self._total is None:
            return None
        wanted = max(0, self._total - self._done) / fps
        if self._left is not None:
            at, left = self._left
            expected = max(0.0, left - (now - at))
            wanted = expected + (wanted - expected) * min(1.0, (now - at) / _SETTLE_SECONDS)
        self._left = now, wanted
        return round(wanted, 1)

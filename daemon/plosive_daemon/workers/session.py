# SPDX-License-Identifier: Apache-2.0
"""One request at work in a worker: what it tells the daemon, and how it learns that it should stop."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from typing import Any

from plosive.errors import JobCancelled
from plosive_daemon.request_words import fields_of, in_request_words
from plosive_daemon.workers.protocol import Message, ProgressTold, WarningTold, Writes

__all__ = ["Session", "WorkerSettings"]

_TELL_SECONDS = 0.2
_SPEED_SECONDS = 20.0
_LAST_STAGE = "render"


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker is told when it is started, as JSON in its first argument."""

    device: str = "cpu"
    read_roots: tuple[str, ...] = ()
    write_roots: tuple[str, ...] = ()
    own_folders: tuple[str, ...] = ()
    """Where the daemon has this worker keep things, beside its state folder."""
    is_confined: bool = False
    """Whether the kernel is to hold it to the roots (`plosive_daemon.workers.confinement`)."""
    is_eager: bool = True
    """Whether it imports all that any request needs before it is asked."""

    @classmethod
    def parsed(cls, text: str) -> WorkerSettings:
        """Raises ValueError, TypeError or KeyError for anything but what `json.dumps(asdict(...))` makes."""
        told = json.loads(text)
        return cls(
            str(told["device"]),
            tuple(told["read_roots"]),
            tuple(told["write_roots"]),
            tuple(told.get("own_folders", ())),
            bool(told.get("is_confined", False)),
            bool(told.get("is_eager", True)),
        )


class Session:
    """Implements `plosive.progress.Progress`: tells at most five times a second, and raises JobCancelled at
    the next word once `cancel` was called. Any thread may use it.

    `device` is cpu, or cuda (the one GPU that this worker sees), or auto. Media is read beneath `read_roots`
    and results are written beneath `write_roots` only (empty: anywhere).
    """

    def __init__(
        self,
        request_id: str,
        say: Callable[[Message], None],
        settings: WorkerSettings | None = None,
        kind: str = "sync",
    ) -> None:
        settings = settings or WorkerSettings()
        self.id = request_id
        self.device = settings.device
        self.read_roots = tuple(Path(root) for root in settings.read_roots)
        self.write_roots = tuple(Path(root) for root in settings.write_roots)
        self._fields = fields_of(kind)
        self.writes_to: tuple[Path, ...] = ()
        self._say = say
        self._cancelled = Event()
        self._lock = Lock()
        self._stage = ""
        self._done = 0
        self._total = 0
        self._preview = ""
        self._reel: dict[str, Any] = {}
        self._reel_left = -1.0
        self._told_at = 0.0
        self._moments: deque[tuple[float, int]] = deque()
        self._warned: set[str] = set()

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raises JobCancelled once `cancel` was called."""
        if self._cancelled.is_set():
            raise JobCancelled("The job was cancelled.")

    def start(self, stage: str, total_frames: int | None) -> None:
        self.check()
        with self._lock:
            self._stage, self._done, self._total = stage, 0, total_frames or 0
            self._moments = deque([(time.monotonic(), 0)])
            self._tell(time.monotonic())

    def advance(self, frames: int = 1) -> None:
        self.check()
        with self._lock:
            now = time.monotonic()
            self._done += frames
            self._moments.append((now, self._done))
            while len(self._moments) > 2 and now - self._moments[0][0] > _SPEED_SECONDS:
                self._moments.popleft()
            if now - self._told_at >= _TELL_SECONDS or self._done == frames:
                self._tell(now)

    def warn(self, sentence: str) -> None:
        sentence = in_request_words(sentence, self._fields)
        with self._lock:
            if sentence in self._warned:
                return
            self._warned.add(sentence)
        self._say(WarningTold(self.id, sentence))

    def warn_all(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.warn(sentence)

    def finish(self) -> None:
        self.check()
        with self._lock:
            self._tell(time.monotonic())

    def write_to(self, folders: tuple[Path, ...]) -> None:
        """Output grows in `folders` from now on: whoever ends this process cleans them up."""
        self.writes_to = folders
        self._say(Writes(self.id, [str(folder) for folder in folders]))

    def show(self, preview: Path) -> None:
        """`preview` is a picture of the latest synced frame; told with the next progress."""
        self._preview = str(preview)

    def show_reel(self, facts: dict[str, Any], seconds_left: float) -> None:
        """Where a conform is (the fields of `plosive_daemon.job.ReelProgress`), and how long the whole of it
        takes yet, below 0: not known; told with the next progress.
        """
        with self._lock:
            self._reel, self._reel_left = facts, seconds_left

    def _tell(self, now: float) -> None:
        self._told_at = now
        (since, before), (_, last) = self._moments[0], self._moments[-1]
        seconds = now - since
        speed = (last - before) / seconds if last > before and seconds > 0 else 0.0
        left = self._reel_left
        if self._stage == _LAST_STAGE and self._total and speed:
            left = max(0, self._total - self._done) / speed
        self._say(
            ProgressTold(
                self.id,
                self._stage,
                self._done,
                self._total,
                round(speed, 3),
                round(left, 1),
                self._preview,
                self._reel,
            )
        )

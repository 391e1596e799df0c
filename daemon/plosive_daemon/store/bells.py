# SPDX-License-Identifier: Apache-2.0
"""Waking those who wait for a job: each waits at its own condition, so that idle ones cost nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from plosive_daemon.job import JobEvent

__all__ = ["Bell", "Bells"]


class Bell:
    """One name that is waited for."""

    def __init__(self, lock: threading.Lock) -> None:
        self._condition = threading.Condition(lock)
        self.rings = 0
        self.listeners = 0
        self._latest: JobEvent | None = None
        self._base = 0

    def progress_after(self, sequence: int) -> JobEvent | None:
        """The newest progress, where it is all that happened after `sequence` as far as is known here: most
        watchers need not look into the file then.
        """
        with self._condition:
            latest = self._latest
            is_all = latest is not None and self._base <= sequence < latest.sequence
            return latest if is_all else None

    def wait(self, rings_seen: int, timeout_seconds: float) -> bool:
        """Whether it rang more than `rings_seen` times, waiting at most `timeout_seconds`."""
        deadline = time.monotonic() + timeout_seconds
        with self._condition:
            while self.rings == rings_seen:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._condition.wait(left)
            return True

    def ring_locked(self, progress: JobEvent | None) -> None:
        """Everything after `_base` is progress only: it stays where it is as long as one number follows on
        the other.
        """
        if progress is not None and (self._latest is None or progress.sequence != self._latest.sequence + 1):
            self._base = progress.sequence - 1
        self._latest = progress
        self.rings += 1
        self._condition.notify_all()


class Bells:
    """Bells by name; there is one as long as somebody listens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bells: dict[str, Bell] = {}

    @contextmanager
    def listening(self, name: str) -> Iterator[Bell]:
        """The bell of `name`. Read `rings`, then look, then wait: nothing between is missed."""
        with self._lock:
            bell = self._bells.setdefault(name, Bell(self._lock))
            bell.listeners += 1
        try:
            yield bell
        finally:
            with self._lock:
                bell.listeners -= 1
                if not bell.listeners:
                    self._bells.pop(name, None)

    def ring(self, name: str, progress: JobEvent | None = None) -> None:
        """`progress` where that is what happened."""
        with self._lock:
            bell = self._bells.get(name)
            if bell is not None:
                bell.ring_locked(progress)

    def ring_all(self) -> None:
        with self._lock:
            for bell in self._bells.values():
                bell.ring_locked(None)

# SPDX-License-Identifier: Apache-2.0
"""Progress at most ten times a second for each request; the newest is never lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["ProgressPacer"]

_PAUSE_SECONDS = 0.1


class ProgressPacer:
    """Passes progress on to `write`, at once or when its turn comes; one thread for all requests."""

    def __init__(self, write: Callable[[dict[str, Any]], None]) -> None:
        self._write = write
        self._news = threading.Condition()
        self._told_at: dict[str | int, float] = {}
        self._waiting: dict[str | int, dict[str, Any]] = {}
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="plosive-progress", daemon=True)
        self._thread.start()

    def put(self, request_id: str | int, message: dict[str, Any]) -> None:
        """Takes the place of progress of the same request that still waits."""
        with self._news:
            self._waiting[request_id] = message
            self._news.notify()

    def flush(self, request_id: str | int) -> None:
        """What still waits goes out now: something else of this request follows."""
        with self._news:
            message = self._waiting.pop(request_id, None)
            if message is not None:
                self._told_at[request_id] = time.monotonic()
                self._write(message)

    def forget(self, request_id: str | int) -> None:
        """The request has ended."""
        self.flush(request_id)
        with self._news:
            self._told_at.pop(request_id, None)

    def close(self) -> None:
        with self._news:
            self._is_closed = True
            self._news.notify()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        with self._news:
            while not self._is_closed:
                now = time.monotonic()
                due = {
                    request_id: self._told_at.get(request_id, now - _PAUSE_SECONDS) + _PAUSE_SECONDS - now
                    for request_id in self._waiting
                }
                for request_id in [each for each, seconds in due.items() if seconds <= 0]:
                    self._told_at[request_id] = now
                    self._write(self._waiting.pop(request_id))
                later = [seconds for seconds in due.values() if seconds > 0]
                self._news.wait(min(later) if later else None)

# SPDX-License-Identifier: Apache-2.0
"""Ends a call from another thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Cancellation"]


class _Call(Protocol):
    def cancel(self) -> object: ...


class Cancellation:
    """Given to a call, `cancel` ends it with `Cancelled`, at once and from any thread. Jobs go on: this stops
    the watching of one, not the job.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._calls: list[_Call] = []

    @property
    def is_cancelled(self) -> bool:
        return self._event.is_set()

    def cancel(self) -> None:
        """May be called more than once."""
        self._event.set()
        with self._lock:
            calls = list(self._calls)
        for call in calls:
            call.cancel()

    def wait(self, seconds: float) -> bool:
        """Pause; True where it was cancelled meanwhile."""
        return self._event.wait(seconds)

    @contextmanager
    def holding(self, call: _Call) -> Iterator[None]:
        """`call` is ended with it."""
        with self._lock:
            self._calls.append(call)
        if self.is_cancelled:
            call.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._calls.remove(call)

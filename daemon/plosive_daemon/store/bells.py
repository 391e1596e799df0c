# SPDX-License-Identifier: Apache-2.0
"""Waking those who wait for a job: each waits at its own condition, so that idle ones cost nothing, and finds
there what happened, so that hundreds need not look into the file for it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from plosive_daemon.job import JobEvent

__all__ = ["Bell", "Bells"]

_MOST_EVENTS = 256


class Bell:
    """One name that is waited for. Who waits for more than progress is woken for that alone."""

    def __init__(self, lock: threading.Lock) -> None:
        self._any = threading.Condition(lock)
        self._urgent = threading.Condition(lock)
        self.rings = 0
        self.urgent_rings = 0
        self.listeners = 0
        self._events: deque[JobEvent] = deque()
        self._base = self._last = 0
        self._is_blind = True

    def events_after(self, sequence: int) -> list[JobEvent] | None:
        """What happened after `sequence`, of progress the newest; None where that is not known here."""
        with self._any:
            if self._is_blind or not self._base <= sequence <= self._last:
                return None
            news = [event for event in self._events if event.sequence > sequence]
        newest = next((event for event in reversed(news) if event.progress is not None), None)
        return [event for event in news if event.progress is None or event is newest]

    def wait(self, rings_seen: int, timeout_seconds: float, *, is_urgent: bool = False) -> bool:
        """Whether it rang more than `rings_seen` times (`is_urgent`: for more than progress), waiting at most
        `timeout_seconds`.
        """
        deadline = time.monotonic() + timeout_seconds
        condition = self._urgent if is_urgent else self._any
        with condition:
            while (self.urgent_rings if is_urgent else self.rings) == rings_seen:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                condition.wait(left)
            return True

    def ring_locked(self, event: JobEvent | None) -> None:
        """`event` None: something that only the file tells. Others come in the order of their numbers, which
        follow on each other: where one does not, something between was not told here.
        """
        if event is None or (not self._is_blind and event.sequence <= self._last):
            self._is_blind = True
            self._events.clear()
        else:
            if self._is_blind or event.sequence != self._last + 1:
                self._is_blind = False
                self._events.clear()
                self._base = event.sequence - 1
            self._events.append(event)
            self._last = event.sequence
            if len(self._events) > _MOST_EVENTS:
                self._base = self._events.popleft().sequence
        self.rings += 1
        self._any.notify_all()
        if event is None or event.progress is None:
            self.urgent_rings += 1
            self._urgent.notify_all()


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

    def ring(self, name: str, event: JobEvent | None = None) -> None:
        """`event`: what happened, where one progress or warning is all of it."""
        with self._lock:
            bell = self._bells.get(name)
            if bell is not None:
                bell.ring_locked(event)

    def ring_all(self) -> None:
        with self._lock:
            for bell in self._bells.values():
                bell.ring_locked(None)

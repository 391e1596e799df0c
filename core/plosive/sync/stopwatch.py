# SPDX-License-Identifier: Apache-2.0
"""Time per stage of one job."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

__all__ = ["Stopwatch"]

Item = TypeVar("Item")


class Stopwatch:
    """Adds up seconds by stage name; `seconds` keeps the order in which stages first ran.

    Stages that run in several threads at once add up each thread's time, so they can exceed the wall's.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = time.perf_counter()
        self._lock = Lock()

    @property
    def wall_seconds(self) -> float:
        """Since it was made."""
        return time.perf_counter() - self._began

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Time what happens inside the `with` block."""
        began = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - began
            with self._lock:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + took

    def timed(self, stage: str, items: Iterable[Item]) -> Iterator[Item]:
        """Pass `items` through, timing only how long each takes to come."""
        iterator = iter(items)
        while True:
            with self.running(stage):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item

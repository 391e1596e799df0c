# SPDX-License-Identifier: Apache-2.0
"""Wall time per stage of one job."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["Stopwatch"]

Item = TypeVar("Item")


class Stopwatch:
    """Adds up seconds by stage name; `seconds` keeps the order in which stages first ran."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Time what happens inside the `with` block."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - began

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

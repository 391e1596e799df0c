# SPDX-License-Identifier: Apache-2.0
"""Hands callbacks to a thread that asks for them: for hosts whose scripts have a loop (Resolve)."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

__all__ = ["Pump"]


class Pump:
    """Given to `Session` as `deliver`; the host's loop calls `run_waiting` or `run_until`."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def __call__(self, function: Callable[[], None]) -> None:
        """From any thread: `function` waits for its turn."""
        self._waiting.put(function)

    def run_waiting(self) -> int:
        """Run what waits now; how many there were."""
        count = 0
        while True:
            try:
                function = self._waiting.get_nowait()
            except queue.Empty:
                return count
            function()
            count += 1

    def run_until(self, is_over: Callable[[], bool], timeout_seconds: float) -> bool:
        """Run what comes until `is_over`; whether it was over in time."""
        deadline = time.monotonic() + timeout_seconds
        while not is_over():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            try:
                function = self._waiting.get(timeout=min(left, 0.1))
            except queue.Empty:
                continue
            function()
        return True

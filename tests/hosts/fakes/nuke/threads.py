# SPDX-License-Identifier: Apache-2.0
"""The main thread, what is queued for it, and ProgressTask."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["ProgressTask", "Threads"]


class Threads:
    """The thread that makes it is Nuke's main thread. It is idle only inside `idle_until`."""

    def __init__(self) -> None:
        self._main = threading.get_ident()
        self._waiting: queue.SimpleQueue[Callable[[], Any]] = queue.SimpleQueue()

    def is_main(self) -> bool:
        return threading.get_ident() == self._main

    def must_be_main(self, what: str) -> None:
        if not self.is_main():
            raise RuntimeError(f"{what} was edited outside the main thread: this crashes Nuke now and then")

    def execute_in_main_thread(self, call: Any, args: Any = (), kwargs: Any = None) -> None:
        """Foundry's own: an `args` that is no tuple becomes one."""
        arguments = args if isinstance(args, tuple) else (args,)
        self._waiting.put(lambda: call(*arguments, **(kwargs or {})))

    def execute_in_main_thread_with_result(self, call: Any, args: Any = (), kwargs: Any = None) -> Any:
        if self.is_main():
            raise RuntimeError("executeInMainThreadWithResult in the main thread waits for ever")
        done, result = threading.Event(), []

        def run() -> None:
            try:
                result.append(call(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {})))
            finally:
                done.set()

        self._waiting.put(run)
        done.wait()
        return result[0] if result else None

    def idle_until(self, is_over: Callable[[], bool], timeout_seconds: float = 20.0) -> None:
        """Run what is queued until `is_over`; an artist who looks on."""
        assert self.is_main()
        deadline = time.monotonic() + timeout_seconds
        while not is_over():
            assert time.monotonic() < deadline, "nothing came in time"
            try:
                self._waiting.get(timeout=0.02)()
            except queue.Empty:
                continue

    @property
    def waiting(self) -> int:
        return self._waiting.qsize()


class ProgressTask:
    """Made of `FakeNuke.ProgressTask`; `tasks` keeps all of them for the test to look at and to cancel."""

    def __init__(self, name: str, is_gui: bool, tasks: list[ProgressTask]) -> None:
        if not is_gui:
            raise RuntimeError("ProgressTask is there in the GUI only")
        if not isinstance(name, str):
            raise TypeError("a ProgressTask has a name")
        self.name, self.message, self.percent, self.percents = name, "", 0, [0]
        self.is_cancel_pressed = False
        tasks.append(self)

    def setMessage(self, message: str) -> None:
        if not isinstance(message, str):
            raise TypeError("a message is text")
        self.message = message

    def setProgress(self, progress: int) -> None:
        if not isinstance(progress, int) or not 0 <= progress <= 100:
            raise TypeError("progress is a whole number from 0 to 100")
        self.percent = progress
        self.percents.append(progress)

    def isCancelled(self) -> bool:
        return self.is_cancel_pressed

# SPDX-License-Identifier: Apache-2.0
"""What is done with a frame while the next one is being looked at."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from types import TracebackType

__all__ = ["WorkBehind"]

_FRAMES_BEHIND = 1


class WorkBehind:
    """Does pieces of work one after the other, in their order, in a thread of its own. Use as a context
    manager.

    Whoever gives work waits while more than one piece does, so memory stays flat. What goes wrong in a piece
    is raised by the next `do` or `wait`, and nothing after that piece is done.
    """

    def __init__(self) -> None:
        self._todo: queue.Queue[Callable[[], None] | None] = queue.Queue(_FRAMES_BEHIND)
        self._error: BaseException | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="plosive-work-behind", daemon=True)

    def __enter__(self) -> WorkBehind:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped = self._stopped or error is not None
        self._todo.put(None)
        self._thread.join()
        if error is None:
            self._raise()

    def do(self, work: Callable[[], None]) -> None:
        """Have `work` done soon."""
        self._raise()
        self._todo.put(work)

    def wait(self) -> None:
        """Until everything given is done."""
        self._todo.join()
        self._raise()

    def _work(self) -> None:
        while (work := self._todo.get()) is not None:
            if not self._stopped:
                try:
                    work()
                except BaseException as error:  # it belongs to whoever gave the work
                    self._error, self._stopped = error, True
            del work  # and the frame in it
            self._todo.task_done()

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error

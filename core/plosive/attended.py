# SPDX-License-Identifier: Apache-2.0
"""Long work that cannot look up from what it does, with somebody beside it who can."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from plosive.progress import Progress

__all__ = ["BEAT_SECONDS", "attended"]

BEAT_SECONDS = 0.2
"""So often at least a job asks whether it should stop."""

Result = TypeVar("Result")


def attended(work: Callable[[], Result], progress: Progress) -> Result:
    """What `work` gives, done in a thread of its own while `progress.advance(0)` is called every 0.2 s:
    it may raise `JobCancelled`. Then nobody waits for the work: it ends by itself, its result is lost, and
    what it uses may be gone under it. So it must only find out, and write nothing that stays.
    """
    done: Future[Result] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # it belongs to whoever waits
            done.set_exception(error)
        else:
            done.set_result(result)

    thread = threading.Thread(target=run, name="plosive-attended", daemon=True)
    thread.start()
    while True:
        thread.join(BEAT_SECONDS)
        if not thread.is_alive():
            return done.result()
        progress.advance(0)

# SPDX-License-Identifier: Apache-2.0
"""When a reel that runs makes way for a job that waits: somebody sits before that clip."""

from __future__ import annotations

import time
from collections.abc import Callable

from plosive.errors import PlosiveError
from plosive_daemon.job import Job
from plosive_daemon.store import JobStore

__all__ = ["MakingWay"]

_LOOK_SECONDS = 0.5
_PATIENCE_SECONDS = 1.5
_BETWEEN_SECONDS = 5.0


class MakingWay:
    """Of the reel `job` on `device`. It makes way for a job that goes before it in the queue and was not
    taken by another device within `_PATIENCE_SECONDS`: for one of higher priority at once; for a clip of
    the same priority between two renders, at least one after it began; never so for another reel. So the
    reel and the clips of two people take turns, and none waits for the end of the other.
    """

    def __init__(
        self,
        store: JobStore,
        job: Job,
        device: str,
        takes_auto: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._job = job
        self._device = device
        self._takes_auto = takes_auto
        self._clock = clock
        self._renders_done: int | None = None
        self._between_until = float("-inf")
        self._looked = float("-inf")
        self._first = 0
        self._first_since = 0.0

    def is_due(self, renders_done: int) -> bool:
        """Whether it is to stop now; asked whenever it tells how far it is."""
        now = self._clock()
        if self._renders_done is not None and renders_done > self._renders_done:
            self._between_until = now + _BETWEEN_SECONDS
        self._renders_done = renders_done
        if now - self._looked < _LOOK_SECONDS:
            return False
        self._looked = now
        try:
            first = self._store.first_waiting(self._device, takes_auto=self._takes_auto, before=self._job.id)
        except PlosiveError:
            return False
        if first is None:
            self._first = 0
            return False
        if first.number != self._first:
            self._first, self._first_since = first.number, now
        if now - self._first_since < _PATIENCE_SECONDS:
            return False
        return first.priority > self._job.priority or (now < self._between_until and not first.is_reel)

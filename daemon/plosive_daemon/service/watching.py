# SPDX-License-Identifier: Apache-2.0
"""Streams: a job from now to its end, and interactive requests with their progress.

grpc's server holds a thread for each stream. A watcher's sleeps at the bell of its job; measured in
docs/daemon.md.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any, Protocol

from plosive_daemon.job import JobEvent, JobProgress
from plosive_daemon.service.worker_pool import WorkerPool
from plosive_daemon.store import JobStore

__all__ = ["Listener", "call_events", "job_events"]

_LOOK_SECONDS = 5.0  # so long a dead client's watcher may stay


class Listener(Protocol):
    """Whoever a stream goes to."""

    def is_active(self) -> bool:
        """Whether it still listens."""


def job_events(store: JobStore, job_id: str, after_sequence: int, listener: Listener) -> Iterator[JobEvent]:
    """What happens to a job after `after_sequence` (0: its whole state first), to its end or the listener's.

    Raises JobUnknown (also when it is removed meanwhile), StoreClosed when the daemon goes down.
    """
    is_ended = False
    if after_sequence:
        job = store.get(job_id)
        is_ended = job.state.is_ended and after_sequence == job.last_sequence
    sequence = after_sequence
    while not is_ended and listener.is_active():
        for event in store.events_after(job_id, sequence, _LOOK_SECONDS):
            sequence = event.sequence
            is_ended = is_ended or (event.job is not None and event.job.state.is_ended)
            yield event


def call_events(
    pool: WorkerPool, kind: str, payload: dict[str, Any], listener: Listener
) -> Iterator[JobProgress | dict[str, Any]]:
    """The newest progress of an interactive request again and again, its result last; stopped when the
    listener goes. Raises what `WorkerPool.call` raises.
    """
    told: queue.SimpleQueue[JobProgress | dict[str, Any] | BaseException] = queue.SimpleQueue()
    cancelled = threading.Event()

    def call() -> None:
        try:
            told.put(pool.call(kind, payload, told.put, cancelled=cancelled))
        except BaseException as error:
            told.put(error)

    thread = threading.Thread(target=call, name=f"plosive-{kind}", daemon=True)
    thread.start()
    try:
        while listener.is_active():
            try:
                said = told.get(timeout=1.0)
                while isinstance(said, JobProgress) and not told.empty():
                    said = told.get_nowait()
            except queue.Empty:
                continue
            if isinstance(said, BaseException):
                raise said
            yield said
            if not isinstance(said, JobProgress):
                return
    finally:
        cancelled.set()
        thread.join(timeout=5.0)

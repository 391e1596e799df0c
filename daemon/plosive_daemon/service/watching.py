# SPDX-License-Identifier: Apache-2.0
"""Streams: a job from now to its end, and interactive requests with their progress.

grpc's server holds a thread for each stream. A watcher's sleeps at the bell of its job; measured in
docs/daemon.md. What all are told is made into bytes once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Protocol, TypeAlias

from plosive_daemon.job import JobEvent, JobProgress
from plosive_daemon.service.job_messages import event_message
from plosive_daemon.service.worker_pool import WorkerPool
from plosive_daemon.store import JobStore
from plosive_proto.v1 import job_pb2

__all__ = ["AnyTold", "Listener", "ToldEvents", "call_events", "job_events", "told_bytes"]

_LOOK_SECONDS = 5.0  # so long a dead client's watcher may stay
_PROGRESS_SECONDS = 0.1  # enough for an eye; what an artist must know is told at once
_MOST_TOLD_A_SECOND = 1000
"""Progress of one job, to all its watchers, twice: a watcher counts as two while it waits."""
_MOST_KEPT = 512

AnyTold: TypeAlias = bytes | job_pb2.WatchJobResponse


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
    sequence, not_before = after_sequence, 0.0
    with store.attending(job_id) as bell:
        while not is_ended and listener.is_active():
            for event in store.events_after(job_id, sequence, _LOOK_SECONDS, progress_not_before=not_before):
                sequence = event.sequence
                is_ended = is_ended or (event.job is not None and event.job.state.is_ended)
                if event.progress is not None:
                    pause = max(_PROGRESS_SECONDS, bell.listeners / _MOST_TOLD_A_SECOND)
                    not_before = time.monotonic() + pause
                yield event


class ToldEvents:
    """Events as messages: bytes for what is the same for all, kept for those who come next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[str, int, bool], bytes] = OrderedDict()

    def message(self, event: JobEvent, jobs_ahead: int) -> AnyTold:
        """`jobs_ahead` as in `job_message`."""
        if event.job is not None:
            return event_message(event, jobs_ahead)
        key = event.job_id, event.sequence, event.progress is None
        with self._lock:
            made = self._made.get(key)
        if made is None:
            made = event_message(event).SerializeToString()
            with self._lock:
                self._made[key] = made
                if len(self._made) > _MOST_KEPT:
                    self._made.popitem(last=False)
        return made


def told_bytes(message: AnyTold) -> bytes:
    """What goes over the wire: grpc's serialiser of the stream."""
    return message if isinstance(message, bytes) else message.SerializeToString()


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

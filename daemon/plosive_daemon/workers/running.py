# SPDX-License-Identifier: Apache-2.0
"""One request on a worker, from its start to whatever ends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from threading import Event
from typing import Any

from plosive.errors import PlosiveError
from plosive_daemon.job import JobError
from plosive_daemon.workers.failures import error_of
from plosive_daemon.workers.process import Gone, WorkerProcess
from plosive_daemon.workers.protocol import Done, Failed, ProgressTold, Start, WarningTold, Writes

__all__ = ["End", "Limits", "Outcome", "run_request"]

_LOOK_SECONDS = 0.05


class End(Enum):
    """How a request ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAUSED = "paused"
    DIED = "died"


@dataclass(frozen=True)
class Outcome:
    """`result` where it is DONE, `error` where it FAILED, `reason` where the worker DIED: a part of a
    sentence. After `is_worker_lost` there is no worker any more. `folders` are those it wrote to.
    """

    end: End
    result: dict[str, Any] = field(default_factory=dict)
    error: JobError | None = None
    reason: str = ""
    is_worker_lost: bool = False
    folders: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Limits:
    """Seconds: of silence until a worker counts as hung, of politeness when it should stop, of work in all
    (None: no limit), between two looks at the disks.
    """

    silence_seconds: float
    cancel_seconds: float
    work_seconds: float | None = None
    disk_check_seconds: float = 5.0


def run_request(
    worker: WorkerProcess,
    request: Start,
    limits: Limits,
    stop: Event,
    *,
    on_progress: Callable[[ProgressTold], None] = lambda told: None,
    on_warning: Callable[[str], None] = lambda sentence: None,
    check_disks: Callable[[tuple[Path, ...]], None] = lambda folders: None,
    pause: Event | None = None,
) -> Outcome:
    """Have `worker` do `request`; the worker is killed where it does not stop or answer. `stop` ends it: a
    cancel. `pause` asks it to stop when it can, and is not enforced: PAUSED, or DONE where it was quicker.
    `check_disks` raises a PlosiveError to end it: FAILED with that.
    """
    begun = heard = looked = time.monotonic()
    asked: float | None = None
    is_paused = False
    why: JobError | None = None
    folders: tuple[Path, ...] = ()

    def ended(outcome: Outcome) -> Outcome:
        """Someone who was asked to stop ends for that reason, whatever he says in the end."""
        if asked is not None and outcome.end is not End.DONE:
            outcome = replace(outcome, end=End.FAILED if why else End.CANCELLED, error=why)
        return replace(outcome, folders=folders)

    try:
        worker.start(request)
        while True:
            message = worker.next(_LOOK_SECONDS)
            now = time.monotonic()
            if message is not None:
                heard = now
            if isinstance(message, (Done, Failed)) and message.id == request.id:
                worker.requests_done += 1
                worker.memory_bytes = message.memory_bytes
                if isinstance(message, Done):
                    return ended(Outcome(End.DONE, result=message.result))
                if message.code == "CANCELLED":
                    return ended(Outcome(End.PAUSED if is_paused and asked is None else End.CANCELLED))
                failed = JobError(message.code, message.sentence, message.field, message.is_retryable)
                return ended(Outcome(End.FAILED, error=failed))
            if isinstance(message, ProgressTold) and message.id == request.id:
                on_progress(message)
            elif isinstance(message, WarningTold) and message.id == request.id:
                on_warning(message.sentence)
            elif isinstance(message, Writes) and message.id == request.id:
                folders = tuple(Path(folder) for folder in message.folders)
                looked = now - limits.disk_check_seconds
            if asked is None and now - looked >= limits.disk_check_seconds:
                looked = now
                why = _problem(check_disks, folders)
            if asked is None and why is None and limits.work_seconds is not None:
                why = _too_long(now - begun, limits.work_seconds)
            if asked is None and (stop.is_set() or why is not None):
                asked = now
                worker.cancel(request.id)
            if pause is not None and pause.is_set() and asked is None and not is_paused:
                is_paused = True
                worker.cancel(request.id)
            if asked is not None and now - asked >= limits.cancel_seconds:
                worker.kill()
                return ended(Outcome(End.CANCELLED, is_worker_lost=True))
            if now - heard >= limits.silence_seconds:
                worker.kill()
                reason = f"it said nothing for {limits.silence_seconds:g} s and was ended"
                return ended(Outcome(End.DIED, reason=reason, is_worker_lost=True))
    except Gone as gone:
        worker.kill()
        return ended(Outcome(End.DIED, reason=str(gone), is_worker_lost=True))


def _problem(check: Callable[[tuple[Path, ...]], None], folders: tuple[Path, ...]) -> JobError | None:
    try:
        check(folders)
    except PlosiveError as error:
        return error_of(error)
    return None


def _too_long(seconds: float, most_seconds: float) -> JobError | None:
    if seconds < most_seconds:
        return None
    sentence = f"This took longer than {most_seconds:g} s and was ended; submit it as a job instead."
    return JobError("BUSY", sentence, is_retryable=True)

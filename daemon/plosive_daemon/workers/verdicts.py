# SPDX-License-Identifier: Apache-2.0
"""What came of a job on a worker, written down in the queue, and what the job may keep."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from threading import Event

from plosive.errors import PlosiveError
from plosive_daemon.job import Job, JobError, JobResult
from plosive_daemon.job_logs import JobLog, JobLogs
from plosive_daemon.store import JobStore, StoreClosed, StoreFull
from plosive_daemon.workers.leftovers import JobFolder
from plosive_daemon.workers.running import End, Outcome

__all__ = ["Verdicts"]

_LOG = logging.getLogger(__name__)
_STORE_PAUSES = (0.1, 0.5, 2.0, 5.0)
_UNTOLD_LINES = 12


class Verdicts:
    """Of the jobs of `device`. A worker may die in `tries` tries of a job; `stopping` tells that the daemon
    stops.
    """

    def __init__(self, device: str, store: JobStore, logs: JobLogs, tries: int, stopping: Event) -> None:
        self._device = device
        self._store = store
        self._logs = logs
        self._tries = tries
        self._stopping = stopping
        self._forgiven: set[str] = set()

    def write(self, job: Job, outcome: Outcome, folder: JobFolder, log: JobLog, *, has_begun: bool) -> None:
        """What came of `job`, into the queue; then what is not needed any more goes. `has_begun`: its worker
        told something of it.
        """
        if outcome.end is End.DONE:
            log.write("Done.")
            result = JobResult.of(outcome.result)
            if self.written(lambda: self._store.finish(job.id, result)):
                folder.end_try()
                folder.remove_journal()
        elif outcome.error is not None:
            error = outcome.error
            log.write(f"Failed ({error.code}): {error.sentence}")
            folder.end_try()
            self.written(lambda: self._store.fail(job.id, error))
        elif outcome.end is End.PAUSED and not self._store.get(job.id).is_cancelling:
            log.write("It makes room for another job, and goes on after that.")
            folder.end_try()
            self.written(lambda: self._store.requeue(job.id, is_interrupted=True))
        elif outcome.end in (End.CANCELLED, End.PAUSED) and not self._is_cut_off(job):
            log.write("Cancelled.")
            folder.end_try()
            cancelled = JobError("CANCELLED", "The job was cancelled.")
            self.written(lambda: self._store.fail(job.id, cancelled))
            folder.remove_journal()
        elif outcome.end is End.CANCELLED:
            log.write("The daemon stops; the job goes on when it runs again.")
            self.written(lambda: self._store.requeue(job.id, is_interrupted=True))
        else:
            self._write_death(job, outcome.reason, folder, log, has_begun)

    def _write_death(self, job: Job, reason: str, folder: JobFolder, log: JobLog, has_begun: bool) -> None:
        log.write(f"The worker died: {reason}.")
        if not has_begun and job.id not in self._forgiven:
            self._forgiven.add(job.id)  # it died before the job had begun: once, that is not the job's fault
            self.written(lambda: self._store.requeue(job.id, is_interrupted=True))
            return
        if job.attempts - job.attempts_interrupted < self._tries:
            sentence = f"The worker process died in try {job.attempts} ({reason}); the job is tried again."
            self.quietly(lambda: self._store.add_warning(job.id, sentence))
            self.written(lambda: self._store.requeue(job.id))
            return
        last = self._logs.last_lines(job.id, _UNTOLD_LINES)
        _LOG.error("job %s: the worker died: %s; its log ends: %s", job.id, reason, " | ".join(last))
        folder.end_try()
        sentence = (
            f"The worker process died {job.attempts - job.attempts_interrupted} times, the last time because "
            f"{reason}; the job's log has its last words."
        )
        error = JobError("WORKER_DIED", sentence, is_retryable=True)
        self.written(lambda: self._store.fail(job.id, error))

    def _is_cut_off(self, job: Job) -> bool:
        """Whether a job ended because the daemon stops, not because somebody cancelled it."""
        return self._stopping.is_set() and not self._store.get(job.id).is_cancelling

    def written(self, write: Callable[[], object]) -> bool:
        """Whether `write` changed the queue. A full disk is waited for, until the daemon stops: no other job
        could be taken either. Where the queue fails otherwise, the job counts as running until the daemon is
        started again.
        """
        for pause in itertools.chain(_STORE_PAUSES, itertools.repeat(None)):
            try:
                write()
                return True
            except StoreClosed:
                return False
            except PlosiveError as error:
                if pause is not None:
                    _LOG.error("%s: what became of a job could not be written: %s", self._device, error)
                elif not isinstance(error, StoreFull):
                    return False
                if self._stopping.wait(pause or _STORE_PAUSES[-1]):
                    return False
        return False

    def quietly(self, write: Callable[[], object]) -> None:
        """What is only shown may be lost."""
        try:
            write()
        except PlosiveError as error:
            _LOG.warning("%s: %s", self._device, error)

# SPDX-License-Identifier: Apache-2.0
"""The thread of one device: takes a job from the queue, has its worker do it, writes down what came of it."""

from __future__ import annotations

import base64
import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from plosive.errors import PlosiveError
from plosive_daemon.disk import require_room_left
from plosive_daemon.job import Job, JobError, JobKind, JobProgress, JobResult
from plosive_daemon.job_logs import JobLog, JobLogs
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.store import JobStore, StoreClosed, StoreFull
from plosive_daemon.workers.failures import full_disk
from plosive_daemon.workers.keeper import WorkerKeeper
from plosive_daemon.workers.leftovers import JobFolder
from plosive_daemon.workers.making_way import MakingWay
from plosive_daemon.workers.pace import Pace
from plosive_daemon.workers.process import COMMAND, WorkerProcess
from plosive_daemon.workers.protocol import ProgressTold, Start
from plosive_daemon.workers.running import End, Limits, Outcome, run_request

__all__ = ["DeviceSupervisor"]

_LOG = logging.getLogger(__name__)
_TAKE_SECONDS = 0.5
_STORE_PAUSES = (0.1, 0.5, 2.0, 5.0)
_UNTOLD_LINES = 12
_MOST_WARNINGS = 1_000  # as many as the queue keeps of a job

CheckDisks = Callable[[tuple[Path, ...]], None]


class DeviceSupervisor:
    """Does the jobs of `device`, one after the other, from `start` to `stop`."""

    def __init__(
        self,
        device: str,
        takes_auto: bool,
        store: JobStore,
        settings: DaemonSettings,
        logs: JobLogs,
        *,
        command: Sequence[str] = COMMAND,
        check_disks: CheckDisks | None = None,
        results: Path | None = None,
        when_idle: Callable[[], None] = lambda: None,
    ) -> None:
        self.device = device
        self._takes_auto = takes_auto
        self._store = store
        self._settings = settings
        self._logs = logs
        self._command = command
        self._results = results
        self._check_disks = check_disks or self._require_room_left
        self._when_idle = when_idle
        self._has_told = False
        self._pace = Pace()
        self._forgiven: set[str] = set()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._job_id = ""
        self._stop_job = threading.Event()
        self._job_ended = threading.Condition(self._lock)
        self.problem = ""
        self._thread = threading.Thread(target=self._run, name=f"plosive-{device}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; a job at work goes back to the queue."""
        self._stopping.set()
        self._stop_job.set()

    def join(self, timeout_seconds: float) -> bool:
        """Whether it has ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def cancel(self, job_id: str, timeout_seconds: float) -> bool:
        """End `job_id` if it is at work here; whether it was. Returns when it has ended, or in time."""
        with self._lock:
            if self._job_id != job_id:
                return False
            self._stop_job.set()
            self._job_ended.wait_for(lambda: self._job_id != job_id, timeout_seconds)
            return True

    def _run(self) -> None:
        keeper = WorkerKeeper(
            self.device, f"plosive-worker-{self.device}", self._settings, self._stopping, self._command
        )
        try:
            while not self._stopping.is_set():
                try:
                    self._turn(keeper)
                except StoreClosed:
                    return
                except PlosiveError as error:
                    _LOG.error("%s: %s", self.device, error)
                    self._stopping.wait(1.0)
                except Exception:
                    _LOG.exception("%s: a defect of the daemon", self.device)
                    self._stopping.wait(1.0)
        finally:
            keeper.end(self._settings.cancel_seconds)

    def _turn(self, keeper: WorkerKeeper) -> None:
        worker = keeper.worker(wait_seconds=1.0)
        self.problem = keeper.problem
        if worker is None:
            return
        job = self._store.take(self.device, takes_auto=self._takes_auto, timeout_seconds=_TAKE_SECONDS)
        if job is None:
            self._when_idle()
            return
        with self._lock:
            self._job_id = job.id
            self._stop_job.clear()
        is_lost = True
        try:
            is_lost = self._do(job, worker)
        finally:
            with self._lock:
                self._job_id = ""
                self._job_ended.notify_all()
            keeper.after_request(is_lost=is_lost)

    def _do(self, job: Job, worker: WorkerProcess) -> bool:
        """Whether the worker was lost."""
        try:
            folder = self._logs.job_folder(job.id)
            folder.make()
            log = self._logs.open(job.id)
        except (OSError, PlosiveError) as error:
            sentence = f"The job's own files cannot be written: {error}"
            unwritable = full_disk(error) or JobError("INTERNAL", sentence, "", True)
            self._written(lambda: self._store.fail(job.id, unwritable))
            return False
        with log:
            worker.log = log.write
            log.write(f"Try {job.attempts} on {self.device}, process {worker.pid}.")
            folder.clean()
            if self._store.get(job.id).is_cancelling or self._stopping.is_set():
                self._stop_job.set()  # it came between `take` and now
            outcome = self._outcome(job, worker, folder)
            if outcome.is_worker_lost:
                worker.let_go()
                folder.clean()
            self._write_down(job, outcome, folder, log)
        return outcome.is_worker_lost

    def _outcome(self, job: Job, worker: WorkerProcess, folder: JobFolder) -> Outcome:
        payload = {
            "request": base64.b64encode(job.request).decode("ascii"),
            "folder": str(folder.path),
            "disk_reserve_bytes": self._settings.disk_reserve_bytes,
            "results": "" if self._results is None else str(self._results),
            "cache_bytes": self._settings.cache_bytes,
        }

        self._has_told = False
        self._pace.begin()
        pause = threading.Event()
        making_way = MakingWay(self._store, job, self.device, self._takes_auto)

        def tell(told: ProgressTold) -> None:
            self._has_told = True
            values = {name: value for name, value in vars(told).items() if name != "id"}
            if job.kind is JobKind.SYNC:
                values["seconds_left"] = self._pace.left(told)
            progress = JobProgress.of({**values, "device": self.device})
            self._quietly(lambda: self._store.put_progress(job.id, progress))
            if progress.reel is not None and making_way.is_due(progress.reel.renders_done):
                pause.set()

        left = itertools.repeat(True, _MOST_WARNINGS)

        def warn(sentence: str) -> None:
            if next(left, False):  # a flood of them would hold up everything else
                self._quietly(lambda: self._store.add_warning(job.id, sentence))

        return run_request(
            worker,
            Start(job.id, job.kind.value, payload),
            Limits(
                silence_seconds=self._settings.worker_silence_seconds,
                cancel_seconds=self._settings.cancel_seconds,
                disk_check_seconds=self._settings.disk_check_seconds,
            ),
            self._stop_job,
            on_progress=tell,
            on_warning=warn,
            check_disks=lambda folders: self._check_disks((folder.path, *folders)),
            pause=pause,
        )

    def _write_down(self, job: Job, outcome: Outcome, folder: JobFolder, log: JobLog) -> None:
        """What came of it, into the queue; then what is not needed any more goes."""
        if outcome.end is End.DONE:
            log.write("Done.")
            is_usual = job.kind is JobKind.SYNC and not outcome.result.get("from_cache")
            if job.attempts == 1 and is_usual:
                self._pace.finish()
            result = JobResult.of(outcome.result)
            if self._written(lambda: self._store.finish(job.id, result)):
                folder.end_try()
                folder.remove_journal()
        elif outcome.error is not None:
            error = outcome.error
            log.write(f"Failed ({error.code}): {error.sentence}")
            folder.end_try()
            self._written(lambda: self._store.fail(job.id, error))
        elif outcome.end is End.PAUSED and not self._store.get(job.id).is_cancelling:
            log.write("It makes room for another job, and goes on after that.")
            folder.end_try()
            self._written(lambda: self._store.requeue(job.id, is_interrupted=True))
        elif outcome.end in (End.CANCELLED, End.PAUSED) and not self._is_cut_off(job):
            log.write("Cancelled.")
            folder.end_try()
            cancelled = JobError("CANCELLED", "The job was cancelled.")
            self._written(lambda: self._store.fail(job.id, cancelled))
            folder.remove_journal()
        elif outcome.end is End.CANCELLED:
            log.write("The daemon stops; the job goes on when it runs again.")
            self._written(lambda: self._store.requeue(job.id, is_interrupted=True))
        else:
            self._write_death(job, outcome.reason, folder, log)

    def _write_death(self, job: Job, reason: str, folder: JobFolder, log: JobLog) -> None:
        log.write(f"The worker died: {reason}.")
        if not self._has_told and job.id not in self._forgiven:
            self._forgiven.add(job.id)  # it died before the job had begun: once, that is not the job's fault
            self._written(lambda: self._store.requeue(job.id, is_interrupted=True))
            return
        if job.attempts - job.attempts_interrupted < self._settings.tries:
            sentence = f"The worker process died in try {job.attempts} ({reason}); the job is tried again."
            self._quietly(lambda: self._store.add_warning(job.id, sentence))
            self._written(lambda: self._store.requeue(job.id))
            return
        last = self._logs.last_lines(job.id, _UNTOLD_LINES)
        _LOG.error("job %s: the worker died: %s; its log ends: %s", job.id, reason, " | ".join(last))
        folder.end_try()
        sentence = (
            f"The worker process died {job.attempts - job.attempts_interrupted} times, the last time because "
            f"{reason}; the job's log has its last words."
        )
        error = JobError("WORKER_DIED", sentence, is_retryable=True)
        self._written(lambda: self._store.fail(job.id, error))

    def _require_room_left(self, folders: tuple[Path, ...]) -> None:
        require_room_left(folders, self._settings.disk_reserve_bytes)

    def _is_cut_off(self, job: Job) -> bool:
        """Whether a job ended because the daemon stops, not because somebody cancelled it."""
        return self._stopping.is_set() and not self._store.get(job.id).is_cancelling

    def _written(self, write: Callable[[], object]) -> bool:
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
                    _LOG.error("%s: what became of a job could not be written: %s", self.device, error)
                elif not isinstance(error, StoreFull):
                    return False
                if self._stopping.wait(pause or _STORE_PAUSES[-1]):
                    return False
        return False

    def _quietly(self, write: Callable[[], object]) -> None:
        """What is only shown may be lost."""
        try:
            write()
        except PlosiveError as error:
            _LOG.warning("%s: %s", self.device, error)

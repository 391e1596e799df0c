# SPDX-License-Identifier: Apache-2.0
"""The thread of one device: takes a job from the queue, has its worker do it, writes down what came of it."""

from __future__ import annotations

import base64
import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from plosive.errors import PlosiveError
from plosive_daemon.disk import require_room_left
from plosive_daemon.job import Job, JobError, JobKind, JobProgress
from plosive_daemon.job_logs import JobLogs
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.store import JobStore, StoreClosed
from plosive_daemon.workers.failures import full_disk
from plosive_daemon.workers.helping import help_with
from plosive_daemon.workers.keeper import WorkerKeeper
from plosive_daemon.workers.leftovers import JobFolder
from plosive_daemon.workers.making_way import MakingWay
from plosive_daemon.workers.pace import Pace
from plosive_daemon.workers.process import COMMAND, WorkerProcess
from plosive_daemon.workers.protocol import ProgressTold, Start
from plosive_daemon.workers.running import End, Limits, Outcome, run_request
from plosive_daemon.workers.running_reels import RunningReels
from plosive_daemon.workers.verdicts import Verdicts

__all__ = ["DeviceSupervisor"]

_LOG = logging.getLogger(__name__)
_TAKE_SECONDS = 0.5
_HELPERS_SECONDS = 5.0
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
        reels: RunningReels | None = None,
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
        self._reels = reels or RunningReels()
        self._has_told = False
        self._pace = Pace()
        self._stopping = threading.Event()
        self._verdicts = Verdicts(device, store, logs, settings.tries, self._stopping)
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
            self._help(keeper, worker)
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

    def _help(self, keeper: WorkerKeeper, worker: WorkerProcess) -> None:
        """Work on a reel that another device leads, where there is one."""
        self._stop_job.clear()
        if self._stopping.is_set():  # it came before that
            return
        reel = self._reels.join(self.device, self._takes_auto, self._stop_job)
        if reel is None:
            return
        outcome = Outcome(End.DIED, reason="of a defect of the daemon", is_worker_lost=True)
        try:
            worker.log = reel.log.write
            payload, check = self._payload(reel.job), self._check_disks
            outcome = help_with(
                reel, worker, self.device, self._takes_auto, self._store, payload, self._limits,
                self._stop_job, check,
            )  # fmt: skip
        finally:
            self._reels.leave(reel, self.device, is_final=outcome.end is not End.PAUSED)
            keeper.after_request(is_lost=outcome.is_worker_lost)

    def _payload(self, job: Job) -> dict[str, Any]:
        return {
            "request": base64.b64encode(job.request).decode("ascii"),
            "folder": str(self._logs.job_folder(job.id).path),
            "disk_reserve_bytes": self._settings.disk_reserve_bytes,
            "results": "" if self._results is None else str(self._results),
            "cache_bytes": self._settings.cache_bytes,
        }

    @property
    def _limits(self) -> Limits:
        return Limits(
            silence_seconds=self._settings.worker_silence_seconds,
            cancel_seconds=self._settings.cancel_seconds,
            disk_check_seconds=self._settings.disk_check_seconds,
        )

    def _do(self, job: Job, worker: WorkerProcess) -> bool:
        """Whether the worker was lost."""
        try:
            folder = self._logs.job_folder(job.id)
            folder.make()
            log = self._logs.open(job.id)
        except (OSError, PlosiveError) as error:
            sentence = f"The job's own files cannot be written: {error}"
            unwritable = full_disk(error) or JobError("INTERNAL", sentence, "", True)
            self._verdicts.written(lambda: self._store.fail(job.id, unwritable))
            return False
        with log:
            worker.log = log.write
            log.write(f"Try {job.attempts} on {self.device}, process {worker.pid}.")
            folder.clean()
            if self._store.get(job.id).is_cancelling or self._stopping.is_set():
                self._stop_job.set()  # it came between `take` and now
            self._reels.begin(job, self.device, log)
            try:
                outcome = self._outcome(job, worker, folder)
            finally:  # who helps must not write where the next try does
                self._reels.end(job.id, self._settings.cancel_seconds + _HELPERS_SECONDS)
            if outcome.is_worker_lost:
                worker.let_go()
                folder.clean()
            is_made = job.kind is JobKind.SYNC and not outcome.result.get("from_cache")
            if outcome.end is End.DONE and job.attempts == 1 and is_made:
                self._pace.finish()
            self._verdicts.write(job, outcome, folder, log, has_begun=self._has_told)
        return outcome.is_worker_lost

    def _outcome(self, job: Job, worker: WorkerProcess, folder: JobFolder) -> Outcome:
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
            if progress.reel is not None:
                helpers = self._reels.tell(job.id, progress.reel)
                progress = replace(progress, device=", ".join((self.device, *helpers)))
            self._verdicts.quietly(lambda: self._store.put_progress(job.id, progress))
            if progress.reel is not None and making_way.is_due(progress.reel.renders_done):
                pause.set()

        left = itertools.repeat(True, _MOST_WARNINGS)

        def warn(sentence: str) -> None:
            if next(left, False):  # a flood of them would hold up everything else
                self._verdicts.quietly(lambda: self._store.add_warning(job.id, sentence))

        return run_request(
            worker,
            Start(job.id, job.kind.value, self._payload(job)),
            self._limits,
            self._stop_job,
            on_progress=tell,
            on_warning=warn,
            check_disks=lambda folders: self._check_disks((folder.path, *folders)),
            pause=pause,
        )

    def _require_room_left(self, folders: tuple[Path, ...]) -> None:
        require_room_left(folders, self._settings.disk_reserve_bytes)

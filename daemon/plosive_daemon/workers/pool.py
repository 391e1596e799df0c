# SPDX-License-Identifier: Apache-2.0
"""All workers of the daemon: one for each device, which does the jobs, and those for people who wait."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from plosive.errors import PlosiveError
from plosive_daemon.job import JobError, JobProgress, JobState
from plosive_daemon.job_logs import JobLogs
from plosive_daemon.scheduling import may_run_on
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.store import JobStore
from plosive_daemon.workers.devices import Device, devices_in, served_devices
from plosive_daemon.workers.interactive import InteractiveWorker
from plosive_daemon.workers.process import COMMAND
from plosive_daemon.workers.running_reels import RunningReels
from plosive_daemon.workers.supervisor import DeviceSupervisor

__all__ = ["WorkerPool"]

_LOG = logging.getLogger(__name__)
_UNSERVED_SECONDS = 10.0
_IDLE_SECONDS = 60.0
_LONG_KINDS = ("score",)
_CANCEL_SPARE_SECONDS = 0.4


class WorkerPool:
    """Takes jobs from `store` from `start` to `stop`; any thread may call it.

    `check_disks` is asked every few seconds of a job whether the disks of the folders it writes to have room,
    and raises a PlosiveError where not; by default `plosive_daemon.disk.require_room_left`. `results`
    is the folder of known results (`plosive_daemon.results`); None: each job is made. `command` starts a
    worker, its settings are one further argument.
    """

    def __init__(
        self,
        store: JobStore,
        settings: DaemonSettings,
        logs: JobLogs,
        *,
        check_disks: Callable[[tuple[Path, ...]], None] | None = None,
        results: Path | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._store = store
        self._settings = settings
        self._logs = logs
        self._check_disks = check_disks
        self._results = results
        self._command = command
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._reels = RunningReels(self._are_alike)
        self._supervisors: list[DeviceSupervisor] = []
        self._devices: tuple[Device, ...] = ()
        self._unserved_at = 0.0
        device = "cpu" if set(settings.devices) == {"cpu"} else "auto"
        self._interactive = InteractiveWorker(device, settings, command)
        self._long = InteractiveWorker(device, settings, command, name="long", idle_seconds=_IDLE_SECONDS)
        self._finding = threading.Thread(target=self._begin, name="plosive-devices")

    def start(self) -> None:
        """Begin to take jobs, as soon as it is known what there is to work on. Returns at once."""
        self._interactive.start()
        self._long.start()
        self._finding.start()

    def stop(self, timeout_seconds: float) -> None:
        """End all workers; jobs at work go back to the queue. May be called twice."""
        deadline = time.monotonic() + timeout_seconds
        self._stopping.set()
        self._interactive.stop()
        self._long.stop()
        if self._finding.ident is not None:
            self._finding.join(max(0.1, deadline - time.monotonic()))
        with self._lock:
            supervisors = list(self._supervisors)
        for each in supervisors:
            each.stop()
        threads: list[DeviceSupervisor | InteractiveWorker] = [*supervisors, self._interactive, self._long]
        for one in threads:
            if not one.join(max(0.1, deadline - time.monotonic())):
                _LOG.error(
                    "a worker of %s did not end in time", getattr(one, "device", "interactive requests")
                )

    def cancel(self, job_id: str) -> None:
        """End a running job that the queue has marked as cancelled. Returns when it has ended: within a
        second, unless the system itself hangs.
        """
        with self._lock:
            supervisors = list(self._supervisors)
        for each in supervisors:
            if each.cancel(job_id, self._settings.cancel_seconds + _CANCEL_SPARE_SECONDS):
                return

    def call(
        self,
        kind: str,
        payload: dict[str, Any],
        on_progress: Callable[[JobProgress], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> dict[str, Any]:
        """What a worker answers (`plosive_daemon.workers.tasks`). Raises CallFailed, and JobCancelled soon
        after `cancelled` is set.
        """
        worker = self._long if kind in _LONG_KINDS else self._interactive
        if kind == "faces":
            self._long.begin("listen", payload)  # a preview would wait for it
        result = worker.call(kind, payload, on_progress, cancelled=cancelled)
        if kind == "devices":
            self._devices = devices_in(result)
        return result

    def devices(self) -> tuple[Device, ...]:
        """What there is to work on, as it was last looked at; empty in the first seconds."""
        return self._devices

    def problems(self) -> list[str]:
        """One sentence for each worker that cannot be started."""
        with self._lock:
            workers: list[DeviceSupervisor | InteractiveWorker] = [*self._supervisors]
        workers += [self._interactive, self._long]
        return [worker.problem for worker in workers if worker.problem]

    def _begin(self) -> None:
        """Find out what there is, and put a supervisor on each device; at once where they were named."""
        if self._settings.devices:
            self._supervise(())
        while not self._devices and not self._stopping.is_set():
            try:
                for sentence in self.call("devices", {}).get("warnings", ()):
                    _LOG.warning("%s", sentence)
            except PlosiveError as error:
                if not self._stopping.is_set():
                    _LOG.error("it is not known what there is to work on: %s", error)
                    self._stopping.wait(1.0)
        if not self._settings.devices:
            self._supervise(self._devices)

    def _supervise(self, found: Sequence[Device]) -> None:
        with self._lock:
            if self._stopping.is_set():
                return
            for name, takes_auto in served_devices(self._settings.devices, found).items():
                is_first = not self._supervisors
                supervisor = DeviceSupervisor(
                    name,
                    takes_auto,
                    self._store,
                    self._settings,
                    self._logs,
                    command=self._command,
                    check_disks=self._check_disks,
                    results=self._results,
                    when_idle=self._fail_unserved if is_first else lambda: None,
                    reels=self._reels,
                )
                self._supervisors.append(supervisor)
                supervisor.start()

    def _are_alike(self, one: str, other: str) -> bool:
        """Whether two devices are of one kind; no, where that is not known yet."""
        if not self._devices:
            return False
        labels = {device.name: device.label for device in self._devices}
        kinds = [(name.partition(":")[0], labels.get(name, "")) for name in (one, other)]
        return kinds[0] == kinds[1]

    def _fail_unserved(self) -> None:
        """Jobs that want a device which is not here, or no longer, would wait for ever."""
        if time.monotonic() < self._unserved_at:
            return
        self._unserved_at = time.monotonic() + _UNSERVED_SECONDS
        with self._lock:
            names = [supervisor.device for supervisor in self._supervisors]
        waiting, _ = self._store.page({JobState.WAITING}, size=500)
        for job in waiting:
            if not any(may_run_on(job.device, name) for name in names):
                sentence = (
                    f"There is no device '{job.device}' here, only {', '.join(names)}; submit the job for "
                    "one of these, or for auto."
                )
                self._store.fail(job.id, JobError("DEPENDENCY", sentence, "device"))

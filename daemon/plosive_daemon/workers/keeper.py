# SPDX-License-Identifier: Apache-2.0
"""Keeps one worker at hand: starts it, replaces it when it is old or has grown, waits longer and longer when
it does not start.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event

from plosive_daemon.settings import DaemonSettings
from plosive_daemon.workers.process import COMMAND, Gone, WorkerProcess

__all__ = ["WorkerKeeper"]

_LOG = logging.getLogger(__name__)
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 60.0
_LONG_LIFE_SECONDS = 60.0


class WorkerKeeper:
    """One worker of `device`. Only the thread that made the keeper may call its methods: it is the parent
    that the worker watches. `problem` is one sentence on why there is no worker, '' while there is.
    """

    def __init__(
        self,
        device: str,
        name: str,
        settings: DaemonSettings,
        stopping: Event,
        command: Sequence[str] = COMMAND,
        *,
        is_eager: bool = True,
    ) -> None:
        self.device = device
        self.name = name
        self.problem = ""
        self._settings = settings
        self._stopping = stopping
        self._command = command
        self._is_eager = is_eager
        self._worker: WorkerProcess | None = None
        self._born = 0.0
        self._pause_seconds = 0.0
        self._not_before = 0.0

    def worker(self, wait_seconds: float) -> WorkerProcess | None:
        """The worker, started where there is none; None where that fails within `wait_seconds`."""
        deadline = time.monotonic() + wait_seconds
        self._drop_dead()
        while self._worker is None and not self._stopping.is_set():
            pause = self._not_before - time.monotonic()
            if pause > 0:
                self._stopping.wait(min(pause, max(0.0, deadline - time.monotonic())))
                if time.monotonic() >= deadline:
                    return None
                continue
            self._begin()
        return self._worker

    def after_request(self, *, is_lost: bool) -> None:
        """Call it after each request: the worker may have died, be old, or have grown."""
        worker = self._worker
        if worker is None:
            return
        worker.log = self._log
        if is_lost:
            self._let_go("was lost")
        elif worker.requests_done >= self._settings.jobs_per_worker:
            self._let_go(f"has done {worker.requests_done} requests")
        elif worker.memory_bytes > self._settings.worker_bytes:
            self._let_go(f"holds {worker.memory_bytes >> 20} MB")

    def end(self, polite_seconds: float) -> None:
        """Let the worker go for good."""
        if self._worker is not None:
            held = self._worker.memory_bytes >> 20
            _LOG.info("%s: process %d ends; it held %d MB", self.name, self._worker.pid, held)
            self._worker.let_go(polite_seconds)
            self._worker = None

    def _begin(self) -> None:
        worker: WorkerProcess | None = None
        try:
            worker = WorkerProcess(
                self.device,
                self.name,
                self._log,
                command=self._command,
                read_roots=[str(root) for root in self._settings.read_roots],
                write_roots=[str(root) for root in self._settings.write_roots],
                own_folders=[str(folder) for folder in (self._settings.scratch_folder,) if folder],
                is_confined=self._settings.is_confined,
                is_eager=self._is_eager,
            )
            self._await_hello(worker)
        except (OSError, Gone) as error:
            last = f" Its last words: {worker.tail[-1]}" if worker is not None and worker.tail else ""
            self.problem = f"The worker for {self.device} cannot be started: {error}.{last}"
            _LOG.error("%s", self.problem)
            if worker is not None:
                worker.let_go()
            self._hold_back()
            return
        self._worker, self._born, self.problem = worker, time.monotonic(), ""
        _LOG.info("%s: process %d works on %s", self.name, worker.pid, self.device)

    def _await_hello(self, worker: WorkerProcess) -> None:
        """In small steps: a daemon that stops does not wait for it."""
        deadline = time.monotonic() + self._settings.worker_start_seconds
        while not worker.await_hello(0.1):
            if self._stopping.is_set():
                raise Gone("the daemon stops")
            if time.monotonic() >= deadline:
                raise Gone(f"it said nothing for {self._settings.worker_start_seconds:g} s after its start")

    def _drop_dead(self) -> None:
        worker = self._worker
        if worker is not None and not worker.is_alive:
            _LOG.warning("%s: process %d is gone: %s", self.name, worker.pid, worker.describe_end())
            self._let_go("died while it had nothing to do", is_hasty=True)

    def _let_go(self, why: str, *, is_hasty: bool = False) -> None:
        """`is_hasty`: its successor waits if it lived shortly: it may be no job's fault."""
        assert self._worker is not None
        _LOG.info("%s: process %d %s; a fresh one takes its place", self.name, self._worker.pid, why)
        if is_hasty and time.monotonic() - self._born < _LONG_LIFE_SECONDS:
            self._hold_back()
        else:
            self._pause_seconds, self._not_before = 0.0, 0.0
        self._worker.let_go()
        self._worker = None

    def _hold_back(self) -> None:
        """The next one waits, twice as long as the last."""
        self._pause_seconds = min(max(_FIRST_PAUSE_SECONDS, 2 * self._pause_seconds), _LONGEST_PAUSE_SECONDS)
        self._not_before = time.monotonic() + self._pause_seconds

    @property
    def _log(self) -> Callable[[str], None]:
        def tell(line: str) -> None:
            _LOG.debug("%s: %s", self.name, line)

        return tell

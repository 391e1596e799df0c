# SPDX-License-Identifier: Apache-2.0
"""The workers for people who wait: one for faces, motion, single frames and what there is; one, while it is
needed, for what takes long: scores, and what is heard ahead.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from plosive.errors import JobCancelled, PlosiveError
from plosive_daemon.job import JobError, JobProgress
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.workers.failures import CallFailed
from plosive_daemon.workers.keeper import WorkerKeeper
from plosive_daemon.workers.leftovers import remove_partial_output
from plosive_daemon.workers.process import COMMAND
from plosive_daemon.workers.protocol import ProgressTold, Start
from plosive_daemon.workers.running import End, Limits, Outcome, run_request

__all__ = ["InteractiveWorker"]

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 0.1
_MOST_WAITING = 64
_STOPPED = JobError("SHUTTING_DOWN", "The daemon is going down; ask again when it runs.", is_retryable=True)


class _Call:
    """One request and who waits for it."""

    def __init__(self, request: Start, deadline: float, is_awaited: bool = True) -> None:
        self.request = request
        self.is_awaited = is_awaited
        self.deadline = deadline
        self.stop = threading.Event()
        self.answers: queue.SimpleQueue[JobProgress | dict[str, Any] | PlosiveError] = queue.SimpleQueue()


class InteractiveWorker:
    """One worker and the thread that keeps it; calls are answered in order.

    With `idle_seconds` the worker is started at the first call, and let go of when there was none for so
    long: a second one takes as much memory as the first.
    """

    def __init__(
        self,
        device: str,
        settings: DaemonSettings,
        command: Sequence[str] = COMMAND,
        *,
        name: str = "interactive",
        idle_seconds: float | None = None,
    ) -> None:
        self._name = name
        self._idle_seconds = idle_seconds
        self._ahead: _Call | None = None
        self._device = device
        self._settings = settings
        self._command = command
        self._stopping = threading.Event()
        self._calls: queue.Queue[_Call | None] = queue.Queue(_MOST_WAITING)  # None: look what is new
        self._numbers = itertools.count(1)
        self.problem = ""
        self._thread = threading.Thread(target=self._run, name=f"plosive-{name}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; who waits is told."""
        self._stopping.set()
        with suppress(queue.Full):
            self._calls.put_nowait(None)

    def join(self, timeout_seconds: float) -> bool:
        """Whether it has ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def call(
        self,
        kind: str,
        payload: dict[str, Any],
        on_progress: Callable[[JobProgress], None] | None = None,
        *,
        cancelled: threading.Event | None = None,
    ) -> dict[str, Any]:
        """What the worker answers, within `interactive_seconds` of the settings. `on_progress` is called in
        this thread. Raises CallFailed, and JobCancelled soon after `cancelled` is set.
        """
        if self._stopping.is_set() or not self._thread.is_alive():
            raise CallFailed(_STOPPED)
        call = self._new_call(kind, payload)
        ahead = self._ahead
        if ahead is not None:
            ahead.stop.set()  # somebody waits now
        try:
            self._calls.put_nowait(call)
        except queue.Full:
            sentence = f"{_MOST_WAITING} requests wait for an answer already; ask again later."
            raise CallFailed(JobError("BUSY", sentence, is_retryable=True)) from None
        try:
            while True:
                try:
                    answer = call.answers.get(timeout=_LOOK_SECONDS)
                except queue.Empty:
                    self._look_after(call, cancelled)
                    continue
                if isinstance(answer, PlosiveError):
                    raise answer
                if isinstance(answer, dict):
                    return answer
                if on_progress is not None:
                    on_progress(answer)
                self._look_after(call, cancelled)
        finally:
            call.stop.set()

    def begin(self, kind: str, payload: dict[str, Any]) -> None:
        """Work ahead: nobody waits for it, and it ends when somebody waits for something else here. Nothing
        is begun where there is other work.
        """
        if self._calls.empty() and self._ahead is None and not self._stopping.is_set():
            self._ahead = self._new_call(kind, payload, is_awaited=False)
            with suppress(queue.Full):
                self._calls.put_nowait(self._ahead)

    def _new_call(self, kind: str, payload: dict[str, Any], is_awaited: bool = True) -> _Call:
        deadline = time.monotonic() + self._settings.interactive_seconds
        return _Call(Start(f"call-{next(self._numbers)}", kind, payload), deadline, is_awaited)

    def _look_after(self, call: _Call, cancelled: threading.Event | None) -> None:
        if cancelled is not None and cancelled.is_set():
            raise JobCancelled("The request was cancelled.")
        if not self._thread.is_alive() and call.answers.empty():
            raise CallFailed(_STOPPED)

    def _run(self) -> None:
        keeper = WorkerKeeper(
            self._device,
            f"plosive-worker-{self._name}",
            self._settings,
            self._stopping,
            self._command,
            is_eager=self._idle_seconds is None,
        )
        last_call = time.monotonic()
        try:
            while not self._stopping.is_set():
                try:
                    if self._idle_seconds is None:
                        keeper.worker(wait_seconds=0.5)
                    elif time.monotonic() - last_call > self._idle_seconds:
                        keeper.end(self._settings.cancel_seconds)
                    self.problem = keeper.problem
                    call = self._calls.get(timeout=0.5)
                except queue.Empty:
                    continue
                if call is None:
                    continue
                if not call.stop.is_set():
                    self._answer(call, keeper)
                if call is self._ahead:
                    self._ahead = None
                last_call = time.monotonic()
        finally:
            while not self._calls.empty():
                unanswered = self._calls.get_nowait()
                if unanswered is not None:
                    unanswered.answers.put(CallFailed(_STOPPED))
            keeper.end(self._settings.cancel_seconds)

    def _answer(self, call: _Call, keeper: WorkerKeeper) -> None:
        worker = keeper.worker(wait_seconds=max(0.0, call.deadline - time.monotonic()))
        if worker is None:
            error = JobError("WORKER_DIED", keeper.problem or _STOPPED.sentence, is_retryable=True)
            call.answers.put(CallFailed(error))
            return
        told: list[str] = []
        limits = Limits(
            silence_seconds=self._settings.worker_silence_seconds,
            cancel_seconds=self._settings.cancel_seconds,
            work_seconds=max(0.0, call.deadline - time.monotonic()),
        )
        stop = _Either(call.stop, self._stopping)

        def tell(progress: ProgressTold) -> None:
            values = {name: value for name, value in vars(progress).items() if name != "id"}
            if call.request.kind == "faces" and progress.frames_per_second > 0:  # it is this stage alone
                left = progress.frames_total - progress.frames_done
                values["seconds_left"] = round(left / progress.frames_per_second, 1)
            call.answers.put(JobProgress.of({**values, "device": self._device}))

        outcome = run_request(worker, call.request, limits, stop, on_progress=tell, on_warning=told.append)
        if outcome.is_worker_lost:
            worker.let_go()
            remove_partial_output(outcome.folders, worker.pid)
        keeper.after_request(is_lost=outcome.is_worker_lost)
        if call.is_awaited:
            call.answers.put(self._said(outcome, told))
        elif outcome.end in (End.FAILED, End.DIED):
            _LOG.info("%s ahead: %s", call.request.kind, outcome.error or outcome.reason)

    def _said(self, outcome: Outcome, warnings: list[str]) -> dict[str, Any] | PlosiveError:
        if outcome.end is End.DONE:
            result = outcome.result
            if "warnings" in result:
                result = {**result, "warnings": list(dict.fromkeys([*result["warnings"], *warnings]))}
            return result
        if outcome.error is not None:
            return CallFailed(outcome.error)
        if outcome.end is End.CANCELLED:
            return (
                CallFailed(_STOPPED)
                if self._stopping.is_set()
                else JobCancelled("The request was cancelled.")
            )
        _LOG.error("the %s worker died: %s", self._name, outcome.reason)
        sentence = f"The worker process died over this request: {outcome.reason}; ask again."
        return CallFailed(JobError("WORKER_DIED", sentence, is_retryable=True))


class _Either(threading.Event):
    """Set when one of two others is."""

    def __init__(self, *others: threading.Event) -> None:
        super().__init__()
        self._others = others

    def is_set(self) -> bool:
        return any(other.is_set() for other in self._others)

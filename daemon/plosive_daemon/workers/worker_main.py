# SPDX-License-Identifier: Apache-2.0
"""`python -m plosive_daemon.workers.worker_main`: does one request after the other for the daemon.

Talks as `protocol` says. It ends when its stdin closes, and takes what it started with it.
"""

from __future__ import annotations

import importlib
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from plosive.errors import PlosiveError
from plosive_daemon.workers.confinement import hold_to_roots
from plosive_daemon.workers.ending import end_now, end_with_parent, keep_watchdog
from plosive_daemon.workers.failures import error_of, full_disk
from plosive_daemon.workers.leftovers import remove_partial_output
from plosive_daemon.workers.memory import held_bytes
from plosive_daemon.workers.protocol import (
    Cancel,
    Done,
    Failed,
    Hello,
    Message,
    ProtocolError,
    Ready,
    Start,
    decoded,
    encoded,
    read_line,
)
from plosive_daemon.workers.session import Session, WorkerSettings

__all__ = ["Task", "Worker", "main"]

Task = Callable[[dict[str, Any], Session], dict[str, Any]]
"""Does a request with a payload; its result is ready for JSON. Raises PlosiveError for expected failures."""

_TASKS = {
    "sync": "plosive_daemon.workers.tasks.sync",
    "conform": "plosive_daemon.workers.tasks.conform",
    "faces": "plosive_daemon.workers.tasks.faces",
    "motion": "plosive_daemon.workers.tasks.motion",
    "frame": "plosive_daemon.workers.tasks.frame",
    "score": "plosive_daemon.workers.tasks.score",
    "listen": "plosive_daemon.workers.tasks.listen",
    "generators": "plosive_daemon.workers.tasks.generators",
    "devices": "plosive_daemon.workers.tasks.devices",
}
_HEAVY = (
    "torch",
    "av",
    "cv2",
    "scipy.ndimage",
    "scipy.special",
    "scipy.optimize",
    "plosive.sync.job",
    "plosive.sync.preview_frame",
    "mediapipe",
    "numba",
    "plosive.faces.survey",
    "plosive.quality.job",
)
"""What the first request would wait for, what most need first: the core imports it inside functions."""
_POLITE_SECONDS = 0.4
"""From the end of stdin until everything is ended by force."""


class Worker:
    """Reads requests from `heard` in one thread and does them in the one that calls `run`."""

    def __init__(
        self,
        tasks: Mapping[str, Callable[[], Task]],
        heard: BinaryIO,
        told: BinaryIO,
        settings: WorkerSettings,
    ) -> None:
        self._tasks = tasks
        self._heard = heard
        self._told = told
        self._settings = settings
        self._telling = threading.Lock()
        self._waiting: queue.SimpleQueue[tuple[Start, Session]] = queue.SimpleQueue()
        self._sessions: dict[str, Session] = {}
        self._is_ending = threading.Lock()

    def say(self, message: Message) -> None:
        """Tell the daemon; where nobody listens any more, the end of stdin ends this process."""
        line = encoded(message)
        try:
            with self._telling:
                self._told.write(line)
                self._told.flush()
        except OSError:
            pass

    def run(self, heavy: Sequence[str] = ()) -> None:
        """Say hello, import the modules `heavy` while there is nothing to do, then do what comes; returns
        never. Imports are made in this thread, too: two threads in one circle of imports see half of it.
        """
        self.say(Hello(os.getpid()))
        threading.Thread(target=self._listen, name="plosive-listen", daemon=True).start()
        for module in heavy:
            while not self._waiting.empty():
                self._do(*self._waiting.get())
            try:
                importlib.import_module(module)
            except Exception:  # whoever needs it tells it
                traceback.print_exc()
        self.say(Ready(held_bytes()))
        while True:
            self._do(*self._waiting.get())

    def end(self) -> None:
        """Stop what is at work, politely for a moment, remove what it was writing, end. Called from the
        thread that listens or from a signal: waiting is done in a thread of its own.
        """
        if self._is_ending.acquire(blocking=False):
            threading.Thread(target=self._end, name="plosive-end", daemon=True).start()

    def _end(self) -> None:
        sessions = list(self._sessions.values())
        for session in sessions:
            session.cancel()
        deadline = time.monotonic() + _POLITE_SECONDS
        while self._sessions and time.monotonic() < deadline:
            time.sleep(0.01)
        for session in sessions:
            remove_partial_output(session.writes_to, os.getpid())
        end_now()

    def _listen(self) -> None:
        try:
            while line := read_line(self._heard):
                message = decoded(line)
                if isinstance(message, Start):
                    session = Session(message.id, self.say, self._settings, message.kind)
                    self._sessions[message.id] = session
                    self._waiting.put((message, session))
                elif isinstance(message, Cancel) and message.id in self._sessions:
                    self._sessions[message.id].cancel()
        except (OSError, ProtocolError):
            traceback.print_exc()
        self.end()

    def _do(self, start: Start, session: Session) -> None:
        answer: Message
        try:
            session.check()
            if start.kind not in self._tasks:
                raise ProtocolError(f"an unknown kind of request: {start.kind}")
            result = self._tasks[start.kind]()(start.payload, session)
            answer = Done(session.id, result, held_bytes())
            encoded(answer)
        except PlosiveError as error:
            told = error_of(error, start.kind)
            answer = Failed(session.id, told.code, told.sentence, told.field, told.is_retryable, held_bytes())
            cause = error.__cause__
            if cause is not None:
                traceback.print_exception(type(cause), cause, cause.__traceback__)
        except Exception as error:
            traceback.print_exc()
            answer = self._defect(session.id, error)
        sys.stderr.flush()
        self._sessions.pop(session.id, None)
        self.say(answer)

    @staticmethod
    def _defect(request_id: str, error: Exception) -> Failed:
        if isinstance(error, MemoryError):
            sentence = "There is too little main memory for this job; close other programs, or free some."
            return Failed(request_id, "DEVICE_MEMORY", sentence, "", True, held_bytes())
        full = full_disk(error)
        if full is not None:
            return Failed(request_id, full.code, full.sentence, "", full.is_retryable, held_bytes())
        lines = str(error).strip().splitlines()
        said = f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
        sentence = f"Plosive ran into a defect of its own ({said}); the job's log has the whole of it."
        return Failed(request_id, "INTERNAL", sentence, "", False, held_bytes())


def main(tasks: Mapping[str, Callable[[], Task]] | None = None, heavy: Sequence[str] = _HEAVY) -> None:
    """Be a worker; `tasks` give, by kind, what does it. `sys.argv[1]` are its `WorkerSettings`."""
    told = _private_stdout()
    settings = WorkerSettings.parsed(sys.argv[1]) if len(sys.argv) > 1 else WorkerSettings()
    if settings.is_confined:  # before the first thread and the first request: it holds for all that comes
        print(hold_to_roots(settings), file=sys.stderr)
    worker = Worker(_own_tasks() if tasks is None else tasks, sys.stdin.buffer, told, settings)
    end_with_parent(worker.end)
    keep_watchdog()
    worker.run(heavy if settings.is_eager else ())


def _own_tasks() -> dict[str, Callable[[], Task]]:
    def loader(module: str) -> Callable[[], Task]:
        def load() -> Task:
            task: Task = importlib.import_module(module).run
            return task

        return load

    return {kind: loader(module) for kind, module in _TASKS.items()}


def _private_stdout() -> BinaryIO:
    """The stdout that the daemon reads; whatever else prints to stdout goes to stderr from now on, native
    libraries included.
    """
    sys.stdout.flush()
    own = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(own, "wb")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""One worker process as the daemon holds it."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import BinaryIO

from plosive_daemon.workers.ending import SCRATCH_VARIABLE
from plosive_daemon.workers.protocol import (
    Cancel,
    Hello,
    Message,
    ProtocolError,
    Ready,
    Start,
    decoded,
    encoded,
    read_line,
)
from plosive_daemon.workers.session import WorkerSettings

__all__ = ["COMMAND", "Gone", "WorkerProcess"]

COMMAND = (sys.executable, "-m", "plosive_daemon.workers.worker_main")
_MOST_UNREAD = 1_000
_TAIL_LINES = 40
_MOST_LINE_BYTES = 16 << 10
_DEATH_SECONDS = 5.0
_LAST_WORDS_SECONDS = 0.5
_FLOOD_LINES, _FLOOD_SECONDS = 2_000, 1.0


class Gone(Exception):
    """The worker is no more, or makes no sense; `str()` says how, as a part of a sentence."""


class WorkerProcess:
    """A worker that runs from the constructor on. `log` gets each line of its stderr; `device` is cpu, cuda
    (all GPUs) or cuda:N.

    The thread that makes it must live as long as it (`workers.ending`), and is the one that calls `next`.
    """

    def __init__(
        self,
        device: str,
        name: str,
        log: Callable[[str], None],
        *,
        command: Sequence[str] = COMMAND,
        read_roots: Sequence[str] = (),
        write_roots: Sequence[str] = (),
        own_folders: Sequence[str] = (),
        is_confined: bool = False,
        is_eager: bool = True,
    ) -> None:
        """Raises OSError where no process can be started."""
        self.name = name
        self.log = log
        self.requests_done = 0
        self.memory_bytes = 0
        self.is_ready = False
        self._events: queue.Queue[Message | None] = queue.Queue(_MOST_UNREAD)
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._broken = ""
        self._is_let_go = False
        settings = WorkerSettings(
            device.split(":")[0],
            tuple(read_roots),
            tuple(write_roots),
            tuple(own_folders),
            is_confined,
            is_eager,
        )
        self._scratch = tempfile.mkdtemp(prefix="plosive-worker-")
        try:
            self._process = subprocess.Popen(
                [*command, json.dumps(asdict(settings))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(os.environ, device, self._scratch),
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError:
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise
        self.pid = self._process.pid
        assert self._process.stdout is not None and self._process.stderr is not None
        self._threads = [
            threading.Thread(target=self._listen, args=(self._process.stdout,), name=f"{name}-out"),
            threading.Thread(target=self._collect, args=(self._process.stderr,), name=f"{name}-err"),
        ]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def tail(self) -> list[str]:
        """The last lines of its stderr."""
        return list(self._tail)

    def await_hello(self, timeout_seconds: float) -> bool:
        """Whether it is there, within `timeout_seconds`. Raises Gone where it died or said something else."""
        message = self.next(timeout_seconds)
        if message is not None and not isinstance(message, Hello):
            raise Gone("it did not say hello")
        return message is not None

    def start(self, request: Start) -> None:
        """Raises Gone where nobody listens."""
        self._say(request)

    def cancel(self, request_id: str) -> None:
        """Ask politely."""
        self._say(Cancel(request_id))

    def next(self, timeout_seconds: float) -> Message | None:
        """What it says next; None after `timeout_seconds`. Raises Gone at its end."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                message = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return None
            if message is None:
                self._events.put(None)
                raise Gone(self.describe_end())
            if not isinstance(message, Ready):
                return message
            self.is_ready, self.memory_bytes = True, message.memory_bytes

    def describe_end(self) -> str:
        """How it ended, as a part of a sentence."""
        if self._broken:
            return self._broken
        try:
            status = self._process.wait(_DEATH_SECONDS)
        except subprocess.TimeoutExpired:
            return "it closed its output"
        self._threads[1].join(_LAST_WORDS_SECONDS)  # `tail` is asked for next; a child of it may hold stderr
        if status >= 0:
            return f"it ended by itself with status {status}"
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = str(-status)
        reasons = {
            "SIGKILL": ": killed from outside, as systems do when memory runs out",
            "SIGSEGV": ": a crash in native code",
            "SIGABRT": ": native code gave up",
            "SIGBUS": ": a file was cut short or a disk failed while it was read",
            "SIGILL": ": this processor lacks an instruction",
        }
        return f"it was killed by signal {-status} ({name}{reasons.get(name, '')})"

    def kill(self) -> None:
        """End it and all it started, now; what it said before can still be read with `next`."""
        if sys.platform != "win32":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        with suppress(OSError):
            self._process.kill()
        try:
            self._process.wait(_DEATH_SECONDS)
        except subprocess.TimeoutExpired:
            self._broken = "it cannot be killed"

    def let_go(self, polite_seconds: float = 0.0) -> None:
        """End it, politely by closing its stdin where there is time, and free all that it took. May be called
        twice.
        """
        if self._is_let_go:
            return
        self._is_let_go = True
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        if polite_seconds:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(polite_seconds)
        self.kill()
        deadline = time.monotonic() + _DEATH_SECONDS
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < deadline:
            try:
                self._events.get(timeout=0.02)  # one that waits for room must see the end
            except queue.Empty:
                continue
        for thread, stream in zip(self._threads, (self._process.stdout, self._process.stderr), strict=True):
            if not thread.is_alive() and stream is not None:
                stream.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _say(self, message: Message) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encoded(message))
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise Gone(self.describe_end()) from error

    def _listen(self, stream: BinaryIO) -> None:
        try:
            while line := read_line(stream):
                self._events.put(decoded(line))
        except ProtocolError as error:
            self._broken = f"it said what nobody understands ({error})"
        except (OSError, ValueError):
            pass
        self._events.put(None)

    def _collect(self, stream: BinaryIO) -> None:
        """Lines of stderr into the log; of a flood only so many a second, the rest is counted."""
        window, count, dropped = time.monotonic(), 0, 0
        try:
            while data := stream.readline(_MOST_LINE_BYTES):
                now = time.monotonic()
                if now - window >= _FLOOD_SECONDS:
                    if dropped:
                        self.log(f"({dropped} more lines in a second were dropped)")
                    window, count, dropped = now, 0, 0
                count += 1
                if count > _FLOOD_LINES:
                    dropped += 1
                    continue
                text = data.decode("utf-8", "replace").rstrip()
                self._tail.append(text)
                self.log(text)
        except (OSError, ValueError):
            pass
        if dropped:
            self.log(f"({dropped} more lines in a second were dropped)")


def _environment(base: Mapping[str, str], device: str, scratch: str) -> dict[str, str]:
    """For a worker that sees its own GPU only (CUDA_VISIBLE_DEVICES, CUDA programming guide), and keeps its
    temporary files where they are found again.
    """
    made = dict(base)
    made.update({"TMPDIR": scratch, "TEMP": scratch, "TMP": scratch, SCRATCH_VARIABLE: scratch})
    made["PYTHONUNBUFFERED"] = "1"
    made["PYTHONFAULTHANDLER"] = "1"
    if device == "cpu":
        made["CUDA_VISIBLE_DEVICES"] = ""
    elif ":" in device:
        seen = [part for part in base.get("CUDA_VISIBLE_DEVICES", "").split(",") if part]
        number = int(device.split(":")[1])
        made["CUDA_VISIBLE_DEVICES"] = seen[number] if number < len(seen) else str(number)
    return made

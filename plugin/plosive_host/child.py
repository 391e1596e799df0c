# SPDX-License-Identifier: Apache-2.0
"""`python -m plosive_client` as a child process: lines out, lines in."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Callable
from typing import IO, Any

from plosive_host.environment import child_environment
from plosive_host.errors import PlosiveHostError
from plosive_host.folders import data_folder

__all__ = ["Child"]

_END_SECONDS = 4.0
_KILL_SECONDS = 1.0
_LAST_LINES = 50


def _folder() -> str:
    """Where nobody's modules lie: `-m` looks for ours in the folder it starts in first, up to Python 3.10."""
    own = data_folder()
    return str(own) if own.is_dir() else os.path.expanduser("~")


class Child:
    """Two threads read what it says. `on_message` gets every JSON object of its standard output and `on_end`
    is called once, when it has ended, both from the reading thread; `on_log` gets lines of its standard
    error.

    Raises PlosiveHostError (NO_PYTHON) where it cannot be started.
    """

    def __init__(
        self,
        python: str,
        on_message: Callable[[dict[str, Any]], None],
        on_end: Callable[[], None],
        on_log: Callable[[str], None] | None = None,
    ) -> None:
        self.python = python
        self._on_message = on_message
        self._on_end = on_end
        self._on_log = on_log
        self._writing = threading.Lock()
        self._last_lines: collections.deque[str] = collections.deque(maxlen=_LAST_LINES)
        try:
            self._process = subprocess.Popen(
                [python, "-m", "plosive_client"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=child_environment(os.environ),
                cwd=_folder(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise PlosiveHostError(f"{python} cannot be run: {error.strerror}.", "NO_PYTHON") from error
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._stdin: IO[bytes] = self._process.stdin
        self._listener = threading.Thread(
            target=self._listen, args=(self._process.stderr,), name="plosive-child-log", daemon=True
        )
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout,), name="plosive-child", daemon=True
        )
        self._listener.start()
        self._reader.start()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def last_words(self) -> str:
        """The last line of its standard error; empty: none."""
        return self._last_lines[-1] if self._last_lines else ""

    def write(self, message: dict[str, Any]) -> bool:
        """Whether it could be written; False where the child has ended."""
        line = json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"
        with self._writing:
            try:
                self._stdin.write(line)
                self._stdin.flush()
            except (OSError, ValueError):
                is_written = False
            else:
                is_written = True
        if not is_written and threading.current_thread() is not self._listener:
            self._listener.join(_KILL_SECONDS)  # whoever asks why next shall know its last words
        return is_written

    def close(self) -> None:
        """End it: politely, then not. Jobs go on in the daemon. May be called twice."""
        with contextlib.suppress(OSError, ValueError):
            self._stdin.close()
        for end, seconds in (
            (None, _END_SECONDS),
            (self._process.terminate, _KILL_SECONDS),
            (self._process.kill, None),
        ):
            if end is not None:
                with contextlib.suppress(OSError):
                    end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                break
        for thread in (self._reader, self._listener):
            if thread is not threading.current_thread():
                thread.join(_KILL_SECONDS)

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            try:
                message = json.loads(line.decode("utf-8"))
            except ValueError:
                message = None
            if isinstance(message, dict):
                self._on_message(message)
        self._process.wait()
        self._listener.join(_KILL_SECONDS)
        stream.close()
        self._on_end()

    def _listen(self, stream: IO[bytes]) -> None:
        for line in stream:
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                self._last_lines.append(text)
                if self._on_log is not None:
                    self._on_log(text)
        stream.close()

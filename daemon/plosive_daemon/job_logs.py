# SPDX-License-Identifier: Apache-2.0
"""What the workers say while they do a job: a file for each job, which never grows past its bound."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType

from plosive_daemon.private_files import make_private_folder
from plosive_daemon.store.job_ids import is_job_id
from plosive_daemon.workers.leftovers import JobFolder

__all__ = ["JobLog", "JobLogs"]

_JOB_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_MOST_LINE_CHARACTERS = 4_000


class JobLog:
    """The log of one job, `path`, and what came before it, `path`.1: together at most `most_bytes` and a
    line. Any thread may write; a full disk loses lines, nothing else.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._path = path
        self._half_bytes = max(1, most_bytes // 2)
        self._lock = threading.Lock()
        self._size = path.stat().st_size if path.exists() else 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._flags = flags
        self._descriptor: int | None = os.open(path, flags, 0o600)

    def write(self, line: str) -> None:
        """One line, with the time of day before it."""
        moment = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = f"{moment} {line.rstrip()[:_MOST_LINE_CHARACTERS]}\n"
        data = text.encode("utf-8", "replace")
        with self._lock, suppress(OSError):
            if self._descriptor is None:
                return
            if self._size + len(data) > self._half_bytes and self._size:
                os.close(self._descriptor)
                self._descriptor = None
                os.replace(self._path, _earlier(self._path))
                self._descriptor, self._size = os.open(self._path, self._flags, 0o600), 0
            self._size += os.write(self._descriptor, data)

    def close(self) -> None:
        """Later lines are lost."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def __enter__(self) -> JobLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class JobLogs:
    """The logs of all jobs in `folder`, and what jobs keep in `scratch`, a folder for each."""

    def __init__(self, folder: Path, scratch: Path, most_bytes: int = 4 << 20) -> None:
        self._folder = folder
        self._scratch = scratch
        self._most_bytes = most_bytes

    def open(self, job_id: str) -> JobLog:
        """Raises StateFolderError, OSError where it cannot be written."""
        make_private_folder(self._folder)
        return JobLog(self._path(job_id), self._most_bytes)

    def job_folder(self, job_id: str) -> JobFolder:
        """Where the job keeps what it made so far."""
        _require_id(job_id)
        return JobFolder(self._scratch / job_id)

    def last_lines(self, job_id: str, count: int) -> list[str]:
        """At most `count` lines, oldest first; none where there is no log."""
        lines: deque[str] = deque(maxlen=max(0, count))
        path = self._path(job_id)
        for part in (_earlier(path), path):
            with suppress(OSError), part.open(encoding="utf-8", errors="replace") as file:
                lines.extend(line.rstrip("\n") for line in file)
        return list(lines)

    def remove(self, job_id: str) -> None:
        """Forget the log, the frames that were kept, and the preview of a job that is not at work."""
        path = self._path(job_id)
        for part in (_earlier(path), path):
            part.unlink(missing_ok=True)
        self.job_folder(job_id).remove()

    def remove_unknown(self, is_known: Callable[[str], bool]) -> int:
        """Remove what jobs kept that the queue does not know any more, and what their tries were writing
        beside their results; their logs stay. How many there were. For a `scratch` that nobody shares.
        """
        removed = 0
        with suppress(OSError):
            names = [entry.name for entry in os.scandir(self._scratch) if entry.is_dir(follow_symlinks=False)]
            for name in names:
                if is_job_id(name) and not is_known(name):
                    self.job_folder(name).remove()
                    removed += 1
        return removed

    def _path(self, job_id: str) -> Path:
        _require_id(job_id)
        return self._folder / f"job-{job_id}.log"


def _earlier(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _require_id(job_id: str) -> None:
    if not _JOB_ID.fullmatch(job_id):
        raise ValueError(f"{job_id[:80]!r} is no job's id")

# SPDX-License-Identifier: Apache-2.0
"""The queue's second copy: a text file to which every change is added after it is in the queue's file.

It is read at every start, and where it knows more than the queue's file (which was damaged, lost, or is an
older copy), it is believed. A line is the CRC-32 of its text, a space, and JSON; one that is cut off or
changed is passed over.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from plosive_daemon.private_files import StateFolderError, write_private
from plosive_daemon.store.kept_job import KeptJob, whole_columns

__all__ = ["Ledger", "change_line", "gone_line", "warning_line"]

_MOST_BYTES = 64 << 20


def change_line(columns: dict[str, Any], request: bytes | None = None) -> bytes:
    """A job as it is now, with its request where that is new."""
    told: dict[str, Any] = {"job": columns}
    if request is not None:
        told["request"] = base64.b64encode(request).decode("ascii")
    return _line(told)


def warning_line(job_id: str, sequence: int, sentence: str) -> bytes:
    """One more warning."""
    return _line({"id": job_id, "warning": [sequence, sentence]})


def gone_line(job_id: str) -> bytes:
    """A job that was removed."""
    return _line({"gone": job_id})


class Ledger:
    """The file at `path`. Nothing here fails a job: what cannot be written is missing from the copy only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._bytes = 0
        self._fair_bytes = 0

    @property
    def is_too_long(self) -> bool:
        """Whether it is time to `rewrite` it."""
        return self._bytes > max(_MOST_BYTES, 2 * self._fair_bytes)

    def append(self, lines: Sequence[bytes]) -> None:
        if self._descriptor is None or not lines:
            return
        data = b"".join(lines)
        with contextlib.suppress(OSError):
            self._bytes += os.write(self._descriptor, data)

    def read(self) -> tuple[dict[str, KeptJob], set[str]]:
        """Jobs by id, and the ids of those removed. A job may be incomplete: see `KeptJob.is_sound`."""
        jobs: dict[str, KeptJob] = {}
        gone: set[str] = set()
        try:
            file = self._path.open("rb")
        except OSError:
            return jobs, gone
        with file:
            for line in file:
                told = _told(line)
                if "gone" in told:
                    jobs.pop(told["gone"], None)
                    gone.add(told["gone"])
                elif "warning" in told:
                    jobs.setdefault(told["id"], KeptJob({})).warnings[told["warning"][0]] = told["warning"][1]
                elif "job" in told:
                    job = jobs.setdefault(told["job"]["id"], KeptJob({}))
                    job.columns = whole_columns(told["job"])
                    if "request" in told:
                        job.request = base64.b64decode(told["request"])
        return {job_id: job for job_id, job in jobs.items() if job.columns}, gone

    def rewrite(self, jobs: Iterable[KeptJob]) -> None:
        """Hold `jobs` and nothing else, and be open for more."""
        self.close()
        lines: list[bytes] = []
        for job in jobs:
            lines.append(change_line(job.columns, job.request))
            lines += [warning_line(job.columns["id"], *said) for said in job.warnings.items()]
        data = b"".join(lines)
        with contextlib.suppress(OSError, StateFolderError):
            write_private(self._path, data)
        with contextlib.suppress(OSError):
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(self._path, flags, 0o600)
            os.write(
                self._descriptor, b"\n"
            )  # ends a line that was cut off, should the old file still be there
        self._bytes = self._fair_bytes = len(data)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _line(told: dict[str, Any]) -> bytes:
    text = json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _told(line: bytes) -> dict[str, Any]:
    """Empty for a line that is not whole."""
    text = line[9:-1]
    if line[8:9] != b" " or line[-1:] != b"\n" or line[:8] != b"%08x" % zlib.crc32(text):
        return {}
    return dict(json.loads(text))

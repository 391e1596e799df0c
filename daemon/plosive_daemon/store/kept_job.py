# SPDX-License-Identifier: Apache-2.0
"""A job with all that is stored of it, on its way between the queue's file and its second copy."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from plosive_daemon.store.job_ids import is_job_id
from plosive_daemon.store.rows import job_of

__all__ = ["KeptJob", "delete", "insert", "kept_jobs", "newest_of", "whole_columns"]

_COLUMNS = (
    *("number", "id", "kind", "state", "label", "client", "priority", "device", "idempotency_key"),
    *("created_unix_ms", "started_unix_ms", "ended_unix_ms"),
    *("attempts", "attempts_interrupted", "is_cancelling"),
    *("last_sequence", "state_sequence", "progress_sequence", "progress", "result", "error"),
)
_LATER = {"kind": "sync"}  # columns that older files and ledgers lack
_LASTING = [name for name in _COLUMNS if name not in ("last_sequence", "progress_sequence", "progress")]


def whole_columns(columns: Mapping[str, Any]) -> dict[str, Any]:
    """With those that an older Plosive did not write yet."""
    return {**_LATER, **columns}


@dataclass
class KeptJob:
    """`columns` of its row in `jobs`; `request` None where it is not known; `warnings` by sequence number."""

    columns: dict[str, Any]
    request: bytes | None = None
    warnings: dict[int, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether the row makes sense, and there is a request if it is still to be done."""
        try:
            job = job_of(self.columns)
            numbers = [self.columns[name] for name in ("number", "last_sequence", "state_sequence")]
        except (ValueError, TypeError, KeyError, IndexError):
            return False
        is_whole = self.request is not None or job.state.is_ended
        return is_whole and is_job_id(job.id) and all(type(number) is int for number in numbers)

    def differs_from(self, other: KeptJob) -> bool:
        """Whether more than progress is otherwise."""
        return any(self.columns.get(name) != other.columns.get(name) for name in _LASTING)


def kept_jobs(db: sqlite3.Connection, *, with_ended_requests: bool) -> Iterator[KeptJob]:
    """All jobs of a sound file, oldest first."""
    warnings: dict[int, dict[int, str]] = {}
    for number, sequence, sentence in db.execute("SELECT number, sequence, sentence FROM warnings"):
        warnings.setdefault(number, {})[sequence] = sentence
    wanted = "1" if with_ended_requests else "state IN ('waiting', 'running')"
    query = (
        f"SELECT jobs.*, CASE WHEN {wanted} THEN body END AS body FROM jobs LEFT JOIN requests USING (number)"
    )
    for row in db.execute(f"{query} ORDER BY number"):
        columns = {name: row[name] for name in _COLUMNS}
        yield KeptJob(columns, row["body"], warnings.get(row["number"], {}))


def newest_of(first: KeptJob | None, second: KeptJob | None) -> KeptJob:
    """Of two records of one job the one with the later change of state, else the second; with what only the
    other still has.
    """
    known = [job for job in (second, first) if job is not None and job.columns]
    newest = max(known, key=lambda job: int(job.columns["state_sequence"]))
    requests = [job.request for job in known if job.request is not None]
    warnings = {number: said for job in known for number, said in job.warnings.items()}
    last = max([*(job.columns["last_sequence"] for job in known), *warnings])
    return KeptJob({**newest.columns, "last_sequence": last}, requests[0] if requests else None, warnings)


def insert(db: sqlite3.Connection, jobs: Iterable[KeptJob]) -> int:
    """Put `jobs` into the tables, in place of those of the same number; how many could be. An idempotency key
    that two claim is left to the first.
    """
    count = 0
    for job in jobs:
        number = job.columns["number"]
        delete(db, number, with_request=job.request is not None)
        marks = ", ".join(f":{name}" for name in _COLUMNS)
        done = db.execute(f"INSERT OR IGNORE INTO jobs ({', '.join(_COLUMNS)}) VALUES ({marks})", job.columns)
        if not done.rowcount:
            continue
        count += 1
        if job.request is not None:
            values = (number, job.request, zlib.crc32(job.request))
            db.execute("INSERT INTO requests (number, body, crc32) VALUES (?, ?, ?)", values)
        db.executemany(
            "INSERT INTO warnings VALUES (?, ?, ?)",
            [(number, sequence, sentence) for sequence, sentence in job.warnings.items()],
        )
    return count


def delete(db: sqlite3.Connection, number: int, *, with_request: bool = True) -> None:
    """Nothing is left of the job of that number."""
    for table in ("jobs", "warnings", "requests")[: 3 if with_request else 2]:
        db.execute(f"DELETE FROM {table} WHERE number = ?", (number,))

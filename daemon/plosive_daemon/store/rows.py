# SPDX-License-Identifier: Apache-2.0
"""A job as a row of the table `jobs`, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from plosive_daemon.job import Job, JobError, JobEvent, JobKind, JobProgress, JobResult, JobState

__all__ = ["events_of", "job_of", "text_of"]

Row = sqlite3.Row | Mapping[str, Any]


def text_of(value: JobProgress | JobResult | JobError | None) -> str:
    """As it is kept in a column: JSON, empty for None."""
    return "" if value is None else json.dumps(asdict(value), ensure_ascii=False, separators=(",", ":"))


def job_of(row: Row, warnings: Sequence[str] = (), request: bytes = b"") -> Job:
    """Raises ValueError, TypeError, KeyError or IndexError where the row is damaged."""
    result = json.loads(row["result"]) if row["result"] else None
    return Job(
        id=row["id"],
        state=JobState(row["state"]),
        request=request,
        kind=JobKind(row["kind"]),
        label=row["label"],
        client=row["client"],
        priority=row["priority"],
        device=row["device"],
        idempotency_key=row["idempotency_key"],
        created_unix_ms=row["created_unix_ms"],
        started_unix_ms=row["started_unix_ms"],
        ended_unix_ms=row["ended_unix_ms"],
        attempts=row["attempts"],
        attempts_interrupted=row["attempts_interrupted"],
        is_cancelling=bool(row["is_cancelling"]),
        progress=JobProgress.of(json.loads(row["progress"])) if row["progress"] else JobProgress(),
        warnings=tuple(warnings),
        result=None if result is None else JobResult.of(result),
        error=JobError(**json.loads(row["error"])) if row["error"] else None,
        last_sequence=row["last_sequence"],
    )


def events_of(row: Row, warnings: Sequence[tuple[int, str]], after: int) -> list[JobEvent]:
    """What happened to a job after sequence number `after`, in order. `warnings` are all of the job's, with
    their numbers, in order.

    After 0, or a number that this job has not reached, it is the whole state. Otherwise the newest change of
    state with the job as it was then, warnings, and the newest progress unless that change holds it.
    """
    job = job_of(row, [sentence for _, sentence in warnings])
    if after == 0 or after > job.last_sequence:
        return [JobEvent(job.id, job.last_sequence, job=job)]
    changed = row["state_sequence"]
    events = [
        JobEvent(job.id, sequence, warning=sentence) for sequence, sentence in warnings if sequence > after
    ]
    if changed > after:
        then = tuple(sentence for sequence, sentence in warnings if sequence < changed)
        events.append(JobEvent(job.id, changed, job=replace(job, warnings=then, last_sequence=changed)))
    if row["progress_sequence"] > max(after, changed):
        events.append(JobEvent(job.id, row["progress_sequence"], progress=job.progress))
    return sorted(events, key=lambda event: event.sequence)

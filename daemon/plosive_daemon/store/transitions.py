# SPDX-License-Identifier: Apache-2.0
"""What each event does to a job: its row in, the columns that change out; none where nothing happens.

WAITING -> RUNNING     taken          RUNNING -> WAITING             requeued, interrupted
RUNNING -> DONE        finished       FAILED, CANCELLED -> WAITING   requeued, retried
WAITING, RUNNING -> FAILED            failed (RUNNING -> CANCELLED where it was cancelled)
WAITING -> CANCELLED                  cancelled (a running one is only marked)
"""

from __future__ import annotations

import time
from typing import Any

from plosive_daemon.job import JobError, JobResult
from plosive_daemon.store.errors import JobStateRefused
from plosive_daemon.store.rows import Row, text_of

__all__ = [
    "cancelled",
    "failed",
    "finished",
    "interrupted",
    "interruption_sentence",
    "now_unix_ms",
    "requeued",
    "retried",
    "taken",
]

Columns = dict[str, Any]


def now_unix_ms() -> int:
    return time.time_ns() // 1_000_000


def taken(row: Row) -> Columns:
    """By a worker."""
    begun = row["started_unix_ms"] or max(now_unix_ms(), row["created_unix_ms"])
    return {"state": "running", "attempts": row["attempts"] + 1, "started_unix_ms": begun}


def finished(row: Row, result: JobResult) -> Columns:
    """With its result there, even where it was cancelled meanwhile. Only one that runs."""
    return _ended(row, "done", result=text_of(result)) if row["state"] == "running" else {}


def failed(row: Row, error: JobError) -> Columns:
    """Unless it has ended already."""
    if row["state"] not in ("waiting", "running"):
        return {}
    if row["is_cancelling"] or error.code == "CANCELLED":
        return _ended(row, "cancelled")
    return _ended(row, "failed", error=text_of(error))


def cancelled(row: Row) -> Columns:
    """By the artist; a running one is marked, and ends with its worker."""
    if row["state"] == "waiting":
        return _ended(row, "cancelled")
    return {"is_cancelling": 1} if row["state"] == "running" and not row["is_cancelling"] else {}


def requeued(row: Row, *, is_interrupted: bool) -> Columns:
    """A running one whose worker died, or was stopped with the daemon (`is_interrupted`: that try is not
    counted); others as `retried`.
    """
    if row["state"] != "running":
        return retried(row)
    if row["is_cancelling"]:
        return _ended(row, "cancelled")
    return {"state": "waiting", "attempts": row["attempts"] - is_interrupted}


def retried(row: Row) -> Columns:
    """By the artist; tries count anew. Raises JobStateRefused where it runs or is done."""
    if row["state"] == "running":
        raise JobStateRefused(f"Job {row['id']} is at work; cancel it before it is tried again.")
    if row["state"] == "done":
        raise JobStateRefused(f"Job {row['id']} is done; submit it again to make it once more.")
    if row["state"] == "waiting":
        return {}
    anew = {"attempts": 0, "attempts_interrupted": 0, "error": "", "ended_unix_ms": 0}
    return {"state": "waiting", **anew}


def interrupted(row: Row, most_interruptions: int) -> Columns:
    """A running one when the daemon itself died. So many times that is not held against it; then it may be
    what kills the daemon, and its tries count.
    """
    if row["is_cancelling"]:
        return _ended(row, "cancelled")
    if row["attempts_interrupted"] < most_interruptions:
        return {"state": "waiting", "attempts_interrupted": row["attempts_interrupted"] + 1}
    if row["attempts"] - row["attempts_interrupted"] <= 1:
        return {"state": "waiting"}
    sentence = (
        f"The daemon died {row['attempts']} times while it worked on this job; look at the log of the system "
        "for why, then retry it."
    )
    return _ended(row, "failed", error=text_of(JobError("WORKER_DIED", sentence, is_retryable=True)))


def interruption_sentence(row: Row, columns: Columns) -> str:
    """What the log says of it."""
    name = f"{row['id']} ({row['label']})" if row["label"] else row["id"]
    ended = "" if columns["state"] == "waiting" else f" and is {columns['state']} now"
    return f"Job {name} was cut off in try {row['attempts']}{ended}."


def _ended(row: Row, state: str, **columns: str) -> Columns:
    """Not before it was made and begun, wherever the clock was set."""
    at = max(now_unix_ms(), int(row["created_unix_ms"]), int(row["started_unix_ms"]))
    return {"state": state, "is_cancelling": 0, "ended_unix_ms": at, **columns}

# SPDX-License-Identifier: Apache-2.0
"""A new job in the tables, and the next one begun, in an open transaction."""

from __future__ import annotations

import sqlite3
import zlib

from plosive_daemon.job import Job, JobKind
from plosive_daemon.scheduling import next_job
from plosive_daemon.store.errors import KeyReused, QueueFull
from plosive_daemon.store.job_ids import job_id_after
from plosive_daemon.store.queries import fact, job_row, keep_fact, last_starts, waiting_heads, whole_job
from plosive_daemon.store.transitions import now_unix_ms

__all__ = ["chosen_row", "inserted_row", "job_of_key", "require_room", "require_same_request"]


def job_of_key(db: sqlite3.Connection, idempotency_key: str) -> Job | None:
    """The job that a key belongs to; None where there is none, or the key is empty."""
    query = "SELECT * FROM jobs WHERE idempotency_key = ? AND idempotency_key <> ''"
    row = db.execute(query, (idempotency_key,)).fetchone()
    return None if row is None else whole_job(db, row)


def require_same_request(known: Job, request: bytes, kind: JobKind) -> None:
    """Raises KeyReused."""
    if (known.kind, known.request) != (kind, request):
        raise KeyReused(
            f"The idempotency key '{known.idempotency_key}' belongs to another request (job {known.id}); "
            "use a new key for a new request."
        )


def inserted_row(
    db: sqlite3.Connection,
    request: bytes,
    *,
    kind: JobKind,
    label: str,
    client: str,
    priority: int,
    idempotency_key: str,
    device: str,
) -> sqlite3.Row:
    """The row of a new job."""
    now = now_unix_ms()
    job_id = job_id_after(fact(db, "last_id"), now)
    keep_fact(db, "last_id", job_id)
    number = db.execute(
        "INSERT INTO jobs (id, kind, state, label, client, priority, device, idempotency_key,"
        " created_unix_ms, last_sequence, state_sequence) VALUES (?, ?, 'waiting', ?, ?, ?, ?, ?, ?, 1, 1)",
        (job_id, kind.value, label, client, priority, device or "auto", idempotency_key, now),
    ).lastrowid
    values = (number, request, zlib.crc32(request))
    db.execute("INSERT INTO requests (number, body, crc32) VALUES (?, ?, ?)", values)
    return job_row(db, job_id)


def chosen_row(db: sqlite3.Connection, device: str, *, takes_auto: bool) -> sqlite3.Row | None:
    """The row of the job that `device` does next (`scheduling.next_job`), its client's turn counted."""
    chosen = next_job(waiting_heads(db), last_starts(db), device, takes_auto=takes_auto)
    if chosen is None:
        return None
    start = int(fact(db, "starts") or 0) + 1
    keep_fact(db, "starts", str(start))
    db.execute("INSERT OR REPLACE INTO clients VALUES (?, ?)", (chosen.client, start))
    row = db.execute("SELECT * FROM jobs WHERE number = ?", (chosen.number,)).fetchone()
    assert isinstance(row, sqlite3.Row)
    return row


def require_room(db: sqlite3.Connection, most_waiting: int) -> None:
    """Raises QueueFull."""
    waiting = db.execute("SELECT count(*) FROM jobs WHERE state = 'waiting'").fetchone()[0]
    if waiting >= most_waiting:
        raise QueueFull(f"{waiting} jobs wait, as many as may; try again when some are done.")

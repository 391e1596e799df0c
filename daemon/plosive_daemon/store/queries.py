# SPDX-License-Identifier: Apache-2.0
"""Looking things up in an open transaction of the queue."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Any

from plosive_daemon.job import Job, JobKind, JobState
from plosive_daemon.scheduling import Waiting
from plosive_daemon.store.errors import InvalidPageToken, JobUnknown
from plosive_daemon.store.rows import job_of

__all__ = [
    "as_waiting",
    "fact",
    "job_row",
    "keep_fact",
    "last_starts",
    "oldest_ended",
    "page_of",
    "waiting_heads",
    "waiting_with_ids",
    "warnings_of",
    "whole_job",
]

_MOST_PAGE = 500


def job_row(db: sqlite3.Connection, job_id: str) -> sqlite3.Row:
    """Raises JobUnknown."""
    row = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise JobUnknown(f"There is no job '{job_id[:40]}'; it may have been removed.")
    assert isinstance(row, sqlite3.Row)
    return row


def whole_job(db: sqlite3.Connection, row: sqlite3.Row) -> Job:
    """With its request."""
    body = db.execute("SELECT body FROM requests WHERE number = ?", (row["number"],)).fetchone()
    sentences = [sentence for _, sentence in warnings_of(db, row["number"])]
    return job_of(row, sentences, bytes(body[0]) if body else b"")


def warnings_of(db: sqlite3.Connection, number: int) -> list[tuple[int, str]]:
    """With their sequence numbers, in order."""
    query = "SELECT sequence, sentence FROM warnings WHERE number = ? ORDER BY sequence"
    return [(row[0], row[1]) for row in db.execute(query, (number,))]


def page_of(
    db: sqlite3.Connection, states: Collection[JobState], client: str, size: int, token: str
) -> tuple[list[Job], str]:
    """See `JobStore.page`. A token is the number of the page's last job."""
    wanted, values = ["1"], list[Any]()
    if states:
        wanted.append(f"state IN ({_marks(len(states))})")
        values += [state.value for state in states]
    if client:
        wanted.append("client = ?")
        values.append(client)
    if token:
        if not (token.isascii() and token.isdigit() and len(token) <= 18):
            raise InvalidPageToken(f"'{token[:40]}' is no page token; list from the first page again.")
        wanted.append("number < ?")
        values.append(int(token))
    size = min(max(size, 1), _MOST_PAGE)
    query = f"SELECT * FROM jobs WHERE {' AND '.join(wanted)} ORDER BY number DESC LIMIT ?"
    rows = db.execute(query, (*values, size + 1)).fetchall()
    numbers = [row["number"] for row in rows[:size]]
    warnings: dict[int, list[str]] = {}
    for number, sentence in db.execute(
        f"SELECT number, sentence FROM warnings WHERE number IN ({_marks(len(numbers))})"
        " ORDER BY number, sequence",
        numbers,
    ):
        warnings.setdefault(number, []).append(sentence)
    jobs = [job_of(row, warnings.get(row["number"], ())) for row in rows[:size]]
    return jobs, str(numbers[-1]) if len(rows) > size else ""


def waiting_heads(db: sqlite3.Connection) -> list[Waiting]:
    """Of each client, priority, device and kind the oldest job that waits: one of them is next."""
    query = (
        "SELECT min(number), client, priority, device, kind FROM jobs WHERE state = 'waiting'"
        " GROUP BY priority, client, device, kind"
    )
    return [_waiting(*row) for row in db.execute(query)]


def waiting_with_ids(db: sqlite3.Connection) -> dict[str, Waiting]:
    """All that wait."""
    query = "SELECT id, number, client, priority, device, kind FROM jobs WHERE state = 'waiting'"
    return {row[0]: _waiting(*row[1:]) for row in db.execute(query)}


def as_waiting(row: sqlite3.Row) -> Waiting:
    """A job as if it waited."""
    return _waiting(row["number"], row["client"], row["priority"], row["device"], row["kind"])


def oldest_ended(db: sqlite3.Connection, most_ended: int) -> list[sqlite3.Row]:
    """Number and id of the ended jobs that are older than the `most_ended` newest."""
    query = (
        "SELECT number, id FROM jobs WHERE state NOT IN ('waiting', 'running')"
        " ORDER BY number DESC LIMIT -1 OFFSET ?"
    )
    return db.execute(query, (most_ended,)).fetchall()


def last_starts(db: sqlite3.Connection) -> dict[str, int]:
    """When each client's job was last begun, as a count of all starts."""
    return dict(db.execute("SELECT client, last_start FROM clients").fetchall())


def fact(db: sqlite3.Connection, name: str) -> str:
    """Empty where it was never kept."""
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return "" if row is None else str(row[0])


def keep_fact(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def _waiting(number: int, client: str, priority: int, device: str, kind: str) -> Waiting:
    return Waiting(number, client, priority, device, kind == JobKind.CONFORM.value)


def _marks(count: int) -> str:
    return ", ".join("?" * count)

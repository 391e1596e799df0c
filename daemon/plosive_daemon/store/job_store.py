# SPDX-License-Identifier: Apache-2.0
"""The queue as the rest of the daemon sees it."""

from __future__ import annotations

import sqlite3
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from plosive_daemon.job import Job, JobError, JobEvent, JobProgress, JobResult, JobState
from plosive_daemon.scheduling import Waiting, next_job, order
from plosive_daemon.store.bells import Bells
from plosive_daemon.store.errors import (
    InvalidPageToken,
    JobStateRefused,
    JobUnknown,
    KeyReused,
    QueueFull,
    StoreClosed,
)
from plosive_daemon.store.job_ids import job_id_after
from plosive_daemon.store.kept_job import delete
from plosive_daemon.store.ledger import change_line, gone_line, warning_line
from plosive_daemon.store.rows import events_of, job_of, text_of
from plosive_daemon.store.salvage import opened_queue

__all__ = ["JobStore"]

_MOST_WARNINGS = 1_000
_MOST_PAGE = 500
_SEQUENCES_LOST = 10_000
"""Progress that a crash of the machine may have taken with it: so far numbers jump, that none comes twice."""
_QUEUE = ""  # the bell of those who wait for work; no job has this name


class JobStore:
    """Jobs in `folder`/jobs.db. Any thread may call anything; every call but `events_after` and `take` with a
    timeout returns at once, and what it changed is on disk then.

    Any method raises StoreFailed where the file cannot be read or written (StoreFull: the disk is full; the
    job is as it was before) and StoreClosed after `close`; those with a job's id raise JobUnknown.
    Jobs in lists and events come without their `request`.
    """

    def __init__(self, folder: Path, *, most_waiting: int = 5_000, most_interruptions: int = 3) -> None:
        self._most_waiting = most_waiting
        self._most_interruptions = most_interruptions
        self._bells = Bells()
        self._database, self._sentences = opened_queue(folder)
        self._is_closed = False
        self._places: tuple[int, Mapping[str, int]] = (-1, {})
        self._queue_changes = 0

    # --- what clients ask for -------------------------------------------------------------------

    def add(
        self,
        request: bytes,
        *,
        label: str = "",
        client: str = "",
        priority: int = 50,
        idempotency_key: str = "",
        device: str = "auto",
    ) -> tuple[Job, bool]:
        """The new job, WAITING; or the one that `idempotency_key` belongs to, and True. Raises KeyReused
        where that one's request is another, QueueFull where too many wait.
        """
        with self._database.changing() as db:
            if idempotency_key:
                row = db.execute(
                    "SELECT * FROM jobs WHERE idempotency_key = ?", (idempotency_key,)
                ).fetchone()
                if row is not None:
                    job = _whole(db, row)
                    if job.request != request:
                        raise KeyReused(
                            f"The idempotency key '{idempotency_key}' belongs to another request (job "
                            f"{job.id}); use a new key for a new request."
                        )
                    return job, True
            self._require_room(db)
            now = _now_unix_ms()
            job_id = job_id_after(_fact(db, "last_id"), now)
            _keep_fact(db, "last_id", job_id)
            number = db.execute(
                "INSERT INTO jobs (id, state, label, client, priority, device, idempotency_key,"
                " created_unix_ms, last_sequence, state_sequence)"
                " VALUES (?, 'waiting', ?, ?, ?, ?, ?, ?, 1, 1)",
                (job_id, label, client, priority, device or "auto", idempotency_key, now),
            ).lastrowid
            values = (number, request, zlib.crc32(request))
            db.execute("INSERT INTO requests (number, body, crc32) VALUES (?, ?, ?)", values)
            row = _row(db, job_id)
            job = _whole(db, row)
            self._database.note(change_line(dict(row), request))
        self._tell(job_id, is_queue=True)
        return job, False

    def get(self, job_id: str) -> Job:
        """The job as it stands, with its request."""
        with self._database.reading() as db:
            return _whole(db, _row(db, job_id))

    def find(self, idempotency_key: str) -> Job | None:
        """The job that a key belongs to, with its request; None where there is none."""
        with self._database.reading() as db:
            query = "SELECT * FROM jobs WHERE idempotency_key = ? AND idempotency_key <> ''"
            row = db.execute(query, (idempotency_key,)).fetchone()
            return None if row is None else _whole(db, row)

    def page(
        self, states: Collection[JobState] = (), client: str = "", size: int = 100, token: str = ""
    ) -> tuple[list[Job], str]:
        """Jobs in `states` (none: any) of `client` (empty: any), newest first, 1 to 500 of them; and the
        token of the page after, empty at the end. Raises InvalidPageToken.
        """
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
        with self._database.reading() as db:
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

    def events_after(self, job_id: str, sequence: int, timeout_seconds: float) -> list[JobEvent]:
        """What happened after event `sequence` (0: the whole state), in order; waits until there is
        something, at most `timeout_seconds`, after which it is empty.
        """
        deadline = time.monotonic() + timeout_seconds
        with self._bells.listening(job_id) as bell:
            while True:
                rings = bell.rings
                with self._database.reading() as db:
                    row = _row(db, job_id)
                    is_news = sequence == 0 or row["last_sequence"] != sequence
                    warnings = _warnings(db, row["number"]) if is_news else []
                events = events_of(row, warnings, sequence) if is_news else []
                left = deadline - time.monotonic()
                if events or left <= 0 or not bell.wait(rings, left):
                    return events
                if self._is_closed:
                    raise StoreClosed("The daemon is going down; watch again when it runs.")

    def cancel(self, job_id: str) -> Job:
        """A waiting job is ended at once; a running one is marked, and ends when its worker has; an ended one
        stays as it is.
        """

        def change(row: sqlite3.Row) -> dict[str, object]:
            if row["state"] == "waiting":
                return {"state": "cancelled", "ended_unix_ms": _after(row)}
            return {"is_cancelling": 1} if row["state"] == "running" and not row["is_cancelling"] else {}

        return self._change(job_id, change)

    def remove(self, job_id: str) -> None:
        """Forget an ended job. Raises JobStateRefused where it has not ended."""
        with self._database.changing() as db:
            row = _row(db, job_id)
            if not JobState(row["state"]).is_ended:
                raise JobStateRefused(f"Job {job_id} has not ended; cancel it first.")
            self._forget(db, row)
        self._tell(job_id)

    def counts(self) -> dict[JobState, int]:
        """How many jobs are in each state."""
        with self._database.reading() as db:
            found = dict(db.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())
        return {state: found.get(state.value, 0) for state in JobState}

    def places(self) -> Mapping[str, int]:
        """How many jobs go before each waiting job, by its id, were there one device for all."""
        changes = self._queue_changes
        if self._places[0] != changes:
            with self._database.reading() as db:
                rows = db.execute(
                    "SELECT number, client, priority, device, id FROM jobs WHERE state = 'waiting'"
                ).fetchall()
                starts = dict(db.execute("SELECT client, last_start FROM clients").fetchall())
            ids = {row["number"]: row["id"] for row in rows}
            ordered = order([Waiting(*row[:4]) for row in rows], starts)
            self._places = (changes, {ids[job.number]: place for place, job in enumerate(ordered)})
        return self._places[1]

    # --- what the workers' side asks for --------------------------------------------------------

    def take(self, device: str, *, takes_auto: bool = True, timeout_seconds: float = 0.0) -> Job | None:
        """The job that `device` (cpu, cuda:N) does next, now RUNNING with one more attempt; None where there
        is none within `timeout_seconds`. `takes_auto` as in `may_run_on`.
        """
        deadline = time.monotonic() + timeout_seconds
        with self._bells.listening(_QUEUE) as bell:
            while True:
                rings = bell.rings
                job = self._taken(device, takes_auto)
                left = deadline - time.monotonic()
                if job is not None or left <= 0 or not bell.wait(rings, left):
                    return job

    def put_progress(self, job_id: str, progress: JobProgress) -> None:
        """How far a running job is; only the newest is kept. Ignored where it does not run."""
        with self._database.changing(is_durable=False) as db:
            told = db.execute(
                "UPDATE jobs SET progress = ?, last_sequence = last_sequence + 1,"
                " progress_sequence = last_sequence + 1 WHERE id = ? AND state = 'running'",
                (text_of(progress), job_id),
            ).rowcount
            if not told:
                _row(db, job_id)
        self._tell(job_id)

    def add_warning(self, job_id: str, sentence: str) -> None:
        """One more sentence for the artist, unless there are 1000 or it was said before."""
        with self._database.changing() as db:
            row = _row(db, job_id)
            said = _warnings(db, row["number"])
            if len(said) >= _MOST_WARNINGS or any(sentence == earlier for _, earlier in said):
                return
            sequence = row["last_sequence"] + 1
            db.execute("INSERT INTO warnings VALUES (?, ?, ?)", (row["number"], sequence, sentence))
            db.execute("UPDATE jobs SET last_sequence = ? WHERE number = ?", (sequence, row["number"]))
            self._database.note(warning_line(job_id, sequence, sentence))
        self._tell(job_id)

    def finish(self, job_id: str, result: JobResult) -> Job:
        """A running job is DONE, though it was cancelled meanwhile: its result is there. Others stay."""

        def change(row: sqlite3.Row) -> dict[str, object]:
            if row["state"] != "running":
                return {}
            return {"state": "done", "result": text_of(result), "ended_unix_ms": _after(row)}

        return self._change(job_id, change)

    def fail(self, job_id: str, error: JobError) -> Job:
        """A job that runs or waits is FAILED, or CANCELLED where it was cancelled or the error's code is
        CANCELLED. An ended one stays.
        """

        def change(row: sqlite3.Row) -> dict[str, object]:
            if JobState(row["state"]).is_ended:
                return {}
            if row["is_cancelling"] or error.code == "CANCELLED":
                return {"state": "cancelled", "ended_unix_ms": _after(row)}
            return {"state": "failed", "error": text_of(error), "ended_unix_ms": _after(row)}

        return self._change(job_id, change)

    def requeue(self, job_id: str, *, is_interrupted: bool = False) -> Job:
        """Into the queue again, at its old place: a running job whose worker died (`is_interrupted`: was
        stopped with the daemon, and that try is not counted), or a failed or cancelled one that is retried,
        its tries counted anew. A running one that was cancelled is CANCELLED; a waiting one stays. Raises
        JobStateRefused where it is done, QueueFull where a retried one finds too many waiting.
        """

        def change(row: sqlite3.Row) -> dict[str, object]:
            if row["state"] != "running":
                return self._again(job_id, row)
            if row["is_cancelling"]:
                return {"state": "cancelled", "ended_unix_ms": _after(row)}
            return {"state": "waiting", "attempts": row["attempts"] - is_interrupted}

        return self._change(job_id, change, is_bounded=True)

    def retry(self, job_id: str) -> Job:
        """`requeue` for those who ask from outside: raises JobStateRefused also where the job is at work."""

        def change(row: sqlite3.Row) -> dict[str, object]:
            if row["state"] == "running":
                raise JobStateRefused(f"Job {job_id} is at work; cancel it before it is tried again.")
            return self._again(job_id, row)

        return self._change(job_id, change, is_bounded=True)

    # --- the daemon's own life ------------------------------------------------------------------

    def recover(self) -> list[str]:
        """After a start, before any other call: what ran waits again. Returns sentences for the log and
        GetInfo.warnings.
        """
        sentences, self._sentences = self._sentences, []
        with self._database.changing() as db:
            db.execute(
                "UPDATE jobs SET last_sequence = last_sequence + ? WHERE state IN ('waiting', 'running')",
                (_SEQUENCES_LOST,),
            )
            for row in db.execute("SELECT * FROM jobs WHERE state = 'running'").fetchall():
                change: dict[str, object] = {"state": "waiting"}
                if row["is_cancelling"]:
                    change = {"state": "cancelled", "ended_unix_ms": _after(row)}
                elif row["attempts_interrupted"] < self._most_interruptions:
                    change["attempts_interrupted"] = row["attempts_interrupted"] + 1
                elif row["attempts"] - row["attempts_interrupted"] > 1:
                    error = JobError(
                        "WORKER_DIED",
                        f"The daemon died {row['attempts']} times while it worked on this job; look at the "
                        "log of the system for why, then retry it.",
                        is_retryable=True,
                    )
                    change = {"state": "failed", "error": text_of(error), "ended_unix_ms": _after(row)}
                self._write(db, row, change)
                ended = "" if change["state"] == "waiting" else f" and is {change['state']} now"
                sentences.append(
                    f"Job {row['id']} ({row['label']}) was cut off in try {row['attempts']}{ended}."
                )
        self._queue_changes += 1
        return sentences

    def remove_oldest(self, most_ended: int) -> list[str]:
        """Forget the oldest ended jobs that are more than `most_ended`; their ids."""
        with self._database.changing() as db:
            rows = db.execute(
                "SELECT number, id FROM jobs WHERE state NOT IN ('waiting', 'running')"
                " ORDER BY number DESC LIMIT -1 OFFSET ?",
                (most_ended,),
            ).fetchall()
            for row in rows:
                self._forget(db, row)
        for row in rows:
            self._tell(row["id"])
        return [row["id"] for row in rows]

    def close(self) -> None:
        """Let go of the file; everybody who waits is woken."""
        self._is_closed = True
        self._bells.ring_all()
        self._database.close()

    # --- inside ---------------------------------------------------------------------------------

    def _again(self, job_id: str, row: sqlite3.Row) -> dict[str, object]:
        """The columns that make a job wait again that does not run."""
        if row["state"] == "waiting":
            return {}
        if row["state"] == "done":
            raise JobStateRefused(f"Job {job_id} is done; submit it again to make it once more.")
        return {
            "state": "waiting",
            "attempts": 0,
            "attempts_interrupted": 0,
            "error": "",
            "ended_unix_ms": 0,
        }

    def _taken(self, device: str, takes_auto: bool) -> Job | None:
        heads_query = (
            "SELECT min(number), client, priority, device FROM jobs WHERE state = 'waiting'"
            " GROUP BY priority, client, device"
        )
        with self._database.reading() as db:  # most looks find nothing, and cost no lock for writing
            if db.execute("SELECT 1 FROM jobs WHERE state = 'waiting' LIMIT 1").fetchone() is None:
                return None
        with self._database.changing() as db:
            heads = [Waiting(*row) for row in db.execute(heads_query)]
            starts = dict(db.execute("SELECT client, last_start FROM clients").fetchall())
            chosen = next_job(heads, starts, device, takes_auto=takes_auto)
            if chosen is None:
                return None
            start = int(_fact(db, "starts") or 0) + 1
            _keep_fact(db, "starts", str(start))
            db.execute("INSERT OR REPLACE INTO clients VALUES (?, ?)", (chosen.client, start))
            row = db.execute("SELECT * FROM jobs WHERE number = ?", (chosen.number,)).fetchone()
            begun = row["started_unix_ms"] or max(_now_unix_ms(), row["created_unix_ms"])
            self._write(
                db, row, {"state": "running", "attempts": row["attempts"] + 1, "started_unix_ms": begun}
            )
            job = _whole(db, _row(db, row["id"]))
        self._tell(job.id, is_queue=True)
        return job

    def _change(
        self, job_id: str, change: Callable[[sqlite3.Row], dict[str, object]], *, is_bounded: bool = False
    ) -> Job:
        """Write the columns that `change` names as a new state; none: nothing happens. The job then."""
        with self._database.changing() as db:
            row = _row(db, job_id)
            columns = change(row)
            is_retried = is_bounded and JobState(row["state"]).is_ended and columns.get("state") == "waiting"
            if is_retried:
                self._require_room(db)
            if columns:
                if columns.get("state") not in (None, "running"):
                    columns["is_cancelling"] = 0
                self._write(db, row, columns)
            job = _whole(db, _row(db, job_id))
        if columns:
            self._tell(job_id, is_queue="state" in columns)
        return job

    def _write(self, db: sqlite3.Connection, row: sqlite3.Row, columns: Mapping[str, object]) -> None:
        """A change of state: the columns and the job's next sequence number, in the open transaction."""
        sequence = row["last_sequence"] + 1
        written = {**columns, "last_sequence": sequence, "state_sequence": sequence}
        names = ", ".join(f"{name} = ?" for name in written)
        db.execute(f"UPDATE jobs SET {names} WHERE number = ?", (*written.values(), row["number"]))
        self._database.note(change_line({**dict(row), **written}))

    def _forget(self, db: sqlite3.Connection, row: sqlite3.Row) -> None:
        delete(db, row["number"])
        self._database.note(gone_line(row["id"]))

    def _require_room(self, db: sqlite3.Connection) -> None:
        waiting = db.execute("SELECT count(*) FROM jobs WHERE state = 'waiting'").fetchone()[0]
        if waiting >= self._most_waiting:
            raise QueueFull(f"{waiting} jobs wait, as many as may; try again when some are done.")

    def _tell(self, job_id: str, *, is_queue: bool = False) -> None:
        if is_queue:
            self._queue_changes += 1
            self._bells.ring(_QUEUE)
        self._bells.ring(job_id)


def _now_unix_ms() -> int:
    return time.time_ns() // 1_000_000


def _after(row: sqlite3.Row) -> int:
    """Now, but not before the job was made and begun, wherever the clock was set."""
    return max(_now_unix_ms(), int(row["created_unix_ms"]), int(row["started_unix_ms"]))


def _row(db: sqlite3.Connection, job_id: str) -> sqlite3.Row:
    row = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise JobUnknown(f"There is no job '{job_id[:40]}'; it may have been removed.")
    assert isinstance(row, sqlite3.Row)
    return row


def _whole(db: sqlite3.Connection, row: sqlite3.Row) -> Job:
    body = db.execute("SELECT body FROM requests WHERE number = ?", (row["number"],)).fetchone()
    sentences = [sentence for _, sentence in _warnings(db, row["number"])]
    return job_of(row, sentences, bytes(body[0]) if body else b"")


def _warnings(db: sqlite3.Connection, number: int) -> list[tuple[int, str]]:
    query = "SELECT sequence, sentence FROM warnings WHERE number = ? ORDER BY sequence"
    return [(row[0], row[1]) for row in db.execute(query, (number,))]


def _fact(db: sqlite3.Connection, name: str) -> str:
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return "" if row is None else str(row[0])


def _keep_fact(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def _marks(count: int) -> str:
    return ", ".join("?" * count)

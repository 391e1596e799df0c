# SPDX-License-Identifier: Apache-2.0
"""The queue as the rest of the daemon sees it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from plosive_daemon.job import Job, JobError, JobEvent, JobKind, JobProgress, JobResult, JobState
from plosive_daemon.store.additions import (
    chosen_row,
    inserted_row,
    job_of_key,
    require_room,
    require_same_request,
)
from plosive_daemon.store.errors import JobStateRefused, StoreFull
from plosive_daemon.store.kept_job import delete
from plosive_daemon.store.ledger import change_line, gone_line, warning_line
from plosive_daemon.store.queries import job_row, oldest_ended, warnings_of, whole_job
from plosive_daemon.store.queue_view import QueueView
from plosive_daemon.store.rows import text_of
from plosive_daemon.store.salvage import opened_queue
from plosive_daemon.store.transitions import (
    cancelled,
    failed,
    finished,
    interrupted,
    interruption_sentence,
    requeued,
    retried,
    taken,
)

__all__ = ["JobStore"]

_MOST_WARNINGS = 1_000
_SEQUENCES_LOST = 10_000
"""Progress that a crash of the machine may have taken with it: so far numbers jump, that none comes twice."""
_QUEUE = ""  # the bell of those who wait for work; no job has this name


class JobStore(QueueView):
    """Jobs in `folder`/jobs.db. Any thread may call anything; every call but `events_after` and `take` with a
    timeout returns at once, and what it changed is on disk then.

    Any method raises StoreFailed where the file cannot be read or written (StoreFull: the disk is full; the
    job is as it was before) and StoreClosed after `close`; those with a job's id raise JobUnknown.
    Jobs in lists and events come without their `request`.
    """

    def __init__(self, folder: Path, *, most_waiting: int = 5_000, most_interruptions: int = 3) -> None:
        database, self._sentences = opened_queue(folder)
        super().__init__(database)
        self._most_waiting = most_waiting
        self._most_interruptions = most_interruptions

    # --- what clients ask for -------------------------------------------------------------------

    def add(
        self,
        request: bytes,
        *,
        kind: JobKind = JobKind.SYNC,
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
            known = job_of_key(db, idempotency_key)
            if known is not None:
                require_same_request(known, request, kind)
                return known, True
            self._database.require_spare_room()
            require_room(db, self._most_waiting)
            row = inserted_row(
                db,
                request,
                kind=kind,
                label=label,
                client=client,
                priority=priority,
                idempotency_key=idempotency_key,
                device=device,
            )
            self._database.note(change_line(dict(row), request))
            job = whole_job(db, row)
        self._tell(job.id, is_queue=True)
        return job, False

    def cancel(self, job_id: str) -> Job:
        """A waiting job is ended at once; a running one is marked, and ends when its worker has; an ended one
        stays as it is.
        """
        return self._change(job_id, cancelled)

    def remove(self, job_id: str) -> None:
        """Forget an ended job. Raises JobStateRefused where it has not ended."""
        with self._database.changing() as db:
            row = job_row(db, job_id)
            if not JobState(row["state"]).is_ended:
                raise JobStateRefused(f"Job {job_id} has not ended; cancel it first.")
            self._forget(db, row)
        self._tell(job_id)

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
        """How far a running job is; only the newest is kept. Ignored where it does not run, or the disk is
        full: the room that is left is for how jobs end.
        """
        if self._database.spare.is_gone:
            return
        with suppress(StoreFull), self._database.changing(is_durable=False) as db:
            row = job_row(db, job_id)
            if row["state"] != "running":
                return
            sequence = row["last_sequence"] + 1
            db.execute(
                "UPDATE jobs SET progress = ?, last_sequence = ?, progress_sequence = ? WHERE number = ?",
                (text_of(progress), sequence, sequence, row["number"]),
            )
            self._ring_then(JobEvent(job_id, sequence, progress=progress))

    def add_warning(self, job_id: str, sentence: str) -> None:
        """One more sentence for the artist, unless there are 1000 or it was said before."""
        with self._database.changing() as db:
            row = job_row(db, job_id)
            said = warnings_of(db, row["number"])
            if len(said) >= _MOST_WARNINGS or any(sentence == earlier for _, earlier in said):
                return
            sequence = row["last_sequence"] + 1
            db.execute("INSERT INTO warnings VALUES (?, ?, ?)", (row["number"], sequence, sentence))
            db.execute("UPDATE jobs SET last_sequence = ? WHERE number = ?", (sequence, row["number"]))
            self._database.note(warning_line(job_id, sequence, sentence))
            self._ring_then(JobEvent(job_id, sequence, warning=sentence))

    def finish(self, job_id: str, result: JobResult) -> Job:
        """A running job is DONE, though it was cancelled meanwhile: its result is there. Others stay."""
        return self._change(job_id, lambda row: finished(row, result))

    def fail(self, job_id: str, error: JobError) -> Job:
        """A job that runs or waits is FAILED, or CANCELLED where it was cancelled or the error's code is
        CANCELLED. An ended one stays.
        """
        return self._change(job_id, lambda row: failed(row, error))

    def requeue(self, job_id: str, *, is_interrupted: bool = False) -> Job:
        """Into the queue again, at its old place: a running job whose worker died (`is_interrupted`: was
        stopped with the daemon, and that try is not counted), or a failed or cancelled one that is retried,
        its tries counted anew. A running one that was cancelled is CANCELLED; a waiting one stays. Raises
        JobStateRefused where it is done, QueueFull where a retried one finds too many waiting.
        """
        return self._change(job_id, lambda row: requeued(row, is_interrupted=is_interrupted))

    def retry(self, job_id: str) -> Job:
        """`requeue` for those who ask from outside: raises JobStateRefused also where the job is at work."""
        return self._change(job_id, retried)

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
                change = interrupted(row, self._most_interruptions)
                self._write(db, row, change)
                sentences.append(interruption_sentence(row, change))
        self._queue_changes = next(self._counter)
        return sentences

    def remove_oldest(self, most_ended: int) -> list[str]:
        """Forget the oldest ended jobs that are more than `most_ended`; their ids."""
        with self._database.changing() as db:
            rows = oldest_ended(db, most_ended)
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

    def _taken(self, device: str, takes_auto: bool) -> Job | None:
        with self._database.reading() as db:  # most looks find nothing, and cost no lock for writing
            if db.execute("SELECT 1 FROM jobs WHERE state = 'waiting' LIMIT 1").fetchone() is None:
                return None
        try:
            self._database.require_spare_room()
        except StoreFull:  # what runs may end, nothing is begun
            return None
        with self._database.changing() as db:
            row = chosen_row(db, device, takes_auto=takes_auto)
            if row is None:
                return None
            self._write(db, row, taken(row))
            job = whole_job(db, job_row(db, row["id"]))
        self._tell(job.id, is_queue=True)
        return job

    def _change(self, job_id: str, change: Callable[[sqlite3.Row], dict[str, Any]]) -> Job:
        """Write the columns that `change` names as a new state; none: nothing happens. The job then."""
        try:
            return self._changed(job_id, change)
        except StoreFull:  # there is room now, if there was any spare
            return self._changed(job_id, change)

    def _changed(self, job_id: str, change: Callable[[sqlite3.Row], dict[str, Any]]) -> Job:
        with self._database.changing() as db:
            row = job_row(db, job_id)
            columns = change(row)
            if columns.get("state") == "waiting" and JobState(row["state"]).is_ended:
                require_room(db, self._most_waiting)
            if columns:
                self._write(db, row, columns)
            job = whole_job(db, job_row(db, job_id))
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

    def _ring_then(self, event: JobEvent) -> None:
        """Inside `changing`: events come in the order of their numbers."""
        self._database.then(lambda: self._bells.ring(event.job_id, event))

    def _tell(self, job_id: str, *, is_queue: bool = False) -> None:
        if is_queue:
            self._queue_changes = next(self._counter)
            self._bells.ring(_QUEUE)
        self._bells.ring(job_id)

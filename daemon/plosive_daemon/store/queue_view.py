# SPDX-License-Identifier: Apache-2.0
"""What can be seen of the queue, and waited for."""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from plosive_daemon.job import Job, JobEvent, JobState
from plosive_daemon.scheduling import Waiting, next_job, order
from plosive_daemon.store.additions import job_of_key
from plosive_daemon.store.bells import Bell, Bells
from plosive_daemon.store.database import Database
from plosive_daemon.store.errors import StoreClosed
from plosive_daemon.store.queries import (
    as_waiting,
    job_row,
    last_starts,
    page_of,
    waiting_heads,
    waiting_with_ids,
    warnings_of,
    whole_job,
)
from plosive_daemon.store.rows import events_of

__all__ = ["QueueView"]


class QueueView:
    """The half of `JobStore` that changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bells = Bells()
        self._is_closed = False
        self._places: tuple[int, Mapping[str, int]] = (-1, {})
        self._counter = itertools.count(1)
        self._queue_changes = 0

    def get(self, job_id: str) -> Job:
        """The job as it stands, with its request."""
        with self._database.reading() as db:
            return whole_job(db, job_row(db, job_id))

    def is_known(self, job_id: str) -> bool:
        """Whether there is such a job."""
        with self._database.reading() as db:
            found = db.execute("SELECT 1 FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return found is not None

    def find(self, idempotency_key: str) -> Job | None:
        """The job that a key belongs to, with its request; None where there is none."""
        with self._database.reading() as db:
            return job_of_key(db, idempotency_key)

    def page(
        self, states: Collection[JobState] = (), client: str = "", size: int = 100, token: str = ""
    ) -> tuple[list[Job], str]:
        """Jobs in `states` (none: any) of `client` (empty: any), newest first, 1 to 500 of them; and the
        token of the page after, empty at the end. Raises InvalidPageToken.
        """
        with self._database.reading() as db:
            return page_of(db, states, client, size, token)

    @contextmanager
    def attending(self, job_id: str) -> Iterator[Bell]:
        """Between calls of `events_after` for `job_id`: what happens meanwhile need not be looked up."""
        with self._bells.listening(job_id) as bell:
            yield bell

    def events_after(
        self, job_id: str, sequence: int, timeout_seconds: float, *, progress_not_before: float = 0.0
    ) -> list[JobEvent]:
        """What happened after event `sequence` (0: the whole state), in order; waits until there is
        something, at most `timeout_seconds`, after which it is empty. Progress alone is held back until
        `progress_not_before` (time.monotonic), and then only the newest is told.
        """
        deadline = time.monotonic() + timeout_seconds
        with self._bells.listening(job_id) as bell:
            while True:
                rings, urgent_rings = bell.rings, bell.urgent_rings
                events = bell.events_after(sequence) if sequence else None
                if events is None:
                    events = self._looked_up(job_id, sequence)
                now = time.monotonic()
                is_progress = len(events) == 1 and events[0].progress is not None
                if is_progress and now < progress_not_before:
                    bell.wait(urgent_rings, progress_not_before - now, is_urgent=True)
                elif events or now >= deadline or not bell.wait(rings, deadline - now):
                    return events
                if self._is_closed:
                    raise StoreClosed("The daemon is going down; watch again when it runs.")

    def _looked_up(self, job_id: str, sequence: int) -> list[JobEvent]:
        with self._database.reading() as db:
            row = job_row(db, job_id)
            is_news = sequence == 0 or row["last_sequence"] != sequence
            warnings = warnings_of(db, row["number"]) if is_news else []
        return events_of(row, warnings, sequence) if is_news else []

    def counts(self) -> dict[JobState, int]:
        """How many jobs are in each state."""
        with self._database.reading() as db:
            found = dict(db.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())
        return {state: found.get(state.value, 0) for state in JobState}

    def first_waiting(self, device: str, *, takes_auto: bool = True, before: str = "") -> Waiting | None:
        """The job that `device` would do next; with `before`, a running job's id, only where it would go
        before that one, were that to wait again. None where there is none.
        """
        with self._database.reading() as db:
            heads, starts = waiting_heads(db), last_starts(db)
            own = as_waiting(job_row(db, before)) if before else None
        if not heads:
            return None
        found = next_job([*heads, *([] if own is None else [own])], starts, device, takes_auto=takes_auto)
        return None if found is None or found == own else found

    def places(self) -> Mapping[str, int]:
        """How many jobs go before each waiting job, by its id, were there one device for all."""
        changes = self._queue_changes
        if self._places[0] != changes:
            with self._database.reading() as db:
                waiting, starts = waiting_with_ids(db), last_starts(db)
            ids = {job.number: job_id for job_id, job in waiting.items()}
            ordered = order(list(waiting.values()), starts)
            self._places = (changes, {ids[job.number]: place for place, job in enumerate(ordered)})
        return self._places[1]

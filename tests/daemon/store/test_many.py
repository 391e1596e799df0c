# SPDX-License-Identifier: Apache-2.0
"""Many threads at one queue, many jobs in it, and the turns they take."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from plosive_daemon.job import JobError, JobProgress, JobResult, JobState
from plosive_daemon.store import JobStore
from plosive_daemon.store.kept_job import KeptJob, insert


def filled(folder: Path, count: int) -> JobStore:
    """A queue with `count` waiting jobs of 10 clients, put there in one transaction."""
    store = JobStore(folder, most_waiting=100_000)
    first = store.add(b"request", client="client 0")[0]
    with store._database.changing() as db:
        columns = dict(db.execute("SELECT * FROM jobs").fetchone())
        insert(
            db,
            (
                KeptJob({**columns, "number": n, "id": f"{n:026d}", "client": f"client {n % 10}"}, b"request")
                for n in range(columns["number"] + 1, count + columns["number"])
            ),
        )
    assert store.get(first.id).state is JobState.WAITING
    return store


def test_hammered_by_threads_nothing_is_lost_or_taken_twice(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    added: list[str] = []
    taken: list[str] = []
    ended = Counter[str]()
    failures: list[BaseException] = []
    is_filled = threading.Event()

    def guarded(work: object, *arguments: object) -> threading.Thread:
        def run() -> None:
            try:
                assert callable(work)
                work(*arguments)
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def add(client: str) -> None:
        for number in range(30):
            job = store.add(f"{client} {number}".encode(), client=client, idempotency_key=f"{client}{number}")
            assert store.add(f"{client} {number}".encode(), idempotency_key=f"{client}{number}")[1]
            added.append(job[0].id)

    def work(device: str) -> None:
        while True:
            job = store.take(device, timeout_seconds=0.05)
            if job is None:
                if is_filled.is_set():
                    return
                continue
            taken.append(job.id)
            store.put_progress(job.id, JobProgress("render", 1, 2, device=device))
            ending = job.request[-1] % 3
            if ending == 0:
                store.finish(job.id, JobResult(f"/{job.id}"))
            elif ending == 1:
                store.fail(job.id, JobError("DUB", "No."))
            else:
                store.cancel(job.id)
                store.fail(job.id, JobError("CANCELLED", "Cancelled."))
            ended[job.id] += 1

    def look() -> None:
        while not is_filled.is_set():
            store.page(size=50)
            store.places()
            assert sum(store.counts().values()) >= len(ended)

    workers = [guarded(work, f"cuda:{n}") for n in range(4)] + [guarded(look)]
    adders = [guarded(add, client) for client in "abc"]
    for adder in adders:
        adder.join()
    is_filled.set()
    for worker in workers:
        worker.join()
    assert failures == []
    assert sorted(taken) == sorted(added) == sorted(ended) and len(added) == 90
    counts = store.counts()  # by the last digit of 0 to 29
    assert [counts[state] for state in JobState] == [0, 0, 36, 27, 27]
    assert all(job.attempts == 1 for job in store.page(size=500)[0])
    store.close()


def test_pages_of_ten_thousand(tmp_path: Path) -> None:
    store = filled(tmp_path, 10_000)
    begun = time.process_time()
    seen, token, pages = set[str](), "", 0
    while True:
        page, token = store.page([JobState.WAITING], size=500, token=token)
        seen |= {job.id for job in page}
        pages += 1
        if not token:
            break
    assert (len(seen), pages) == (10_000, 20)
    assert len(store.places()) == 10_000
    assert time.process_time() - begun < 4.0
    begun = time.process_time()
    for _ in range(20):
        assert store.take("cpu") is not None
    assert (time.process_time() - begun) / 20 < 0.1
    store.close()
    begun = time.process_time()
    store = JobStore(tmp_path)
    store.recover()
    assert time.process_time() - begun < 4.0
    store.close()


@pytest.mark.parametrize("clients", [1, 3])
def test_clients_take_turns(tmp_path: Path, clients: int) -> None:
    store = JobStore(tmp_path)
    for number in range(6):
        store.add(b"", client="farm", label=f"farm {number}")
    for client in range(1, clients):
        for number in range(2):
            store.add(b"", client=f"artist {client}", label=f"artist {client} {number}")
    urgent = store.add(b"", client="farm", priority=90)[0]
    expected = sorted(store.places(), key=lambda job_id: store.places()[job_id])
    begun = []
    while (job := store.take("cpu")) is not None:
        begun.append(job.id)
    assert begun[0] == urgent.id and begun == expected
    turns = [store.get(job_id).client for job_id in begun[1:]]
    assert turns[: 2 * clients - 1].count("farm") <= 2 or clients == 1
    store.close()
    again = JobStore(tmp_path)  # whose turn it is outlives a restart
    again.recover()
    assert clients == 1 or again.get(begun[-1]).client == "farm"
    again.close()

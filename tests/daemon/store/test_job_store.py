# SPDX-License-Identifier: Apache-2.0
"""The queue: what each call does to a job, and to those who watch it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plosive_daemon.job import JobError, JobProgress, JobResult, JobState
from plosive_daemon.store import (
    InvalidPageToken,
    JobStateRefused,
    JobStore,
    JobUnknown,
    KeyReused,
    QueueFull,
    StoreClosed,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JobStore]:
    made = JobStore(tmp_path)
    yield made
    made.close()


def test_a_job_from_waiting_to_done(store: JobStore) -> None:
    job, existed = store.add(b"request", label="shot 10", client="nuke", priority=70, device="cuda")
    assert (job.state, existed, len(job.id), job.request) == (JobState.WAITING, False, 26, b"request")
    assert (job.label, job.client, job.priority, job.device) == ("shot 10", "nuke", 70, "cuda")
    assert store.take("cpu") is None
    taken = store.take("cuda:0")
    assert taken is not None and (taken.id, taken.state, taken.attempts) == (job.id, JobState.RUNNING, 1)
    assert store.take("cuda:0") is None
    store.put_progress(job.id, JobProgress("render", 3, 10, 1.5, 4.6, "/tmp/p.png", "cuda:0"))
    store.add_warning(job.id, "The mouth is hidden in frames 4 to 6.")
    store.add_warning(job.id, "The mouth is hidden in frames 4 to 6.")
    result = JobResult("/out.mov", frames_total=10, score=4.5, notes=("Scored.",))
    done = store.finish(job.id, result)
    assert (done.state, done.result, done.progress.frames_done) == (JobState.DONE, result, 3)
    assert done.warnings == ("The mouth is hidden in frames 4 to 6.",)
    assert store.get(job.id) == done
    assert 0 < done.created_unix_ms <= done.started_unix_ms <= done.ended_unix_ms
    assert store.counts()[JobState.DONE] == 1 and sum(store.counts().values()) == 1


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    with_all = JobStore(tmp_path)
    first = with_all.add(b"a", label="first")[0]
    second = with_all.add(b"b", idempotency_key="key")[0]
    assert with_all.take("cpu") is not None
    with_all.add_warning(first.id, "Said.")
    failed = with_all.fail(first.id, JobError("DUB", "The dub is silent.", "dub_path"))
    with_all.close()
    with_all.close()
    again = JobStore(tmp_path)
    assert again.recover() == []
    assert again.get(first.id) == failed
    assert again.get(second.id).request == b"b"
    assert again.add(b"b", idempotency_key="key")[1]
    again.close()


def test_idempotency_keys(store: JobStore) -> None:
    job, _ = store.add(b"a", idempotency_key="once")
    assert store.add(b"a", idempotency_key="once") == (job, True)
    with pytest.raises(KeyReused, match="another request"):
        store.add(b"b", idempotency_key="once")
    assert store.add(b"a")[0].id != job.id
    store.cancel(job.id)
    store.remove(job.id)
    assert not store.add(b"b", idempotency_key="once")[1]


def test_a_full_queue_says_so_and_takes_again_later(tmp_path: Path) -> None:
    store = JobStore(tmp_path, most_waiting=2)
    jobs = [store.add(b"")[0] for _ in range(2)]
    with pytest.raises(QueueFull, match="2 jobs wait"):
        store.add(b"")
    store.cancel(jobs[0].id)
    store.add(b"")
    with pytest.raises(QueueFull):
        store.requeue(jobs[0].id)
    store.close()


def test_cancelling(store: JobStore) -> None:
    waiting, running = store.add(b"", priority=0)[0], store.add(b"")[0]
    assert store.take("cpu") is not None
    assert store.cancel(waiting.id).state is JobState.CANCELLED
    marked = store.cancel(running.id)
    assert marked.state is JobState.RUNNING and marked.is_cancelling
    assert store.cancel(running.id) == marked
    ended = store.fail(running.id, JobError("INTERNAL", "Killed."))
    assert (ended.state, ended.error, ended.is_cancelling) == (JobState.CANCELLED, None, False)
    assert store.cancel(running.id) == ended
    assert store.finish(running.id, JobResult("/late.mov")) == ended
    store.put_progress(running.id, JobProgress("late"))
    assert store.get(running.id) == ended


def test_a_result_that_was_there_before_the_cancel_counts(store: JobStore) -> None:
    job = store.add(b"")[0]
    store.take("cpu")
    store.cancel(job.id)
    assert store.finish(job.id, JobResult("/out.mov")).state is JobState.DONE
    with pytest.raises(JobStateRefused, match="is done"):
        store.requeue(job.id)


def test_a_dead_workers_job_waits_at_its_old_place(store: JobStore) -> None:
    first, second = store.add(b"")[0], store.add(b"")[0]
    store.take("cpu")
    again = store.requeue(first.id)
    assert (again.state, again.attempts) == (JobState.WAITING, 1)
    assert dict(store.places()) == {first.id: 0, second.id: 1}
    taken = store.take("cpu")
    assert taken is not None and (taken.id, taken.attempts) == (first.id, 2)
    assert store.requeue(first.id, is_interrupted=True).attempts == 1
    store.fail(first.id, JobError("WORKER_DIED", "Twice."))
    retried = store.requeue(first.id)
    assert (retried.state, retried.attempts, retried.error) == (JobState.WAITING, 0, None)


def test_removal(store: JobStore) -> None:
    job = store.add(b"")[0]
    with pytest.raises(JobStateRefused, match="has not ended"):
        store.remove(job.id)
    store.cancel(job.id)
    store.remove(job.id)
    for call in (store.get, store.remove, store.cancel, store.requeue):
        with pytest.raises(JobUnknown, match="There is no job"):
            call(job.id)
    with pytest.raises(JobUnknown):
        store.events_after(job.id, 0, 1.0)
    with pytest.raises(JobUnknown):
        store.put_progress(job.id, JobProgress())


def test_the_oldest_ended_jobs_are_forgotten(store: JobStore) -> None:
    jobs = [store.add(b"")[0].id for _ in range(5)]
    for job_id in jobs[:4]:
        store.cancel(job_id)
    assert sorted(store.remove_oldest(1)) == jobs[:3]
    assert [job.id for job in store.page()[0]] == [jobs[4], jobs[3]]


def test_pages(store: JobStore) -> None:
    jobs = [store.add(b"x", client="ab"[n % 2])[0].id for n in range(10)]
    store.cancel(jobs[0])
    store.add_warning(jobs[9], "W.")
    seen, token = list[str](), ""
    while True:
        page, token = store.page(size=3, token=token)
        seen += [job.id for job in page]
        assert all(job.request == b"" for job in page)
        if not token:
            break
    assert seen == jobs[::-1]
    assert store.page()[0][0].warnings == ("W.",)
    assert [job.id for job in store.page([JobState.CANCELLED])[0]] == jobs[:1]
    assert [job.id for job in store.page([JobState.WAITING], "a")[0]] == jobs[8:0:-2]
    assert store.page(client="nobody") == ([], "")
    for wrong in ("x", "-1", "1e3", "9" * 30, "\u0661"):
        with pytest.raises(InvalidPageToken):
            store.page(token=wrong)


def test_events_come_in_order_and_once(store: JobStore) -> None:
    job = store.add(b"")[0]
    whole = store.events_after(job.id, 0, 0.0)
    assert [event.job.state for event in whole if event.job] == [JobState.WAITING]
    at = whole[-1].sequence
    assert store.events_after(job.id, at, 0.0) == []
    store.take("cpu")
    store.add_warning(job.id, "One.")
    for frame in range(5):
        store.put_progress(job.id, JobProgress("render", frame, 5))
    store.add_warning(job.id, "Two.")
    events = store.events_after(job.id, at, 0.0)
    assert [event.sequence for event in events] == sorted({event.sequence for event in events})
    state, one, progress, two = events
    assert state.job is not None and state.job.state is JobState.RUNNING and state.job.warnings == ()
    assert (one.warning, two.warning) == ("One.", "Two.")
    assert progress.progress == JobProgress("render", 4, 5)
    assert store.events_after(job.id, one.sequence, 0.0) == [progress, two]
    store.put_progress(job.id, JobProgress("render", 5, 5))
    store.finish(job.id, JobResult("/out.mov"))
    (end,) = store.events_after(job.id, two.sequence, 0.0)
    assert end.job is not None and end.job.state is JobState.DONE and end.job.warnings == ("One.", "Two.")
    assert end.job.progress.frames_done == 5
    assert store.events_after(job.id, end.sequence, 0.0) == []
    (told,) = store.events_after(job.id, end.sequence + 7, 0.0)  # more than ever was: from an older copy
    assert told.job == end.job


def test_a_watcher_waits_without_looking_and_wakes_at_once(store: JobStore) -> None:
    job = store.add(b"")[0]
    told: list[float] = []

    def watch() -> None:
        assert store.events_after(job.id, 1, 20.0)
        told.append(time.monotonic())

    watchers = [threading.Thread(target=watch) for _ in range(200)]
    for watcher in watchers:
        watcher.start()
    time.sleep(0.5)
    spent = time.process_time()
    time.sleep(0.5)
    spent = time.process_time() - spent
    begun = time.monotonic()
    store.take("cpu")
    for watcher in watchers:
        watcher.join(20.0)
    assert len(told) == 200
    assert max(told) - begun < 2.0
    assert spent < 0.1
    assert store.events_after(job.id, 2, 0.05) == []


def test_watchers_see_all_states_and_warnings_in_order_whatever_comes_between(store: JobStore) -> None:
    job = store.add(b"")[0]
    store.take("cpu")
    seen: list[list[tuple[int, str]]] = []

    def watch() -> None:
        sequence, mine = 0, list[tuple[int, str]]()
        seen.append(mine)
        while True:
            for event in store.events_after(job.id, sequence, 5.0):
                assert event.sequence > sequence
                if sequence == 0 and event.job is not None:
                    mine += [(0, sentence) for sentence in event.job.warnings]
                sequence = event.sequence
                if event.warning:
                    mine.append((sequence, event.warning))
                if event.job is not None and event.job.state.is_ended:
                    return

    watchers = [threading.Thread(target=watch) for _ in range(8)]
    for watcher in watchers:
        watcher.start()
    while len(seen) < len(watchers):
        time.sleep(0.01)
    time.sleep(0.1)

    def progress() -> None:
        for frame in range(200):
            store.put_progress(job.id, JobProgress("render", frame, 200))

    def warn() -> None:
        for number in range(30):
            store.add_warning(job.id, f"Warning {number}.")

    tellers = [threading.Thread(target=tell) for tell in (progress, progress, warn)]
    for thread in tellers:
        thread.start()
    for thread in tellers:
        thread.join()
    store.finish(job.id, JobResult("/out.mov"))
    for watcher in watchers:
        watcher.join(10.0)
    for mine in seen:
        assert [sentence for _, sentence in mine] == [f"Warning {number}." for number in range(30)]


def test_a_device_waits_for_work(store: JobStore) -> None:
    assert store.take("cpu", timeout_seconds=0.02) is None
    timer = threading.Timer(0.1, store.add, (b"late",))
    timer.start()
    job = store.take("cpu", timeout_seconds=20.0)
    assert job is not None and job.request == b"late"
    timer.join()


def test_closing_wakes_everybody(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    job = store.add(b"", device="cuda")[0]
    closed: list[str] = []

    def wait(call: object) -> None:
        assert callable(call)
        with pytest.raises(StoreClosed):
            call()
        closed.append("")

    threads = [
        threading.Thread(target=wait, args=(call,))
        for call in (
            lambda: store.events_after(job.id, 1, 30.0),
            lambda: store.take("cpu", timeout_seconds=30.0),
        )
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    store.close()
    for thread in threads:
        thread.join(5.0)
    assert len(closed) == 2
    with pytest.raises(StoreClosed):
        store.get(job.id)

# SPDX-License-Identifier: Apache-2.0
"""The queue after kill -9, in copies taken while it is written, damaged, gone, on a full disk."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from plosive_daemon.job import JobError, JobKind, JobProgress, JobResult, JobState
from plosive_daemon.private_files import StateFolderError
from plosive_daemon.store import JobStore, StoreFailed, StoreFull, schema, spare_room

FAULTS = int(os.environ.get("PLOSIVE_FAULTS", "3"))

# Adds, takes, warns, finishes and cancels, and tells each on its standard output once it is done.
WRITER = """
import random, sys
from pathlib import Path
from plosive_daemon.job import JobError, JobProgress, JobResult
from plosive_daemon.store import JobStore
store = JobStore(Path(sys.argv[1]))
store.recover()
chance = random.Random(int(sys.argv[2]))
number = 0
def tell(*words):
    print(*words, flush=True)
while True:
    number += 1
    request = f"{sys.argv[2]}-{number}".encode() * 20
    tell("added", store.add(request, client=chance.choice("abc"))[0].id, request.decode())
    if chance.random() < 0.6 and (job := store.take("cpu")) is not None:
        for frame in range(3):
            store.put_progress(job.id, JobProgress("render", frame, 3))
        store.add_warning(job.id, f"Warning of {job.id}.")
        tell("warned", job.id)
        ending = chance.random()
        if ending < 0.5:
            store.finish(job.id, JobResult(f"/out/{job.id}.mov"))
            tell("done", job.id)
        elif ending < 0.7:
            store.fail(job.id, JobError("DUB", "No."))
            tell("failed", job.id)
        elif ending < 0.8:
            store.cancel(job.id)
            tell("marked", job.id)
"""


def killed(folder: Path, seed: int, seconds: float) -> dict[str, list[str]]:
    """What a writer told before kill -9 ended it after `seconds`: words by job."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    lines = [process.stdout.readline()]  # it is at work
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    lines += process.stdout.readlines()
    process.wait()
    timer.join()
    told: dict[str, list[str]] = {}
    for what, job_id, *request in (line.split() for line in lines if line.endswith("\n")):
        told.setdefault(job_id, []).extend((what, *request))
    return told


def require_true(store: JobStore, told: dict[str, list[str]]) -> None:
    """Nothing that was told is lost or otherwise; nothing runs."""
    ends = {"done": JobState.DONE, "failed": JobState.FAILED, "marked": JobState.CANCELLED}
    for job_id, words in told.items():
        job = store.get(job_id)
        assert words[0] != "added" or job.request.decode() == words[1]
        assert ("warned" not in words) or job.warnings == (f"Warning of {job_id}.",)
        for word in words:
            assert word not in ends or job.state is ends[word], (job, words)
        if job.state is JobState.DONE:
            assert job.result == JobResult(f"/out/{job_id}.mov")
    assert store.counts()[JobState.RUNNING] == 0


def test_kill_minus_9(tmp_path: Path) -> None:
    """In short form: PLOSIVE_FAULTS=20 says how often."""
    chance = random.Random(5)
    everything: dict[str, list[str]] = {}
    for seed in range(FAULTS):
        told = killed(tmp_path, seed, chance.uniform(0.0, 0.5))
        store = JobStore(tmp_path)
        said = store.recover()
        assert not [sentence for sentence in said if "cut off" not in sentence]
        require_true(store, told)
        for job_id, words in told.items():
            everything.setdefault(job_id, []).extend(words)
        require_true(store, everything)
        store.close()


def _half_made(folder: str, names: list[str]) -> list[str]:
    """Files that are being made get their names later, and may be gone before they are copied."""
    return [name for name in names if name.endswith(".part")]


def test_a_copy_taken_while_it_is_written_is_true(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "queue", most_waiting=100_000)
    added: list[str] = []
    done: list[str] = []
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            added.append(store.add(b"r" * 500)[0].id)
            job = store.take("cpu")
            if job is not None:
                store.put_progress(job.id, JobProgress("render", 1, 2))
                store.finish(job.id, JobResult("/out.mov"))
                done.append(job.id)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    chance = random.Random(3)
    copies: list[tuple[Path, list[str], list[str]]] = []
    for number in range(20):
        time.sleep(chance.uniform(0.0, 0.1))
        known = (list(added), list(done))
        shutil.copytree(tmp_path / "queue", tmp_path / f"copy{number}", ignore=_half_made)
        copies.append((tmp_path / f"copy{number}", *known))
    is_over.set()
    for writer in writers:
        writer.join()
    store.close()
    for folder, known_added, known_done in copies:
        copy = JobStore(folder)
        copy.recover()
        for job_id in known_done:
            assert copy.get(job_id).state is JobState.DONE
        for job_id in known_added:
            assert copy.get(job_id).request == b"r" * 500 or copy.get(job_id).state is JobState.DONE
        copy.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, JobState]]:
    """A queue of 60 jobs in all states, closed; to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    store = JobStore(folder)
    for number in range(60):
        store.add(f"request {number} ".encode() * 50, label=f"shot {number}", client="nuke")
    for number in range(40):
        job = store.take("cpu")
        assert job is not None
        store.add_warning(job.id, "Said.")
        if number % 3 == 0:
            store.finish(job.id, JobResult("/out.mov"))
        elif number % 3 == 1:
            store.fail(job.id, JobError("DUB", "No."))
    states = {job.id: job.state for job in store.page(size=100)[0]}
    store.close()
    return folder, states


def _truth(states: dict[str, JobState]) -> dict[str, JobState]:
    return {
        job_id: JobState.WAITING if state is JobState.RUNNING else state for job_id, state in states.items()
    }


def _damage(path: Path, kind: str, seed: int) -> None:
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    if kind == "header":
        data[:100] = bytes(100)
    elif kind == "text":
        data = bytearray(b"not a database at all\n" * 100)
    elif kind == "short":
        data = data[: len(data) * 4 // 5]
    elif kind == "stub":
        data = data[:50]
    elif kind == "empty":
        data = bytearray()
    elif kind == "pages":
        for _ in range(4):
            start = 4096 * chance.randrange(1, len(data) // 4096)
            data[start : start + 4096] = chance.randbytes(4096)
    elif kind == "bytes":
        for _ in range(200):
            data[chance.randrange(100, len(data))] = chance.randrange(256)
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["header", "text", "short", "stub", "empty", "pages", "bytes", "gone"])
def test_a_damaged_file_is_set_aside_and_nothing_is_lost(
    tmp_path: Path, filled: tuple[Path, dict[str, JobState]], kind: str
) -> None:
    states = filled[1]
    for seed in range(2):
        folder = shutil.copytree(filled[0], tmp_path / str(seed))
        if kind == "gone":
            (folder / "jobs.db").unlink()
        else:
            _damage(folder / "jobs.db", kind, seed)
        store = JobStore(folder)
        said = [sentence for sentence in store.recover() if "cut off" not in sentence]
        assert {job.id: job.state for job in store.page(size=100)[0]} == _truth(states)
        assert all(job.label for job in store.page(size=100)[0])
        waiting = store.page([JobState.WAITING], size=100)[0]
        assert all(store.get(job.id).request.startswith(b"request ") for job in waiting)
        if kind not in (
            "bytes",
            "empty",
        ):  # a changed byte may lie where nothing is; an empty file is a new one
            assert len(said) == 1 and ("damaged" in said[0] or "gone" in said[0])
        assert not any("\n" in sentence for sentence in said)
        if said and "set aside" in said[0]:
            (aside,) = folder.glob("jobs.damaged-*.db")
            assert str(aside) in said[0]
        newest = store.add(b"new")[0]
        assert newest.id > max(states)
        store.close()
        again = JobStore(folder)
        assert again.recover() == [] and again.get(newest.id).request == b"new"
        again.close()


@pytest.mark.parametrize("kind", ["header", "pages", "short"])
def test_without_its_second_copy_what_is_readable_is_kept(
    tmp_path: Path, filled: tuple[Path, dict[str, JobState]], kind: str
) -> None:
    states = filled[1]
    shutil.copytree(filled[0], tmp_path, dirs_exist_ok=True)
    (tmp_path / "jobs.ledger").unlink()
    _damage(tmp_path / "jobs.db", kind, 1)
    store = JobStore(tmp_path)
    assert "set aside" in store.recover()[0]
    found = {job.id: job.state for job in store.page(size=100)[0]}
    assert found.items() <= _truth(states).items()
    assert kind != "pages" or len(found) >= 10  # of a short file the pages with the jobs may be gone
    store.add(b"goes on")
    store.close()


def test_a_damaged_second_copy_harms_nothing(
    tmp_path: Path, filled: tuple[Path, dict[str, JobState]]
) -> None:
    states = filled[1]
    shutil.copytree(filled[0], tmp_path, dirs_exist_ok=True)
    for kind in ("bytes", "short", "text"):
        _damage(tmp_path / "jobs.ledger", kind, 1)
        store = JobStore(tmp_path)
        assert not [sentence for sentence in store.recover() if "cut off" not in sentence]
        assert {job.id: job.state for job in store.page(size=100)[0]} == _truth(states)
        store.close()


def test_an_older_copy_of_the_file_is_brought_up(
    tmp_path: Path, filled: tuple[Path, dict[str, JobState]]
) -> None:
    states = filled[1]
    shutil.copytree(filled[0], tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "jobs.db", tmp_path / "old")
    store = JobStore(tmp_path)
    store.recover()
    first = store.take("cpu")
    assert first is not None
    store.finish(first.id, JobResult("/new.mov"))
    added = store.add(b"later")[0]
    removed = next(job_id for job_id, state in states.items() if state is JobState.FAILED)
    store.remove(removed)
    store.close()
    shutil.copy(tmp_path / "old", tmp_path / "jobs.db")
    store = JobStore(tmp_path)
    assert "not the newest" in store.recover()[0]
    assert store.get(first.id).result == JobResult("/new.mov")
    assert store.get(added.id).request == b"later"
    assert removed not in [job.id for job in store.page(size=100)[0]]
    store.close()


def test_a_newer_plosives_file_is_left_alone(
    tmp_path: Path, filled: tuple[Path, dict[str, JobState]]
) -> None:
    shutil.copytree(filled[0], tmp_path, dirs_exist_ok=True)
    with sqlite3.connect(tmp_path / "jobs.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreFailed, match="newer Plosive"):
        JobStore(tmp_path)
    assert not list(tmp_path.glob("jobs.damaged*"))


def test_an_older_plosives_file_is_brought_up_whole_or_not_at_all(
    tmp_path: Path, filled: tuple[Path, dict[str, JobState]], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(filled[0], tmp_path, dirs_exist_ok=True)

    def step(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE new_in_two (n)")
        if is_broken:
            raise RuntimeError("a defect in the step")

    newer = schema.VERSION + 1
    monkeypatch.setattr(schema, "VERSION", newer)
    monkeypatch.setitem(schema._STEPS, newer - 1, step)
    for is_broken in (True, False):
        if is_broken:
            with pytest.raises(RuntimeError):
                JobStore(tmp_path)
            continue
        store = JobStore(tmp_path)
        assert {job.id for job in store.page(size=100)[0]} == set(filled[1])
        with store._database.reading() as db:
            assert db.execute("PRAGMA user_version").fetchone()[0] == newer
            assert db.execute("SELECT count(*) FROM new_in_two").fetchone()[0] == 0
        store.close()


def _as_of_version_one(folder: Path) -> None:
    """Take out of a queue what version 2 of the tables added: the kind of a job."""
    with sqlite3.connect(folder / "jobs.db") as db:
        db.execute("ALTER TABLE jobs DROP COLUMN kind")
        db.execute("PRAGMA user_version = 1")
    db.close()
    lines = []
    for line in (folder / "jobs.ledger").read_bytes().splitlines():
        told = json.loads(line[9:]) if line else {}
        told.get("job", {}).pop("kind", None)
        text = json.dumps(told, separators=(",", ":")).encode("ascii")
        lines.append(b"%08x %s\n" % (zlib.crc32(text), text))
    (folder / "jobs.ledger").write_bytes(b"".join(lines))


@pytest.mark.parametrize("kind", ["", "header", "pages", "gone"])
def test_a_queue_from_before_there_were_conforms_is_read(
    tmp_path: Path, filled: tuple[Path, dict[str, JobState]], kind: str
) -> None:
    shutil.copytree(filled[0], tmp_path, dirs_exist_ok=True)
    _as_of_version_one(tmp_path)
    if kind == "gone":
        (tmp_path / "jobs.db").unlink()
    elif kind:
        _damage(tmp_path / "jobs.db", kind, 7)
    store = JobStore(tmp_path)
    sentences = store.recover()
    if not kind:
        assert not any("second copy" in sentence for sentence in sentences), sentences
    assert {job.id: job.state for job in store.page(size=100)[0]} == _truth(filled[1])
    assert {job.kind for job in store.page(size=100)[0]} == {JobKind.SYNC}
    added, _ = store.add(b"an edit", kind=JobKind.CONFORM)
    store.close()
    (tmp_path / "jobs.db").unlink()
    again = JobStore(tmp_path)
    assert (again.get(added.id).kind, again.get(added.id).request) == (JobKind.CONFORM, b"an edit")
    again.close()


def test_jobs_that_ran_wait_again_and_their_tries_are_not_held_against_them(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    job = store.add(b"", label="shot 5")[0]
    other = store.add(b"")[0]
    for try_number in range(1, 6):
        taken = store.take("cpu")
        assert taken is not None and (taken.id, taken.attempts) == (job.id, try_number)
        before = store.get(job.id).last_sequence
        store.close()
        store = JobStore(tmp_path)
        said = store.recover()
        assert said[0].startswith(f"Job {job.id} (shot 5) was cut off in try {try_number}")
        now = store.get(job.id)
        assert now.last_sequence > before + 1000
        assert now.attempts_interrupted == min(try_number, 3)
        if try_number < 5:
            assert now.state is JobState.WAITING
    assert now.state is JobState.FAILED and now.error is not None and now.error.code == "WORKER_DIED"
    assert now.error.is_retryable and "died 5 times" in now.error.sentence
    store.take("cpu")
    store.cancel(other.id)
    store.close()
    store = JobStore(tmp_path)
    assert "is cancelled now" in store.recover()[0]
    assert store.get(other.id).state is JobState.CANCELLED
    store.close()


FULL = """
import resource, signal, sys
from pathlib import Path
from plosive_daemon.job import JobResult
from plosive_daemon.store import JobStore, StoreFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = JobStore(Path(sys.argv[1]))
first = store.add(b"first")[0].id
store.take("cpu")
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
added = []
try:
    while len(added) < 1000:
        added.append(store.add(b"x" * 3000)[0].id)
except StoreFull as error:
    print(error)
else:
    raise SystemExit("never full")
assert store.get(first).state.value == "running"
assert len(store.page(size=500)[0]) == len(added) + 1
try:
    store.finish(first, JobResult("/out.mov"))
except StoreFull:
    assert store.get(first).state.value == "running"
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
assert store.finish(first, JobResult("/out.mov")).state.value == "done"
last = store.add(b"fits again")[0].id
store.close()
again = JobStore(Path(sys.argv[1]))
assert again.recover() == [], again.recover()
assert [job.id for job in again.page(size=500)[0]] == [last, *reversed(added), first]
print("whole")
"""


@pytest.mark.skipif(os.name == "nt", reason="needs RLIMIT_FSIZE")
def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    assert "cannot be written" in done.stdout and done.stdout.endswith("whole\n")


def test_on_a_full_disk_what_runs_can_still_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = JobStore(tmp_path)
    job = store.add(b"")[0]
    store.add(b"waits", priority=0)
    assert store.take("cpu") is not None and (tmp_path / "jobs.spare").stat().st_size == 4 << 20
    is_full = True
    real = store._database._transaction

    def transaction(db: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
        """A disk with no room but the spare one."""
        if begin == "BEGIN IMMEDIATE" and is_full and (tmp_path / "jobs.spare").exists():
            raise StoreFull("The disk is full.")
        yield from real(db, begin)

    def refuse(path: Path, data: bytes) -> None:
        if is_full:
            raise StateFolderError("full")
        path.write_bytes(data)

    monkeypatch.setattr(store._database, "_transaction", transaction)
    monkeypatch.setattr(spare_room, "write_private", refuse)
    assert store.finish(job.id, JobResult("/out.mov")).state is JobState.DONE
    for _ in range(2):
        with pytest.raises(StoreFull):
            store.add(b"no room")
    assert store.take("cpu") is None
    store.put_progress(job.id, JobProgress())
    is_full = False
    store.add(b"room again")
    assert store.take("cpu") is not None
    store.close()


def test_a_full_file_is_said(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    store._database._durable.execute("PRAGMA max_page_count = 40")
    added: list[str] = []
    with pytest.raises(StoreFull, match="disk is full"):
        while len(added) < 1000:
            added.append(store.add(b"x" * 3000)[0].id)
    assert [job.id for job in store.page(size=500)[0]] == added[::-1]
    store._database._durable.execute("PRAGMA max_page_count = 100000")
    store.add(b"x" * 3000)
    store.close()


def test_a_clock_that_is_set_back_harms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = JobStore(tmp_path)
    first = store.add(b"1")[0]
    monkeypatch.setattr(time, "time_ns", lambda: 10**15)
    second = store.add(b"2")[0]
    store.close()
    store = JobStore(tmp_path)
    third = store.add(b"3")[0]
    assert first.id < second.id < third.id
    assert [job.id for job in store.page()[0]] == [third.id, second.id, first.id]
    taken = store.take("cpu")
    assert taken is not None and taken.id == first.id
    done = store.finish(first.id, JobResult("/out.mov"))
    assert done.created_unix_ms <= done.started_unix_ms <= done.ended_unix_ms
    begun = time.monotonic()
    assert store.events_after(second.id, 1, 0.05) == []
    assert time.monotonic() - begun < 5
    monkeypatch.setattr(time, "time_ns", lambda: 2**70)
    assert store.add(b"4")[0].id > third.id
    store.close()

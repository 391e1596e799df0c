# SPDX-License-Identifier: Apache-2.0
"""Faults of what the daemon remembers: its folder copied mid-write, its queue damaged, both copies of it."""

from __future__ import annotations

import os
import random
import shutil
import time
from contextlib import closing, suppress
from pathlib import Path

from plosive_client import Job, JobState

from .shop import JOBS, Shop, Submitter

__all__ = ["both_damaged", "power_cut", "queue_damaged"]


def power_cut(folder: Path, seed: int) -> str:
    """The state folder is copied file by file while it is written, its last bytes torn; the copy serves."""
    with closing(Shop(folder, seed)) as shop, shop.start() as client:
        submitter = Submitter(shop, client)
        first = shop.submit(client, "first")
        submitter.start()
        shop.moment(client, first.id, 2.0)
        taken = {"first", *submitter.acknowledged}
        copy = folder / "copy"
        _copy_while_written(shop.state, copy, shop.random)
        # Results that the copy does not know are made meanwhile.
        time.sleep(shop.random.choice((0.0, shop.random.uniform(0.2, 1.5))))
        shop.kill()
        submitter.join(1.0)
        shop.require_no_orphans()
        torn = _tear(copy / "queue", shop.random)
        shutil.rmtree(shop.state)
        copy.rename(shop.state)
        there = {path.stem for path in shop.out.glob("*.mov") if shop.is_whole(path)}
        with shop.start() as second:
            told = second.info().warnings
            jobs = {job.label: job for job in second.jobs()}
            lost = taken - set(jobs)
            # What was torn off an append-only file is what a disk had not got yet: it may hold the newest.
            assert not lost or torn, f"jobs that were taken before the copy are gone: {lost}"
            assert len(lost) <= 1, f"more than the torn one is gone: {lost}"
            ended = [shop.wait(second, job.id) for job in jobs.values()]
            late = _require_done_or_in_the_way(shop, ended, there)
            shop.require_no_partials()
            shop.stop()
        lost_too = f"{len(taken)} taken, {len(lost)} lost, torn: {torn or 'nothing'}"
        return f"{lost_too}; {len(told)} told, {len(ended) - late} of {len(ended)} done, {late} were there"


def _require_done_or_in_the_way(shop: Shop, ended: list[Job], there: set[str]) -> int:
    """Every job is done; or its result was made after the copy that the queue is from, by a daemon whose
    memory is gone: that job failed because its result was `there`, and it is there, whole. How many of these.
    """
    late = 0
    for job in ended:
        assert shop.is_whole(shop.out / f"{job.label}.mov"), job
        if job.state is not JobState.DONE:
            assert job.state is JobState.FAILED and job.error is not None and job.label in there, job
            assert job.error.code.value == "MEDIA_WRITE" and "exists already" in job.error.sentence, job
            late += 1
    shop.require_whole_files()
    return late


def both_damaged(folder: Path, seed: int) -> str:
    """The queue's file and its second copy are damaged together, while no daemon runs."""
    with closing(Shop(folder, seed)) as shop:
        with shop.start() as client:
            ids = {f"shot{number}": shop.submit(client, f"shot{number}").id for number in range(JOBS)}
            shop.moment(client, ids["shot0"], 1.5)
        shop.kill()
        shop.require_no_orphans()
        queue, ways = shop.state / "queue", ("overwritten", "cut", "emptied", "gone", "text")
        hows = []
        for name in ("jobs.db", "jobs.ledger"):
            hows.append(shop.random.choice(ways))
            _damage(queue / name, hows[-1], shop.random)
        if shop.random.random() < 0.5:
            for companion in ("jobs.db-wal", "jobs.db-shm"):
                (queue / companion).unlink(missing_ok=True)
        there = {path.stem for path in shop.out.glob("*.mov") if shop.is_whole(path)}
        with shop.start() as client:
            told = " ".join(client.info().warnings)
            jobs = {job.label: job.id for job in client.jobs()}
            assert jobs.items() <= ids.items(), f"{hows}: {ids} became {jobs}; {told}"
            lost = len(ids) - len(jobs)
            assert not lost or "queue" in told, f"{hows}: {lost} jobs are gone, and nobody says so: {told}"
            _require_done_or_in_the_way(shop, [shop.wait(client, job_id) for job_id in jobs.values()], there)
            again = [shop.submit(client, name) for name in ids if name not in jobs]
            _require_done_or_in_the_way(shop, [shop.wait(client, job.id) for job in again], there)
            shop.require_no_partials()
        shop.stop()
        return f"{hows[0]} and {hows[1]}: {lost} of {len(ids)} lost, {'told' if told else 'nothing to tell'}"


def _copy_while_written(source: Path, target: Path, chance: random.Random) -> None:
    target.mkdir(mode=0o700)
    names = [path.relative_to(source) for path in sorted(source.rglob("*"))]
    folders = [name for name in names if (source / name).is_dir()]
    for name in folders:
        (target / name).mkdir(mode=0o700, exist_ok=True)
    files = [name for name in names if name not in folders and name.name != "daemon.sock"]
    chance.shuffle(files)
    for name in files:
        with suppress(OSError):
            (target / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(source / name, target / name)
        time.sleep(chance.uniform(0.0, 0.01))


def _tear(queue: Path, chance: random.Random) -> str:
    """Cut the end off the file that grew last."""
    path = chance.choice([None, queue / "jobs.db-wal", *queue.glob("*ledger*"), *queue.glob("*.jsonl")])
    if path is None or not path.exists() or not path.stat().st_size:
        return ""
    cut = chance.randrange(1, min(600, path.stat().st_size))
    os.truncate(path, path.stat().st_size - cut)
    return f"{cut} bytes of {path.name}"


def queue_damaged(folder: Path, seed: int) -> str:
    """The queue's file is overwritten in places, cut off, emptied or removed while no daemon runs."""
    with closing(Shop(folder, seed)) as shop:
        with shop.start() as client:
            ids = {f"shot{number}": shop.submit(client, f"shot{number}").id for number in range(JOBS)}
            shop.moment(client, ids["shot0"], 1.5)
        shop.kill()
        shop.require_no_orphans()
        queue = shop.state / "queue" / "jobs.db"
        how = shop.random.choice(("overwritten", "cut", "emptied", "gone", "text"))
        if shop.random.random() < 0.5:  # nothing in the log: the damage is in the file
            import sqlite3

            with closing(sqlite3.connect(queue)) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _damage(queue, how, shop.random)
        with shop.start() as client:
            told = client.info().warnings
            jobs = {job.label: job.id for job in client.jobs()}
            assert jobs == ids, f"{how}: {ids} became {jobs}; {told}"
            ended = [shop.wait(client, job_id) for job_id in ids.values()]
            assert all(job.state is JobState.DONE for job in ended), ended
            shop.require_true(ended)
            shop.require_no_partials()
        shop.stop()
        return f"{how}: {'told' if any('queue' in each for each in told) else 'nothing to tell'}"


def _damage(path: Path, how: str, chance: random.Random) -> None:
    size = path.stat().st_size
    if how == "overwritten":
        with path.open("r+b") as file:
            for _ in range(chance.randrange(1, 6)):
                file.seek(chance.randrange(size))
                file.write(chance.randbytes(chance.randrange(1, 4096)))
    elif how == "cut":
        os.truncate(path, chance.randrange(size))
    elif how == "emptied":
        os.truncate(path, 0)
    elif how == "text":
        path.write_text("not a database")
    else:
        path.unlink()

# SPDX-License-Identifier: Apache-2.0
"""Opening the queue whatever state its file is in: sound, stale, damaged, or gone."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from plosive_daemon.private_files import make_private_folder
from plosive_daemon.store.database import Database, connect
from plosive_daemon.store.errors import StoreFailed, StoreFull
from plosive_daemon.store.job_ids import is_job_id
from plosive_daemon.store.kept_job import KeptJob, delete, insert, kept_jobs, newest_of, whole_columns
from plosive_daemon.store.ledger import Ledger
from plosive_daemon.store.spare_room import SpareRoom

__all__ = ["opened_queue"]

_MOST_STEPS = 200_000
_BLIND_STEPS = 1_000
_COMPANIONS = ("", "-wal", "-shm")


def opened_queue(folder: Path) -> tuple[Database, list[str]]:
    """The queue in `folder`, and sentences on what had to be done for it.

    A file that is damaged is copied aside (jobs.damaged-TIME.db), and made anew from what can be read of it
    and from the ledger. Raises StoreFailed where even that cannot be, or a newer Plosive made the file.
    """
    try:
        return _opened_queue(folder)
    except StoreFull:
        if not SpareRoom(folder / "jobs.spare").let_go():
            raise
        return _opened_queue(folder)


def _opened_queue(folder: Path) -> tuple[Database, list[str]]:
    make_private_folder(folder)
    path, ledger = folder / "jobs.db", Ledger(folder / "jobs.ledger")
    is_first = not any(folder.iterdir())
    kept, gone = ledger.read()
    found: dict[str, KeptJob] = {}
    what = "was gone"
    if path.exists() and not path.stat().st_size:
        what = "was empty"  # SQLite would take it for a new one, and drop its log
    elif path.exists():
        try:
            return _sound(path, ledger, kept, gone)
        except sqlite3.DatabaseError as error:
            aside = _set_aside(path)
            why = " ".join(str(error).replace("*** in database main ***", "").split())[:120]
            what = f"was damaged ({why}) and was set aside as {aside}"
            with contextlib.suppress(sqlite3.Error):
                found = dict(_read(aside))
    ids = _ids_by_number(kept)
    found = {job_id: job for job_id, job in found.items() if ids.get(job.columns["number"], job_id) == job_id}
    both = {job_id: newest_of(found.get(job_id), kept.get(job_id)) for job_id in {**found, **kept}}
    whole = [job for job_id, job in sorted(both.items()) if job.is_sound and job_id not in gone]
    from_ledger = sum(1 for job in whole if job.columns["id"] not in found)
    count = _built(path, whole)
    database, sentences = _sound(path, ledger, {}, set())
    if not is_first:
        lost = len(both.keys() - gone) - count
        lost_too = f"; {lost} more were too damaged" if lost else ""
        sentences.append(
            f"The queue's file {what}; the queue was made anew with {count} jobs, {from_ledger} of them from "
            f"its second copy{lost_too}."
        )
    return database, sentences


def _sound(
    path: Path, ledger: Ledger, kept: Mapping[str, KeptJob], gone: set[str]
) -> tuple[Database, list[str]]:
    """The file opened, what only the ledger knows put in. Raises sqlite3.DatabaseError where it is
    damaged.
    """
    database = Database(path, ledger)
    try:
        with database.looking() as db:
            # The quick check passes over indexes that do not fit their tables, as in copies taken mid-write.
            problem = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if problem != "ok":
                raise sqlite3.DatabaseError(problem)
            have = {job.columns["id"]: job for job in kept_jobs(db, with_ended_requests=False)}
            ids = _ids_by_number(kept)
            for job_id, job in have.items():
                if not job.is_sound or ids.get(job.columns["number"], job_id) != job_id:
                    raise sqlite3.DatabaseError("it holds jobs that make no sense")
            if _has_changed_requests(db):
                raise sqlite3.DatabaseError("it holds requests that are not as they came")
        newer = [
            newest_of(have.get(job_id), job)
            for job_id, job in kept.items()
            if _is_newer(job, have.get(job_id))
        ]
        sentences: list[str] = []
        with database.changing() as db:
            count = insert(db, [job for job in newer if job.is_sound])
            for job_id in gone & set(have) - set(kept):
                delete(db, have[job_id].columns["number"])
        if count:
            sentences.append(
                f"The queue's file was not the newest; {count} jobs are as its second copy has them."
            )
        with database.looking() as db:
            ledger.rewrite(kept_jobs(db, with_ended_requests=False))
        return database, sentences
    except BaseException as error:
        database.close()
        if isinstance(error, StoreFailed) and type(error.__cause__) is sqlite3.DatabaseError:
            raise error.__cause__ from error
        raise


def _is_newer(told: KeptJob, have: KeptJob | None) -> bool:
    """Whether the ledger, whose lines are checked, knows more of a job or knows it otherwise."""
    if have is None:
        return True
    ahead = told.columns["state_sequence"] - have.columns["state_sequence"]
    return ahead > 0 or (ahead == 0 and told.differs_from(have))


def _ids_by_number(jobs: Mapping[str, KeptJob]) -> dict[int, str]:
    return {job.columns["number"]: job_id for job_id, job in jobs.items()}


def _has_changed_requests(db: sqlite3.Connection) -> bool:
    db.create_function("crc32_of", 1, zlib.crc32, deterministic=True)
    found = db.execute("SELECT 1 FROM requests WHERE crc32_of(body) <> crc32 LIMIT 1").fetchone()
    return found is not None


def _set_aside(path: Path) -> Path:
    """Copies of the file and of what belongs to it, under a new name; the file itself stays until it is
    replaced, so that a crash in between leaves something to start from.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = path.with_name(f"jobs.damaged-{stamp}.db")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"jobs.damaged-{stamp}-{number}.db")
    try:
        for companion in _COMPANIONS[:2]:
            source = path.with_name(path.name + companion)
            if source.exists():
                shutil.copy(source, aside.with_name(aside.name + companion))
    except OSError as error:
        raise StoreFailed(f"The damaged queue {path} cannot be copied: {error.strerror}.") from error
    return aside


def _built(path: Path, jobs: list[KeptJob]) -> int:
    """A new file with `jobs` in place of the one at `path`."""
    new = path.with_name("jobs.rebuilt.part")
    for companion in _COMPANIONS:
        new.with_name(new.name + companion).unlink(missing_ok=True)
    database = Database(new, Ledger(new.with_name("jobs.none")))
    with database.changing() as db:
        count = insert(db, jobs)
        newest = max((job.columns["id"] for job in jobs), default="")
        db.execute("INSERT OR REPLACE INTO facts VALUES ('last_id', ?)", (newest,))
    database.close()
    for companion in _COMPANIONS[1:]:  # first: an old log must never meet the new file
        path.with_name(path.name + companion).unlink(missing_ok=True)
    os.replace(new, path)
    return count


def _read(path: Path) -> Iterator[tuple[str, KeptJob]]:
    """Jobs that SQLite can still read from a damaged file, by id."""
    db = connect(path)
    db.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        db.execute("PRAGMA writable_schema = ON")  # else SQLite reads nothing of a file that was cut off
        requests = {row["number"]: row for row in _rows(db, "requests")}
        warnings: dict[int, dict[int, str]] = {}
        for row in _rows(db, "warnings"):
            warnings.setdefault(row["number"], {})[row["sequence"]] = row["sentence"]
        for row in _rows(db, "jobs"):
            number, request = row["number"], requests.get(row["number"])
            is_right = request is not None and zlib.crc32(request["body"]) == request["crc32"]
            body = bytes(request["body"]) if request is not None and is_right else None
            job = KeptJob(whole_columns(dict(row)), body, warnings.get(number, {}))
            numbers = (row["number"], row["last_sequence"], row["state_sequence"])
            if is_job_id(row["id"]) and all(type(number) is int for number in numbers):
                yield row["id"], job
    finally:
        db.close()


def _rows(db: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    """Rows of `table` from its start to the first damage, from its end to the last, one by one between."""
    seen: set[int] = set()
    for direction in ("ASC", "DESC"):
        try:
            for row in db.execute(f"SELECT * FROM {table} ORDER BY number {direction}"):
                if direction == "DESC" and table != "warnings" and row["number"] in seen:
                    break
                seen.add(row["number"])
                yield row
            else:
                return
        except (sqlite3.Error, ValueError, TypeError):
            continue
    lowest, highest = min(seen, default=0), max(seen, default=_BLIND_STEPS)
    for number in range(lowest, min(highest, lowest + _MOST_STEPS)):
        if number not in seen:
            with contextlib.suppress(sqlite3.Error):
                yield from db.execute(f"SELECT * FROM {table} WHERE number = ?", (number,)).fetchall()
